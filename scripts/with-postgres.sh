#!/bin/sh
# Runs a command against a PostgreSQL cluster of its own, which is thrown away afterwards.
# POSTGRES_SETTINGS adds to its settings, as in "-c fsync=on".
# The server refuses root, so as root it runs as the user `postgres` that Debian's package makes.
set -eu
bin="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)"
dir="$(mktemp -d /tmp/huzhu-pg.XXXXXX)"
run() {
    if [ "$(id -u)" = 0 ]; then
        (cd "$dir" && setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$dir" "$@")
    else
        (cd "$dir" && "$@")
    fi
}
stop() {
    run "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop || true
    rm -rf "$dir"
}
[ "$(id -u)" = 0 ] && chown postgres:postgres "$dir"
trap stop EXIT INT TERM
run "$bin/initdb" -D "$dir/data" -U huzhu -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
port="$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')"
run "$bin/pg_ctl" -D "$dir/data" -s -w -l "$dir/log" \
    -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400 ${POSTGRES_SETTINGS:-}" start
HUZHU_TEST_DATABASE_URL="postgres://huzhu@127.0.0.1:$port/postgres" "$@"
