#!/bin/sh
# The databases, each owned by a role of its own that can do nothing else. PostgreSQL's image runs this once, when it
# makes its data folder; run it again by hand to set passwords anew:
#
#     docker compose exec postgres /deploy/databases.sh
set -eu

: "${TEMPORAL_DB_PASSWORD:?set TEMPORAL_DB_PASSWORD}"
: "${RECORDS_DB_PASSWORD:?set RECORDS_DB_PASSWORD}"

# Passwords go through the environment, not through arguments, which every process of the machine can read.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv records_password RECORDS_DB_PASSWORD

SELECT format('CREATE ROLE %I LOGIN', name)
FROM unnest(ARRAY['temporal', 'partnerflow']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE temporal PASSWORD :'temporal_password';
ALTER ROLE partnerflow PASSWORD :'records_password';

SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8''', name, owner)
FROM (VALUES ('temporal', 'temporal'), ('temporal_visibility', 'temporal'), ('partnerflow', 'partnerflow'))
    AS wanted (name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec

-- By default every role may connect to every database.
REVOKE ALL ON DATABASE temporal, temporal_visibility, partnerflow FROM PUBLIC;
SQL
