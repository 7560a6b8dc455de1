"""The SQL database: tables, migrations, queries. SQLite by default, PostgreSQL in production, one code for both."""
