#!/usr/bin/env python3
"""The library's patterns against the real ground truth of IBM AML HI-Small: prints a markdown table.

  bench/planted.py [--amlc PATH] [--data DIR] [--work DIR]
  bench/planted.py --check patterns/README.md    is the table there what is measured? (exit 1 if not)
  bench/planted.py --update patterns/README.md   writes it there

The data: AML_DATA_DIR or --data, default ../shared/data; without them the check is skipped.
"""
import argparse
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "datasets"))
from planted_found import found, pattern_of, read_ibm_patterns, read_run  # noqa: E402

TYPOLOGIES = ["fan_out", "fan_in", "cycle", "scatter_gather", "gather_scatter", "bipartite", "stack",
              "random"]
BEGIN = "<!-- begin: written by bench/planted.py --update -->"
END = "<!-- end -->"


def measure(amlc, data, work):
    """The attempts, all matches (--mode=all), and the alerts that a user gets."""
    rows = os.path.join(data, "ibm_hi_small", "HI-Small_laundering_3209_rows.csv")
    truth = os.path.join(data, "ibm_hi_small", "HI-Small_Patterns.txt")
    patterns = [os.path.join(ROOT, "patterns", pattern_of(t) + ".aml") for t in TYPOLOGIES]
    runs = []
    for mode in ("all", "episode"):
        folder = os.path.join(work, mode)
        subprocess.run([amlc, "run", *patterns, rows, "-o", folder, "-q", "--mode=" + mode], check=True)
        runs.append(read_run(folder))
    return read_ibm_patterns(truth, rows), *runs


def table(attempts, matches, alerts):
    out = ["| pattern | alerts | attempts of 2 and more transactions | half in one match | all in one match "
           "| half in all alerts together | attempts of one transaction | found |",
           "|---|---:|---:|---:|---:|---:|---:|---:|"]
    sums = [0] * 7
    for t in TYPOLOGIES:
        some = [m for m in matches if m.pattern == pattern_of(t)]
        shown = [a for a in alerts if a.pattern == pattern_of(t)]
        large = [a for a in attempts if a.typology == t and len(a.rows) > 1]
        single = [a for a in attempts if a.typology == t and len(a.rows) == 1]
        by_match = found(large, some)
        cells = [len(shown), len(large), by_match.half, by_match.whole, found(large, shown).together,
                 len(single), found(single, some).whole]
        sums = [s + c for s, c in zip(sums, cells)]
        out.append("| %s | %s |" % (pattern_of(t), " | ".join(map(str, cells))))
    out.append("| **together** | %s |" % " | ".join(map(str, sums)))
    return "\n".join(out) + "\n"


def split_at_table(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if BEGIN not in text or END not in text:
        raise SystemExit("%s has no lines %s and %s" % (path, BEGIN, END))
    head, rest = text.split(BEGIN, 1)
    old, tail = rest.split(END, 1)
    return head, old.strip("\n") + "\n", tail


def options():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    o.add_argument("--data", default=os.environ.get("AML_DATA_DIR", os.path.join(ROOT, "..", "shared", "data")))
    o.add_argument("--work", help="keep the run's files here")
    o.add_argument("--check", metavar="FILE")
    o.add_argument("--update", metavar="FILE")
    return o.parse_args()


def settle(o, new):
    """Checks the table that stands in a file, or writes it there; prints it; the exit code."""
    if o.check:
        same = split_at_table(o.check)[1] == new
        if not same:
            print("the table in %s is not what is measured:\n%s" % (o.check, new))
        print("%d passed, %d failed, 0 skipped" % (same, not same))
        return 0 if same else 1
    if o.update:
        head, _, tail = split_at_table(o.update)
        with open(o.update, "w", encoding="utf-8") as f:
            f.write(head + BEGIN + "\n" + new + END + tail)
    print(new, end="")
    return 0


def main():
    o = options()
    if not os.path.isdir(os.path.join(o.data, "ibm_hi_small")):
        print("planted: no ibm_hi_small in %s (AML_DATA_DIR says where the data are)" % o.data)
        print("0 passed, 0 failed, 1 skipped")
        return 0 if o.check else 4
    with tempfile.TemporaryDirectory() as scratch:
        new = table(*measure(o.amlc, o.data, o.work or scratch))
    return settle(o, new)


if __name__ == "__main__":
    sys.exit(main())
