#!/bin/sh
# Put a copy made by backup.sh in the place of the database server's data. Nothing may be running but this:
#
#     docker compose down
#     docker compose run --rm --no-deps --entrypoint /deploy/restore.sh postgres /backups/NAME
#     docker compose up --detach
#
# The data found there are kept beside it, with a name that says when they were replaced.
set -eu

copy=${1:?name the folder of the copy, such as /backups/2026-11-02T09-00-00Z}
: "${PGDATA:?set PGDATA to the folder of the server data}"

if [ -e "$PGDATA/postmaster.pid" ]; then
    echo "A database server uses $PGDATA, or was killed there. Stop it; when none runs, remove $PGDATA/postmaster.pid." >&2
    exit 1
fi
pg_verifybackup --quiet "$copy"
if [ -e "$PGDATA" ]; then
    mv "$PGDATA" "$PGDATA-replaced-$(date -u +%Y-%m-%dT%H-%M-%SZ)"
fi
mkdir -p "$(dirname "$PGDATA")"
cp -a "$copy" "$PGDATA"
chmod 700 "$PGDATA"
if [ "$(id -u)" -eq 0 ]; then
    chown -R "${POSTGRES_OWNER:-postgres}:" "$PGDATA"
fi
echo "$PGDATA is as it was in $copy."
