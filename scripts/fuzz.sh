#!/bin/sh
# The guided search for bytes that break what must hold: MINUTES for each of the targets, one after another, on one core.
# What it meets on its way is kept in target/fuzz/; what is worth it goes into fuzz/corpus by `scripts/fuzz.sh keep`.
set -eu
cd "$(dirname "$0")/.."
command -v cargo-fuzz >/dev/null || CARGO_PROFILE_DEV_DEBUG=0 cargo install --debug --locked --quiet cargo-fuzz
found="${CARGO_TARGET_DIR:-target}/fuzz"
# As fast as a release, with its assertions, but without the minutes that optimising over all crates takes. No sanitizer: there is no
# unsafe code of ours, and a stable compiler has none.
export CARGO_PROFILE_RELEASE_LTO=off
fuzz() { # command target …
    command="$1" target="$2"
    shift 2
    cargo fuzz "$command" --sanitizer none --codegen-units 16 --no-cfg-fuzzing --features guided "$target" "$@"
}
# A picture of 50 million pixels may take 700 MB (tests/it/hostile.rs); what is looked at here is small.
bounds="-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=512 -max_len=8192"

# Plans that are kept elsewhere are seeds, too.
seeds_of() {
    [ "$1" != plan ] || echo plans crates/domain/tests/golden
}

for target in ${TARGETS:-picture sheet plan id_number}; do
    mkdir -p "$found/$target"
    if [ "${1:-search}" = keep ]; then
        # Of what was met only that which reaches what nothing in the corpus does, the shortest first.
        # shellcheck disable=SC2086
        fuzz run "$target" "fuzz/corpus/$target" "$found/$target" -- -merge=1 -use_counters=0 $bounds
        continue
    fi
    echo "$target: ${MINUTES:-10} minutes"
    # shellcheck disable=SC2086
    fuzz run "$target" "$found/$target" "fuzz/corpus/$target" $(seeds_of "$target") -- -max_total_time="$((${MINUTES:-10} * 60))" -print_final_stats=1 $bounds
done
