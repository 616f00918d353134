"""What the service remembers: tables, migrations, and the queries that each service needs."""
