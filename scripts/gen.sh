#!/bin/sh
# Generated files: `write` makes them with the binary that was built, `check` wants the committed ones to be fresh.
set -eu
cd "$(dirname "$0")/.."
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
"${CARGO_TARGET_DIR:-target}/debug/huzhu" openapi > "$out/openapi.json"
"${CARGO_TARGET_DIR:-target}/debug/huzhu" workflow > "$out/workflow.md"
"${CARGO_TARGET_DIR:-target}/debug/huzhu" plan schema > "$out/plan.schema.json"
web/node_modules/.bin/openapi-typescript "$out/openapi.json" --output "$out/schema.ts" >/dev/null
for pair in openapi.json:docs/openapi.json workflow.md:docs/workflow.md plan.schema.json:plans/plan.schema.json schema.ts:web/src/api/schema.ts; do
    made="$out/${pair%%:*}"
    kept="${pair#*:}"
    if [ "$1" = write ]; then
        cp "$made" "$kept"
    elif ! cmp -s "$made" "$kept"; then
        echo "$kept is not fresh: run \`make gen\`" >&2
        exit 1
    fi
done
