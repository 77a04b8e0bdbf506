#!/usr/bin/env python3
"""Random tables, changed in ways that must not change what is found (see metamorphic.py).

usage: run_random.py [--amlc PROGRAM] [--seeds N] [--first SEED] [PATTERN_FILE...]
A failure prints its seed, shrinks its table, and leaves it in build/random/.
"""
import argparse
import csv
import gzip
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from metamorphic import RELATIONS, modes_agree  # noqa: E402

COLUMNS = ("id", "src", "dst", "time", "amount", "currency", "format")
TIMEOUT_S = 120


def random_table(seed):
    """A dozen accounts, a hub, ties, parallel and self-transfers, three currencies, gaps in ids."""
    rng = random.Random(seed)
    accounts = ["a%02d" % i for i in range(rng.randrange(4, 13))]
    rows, row_id = [], rng.randrange(100)
    clock = rng.choice((1800, 3600, 7200))
    for _ in range(rng.randrange(5, 90)):
        row_id += rng.randrange(1, 4)
        src = accounts[0] if rng.random() < 0.2 else rng.choice(accounts)
        dst = accounts[0] if rng.random() < 0.2 else rng.choice(accounts)
        rows.append({"id": row_id, "src": src, "dst": dst,
                     "time": 1_660_000_000 + clock * rng.randrange(0, 100),
                     "amount": "%.2f" % (rng.choice((10, 50, 100, 100, 200)) * rng.uniform(0.8, 1.2)),
                     "currency": rng.choice(("USD", "USD", "USD", "EUR", "")),
                     "format": rng.choice(("Wire", "ACH", "Cash"))})
    return {"accounts": accounts, "rows": rows}


def write_csv(path, rows, packed):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    with open(path, "wb") as file:
        file.write(gzip.compress(data, mtime=0) if packed else data)


class Failure(Exception):
    pass


class Runner:
    def __init__(self, amlc, patterns):
        self.amlc, self.patterns = os.path.abspath(amlc), patterns

    def find(self, files, packed=False, mode="episode"):
        """The lines of alerts.jsonl and evidence.csv for a table given as some files."""
        with tempfile.TemporaryDirectory(prefix="amlc-random-") as folder:
            names = []
            for i, rows in enumerate(files):
                names.append("part%d.csv%s" % (i, ".gz" if packed else ""))
                write_csv(os.path.join(folder, names[-1]), rows, packed)
            argv = [self.amlc, "run", "-q", "--engine=reference", "--mode=" + mode, "-o", "out"]
            done = subprocess.run(argv + self.patterns + names, cwd=folder, capture_output=True,
                                  text=True, timeout=TIMEOUT_S, check=False)
            if done.returncode != 0:
                raise Failure("%s\n  exit %d: %s" % (
                    " ".join(argv), done.returncode, done.stderr.strip()[-2000:]))
            found = {}
            for key, name in (("alerts", "alerts.jsonl"), ("evidence", "evidence.csv")):
                with open(os.path.join(folder, "out", name), encoding="utf-8") as file:
                    found[key] = file.read().splitlines()
            return found


def try_relation(runner, table, relation, seed):
    """What the relation finds wrong with this table, or None."""
    name, change, same = relation
    variant = change(table, random.Random("%s %d" % (name, seed)))
    one = runner.find([table["rows"]])
    two = runner.find(variant["files"], packed=variant.get("gzip", False))
    return same(one, two, variant)


def try_modes(runner, table):
    return modes_agree({m: runner.find([table["rows"]], mode=m) for m in ("all", "maximal", "episode")})


def fails(check, table):
    try:
        return check(table)
    except Failure as failure:
        return str(failure)


def shrink(check, table):
    """Rows are taken away, halves first, as long as the check still fails."""
    size = max(1, len(table["rows"]) // 2)
    while True:
        at, shorter = 0, False
        while at < len(table["rows"]):
            smaller = dict(table, rows=table["rows"][:at] + table["rows"][at + size:])
            if smaller["rows"] and fails(check, smaller):
                table, shorter = smaller, True
            else:
                at += size
        if size == 1 and not shorter:
            return table
        size = max(1, size // 2)


def report(name, seed, check, table):
    small = shrink(check, table)
    folder = os.path.join(ROOT, "build", "random")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "seed%d-%s.csv" % (seed, name.replace(" ", "-")))
    write_csv(path, small["rows"], False)
    print("seed %d, %s: %s" % (seed, name, fails(check, small)))
    print("  shrunk to %d rows: %s" % (len(small["rows"]), os.path.relpath(path, ROOT)))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("patterns", nargs="*", default=[os.path.join(HERE, "patterns", "small.aml")])
    return parser.parse_args()


def main():
    args = arguments()
    runner = Runner(args.amlc, [os.path.abspath(p) for p in args.patterns])
    passed = failed = 0
    n_alerts = {}
    for seed in range(args.first, args.first + args.seeds):
        table = random_table(seed)
        checks = [(r[0], lambda t, r=r: try_relation(runner, t, r, seed)) for r in RELATIONS]
        checks.append(("modes agree", lambda t: try_modes(runner, t)))
        for name, check in checks:
            if fails(check, table):
                report(name, seed, check, table)
                failed += 1
            else:
                passed += 1
        if not failed:
            for line in runner.find([table["rows"]])["alerts"]:
                pattern = json.loads(line)["pattern"]
                n_alerts[pattern] = n_alerts.get(pattern, 0) + 1
    print("alerts: " + ", ".join("%s %d" % item for item in sorted(n_alerts.items())))
    # A pattern that never matches tests nothing.
    if not failed and args.seeds >= 10:
        for path in runner.patterns:
            for name in re.findall(r"^pattern (\w+)", open(path, encoding="utf-8").read(), re.MULTILINE):
                if name not in n_alerts:
                    print("%s: pattern %s matched nowhere" % (path, name))
                    failed += 1
    print("random: %d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
