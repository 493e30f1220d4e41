#!/usr/bin/env bash
# Fuzzes each parser for a minute, or `fuzz/run.sh SECONDS TARGET…`. Runs on stable Rust with a C++ compiler: coverage
# comes from LLVM's own pass, and what a sanitizer would find, code without `unsafe` can't do.
# With `cargo fuzz` and a nightly toolchain, `cargo +nightly fuzz run TARGET` works as well.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
targets=("${@:2}")
[ "${#targets[@]}" -gt 0 ] || targets=(key_file blob pkt_line statement recipients gpg_listing settings stack_file interpolation)
host=$(rustc -vV | sed -n 's/^host: //p')

coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
coverage+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
# With --target, build scripts are left as they are.
RUSTFLAGS="$coverage --cfg fuzzing" cargo build --locked --profile fuzz --quiet --target "$host" --package hs-secrets-fuzz

for target in "${targets[@]}"; do
  printf '\n== %s, %s seconds\n' "$target" "$seconds"
  seeds=()
  case $target in
    pkt_line | statement) ;;
    stack_file | interpolation) seeds=(../fixtures/home-lab) ;;
    *) seeds=(../fixtures/vectors) ;;
  esac
  mkdir -p "corpus/$target" "artifacts/$target"
  "../target/$host/fuzz/$target" -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="artifacts/$target/" "corpus/$target" "${seeds[@]}" 2>&1 | tail -12
done
