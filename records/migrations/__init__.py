"""The history of the tables, by Alembic; `records/migrate.py` applies it."""
