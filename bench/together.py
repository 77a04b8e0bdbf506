#!/usr/bin/env python3
"""What patterns of one run share: their mining together beside the sum of their mining alone.

usage: together.py [--build DIR] [--table FILE] [--window 24h] [--threads N] [--runs N] [--sets NAME,...]
For each set of library patterns: seconds on the clock of `amlc run` for building the graph and mining alerts (run.json;
reading, compiling and writing are apart), each pattern by itself and all in one run, in turns, the least of each; and the
same without the graph, which one run builds once. Without --table amlgen makes a light one of a million transfers.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import plans

HUBS = ["fan_in", "fan_out", "gather_scatter", "pass_through", "mule_herd"]
SETS = {
    "library": (plans.LIBRARY, None),
    "library, one window": (plans.LIBRARY, "24h"),
    "hub sweeps, one window": (HUBS, "24h"),
}


def options():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("--build", default=os.path.join(plans.ROOT, "build/release"))
    o.add_argument("--table", default="")
    o.add_argument("--rows", type=int, default=1_000_000)
    o.add_argument("--threads", type=int, default=1)
    o.add_argument("--runs", type=int, default=3)
    o.add_argument("--sets", default="", help="only sets with this in their name")
    return o.parse_args()


def mine(o, folder, table, patterns, window):
    out = os.path.join(folder, "out")
    argv = [os.path.join(o.build, "amlc"), "run", *(os.path.join(plans.ROOT, "patterns", p + ".aml") for p in patterns), table,
            "-o", out, "-q", "--threads=%d" % o.threads, "--history=complete"]
    for p in patterns:
        argv += ["--param", "%s.window=%s" % (p, window)] if window else []
    done = subprocess.run(argv, env=dict(os.environ, AMLC_CACHE=os.path.join(folder, "cache")), check=False,
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit("%s: %s" % (" ".join(argv), done.stderr))
    with open(os.path.join(out, "run.json"), encoding="utf-8") as file:
        seconds = json.load(file)["seconds"]
    return seconds["graph"] + seconds["mine"], seconds["mine"]


def main():
    o = options()
    print("| patterns | alone, s | together, s | share | without the graph |\n|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        table = o.table or os.path.join(folder, "light.csv")
        if not o.table:
            subprocess.run([os.path.join(o.build, "amlgen"), "--rows", str(o.rows), "--seed", "1", "--out", table, "-q"], check=True)
        for name, (patterns, window) in SETS.items():
            if o.sets not in name:
                continue
            alone, together = {}, []
            for _ in range(o.runs):
                for p in patterns:
                    alone.setdefault(p, []).append(mine(o, folder, table, [p], window))
                together.append(mine(o, folder, table, patterns, window))
            whole, mined = (sum(min(s[k] for s in a) for a in alone.values()) for k in (0, 1))
            once, once_mined = (min(s[k] for s in together) for k in (0, 1))
            print("| %s (%d) | %.3f | %.3f | %.2f | %.2f |" % (name, len(patterns), whole, once, once / whole, once_mined / mined), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
