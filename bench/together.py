#!/usr/bin/env python3
"""What patterns of one run share: their mining together beside the sum of their mining alone.

usage: together.py [--build DIR] [--table FILE] [--threads N] [--runs N] [--want counts,episodes] [--sets WORD]
For each set of patterns: processor seconds of filling the graph and of mining (bench_count: nothing is read or written),
each pattern by itself and all in one run, in turns, the least of each; with the graph, which one run fills once, and
without; and without pass share. Sets: the library, and families, one pattern of the library at several levels, as
rule sets of banks have them. Without --table amlgen makes a light one of a million transfers.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

import plans

HUBS = ["fan_in", "fan_out", "gather_scatter", "pass_through", "mule_herd"]
LIBRARY = [(p, {}, None) for p in plans.LIBRARY]
# name, window, [(pattern, parameters, (text, what stands in its place))]
SETS = [
    ("library", None, LIBRARY),
    ("library, one window", "24h", LIBRARY),
    ("hub sweeps, one window", "24h", [(p, {}, None) for p in HUBS]),
    ("fan_in at three levels", "24h", [("fan_in", {"few": few, "many": 2 * few}, None) for few in (6, 8, 12)]),
    ("scatter_gather at three levels", None, [
        ("scatter_gather", {"middlemen": 3}, None), ("scatter_gather", {"middlemen": 6}, None),
        ("scatter_gather", {"middlemen": 4, "kept": "0.80~0.90..1.10~1.25"}, None)]),
    ("cycle of three lengths", None, [("cycle", {}, ("{1..11}", length)) for length in ("{1..2}", "{3..5}", "{1..11}")]),
    ("random_walk at three levels", None, [
        ("random_walk", {"kept": kept}, None)
        for kept in ("0.80~0.90..1.00~1.05", "0.90~0.95..1.00~1.01", "0.60~0.80..1.00~1.10")]),
]


def options():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("--build", default=os.path.join(plans.ROOT, "build/release"))
    o.add_argument("--table", default="", help="a file; of a graph of gen.c FILE.bin:SECONDS")
    o.add_argument("--rows", type=int, default=1_000_000)
    o.add_argument("--threads", type=int, default=1)
    o.add_argument("--runs", type=int, default=3)
    o.add_argument("--want", default="counts,episodes")
    o.add_argument("--sets", default="", help="only sets with this in their name")
    o.add_argument("--log", default="", help="a file for every answer, a line of JSON each")
    return o.parse_args()


def variant(folder, i, pattern, change):
    """The pattern under a name of its own, without its tests."""
    with open(os.path.join(plans.ROOT, "patterns", pattern + ".aml"), encoding="utf-8") as file:
        text = re.split(r"^test ", file.read(), maxsplit=1, flags=re.M)[0]
    name = "%s_%d" % (pattern, i)
    text = re.sub(r"^pattern %s " % pattern, "pattern %s " % name, text, flags=re.M)
    text = re.sub(r'(id: "[0-9a-f-]{34})..', r"\g<1>%02x" % i, text)
    if change:
        text = text.replace(*change)
    path = os.path.join(folder, name + ".aml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return name, path


def compile_so(o, folder, stem, made, more=()):
    so = os.path.join(folder, stem + ".so")
    argv = [os.path.join(o.build, "amlc"), "compile", "-q", "--emit=so", "-o", so, *more]
    for path, params in made:
        argv += [path, *params]
    subprocess.run(argv, check=True)
    return so


def make(o, folder, window, patterns):
    made = []
    for i, (pattern, params, change) in enumerate(patterns):
        name, path = variant(folder, i, pattern, change)
        if window:
            params = dict(params, window=window)
        made.append((path, ["--param=%s.%s=%s" % (name, k, v) for k, v in params.items()]))
    alone = [compile_so(o, folder, "alone%d" % i, [m]) for i, m in enumerate(made)]
    return alone + [compile_so(o, folder, "all", made), compile_so(o, folder, "apart", made, ["--disable=share"])]


def measure(o, folder, table, window, patterns, want):
    """(with the graph, without) of the patterns alone, added up; together; together without share."""
    n = len(patterns)
    server = plans.Server(o, table, make(o, folder, window, patterns))
    least = {}
    for _ in range(o.runs):
        for line in [str(i) for i in range(n)] + ["d%d" % n, "d%d" % (n + 1)]:
            a = server.ask("%s %d - %s" % (line, o.threads, want))
            if "error" in a:
                sys.exit(a["error"])
            have = (a["cpu"], a["cpu"] - a["cpu_graph"])
            least[line] = tuple(map(min, have, least.get(line, have)))
    server.close()
    alone = [sum(least[str(i)][k] for i in range(n)) for k in (0, 1)]
    return alone, least["d%d" % n], least["d%d" % (n + 1)]


def main():
    o = options()
    print("| patterns | | alone, s | together, s | share | without the graph | and without pass share |\n|---|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        table = o.table or os.path.join(folder, "light.csv")
        if not o.table:
            subprocess.run([os.path.join(o.build, "amlgen"), "--rows", str(o.rows), "--seed", "1", "--out", table, "-q"], check=True)
        for name, window, patterns in SETS:
            for want in o.want.split(",") if o.sets in name else ():
                alone, together, apart = measure(o, folder, table, window, patterns, want)
                print("| %s (%d) | %s | %.3f | %.3f | %.2f | %.2f | %.2f |" % (
                    name, len(patterns), want, alone[0], together[0], together[0] / alone[0], together[1] / alone[1],
                    apart[1] / alone[1]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
