#!/usr/bin/env python3
"""How cost grows with the data: scatter-gather by windowed two-hop paths, a fan by transfers.

R-MAT graphs of ../shared/perf/gen.c with more and more edges between the same accounts in the same time, so
that paths grow faster than edges. The paths are counted by `proto ... sg2` (its touches): second legs at most
a window before or behind a first leg. Processor seconds of one thread, with the slices of the graph where a
plan needs them; bests of some runs. Each column `times` is a row's growth over the first row.

usage: curve.py [--build FOLDER] [--data FOLDER] [--edges 1,2,5,10] [--runs N]
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCALE, SEED, WINDOW = 18, 2, 42
PATTERNS = (("scatter_gather", "scatter_gather.aml"), ("fan_in", "../duckdb/fan_in.aml"))


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default=os.path.join(HERE, "../../build/release"))
    p.add_argument("--data", default="/tmp/perf", help="folder with gen and proto; graphs are made beside them")
    p.add_argument("--edges", default="1,2,5,10", help="millions")
    p.add_argument("--runs", type=int, default=3)
    return p.parse_args()


def make_graph(o, millions):
    path = os.path.join(o.data, f"curve{SCALE}-{millions}m.bin")
    if not os.path.exists(path):
        n = int(float(millions) * 1e6)
        subprocess.run([os.path.join(o.data, "gen"), "rmat", str(SEED), str(SCALE), str(n), path], check=True)
    return path


def paths_of(o, graph):
    env = dict(os.environ, OMP_NUM_THREADS="1")
    text = subprocess.run([os.path.join(o.data, "proto"), graph, "sg2", str(WINDOW)], check=True, env=env,
                          capture_output=True, text=True).stdout
    return float(re.search(r"touches=([\d.]+)M", text).group(1))


def compile_all(o, folder):
    out = []
    for name, aml in PATTERNS:
        so = os.path.join(folder, name + ".so")
        subprocess.run([os.path.join(o.build, "amlc"), "compile", "-q", "--emit=so", "-o", so,
                        "--param", f"{name}.window={WINDOW + 1}s", os.path.join(HERE, aml)], check=True)
        out.append(so)
    return out


def seconds_of(o, graph, detectors):
    """Of each pattern, the least of some runs."""
    server = subprocess.Popen([os.path.join(o.build, "bench_count"), graph] + detectors, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    server.stdout.readline()
    least = []
    for k in range(len(detectors)):
        runs = []
        for _ in range(o.runs):
            server.stdin.write(f"{k} 1 -\n")
            server.stdin.flush()
            answer = json.loads(server.stdout.readline())
            runs.append(answer["cpu_graph"] + answer["cpu"])
        least.append(min(runs))
    server.stdin.close()
    server.wait()
    return least


def main():
    o = options()
    print("| M transfers | times | M two-hop paths | times | scatter-gather s | times | ns a path and transfer "
          "| fan_in s | times | ns a transfer |\n" + "|---:" * 10 + "|")
    first = None
    with tempfile.TemporaryDirectory() as folder:
        detectors = compile_all(o, folder)
        for millions in o.edges.split(","):
            graph = make_graph(o, millions)
            n, paths = float(millions), paths_of(o, graph)
            pair, fan = seconds_of(o, graph, detectors)
            first = first or (n, paths, pair, fan)
            print("| %g | %.1f | %.1f | %.1f | %.3f | %.1f | %.1f | %.3f | %.1f | %.1f |" % (
                n, n / first[0], paths, paths / first[1], pair, pair / first[2], 1e3 * pair / (paths + n),
                fan, fan / first[3], 1e3 * fan / n), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
