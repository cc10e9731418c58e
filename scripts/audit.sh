#!/bin/sh
# Licences, sources, bans; advisories where RustSec's database can be reached.
set -eu
cd "$(dirname "$0")/.."
command -v cargo-deny >/dev/null || CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked --quiet cargo-deny
cargo deny --log-level error check bans licenses sources
if git ls-remote --quiet --exit-code https://github.com/RustSec/advisory-db HEAD >/dev/null 2>&1; then
    cargo deny --log-level error check advisories
else
    echo "advisories: the database can't be reached from here; not checked"
fi
