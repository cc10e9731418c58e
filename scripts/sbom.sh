#!/bin/sh
# What the program is made of, as CycloneDX: sbom/huzhu.cdx.json (crates) and sbom/web.cdx.json (npm packages of the web application).
set -eu
cd "$(dirname "$0")/.."
command -v cargo-cyclonedx >/dev/null || CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked --quiet cargo-cyclonedx
mkdir -p sbom
cargo cyclonedx --quiet --manifest-path crates/server/Cargo.toml --format json --spec-version 1.5 --override-filename huzhu.cdx
mv crates/server/huzhu.cdx.json sbom/
# The libraries that the program is built on, and what searches them, are described beside it by the same command.
rm -f crates/domain/huzhu.cdx.json crates/intake/huzhu.cdx.json fuzz/huzhu.cdx.json
(cd web && npm sbom --sbom-format cyclonedx --omit dev) >sbom/web.cdx.json
ls -l sbom
