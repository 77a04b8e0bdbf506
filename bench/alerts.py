#!/usr/bin/env python3
"""How many alerts the library raises on ordinary transfers, at its defaults: prints a markdown table.

  bench/alerts.py [--amlc PATH] [--rows N] [--work DIR]
  bench/alerts.py --check patterns/README.md    is the table there what is measured? (exit 1 if not)
  bench/alerts.py --update patterns/README.md   writes it there

The transfers are amlgen's: ten days, few counterparties an account, hubs, at most 50 planted attempts of
each of twelve typologies. Before them lie 190 days of thin activity, for `dormant` asks for half a year.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "bench"))
import planted  # noqa: E402

BEGIN = "<!-- begin: written by bench/alerts.py --update -->"
DAYS, HISTORY = 10, 190


def measure(o, work):
    """By pattern: alerts of the ten days, those of degree 1, matches."""
    table = os.path.join(work, "light.csv")
    amlgen = os.path.join(os.path.dirname(os.path.abspath(o.amlc)), "amlgen")
    subprocess.run([amlgen, "--rows", str(o.rows), "--history", str(HISTORY), "--seed", "1", "--out", table, "-q"], check=True)
    names = sorted(n[:-4] for n in os.listdir(os.path.join(ROOT, "patterns")) if n.endswith(".aml"))
    files = [os.path.join(ROOT, "patterns", n + ".aml") for n in names]
    out = os.path.join(work, "out")
    subprocess.run([o.amlc, "run", *files, table, "-o", out, "-q"], check=True)
    found = {n: {"alerts": 0, "whole": 0, "matches": 0} for n in names}
    with open(os.path.join(out, "alerts.jsonl"), encoding="utf-8") as file:
        for alert in map(json.loads, file):
            if alert["last"] < "2022-09":
                continue
            of = found[alert["pattern"]]
            of["alerts"] += 1
            of["whole"] += alert["degree"] == 1
            of["matches"] += alert["merged"]
    return found


def table(found, rows):
    out = ["| pattern | alerts | a day | on a million transfers | of degree 1 | matches merged into them |",
           "|---|---:|---:|---:|---:|---:|"]
    for name, f in sorted(found.items(), key=lambda item: -item[1]["alerts"]):
        out.append("| %s | %d | %.1f | %.0f | %d | %d |" % (
            name, f["alerts"], f["alerts"] / DAYS, f["alerts"] / rows * 1e6, f["whole"], f["matches"]))
    return "\n".join(out) + "\n"


def main():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    o.add_argument("--rows", type=int, default=1_000_000)
    o.add_argument("--work", help="keep the run's files here")
    o.add_argument("--check", metavar="FILE")
    o.add_argument("--update", metavar="FILE")
    o = o.parse_args()
    planted.BEGIN = BEGIN
    with tempfile.TemporaryDirectory() as scratch:
        if o.work:
            os.makedirs(o.work, exist_ok=True)
        new = table(measure(o, o.work or scratch), o.rows)
    return planted.settle(o, new)


if __name__ == "__main__":
    sys.exit(main())
