#!/bin/sh
# Copy the whole database server as it is at one instant, so that Temporal's state and our records fit together.
#
#     docker compose exec postgres /deploy/backup.sh
#
# The copy is a folder below /backups (or the folder given); everything keeps running meanwhile.
set -eu

backups=${1:-/backups}
name=$(date -u +%Y-%m-%dT%H-%M-%SZ)

# Under another name until it is whole: a copy that broke off is never taken for one.
pg_basebackup --username "${POSTGRES_USER:-postgres}" --no-password --checkpoint=fast --wal-method=stream \
    --pgdata "$backups/.unfinished-$name"
pg_verifybackup --quiet "$backups/.unfinished-$name"
mv "$backups/.unfinished-$name" "$backups/$name"
echo "$backups/$name"
