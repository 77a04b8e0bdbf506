#!/usr/bin/env python3
"""What a second thread gains: each library pattern by the plan a run takes, with one thread and with two, in turns.

usage: threads.py [--build DIR] [--data DIR] [--table FILE] [--window 24h] [--threads N] [--runs N] [--patterns NAME,...]
Counts only, nothing written, the graph filled before; the least of the runs. Last, what the machine gains on a stream of
memory, in the same run: no program that is bound by memory gains more.
"""
import argparse
import os
import tempfile

import plans


def options():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("--build", default=os.path.join(plans.ROOT, "build/release"))
    o.add_argument("--data", default="/tmp/perf")
    o.add_argument("--table", default="ibm.csv")
    o.add_argument("--window", default="24h")
    o.add_argument("--threads", type=int, default=2)
    o.add_argument("--runs", type=int, default=3)
    o.add_argument("--limit", type=int, default=0)
    o.add_argument("--patterns", default="")
    o.add_argument("--log", default="")
    return o.parse_args()


def least(o, server, line, key):
    """By number of threads."""
    found = {1: [], o.threads: []}
    for _ in range(o.runs):
        for n, seconds in found.items():
            seconds.append(server.ask(line % n)[key])
    return {n: min(seconds) for n, seconds in found.items()}


def main():
    o = options()
    names = [p for p in plans.LIBRARY if not o.patterns or p in o.patterns.split(",")]
    print("| pattern | 1 thread, s | %d threads, s | gain |\n|---|---:|---:|---:|" % o.threads)
    with tempfile.TemporaryDirectory() as folder:
        made = [(p, plans.compile_one(o, folder, p, o.window)) for p in names]
        server = plans.Server(o, os.path.join(o.data, o.table), [so for _, so in made])
        rows = [(p, least(o, server, "%d %%d - counts - %d filled" % (k, o.limit), "mine")) for k, (p, _) in enumerate(made)]
        rows.append(("a stream of memory", least(o, server, "stream %d", "seconds")))
        for name, seconds in rows:
            print("| %s | %.3f | %.3f | %.2f |" % (name, seconds[1], seconds[o.threads], seconds[1] / seconds[o.threads]))
        server.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
