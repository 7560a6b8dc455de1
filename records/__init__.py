"""The SQL database: tables, migrations and queries. SQLite by default, PostgreSQL in production, the same code on both."""
