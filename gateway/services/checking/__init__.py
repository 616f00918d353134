"""Say before a night what would stop it."""
