"""Run by Alembic: the scripts in versions/ over the connection that `store/upgrade.py` hands on."""

from alembic import context

from gateway.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
# The caller's transaction is the only one: a migration that fails leaves nothing behind.
context.run_migrations()
