"""Alembic's way in: it is handed an open connection by `records/migrate.py` and by nobody else."""

from alembic import context

from records.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can't alter most things of a table in place.
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
