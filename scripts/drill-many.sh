#!/bin/sh
# Three servers of one database and one bucket behind nginx, many people, one server killed under load and started again: what was
# acknowledged is there, once. Wants nginx, PostgreSQL and `make build-tests`; SECONDS_OF_LOAD=25 CLIENTS=12.
set -eu
cd "$(dirname "$0")/.."
POSTGRES_SETTINGS="-c fsync=on" exec scripts/with-postgres.sh node scripts/drill/many.mjs
