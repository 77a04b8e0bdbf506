#!/usr/bin/env python3
"""What passes and tricks of the plan trigger-major are worth, in instructions: prints a markdown table.

  bench/instructions.py [--amlc PATH] [--rows N] [--window 24h] [--patterns NAME,...] [--off NAME,...] [--work DIR]

Each pattern is mined by trigger-major on one thread under valgrind (callgrind), on amlgen's light graph,
with everything on and with one pass or trick off; counted is what runs inside the run of triggers. The
figures do not depend on what else the machine does; they say nothing of caches.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def counted(o, pattern, table, work, off):
    """Instructions, in millions."""
    log = os.path.join(work, "callgrind.out")
    argv = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + log, o.amlc, "run",
            os.path.join(ROOT, "patterns", pattern + ".aml"), table, "-o", os.path.join(work, "out"), "-q", "--engine=c",
            "--threads=1", "--plan=trigger-major", "--history=complete", "--param=%s.window=%s" % (pattern, o.window)]
    subprocess.run(argv + (["--disable=" + off] if off else []), check=True, stderr=subprocess.DEVNULL)
    text = subprocess.run(["callgrind_annotate", "--inclusive=yes", log], check=True, capture_output=True, text=True).stdout
    found = re.search(r"^\s*([\d,]+) .*amlrt__run_triggers", text, re.M)
    if not found:
        raise SystemExit("instructions: no amlrt__run_triggers in callgrind's output of %s" % pattern)
    return int(found.group(1).replace(",", "")) / 1e6


def main():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: text.split(",")  # noqa: E731
    o.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    o.add_argument("--rows", type=int, default=200_000)
    o.add_argument("--window", default="24h")
    o.add_argument("--patterns", type=names, default=["mule_herd", "scatter_gather", "bipartite", "stack", "random_walk"])
    o.add_argument("--off", type=names, default=["late", "weed", "smaller-side", "size-bounds", "triggers"])
    o.add_argument("--work", help="keep the run's files here")
    o = o.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = o.work or scratch
        os.makedirs(work, exist_ok=True)
        table = os.path.join(work, "light.csv")
        subprocess.run([os.path.join(os.path.dirname(os.path.abspath(o.amlc)), "amlgen"), "--rows", str(o.rows), "--seed", "1",
                        "--out", table, "-q"], check=True)
        print("| pattern | all on, M | %s |" % " | ".join("without " + n for n in o.off))
        print("|---|---:|%s" % ("---:|" * len(o.off)))
        for p in o.patterns:
            whole = counted(o, p, table, work, None)
            cells = ["%.2f" % (counted(o, p, table, work, n) / whole) for n in o.off]
            print("| %s | %.0f | %s |" % (p, whole, " | ".join(cells)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
