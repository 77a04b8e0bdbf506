#!/usr/bin/env bash
# All measurements, as `./dev bench` runs them; the logs stay in build/bench.
#   bench/run.sh [AMLC]
set -euo pipefail
cd "$(dirname "$0")/.."
amlc=${1:-build/release/amlc}
mkdir -p build/bench
echo "==> planted attempts of IBM AML HI-Small that the library finds"
bench/planted.py --amlc "$amlc" --work build/bench/planted | tee build/bench/planted.md
echo "==> public data sets"
bench/real.py --amlc "$amlc" --work build/bench/real --time-limit 60s | tee build/bench/real.txt
