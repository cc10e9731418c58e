#!/bin/sh
# What Huzhu costs, on both databases: `make bench`, or `make bench QUICK=1` for a look of a few minutes.
# MEMBERS and CASES say how large the data sets are; they are made once and used again (target/bench).
# PostgreSQL is a cluster of its own with fsync on, in the same folder; as root it runs as the user `postgres`.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --quiet -p huzhu -p huzhu-bench
if [ -n "${QUICK:-}" ]; then
    members="${MEMBERS:-100000}" cases="${CASES:-50000}" quick=--quick
else
    members="${MEMBERS:-1000000}" cases="${CASES:-500000}" quick=
fi
home="$PWD/target/bench/$members-$cases"
mkdir -p "$home/sqlite" "$home/postgres"
bench() {
    # shellcheck disable=SC2086 # nothing, or one word
    target/release/huzhu-bench --members "$members" --cases "$cases" $quick ${ONLY:+--only "$ONLY"} "$@"
}
bench --dir "$home/sqlite" --out "$home/sqlite.md"

bin="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)"
dir="${HUZHU_BENCH_CLUSTER:-/tmp/huzhu-bench-$members-$cases}"
run() {
    if [ "$(id -u)" = 0 ]; then
        (cd "$dir" && setpriv --reuid=postgres --regid=postgres --clear-groups env HOME="$dir" "$@")
    else
        (cd "$dir" && "$@")
    fi
}
stop() { run "$bin/pg_ctl" -D "$dir/data" -m fast -s stop || true; }
mkdir -p "$dir"
[ "$(id -u)" = 0 ] && chown postgres:postgres "$dir"
[ -d "$dir/data" ] || run "$bin/initdb" -D "$dir/data" -U huzhu -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
port="$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')"
trap stop EXIT INT TERM
run "$bin/pg_ctl" -D "$dir/data" -s -w -l "$dir/log" -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c shared_buffers=4GB \
    -c max_wal_size=8GB -c random_page_cost=1.1 -c effective_cache_size=12GB -c work_mem=32MB -c max_connections=200" start
export HUZHU_BENCH_DATABASE_URL="postgres://huzhu@127.0.0.1:$port/postgres"
bench --dir "$home/postgres" --out "$home/postgres.md"
