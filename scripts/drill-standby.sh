#!/bin/sh
# A primary that waits for its standby at every commit is killed under load, the standby takes its place: what was acknowledged is there, and
# work goes on by itself. Wants haproxy, PostgreSQL and `make build-tests`; CLIENTS=6.
set -eu
cd "$(dirname "$0")/.."
bin="$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)"
dir="$(mktemp -d /tmp/huzhu-standby.XXXXXX)"
as=""
if [ "$(id -u)" = 0 ]; then
    chown postgres:postgres "$dir"
    as="setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=$dir"
fi
run() {
    (cd "$dir" && $as "$@")
}
proxy=""
over() {
    [ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
    for data in one two; do
        run "$bin/pg_ctl" -D "$dir/$data" -m immediate -s stop 2>/dev/null || true
    done
    rm -rf "$dir"
}
trap over EXIT INT TERM
port() {
    node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}
begin() { # data port
    run "$bin/pg_ctl" -D "$dir/$1" -s -w -l "$dir/$1.log" -o "-p $2 -k $dir -c listen_addresses=127.0.0.1 -c fsync=on" start
}
ask() {
    run "$bin/psql" -h 127.0.0.1 -p "$one" -U huzhu -d postgres -qAtc "$1"
}
one="$(port)"
run "$bin/initdb" -D "$dir/one" -U huzhu -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
begin one "$one"
ask "CREATE ROLE huzhu_check LOGIN"
ask "CREATE DATABASE huzhu"
run "$bin/pg_basebackup" -D "$dir/two" -R -d "host=127.0.0.1 port=$one user=huzhu application_name=two"
two="$(port)"
begin two "$two"
ask "ALTER SYSTEM SET synchronous_standby_names = 'two'"
ask "SELECT pg_reload_conf()" >/dev/null
for _ in $(seq 50); do
    [ "$(ask "SELECT sync_state FROM pg_stat_replication")" = sync ] && break
    sleep 0.2
done
echo "replication: $(ask "SELECT application_name || ' ' || state || ' ' || sync_state FROM pg_stat_replication")"
way="$(port)"
sed -e "s/127.0.0.1:5000/127.0.0.1:$way/" -e "s/10.0.0.21:5432/127.0.0.1:$one/" -e "s/10.0.0.22:5432/127.0.0.1:$two/" deploy/haproxy.cfg >"$dir/haproxy.cfg"
haproxy -q -db -f "$dir/haproxy.cfg" >"$dir/haproxy.log" 2>&1 &
proxy=$!
# As it starts it holds both for able, until it has asked them.
right=0
for _ in $(seq 50); do
    [ "$(one="$way" ask "SELECT pg_is_in_recovery()" 2>/dev/null)" = f ] && right=$((right + 1)) || right=0
    [ "$right" -ge 10 ] && break
    sleep 0.2
done
HUZHU_DATABASE_URL="postgres://huzhu@127.0.0.1:$way/huzhu" \
    KILL="cd $dir && $as $bin/pg_ctl -D $dir/one -m immediate -s stop" \
    PROMOTE="cd $dir && $as $bin/pg_ctl -D $dir/two -s -w promote" \
    node scripts/drill/standby.mjs
