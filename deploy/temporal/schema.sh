#!/bin/sh
# Bring Temporal's two databases to the tables of the tools' version. May be repeated: what is there is left alone.
# SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD say where they are.
set -eu

# A pair is a database and the folder of its versions.
for pair in temporal:temporal temporal_visibility:visibility; do
    database=${pair%%:*}
    temporal-sql-tool --db "$database" setup-schema -v 0.0
    temporal-sql-tool --db "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/${pair#*:}/versioned"
done
