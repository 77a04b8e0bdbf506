#!/usr/bin/env bash
# The demonstration behind `./dev demo`: makes transactions with planted laundering attempts, runs
# every pattern of the library on them, shows what was found, and explains one alert.
#   datasets/demo.sh [AMLC [AMLGEN [WORK_DIR]]]
# Defaults: the release build, and build/demo. AMLC_DEMO_ROWS changes the number of rows.
set -euo pipefail
cd "$(dirname "$0")/.."

amlc=${1:-build/release/amlc}
amlgen=${2:-build/release/amlgen}
work=${3:-build/demo}
rows=${AMLC_DEMO_ROWS:-200000}
typologies="fan_out fan_in cycle scatter_gather gather_scatter bipartite stack random_walk pass_through
            structuring mule_herd dormant"

say() { printf '==> %s\n' "$*"; }
die() { printf 'demo.sh: %s\n' "$*" >&2; exit 1; }

for program in "$amlc" "$amlgen"; do
  [ -x "$program" ] || die "$program is missing; ./dev build makes it"
done
mkdir -p "$work"

say "making $rows transactions in the IBM AML format, with planted attempts: $work/transactions.csv"
# Half a year of thin history comes first: without it every account looks dormant.
"$amlgen" --rows "$rows" --seed 7 --history 200 \
  --out "$work/transactions.csv" --truth "$work/truth.txt" --truth-csv "$work/truth.csv"

say "running the pattern library, one pattern after the other"
runs=()
for typology in $typologies; do
  printf '    patterns/%-20s ' "$typology.aml"
  begin=$EPOCHREALTIME
  "$amlc" run "patterns/$typology.aml" "$work/transactions.csv" -o "$work/$typology" -q \
    || die "amlc run patterns/$typology.aml failed with exit code $?"
  python3 -c "print('%.3f' % ($EPOCHREALTIME - $begin))" >"$work/$typology/seconds"
  printf '%6d alerts, %s s\n' "$(wc -l <"$work/$typology/alerts.jsonl")" "$(cat "$work/$typology/seconds")"
  runs+=("$work/$typology")
done

say "what was planted, and what was found"
python3 datasets/planted_found.py table "$work/truth.csv" "${runs[@]}"

read -r folder match < <(python3 datasets/planted_found.py pick "$work/truth.csv" "${runs[@]}")
say "one alert in words: amlc why $folder $match"
"$amlc" why "$folder" "$match"
say "all alerts with their evidence are in $work/*/alerts.jsonl and evidence.csv"
