#!/usr/bin/env python3
"""Library patterns on made graphs, by engine and number of threads: rates and peak memory.

usage: engines.py [--amlc PROGRAM] [--light N] [--rmat N[,N]] [--engines reference,c] [--threads 1,2]
                  [--patterns NAME,...] [--repeat N] [--window 24h] [--time-limit D] [--log FILE]
The light graph is amlgen's (ten days, Pareto activity, repeated counterparties, hubs); R-MAT has .57 .19
.19 .05 and times uniform in 0..9,999 hours (windows of 42 hours). A rate is transfers of the table a second of
mining, without reading; `with graph` adds the building of the graph. Runs are interleaved, figures are
medians. A run that a limit cut is marked `cut`: its rate is of what it reached, a bound from above.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIBRARY = ("fan_in", "fan_out", "gather_scatter", "scatter_gather", "cycle", "random_walk", "stack", "bipartite",
           "pass_through", "structuring", "mule_herd", "dormant")
# On a large R-MAT graph: shapes alone, which is what others measure on it.
RMAT = ("fan_in", "fan_out", "gather_scatter", "scatter_gather", "cycle")
RMAT_WINDOW = "42h"
FORMATS = ("ACH", "Cash", "Cheque", "Wire")
MASK = (1 << 64) - 1


class Mix:
    """SplitMix64: the same numbers everywhere."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        return z ^ z >> 31


def make_light(path, rows):
    subprocess.run([os.path.join(os.path.dirname(ARGS.amlc), "amlgen"), "--rows", str(rows), "--seed", "1", "--out", path,
                    "-q"], check=True)


def make_rmat(path, rows):
    """16 levels up to a million edges, else 19."""
    scale, mix = (16 if rows <= 1_000_000 else 19), Mix(1)
    with open(path + ".partial", "w", encoding="ascii") as file:
        file.write("src,dst,time,amount,currency,format\n")
        for _ in range(rows):
            src = dst = 0
            for level in range(scale):
                if level % 4 == 0:
                    bits = mix.next()
                u, bits = (bits & 0xFFFF) / 65536, bits >> 16
                src = src << 1 | (u >= 0.76)
                dst = dst << 1 | (0.57 <= u < 0.76 or u >= 0.95)
            bits = mix.next()
            file.write("%d,%d,%d,%d.%02d,USD,%s\n" % (src, dst, bits % 10000 * 3600, (bits >> 16) % 10000, (bits >> 40) % 100,
                                                     FORMATS[(bits >> 52) % len(FORMATS)]))
    os.rename(path + ".partial", path)


def graph(kind, rows):
    """The path of a made table; kept from run to run."""
    os.makedirs(ARGS.work, exist_ok=True)
    path = os.path.join(ARGS.work, "%s-%d%s.csv" % (kind, rows, "-formats" if kind == "rmat" else ""))
    if not os.path.exists(path):
        print("making %s" % os.path.relpath(path), flush=True)
        (make_light if kind == "light" else make_rmat)(path, rows)
    return path


def run(pattern, table, engine, threads, window):
    """One run: seconds by part, peak memory, alerts; None: it did not work here (said)."""
    out = os.path.join(ARGS.work, "out")
    argv = [ARGS.amlc, "run", "patterns/%s.aml" % pattern, table, "-o", out, "-q", "--engine=" + engine,
            "--threads=%d" % threads, "--history=complete", "--time-limit=" + ARGS.time_limit,
            "--param=%s.window=%s" % (pattern, window)]
    begin = time.monotonic()
    process = subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall, code = time.monotonic() - begin, os.waitstatus_to_exitcode(status)
    if code not in (0, 5):
        print("  %s, %s: exit %d: %s" % (pattern, engine, code, message.strip()[:300]))
        return None
    with open(os.path.join(out, "run.json"), encoding="utf-8") as file:
        report = json.load(file)
    with open(os.path.join(out, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    seconds = report["seconds"]
    return {"pattern": pattern, "table": os.path.basename(table), "engine": report["engine"], "threads": threads,
            "window": window, "mine_s": seconds["mine"], "graph_s": seconds.get("graph", 0.0), "read_s": seconds["read"],
            "wall_s": wall, "peak_mib": usage.ru_maxrss / 1024, "cut": code == 5,
            "rows": sum(i["used"] for i in manifest["inputs"]),
            "alerts": report["patterns"][0]["alerts"], "matches": report["patterns"][0]["matches"]}


def median_of(runs):
    middle = dict(runs[0])
    for key in ("mine_s", "graph_s", "read_s", "wall_s", "peak_mib"):
        middle[key] = statistics.median(r[key] for r in runs)
    return middle


def rate(rows, seconds):
    return "%.2f M" % (rows / seconds / 1e6) if rows >= 1e5 * seconds else "%.0f K" % (rows / max(seconds, 1e-9) / 1e3)


def measure(table, patterns, window):
    """Every engine and number of threads, interleaved."""
    wanted = [(p, e, t) for p in patterns for e in ARGS.engines for t in (ARGS.threads if e != "reference" else [1])]
    runs = {}
    for _ in range(ARGS.repeat):
        for key in wanted:
            got = run(key[0], table, key[1], key[2], window)
            if got:
                runs.setdefault(key, []).append(got)
    print("\n%s" % os.path.basename(table))
    print("| pattern | engine | threads | transfers a second | with graph | peak MiB | matches | alerts | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for key in wanted:
        if key not in runs:
            continue
        r = median_of(runs[key])
        print("| %s | %s | %d | %s | %s | %.0f | %d | %d | %s |" % (
            r["pattern"], r["engine"], r["threads"], rate(r["rows"], r["mine_s"]),
            rate(r["rows"], r["mine_s"] + r["graph_s"]), r["peak_mib"], r["matches"], r["alerts"], "cut" if r["cut"] else ""),
              flush=True)
        if ARGS.log:
            with open(ARGS.log, "a", encoding="utf-8") as file:
                file.write(json.dumps(r) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    numbers = lambda text: [int(x) for x in text.split(",") if x]  # noqa: E731
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    parser.add_argument("--work", default=os.path.join(ROOT, "build", "bench"))
    parser.add_argument("--light", type=int, default=5_000_000, help="transfers; 0: not")
    parser.add_argument("--rmat", type=numbers, default=[1_000_000, 10_000_000], help="edges, by commas")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=["c"])
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--patterns", type=lambda text: text.split(","), default=LIBRARY)
    parser.add_argument("--window", default="24h")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--time-limit", default="5m")
    parser.add_argument("--log", default=None)
    args = parser.parse_args()
    args.amlc = os.path.abspath(args.amlc)
    return args


def main():
    if ARGS.light:
        measure(graph("light", ARGS.light), ARGS.patterns, ARGS.window)
    for edges in ARGS.rmat:
        measure(graph("rmat", edges), [p for p in ARGS.patterns if p in RMAT], RMAT_WINDOW)
    return 0


if __name__ == "__main__":
    ARGS = arguments()
    sys.exit(main())
