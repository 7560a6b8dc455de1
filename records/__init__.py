"""The SQL database: tables, migrations, queries."""
