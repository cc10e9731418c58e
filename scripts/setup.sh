#!/bin/sh
# Installs what the build and the tests need and what isn't there yet: Debian packages, npm packages, cargo-nextest.
# scripts/setup.sh build: for `make run`; scripts/setup.sh test: also for `make test`.
set -eu
cd "$(dirname "$0")/.."
what="${1:-build}"

packages=""
need() { # command package
    command -v "$1" >/dev/null 2>&1 || packages="$packages $2"
}
need cc build-essential
if [ "$what" = test ]; then
    need chromium chromium
    need pdftotext poppler-utils
    need xmllint libxml2-utils
    [ -n "$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null)" ] || packages="$packages postgresql"
    [ -d /usr/share/fonts/opentype/noto ] || packages="$packages fonts-noto-cjk"
fi
if [ -n "$packages" ]; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo"
    echo "installing:$packages"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi

for dir in web e2e; do
    [ "$dir" = e2e ] && [ "$what" != test ] && continue
    if [ ! -e "$dir/node_modules/.package-lock.json" ] || [ "$dir/package-lock.json" -nt "$dir/node_modules/.package-lock.json" ]; then
        (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json)
    fi
done
