#!/usr/bin/env python3
"""Every plan of every library pattern, forced in turn, beside the one the run takes: the regret of the cost
model, and the table of costs behind it.

For each pattern and graph: seconds of mining by each plan (median of the runs, interleaved, nothing written, without
reading and building the graph), what the cost model estimated, which plan it took, and regret: the seconds of the
plan taken over those of the best. --costs prints runtime/src/costs.def as this machine has it: for each plan the
median of measured seconds over estimated touches. --ablate NAME,... forces nothing but leaves tricks of the runtime
out, one by one. --taken runs nothing but the plan that is taken, and prints its estimate over its
seconds (of the processor, over the threads: a busy machine does not change these).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIBRARY = sorted(f[:-4] for f in os.listdir(os.path.join(ROOT, "patterns")) if f.endswith(".aml"))
# name, file (and seconds of a unit of its times), window, patterns; a graph of gen.c has one currency
GRAPHS = [
    ("light 24h", "ibm.csv", "24h", LIBRARY),
    ("light, own window", "ibm.csv", None, LIBRARY),
    ("R-MAT 1 M", "r1m.bin:3600", "42h", LIBRARY),
    ("R-MAT 10 M", "r10m.bin:3600", "42h", LIBRARY),
]


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    p.add_argument("--data", default="/tmp/perf")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--runs", type=int, default=3)
    p.add_argument("--limit", type=int, default=60, help="seconds after which a forced plan is cut")
    p.add_argument("--want", default="counts", help="counts, episodes or all")
    p.add_argument("--patterns", default="", help="only these")
    p.add_argument("--graphs", default="", help="only graphs with this in their name")
    p.add_argument("--taken", action="store_true", help="only the plan taken: is its estimate right?")
    p.add_argument("--costs", action="store_true", help="print costs.def")
    p.add_argument("--ablate", default="", help="tricks to leave out, one by one")
    p.add_argument("--log", default="", help="a file for every answer, a line of JSON each")
    return p.parse_args()


class Server:
    """bench_count on one table: reads it once, then answers."""

    def __init__(self, o, table, detectors):
        argv = [os.path.join(o.build, "bench_count"), table] + detectors
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            sys.exit(1)
        self.log = open(o.log, "a", encoding="utf-8") if o.log else None

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        text = self.process.stdout.readline()
        if self.log:
            self.log.write(line + " -> " + text)
            self.log.flush()
        return json.loads(text)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compile_one(o, folder, pattern, window):
    so = os.path.join(folder, "%s-%s.so" % (pattern, window or "own"))
    argv = [os.path.join(o.build, "amlc"), "compile", "-q", "--emit=so", "-o", so,
            os.path.join(ROOT, "patterns", pattern + ".aml")]
    if window:
        argv += ["--param", "%s.window=%s" % (pattern, window)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        print("%s at %s: %s" % (pattern, window, done.stderr.splitlines()[0]), file=sys.stderr)
        return None
    return so


def measure(o, server, k, plans):
    """Seconds by plan, interleaved; a plan that was cut: math.inf after one run."""
    seconds = {p: [] for p in plans}
    for _ in range(o.runs):
        for p in plans:
            if float("inf") in seconds[p]:
                continue
            a = server.ask("%d %d %s %s - %d" % (k, o.threads, p, o.want, o.limit))
            seconds[p].append(float("inf") if a.get("cut") or "error" in a else (a["cpu"] - a["cpu_graph"]) / o.threads if o.taken else a["mine"])
    return {p: statistics.median(s) for p, s in seconds.items()}


def one(o, server, k, graph, pattern, costs):
    guess = server.ask("estimate %d" % k)
    estimates = guess["estimates"]
    taken = min(estimates, key=estimates.get)
    seconds = measure(o, server, k, list(estimates))
    best = min(seconds, key=seconds.get)
    regret = seconds[taken] / seconds[best] if seconds[best] > 0 else 1
    for p, s in seconds.items():
        if estimates[p] > 0 and s not in (0, float("inf")):
            costs.setdefault(p, []).append(s * o.threads / estimates[p])
    cells = ", ".join("%s %.3f (%.3f)" % (p, seconds[p], estimates[p] / o.threads) for p in estimates)
    print("| %s | %s | %s | %s | %.2f | %.0f ms |" % (graph, pattern, cells, taken, regret, 1e3 * guess["took"]),
          flush=True)
    return regret


def check_taken(o, server, k, graph, pattern):
    guess = server.ask("estimate %d" % k)
    taken = min(guess["estimates"], key=guess["estimates"].get)
    seconds, estimate = measure(o, server, k, [taken])[taken], guess["estimates"][taken] / o.threads
    print("| %s | %s | %s | %.3f | %.3f | %.2f | %.0f ms |" % (graph, pattern, taken, seconds, estimate, estimate / seconds,
                                                              1e3 * guess["took"]), flush=True)


def ablate(o, server, k, graph, pattern):
    names = o.ablate.split(",")
    seconds = {n: [] for n in ["-"] + names}
    for _ in range(o.runs):
        for n in seconds:
            a = server.ask("%d %d - %s %s %d" % (k, o.threads, o.want, n, o.limit))
            seconds[n].append(float("inf") if a.get("cut") else a["mine"])
    medians = {n: statistics.median(s) for n, s in seconds.items()}
    print("| %s | %s | %.3f | %s |" % (graph, pattern, medians["-"],
                                       " | ".join("%.2f" % (medians[n] / medians["-"]) for n in names)), flush=True)


def print_costs(costs):
    with open(os.path.join(ROOT, "runtime/src/costs.def"), encoding="utf-8") as f:
        for line in f:
            for plan, kind in (("trigger-major", "TRIGGER"), ("hub-sweep", "HUB"), ("key-major", "PAIR"),
                               ("closing-search", "CLOSING")):
                if line.startswith("AMLRT__COST(%s," % kind) and plan in costs:
                    ps = int(line.split(",")[1].split(")")[0]) * statistics.median(costs[plan])
                    line = "AMLRT__COST(%-9s %d)\n" % (kind + ",", max(1, round(ps)))
            print(line, end="")


def main():
    o = options()
    costs, worst = {}, 0
    if o.ablate:
        print("| graph | pattern | s | without %s: times as long |" % " | ".join(o.ablate.split(",")))
    elif o.taken:
        print("| graph | pattern | plan taken | s | estimated | estimated over measured | choosing |\n|---|---|---|---:|---:|---:|---:|")
    elif not o.costs:
        print("| graph | pattern | plan s (estimated) | taken | regret | choosing |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name, table, window, patterns in GRAPHS:
            patterns = [p for p in patterns if not o.patterns or p in o.patterns.split(",")]
            if o.graphs not in name or not patterns:
                continue
            made = [(p, compile_one(o, folder, p, window)) for p in patterns]
            made = [m for m in made if m[1]]
            server = Server(o, os.path.join(o.data, table), [so for _, so in made])
            for k, (pattern, _) in enumerate(made):
                if o.ablate:
                    ablate(o, server, k, name, pattern)
                elif o.taken:
                    check_taken(o, server, k, name, pattern)
                else:
                    worst = max(worst, one(o, server, k, name, pattern, costs))
            server.close()
    if o.costs:
        print_costs(costs)
    elif not o.ablate and not o.taken:
        print("worst regret %.2f" % worst)
    return 0


if __name__ == "__main__":
    sys.exit(main())
