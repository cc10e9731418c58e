#!/bin/sh
# Fills a real disk under a real server, and makes room again: what was acknowledged must be there afterwards, and nothing else.
# Needs root (a file system of its own in memory) and a built target/debug/huzhu; tests/it/faults.rs does the same without either.
set -eu
cd "$(dirname "$0")/.."
program="${CARGO_TARGET_DIR:-target}/debug/huzhu"
disk="$(mktemp -d /tmp/huzhu-disk.XXXXXX)"
url=http://127.0.0.1:8089
mount -t tmpfs -o size=40m tmpfs "$disk"
server=""
over() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    umount "$disk" && rmdir "$disk"
}
trap over EXIT
HUZHU_LOG=off "$program" demo --data-dir "$disk/data" --listen 127.0.0.1:8089 --rate-limits false >"$disk/out" &
server=$!
until grep -q '^http' "$disk/out"; do
    kill -0 "$server"
    sleep 1
done
# Signs in so many times, four at once, and says how often that was answered with what.
sign_in() {
    seq "$1" | xargs -P4 -I{} curl -s -o /dev/null -w '%{http_code}\n' -X POST "$url/api/session" \
        -H 'content-type: application/json' -d '{"username":"unit","password":"huzhu-demo"}' | sort | uniq -c
}
echo "with room:"
sign_in 20 | tee "$disk/acknowledged"
dd if=/dev/zero of="$disk/fill" bs=64k 2>/dev/null || true
echo "full:"
full="$(sign_in 260)"
echo "$full"
rm "$disk/fill"
echo "$full" >>"$disk/acknowledged"
echo "with room again:"
sign_in 20 | tee -a "$disk/acknowledged"
"$program" doctor --data-dir "$disk/data" >/dev/null
kill "$server"
wait "$server" || true
server=""
expected="$(awk '$2 == 200 { n += $1 } END { print n }' "$disk/acknowledged")"
there="$(python3 -c "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM sessions').fetchone()[0])" "$disk/data/huzhu.db")"
echo "acknowledged: $expected, there: $there"
[ "$expected" = "$there" ]
