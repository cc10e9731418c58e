#!/bin/sh
# What Huzhu costs, on both databases: `make bench`, or `make bench QUICK=1` for a look of a few minutes.
# MEMBERS and CASES say how large the data sets are; SQLite's is made once and used again (target/bench), PostgreSQL's goes with its
# throw-away cluster, which has fsync on.
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
if [ -n "${HUZHU_TEST_DATABASE_URL:-}" ]; then
    bench --database-url "$HUZHU_TEST_DATABASE_URL" --dir "$home/postgres" --out "$home/postgres.md"
    exit
fi
bench --dir "$home/sqlite" --out "$home/sqlite.md"
POSTGRES_SETTINGS="-c fsync=on -c shared_buffers=4GB -c max_wal_size=8GB -c random_page_cost=1.1 -c effective_cache_size=12GB -c work_mem=32MB" \
    exec scripts/with-postgres.sh "$0"
