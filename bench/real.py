#!/usr/bin/env python3
"""Runs the public data sets through amlc and prints a table: rows, rejects, alerts, time.

  bench/real.py [--amlc PATH] [--data DIR] [--work DIR] [--only SET] [--time-limit D]

Each set is brought into a form `amlc` reads: AMLSim counts in steps of a day, which become seconds,
so that windows in hours mean something; the message graphs have no header and get one; all else is
said by --map. The data: AML_DATA_DIR or --data, default ../shared/data. Standard library only.
"""
import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "datasets"))
from planted_found import print_table  # noqa: E402

DAY = 86400
ALL = ("fan_out fan_in cycle scatter_gather gather_scatter bipartite stack random_walk pass_through structuring "
       "mule_herd dormant").split()
# No amounts: what asks for them is refused there.
SHAPES = "fan_out fan_in cycle gather_scatter bipartite".split()

# name; file under the data folder; how to rewrite it (None: as it is); column map; patterns;
# parameters that differ from the defaults
Set = namedtuple("Set", "name path rewrite columns patterns params")


def steps_to_seconds(column):
    """A CSV with a header; the step in `column` becomes a time in seconds."""
    def rewrite(source, target):
        rows = csv.reader(source)
        out = csv.writer(target, lineterminator="\n")
        header = next(rows)
        at = header.index(column)
        out.writerow(header)
        for row in rows:
            row[at] = int(row[at]) * DAY
            out.writerow(row)
    return rewrite


def with_header(header):
    """Lines of fields between blanks become a CSV with that header."""
    def rewrite(source, target):
        target.write(header + "\n")
        for line in source:
            target.write(",".join(line.split()) + "\n")
    return rewrite


SLOW = ["cycle.window=30d"]  # money moves in days there: in 96 h hardly a ring closes
AMLSIM = {"src": "sourceNodeId", "dst": "targetNodeId", "amount": "value"}
SETS = [
    Set("ibm_first_1000", "ibm_hi_small/HI-Small_Trans_first1000_bankzeros_lost.csv", None, None, ALL, []),
    Set("ibm_laundering", "ibm_hi_small/HI-Small_laundering_3209_rows.csv", None, None, ALL, []),
    Set("amlsim_sample", "amlsim_sample/tx.csv", steps_to_seconds("start"),
        {"id": "TXN_ID", "src": "ACCOUNT_ID", "dst": "COUNTER_PARTY_ACCOUNT_NUM", "time": "start",
         "amount": "TXN_AMOUNT_ORIG", "format": "TXN_SOURCE_TYPE_CODE"},
        "fan_out fan_in cycle scatter_gather gather_scatter pass_through".split(), SLOW),
    Set("amlsim_cycle200", "amlsim_20k/20K_cycle200/transactions.csv", steps_to_seconds("time"), AMLSIM,
        ["fan_in", "cycle"], SLOW),
    Set("amlsim_fanin200", "amlsim_20k/20K_fanin200/transactions.csv", steps_to_seconds("time"), AMLSIM,
        ["fan_in", "cycle"], SLOW),
    Set("amlsim_fanin200cycle200", "amlsim_20k/20K_fanin200cycle200/transactions.csv", steps_to_seconds("time"),
        AMLSIM, ["fan_in", "cycle"], SLOW),
    # The weight is a rating from -10 to 10, no sum of money: it stays a column of its own.
    Set("bitcoin_otc", "bitcoin_otc/soc-sign-bitcoinotc_intsec.csv", None,
        {"src": "Source", "dst": "Target", "time": "Timestamp"}, SHAPES, []),
    # In a chat every answer closes a ring: four days of it hold hundreds of thousands.
    Set("collegemsg", "collegemsg/CollegeMsg.txt", with_header("src,dst,time"), None, SHAPES,
        ["cycle.window=2h"]),
]


def prepare(s, data, work):
    """The file to read and the options that go with it."""
    path, options = os.path.join(data, s.path), []
    if s.rewrite:
        with open(path, encoding="utf-8", newline="") as source:
            path = os.path.join(work, s.name + ".csv")
            with open(path, "w", encoding="utf-8", newline="") as target:
                s.rewrite(source, target)
    if s.columns:
        options += ["--map", os.path.join(work, s.name + ".map")]
        with open(options[-1], "w", encoding="utf-8") as f:
            f.writelines("%s = %s\n" % item for item in s.columns.items())
    return path, options


def run(s, pattern, path, options, o, work):
    out = os.path.join(work, s.name + "." + pattern)
    command = [o.amlc, "run", os.path.join(ROOT, "patterns", pattern + ".aml"), path, "-o", out, "-q", *options]
    label = pattern
    for param in s.params:
        if param.startswith(pattern + "."):
            command += ["--param", param]
            label += param[len(pattern):].replace(".", ", ", 1)
    if o.time_limit:
        command += ["--time-limit", o.time_limit]
    begin = time.monotonic()
    code = subprocess.run(command, check=False).returncode
    seconds = "%.2f" % (time.monotonic() - begin)
    if code not in (0, 5):
        return [s.name, label, "exit %d" % code, "", "", "", "", seconds], False
    with open(os.path.join(out, "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    rows, found = manifest["rows"], manifest["patterns"][0]
    good = rows["read"] == rows["used"] + rows["rejected"]
    return [s.name, label, rows["read"], rows["rejected"], found["alerts"], found["inconclusive"],
            "cut" if code == 5 else "whole", seconds], good


def main():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    o.add_argument("--data", default=os.environ.get("AML_DATA_DIR", os.path.join(ROOT, "..", "shared", "data")))
    o.add_argument("--work", help="keep all files here")
    o.add_argument("--only", metavar="SET", help="one of " + ", ".join(s.name for s in SETS))
    o.add_argument("--time-limit", metavar="D", help="for each run, as in amlc run")
    o = o.parse_args()
    lines, bad = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        work = o.work or scratch
        os.makedirs(work, exist_ok=True)
        for s in SETS:
            if o.only not in (None, s.name):
                continue
            if not os.path.exists(os.path.join(o.data, s.path)):
                print("%s: no %s in %s, left out" % (s.name, s.path, o.data), file=sys.stderr)
                continue
            path, options = prepare(s, o.data, work)
            for pattern in s.patterns:
                line, good = run(s, pattern, path, options, o, work)
                print("  ".join(map(str, line)), file=sys.stderr)
                lines.append(line)
                bad += not good
    print_table(["set", "pattern", "rows", "rejected", "alerts", "inconclusive", "result", "seconds"], lines)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
