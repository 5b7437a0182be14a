"""Tell alembic which connection to use; `runner.ledger.database` hands it in."""

from alembic import context

from runner.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
