#!/bin/sh
# What the program and the web application inside it are made of, as CycloneDX: sbom/huzhu.json, sbom/web.json.
set -eu
cd "$(dirname "$0")/.."
command -v cargo-cyclonedx >/dev/null || CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked --quiet cargo-cyclonedx
mkdir -p sbom
cargo cyclonedx --quiet --format json --override-filename sbom --manifest-path crates/server/Cargo.toml
mv crates/server/sbom.json sbom/huzhu.json
rm -f crates/*/sbom.json
(cd web && npm sbom --sbom-format cyclonedx --omit dev) >sbom/web.json
echo "sbom/huzhu.json sbom/web.json"
