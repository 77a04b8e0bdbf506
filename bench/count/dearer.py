#!/usr/bin/env python3
"""What order, ratios and grades add to the plain count of the same shape: seconds in turn, graph included.

usage: dearer.py [--build FOLDER] [--data FOLDER] [--threads 1,2] [--runs N]    (options of compare.py)
"""
import os
import subprocess
import sys
import tempfile

import compare

SHAPES = ("scatter_gather.aml", "scatter_gather_order.aml", "scatter_gather_kept.aml", "scatter_gather_graded.aml")
WINDOWS = (("6h", 360), ("24h", 1440), ("96h", 5760))


def main():
    o = compare.options()
    print("| pattern | window | threads | plan | s best | s median | times the plain | matches |\n" + "|---" * 8 + "|")
    with tempfile.TemporaryDirectory() as folder:
        asked = [(f"{aml} {name}", "ibm", window, aml, ("",)) for name, window in WINDOWS for aml in SHAPES]
        data = os.path.join(o.data, "ibm.bin")
        server = subprocess.Popen([os.path.join(o.build, "bench_count"), data] + compare.compile_all(o, asked, folder),
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not server.stdout.readline():
            return 1
        for at in range(0, len(asked), len(SHAPES)):
            for threads in map(int, o.threads.split(",")):
                seconds = [[] for _ in SHAPES]
                for _ in range(o.runs):
                    last = [compare.ask(server, at + k, threads, o.plan) for k in range(len(SHAPES))]
                    for k, answer in enumerate(last):
                        seconds[k].append(answer["graph"] + answer["mine"])
                for k, aml in enumerate(SHAPES):
                    print("| %s | %s | %d | %s | %.3f | %.3f | %.2f | %d |" % (
                        aml[:-len(".aml")], asked[at][0].split()[1], threads, last[k]["plan"], min(seconds[k]),
                        compare.median(seconds[k]), compare.median(seconds[k]) / compare.median(seconds[0]), last[k]["matches"]),
                        flush=True)
        server.stdin.close()
        server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
