#!/usr/bin/env bash
# Runs each fuzz target for some seconds on its corpus, which git keeps; what it finds new goes into
# build/fuzz/found/, and a crash is printed with the file that makes it.
# usage: tests/fuzz/run_fuzz.sh SECONDS [TARGET...]     e.g. run_fuzz.sh 600 parser
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:?usage: tests/fuzz/run_fuzz.sh SECONDS [TARGET...]}
shift
[ $# -gt 0 ] || set -- parser gir kir csv

passed=0 failed=0
for target in "$@"; do
  corpus=tests/fuzz/corpus/$target found=build/fuzz/found/$target log=build/fuzz/$target.log
  mkdir -p "$found"
  echo "fuzzing $target for $seconds s"
  # -close_fd_mask=1: what the code under test prints on standard output would bury the report.
  if "build/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -max_len=16384 -close_fd_mask=1 -print_final_stats=1 -artifact_prefix="$found/crash-" \
    $(test -f "$corpus.dict" && echo "-dict=$corpus.dict") \
    "$found" "$corpus" >"$log" 2>&1; then
    grep -E 'number_of_executed_units|new_units_added' "$log" || true
    passed=$((passed + 1))
  else
    tail -n 40 "$log"
    failed=$((failed + 1))
  fi
done
echo "fuzz: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
