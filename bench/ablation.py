#!/usr/bin/env python3
"""What each pass, plan and trick is worth: left out in turn, pattern by pattern, on a light graph and a skewed one.

usage: ablation.py [--rows N] [--runs N] [--patterns NAME,...] [--off NAME,...] [--graphs WORD] [--log FILE]
       ablation.py --count [--rows N] [--patterns FILE,...] [--off NAME,NAME+NAME,...]
Passes are left out when a pattern is compiled, tricks of the runtime when it is run (`amlc help passes` lists both);
a plan is left out with the pass that offers it, and the pattern then takes the next best. Seconds of the processor for mining on
one thread, counts only, nothing written, the graph not counted (for `fold`: with episodes); the least of the runs, which
take turns. Without a pass that changes nothing in the pattern's kernel IR nothing is measured. The light graph is
amlgen's at a window of 24 hours, the skewed one R-MAT with a million transfers (../shared/perf/gen.c) at a window of 42.

With --count, instructions of mining (of all patterns of a run, with evidence, by valgrind's callgrind) on small graphs of
both kinds: what the clock cannot tell from noise. Patterns are then the files of written/, which say things as analysts
write them; several names with `+` are left out together.
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

import engines
import plans

ROOT = plans.ROOT
GRAPHS = [("light 24h", None, "24h", plans.LIBRARY), ("R-MAT 1 M", "r1m.bin:3600", "42h", plans.LIBRARY)]
LEAST = 0.03  # what gives less anywhere has no place
WRITTEN = sorted(os.path.basename(f)[:-4] for f in glob.glob(os.path.join(ROOT, "bench/written/*.aml")))
SMALL_ROWS = 50_000
SMALL_WINDOW = {"light": "24h", "R-MAT": "700h"}  # of as many transfers as the windows above


def names_of(amlc):
    """(passes, tricks) that can be left out."""
    text = subprocess.run([amlc, "help", "passes"], check=True, capture_output=True, text=True).stdout
    halves = [[line.split()[0] for line in half.splitlines() if line.startswith("  ") and line.strip()]
              for half in text.split("\nTricks of the runtime", 1)]
    return [name for name in halves[0] if name not in ("lower",)], halves[1]


def source(o, pattern, window, off, emit, out):
    argv = [os.path.join(o.build, "amlc"), "compile", "-q", "--emit=" + emit, "-o", out,
            os.path.join(ROOT, "patterns", pattern + ".aml"), "--param", "%s.window=%s" % (pattern, window)]
    done = subprocess.run(argv + (["--disable=" + off] if off else []), capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def detectors(o, folder, pattern, window, passes):
    """By what is left out: the detector; None where it is the one with everything."""
    made, whole = {}, source(o, pattern, window, "", "kir", "-")
    if whole is None:
        return made
    for off in [""] + passes:
        if off and source(o, pattern, window, off, "kir", "-") == whole:
            made[off] = None
            continue
        made[off] = os.path.join(folder, "%s-%s-%s.so" % (pattern, window, off or "all"))
        source(o, pattern, window, off, "so", made[off])
    return made


def ask(o, server, k, off, want):
    answer = server.ask("%d 1 - %s %s %d" % (k, want, off or "-", o.limit))
    return float("inf") if answer.get("cut") or "error" in answer else answer["cpu"] - answer["cpu_graph"]


def seconds(o, server, jobs):
    """Least seconds by job (number, trick, what is wanted), in turns; a dear one is asked once."""
    least = {}
    for job in jobs[:2]:
        ask(o, server, *job)  # the first touches memory for all
    for turn in range(o.runs):
        for job in jobs:
            if turn == 0 or least[job] < o.dear:
                least[job] = min(least.get(job, float("inf")), ask(o, server, *job))
    return least


def ratio(least, job, base):
    if least[job] == float("inf"):
        return float("inf")
    return least[job] / least[base] if least[base] > 0 else 1.0


def shown(value):
    return "" if value is None else "cut" if value == float("inf") else "%.2f" % value


def measure(o, server, first, made, tricks, off):
    """Ratios by name, and the seconds with everything."""
    number = {name: first + i for i, name in enumerate(n for n in made if made[n])}
    whole, jobs = (number[""], "", "counts"), {}
    for name in off:
        if name in tricks:
            jobs[name] = (number[""], name, "episodes" if name == "fold" else "counts")
        elif name in number:
            jobs[name] = (number[name], "", "counts")
    folded = (number[""], "", "episodes")
    least = seconds(o, server, [whole, folded, *jobs.values()])
    found = {name: ratio(least, job, folded if name == "fold" else whole) for name, job in jobs.items()}
    return found, least[whole]


def graph(o, folder, name, table, window, patterns, passes, tricks):
    made = {p: detectors(o, folder, p, window, passes) for p in patterns}
    files = [path for p in patterns for path in made[p].values() if path]
    server, first, rows = plans.Server(o, table, files), 0, []
    for p in patterns:
        if made[p]:
            found, whole = measure(o, server, first, made[p], tricks, passes + tricks)
            rows.append((name, p, whole, found))
            print("%s, %s: %.3f s, %s" % (name, p, whole, ", ".join("%s %s" % (n, shown(v)) for n, v in found.items())),
                  file=sys.stderr, flush=True)
        first += sum(path is not None for path in made[p].values())
    server.close()
    return rows


def table_of(rows, off):
    print("| left out | most, on | median of those it changes | patterns it changes by 3 % and more |\n|---|---|---:|---|")
    for name in off:
        found = sorted((r[3][name], r[0], r[1]) for r in rows if name in r[3])
        felt = [f for f in found if abs(f[0] - 1) >= LEAST]
        if not found:
            print("| %s | changes nothing | | |" % name)
            continue
        print("| %s | %s, %s on %s | %s | %s |" % (
            name, shown(found[-1][0]), found[-1][2], found[-1][1], shown(felt[len(felt) // 2][0]) if felt else "",
            ", ".join("%s %s" % (p if g.startswith("light") else p + " (R-MAT)", shown(v)) for v, g, p in felt)))


def patterns_of(path):
    """The names of the patterns in a file."""
    with open(path, encoding="utf-8") as file:
        return re.findall(r"^pattern (\w+)", file.read(), re.M)


def counted(o, folder, path, table, window, off):
    """Instructions of mining, in millions: of the run of the patterns, less what fills the graph."""
    log = os.path.join(folder, "callgrind.out")
    argv = [os.path.join(o.build, "amlc"), "run", path, table, "-q", "-o", os.path.join(folder, "out"), "--engine=c", "--threads=1"]
    for name in patterns_of(path):
        argv.append("--param=%s.window=%s" % (name, window))
    argv += ["--disable=" + off.replace("+", ",")] if off else []
    tool = ["valgrind", "--tool=callgrind", "--toggle-collect=amlrt__run_programs", "--toggle-collect=amlrt_graph_need",
            "--callgrind-out-file=" + log]
    done = subprocess.run(tool + argv, capture_output=True, text=True, check=False,
                          env=dict(os.environ, AMLC_CACHE=os.path.join(folder, "cache")))
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        sys.exit("%s: %s" % (" ".join(argv), done.stderr))
    return int(found.group(1)) / 1e6


def small_graphs(o, folder):
    light, rmat = os.path.join(folder, "light.csv"), os.path.join(folder, "rmat.csv")
    rows = o.rows or SMALL_ROWS
    subprocess.run([os.path.join(o.build, "amlgen"), "--rows", str(rows), "--seed", "1", "--out", light, "-q"], check=True)
    engines.make_rmat(rmat, rows)
    return {"light": light, "R-MAT": rmat}


def count_all(o, off):
    print("| pattern | graph | all on, M | %s |\n|---|---|---:|%s" % (" | ".join("without " + n for n in off), "---:|" * len(off)))
    with tempfile.TemporaryDirectory() as folder:
        graphs = small_graphs(o, folder)
        for name in [w for w in WRITTEN if not o.patterns or w in o.patterns]:
            path = os.path.join(ROOT, "bench/written", name + ".aml")
            for kind, table in graphs.items():
                whole = counted(o, folder, path, table, SMALL_WINDOW[kind], "")
                cells = ["%.3f" % (counted(o, folder, path, table, SMALL_WINDOW[kind], n) / whole) for n in off]
                print("| %s | %s | %.1f | %s |" % (name, kind, whole, " | ".join(cells)), flush=True)
    return 0


def options():
    o = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: text.split(",") if text else []  # noqa: E731
    o.add_argument("--build", default=os.path.join(ROOT, "build/release"))
    o.add_argument("--data", default="/tmp/perf", help="folder with r1m.bin")
    o.add_argument("--count", action="store_true", help="count instructions of the patterns in written/")
    o.add_argument("--rows", type=int, default=0, help="of the light graph (1,000,000; to count 50,000)")
    o.add_argument("--runs", type=int, default=3)
    o.add_argument("--limit", type=int, default=60, help="seconds after which a run is cut")
    o.add_argument("--dear", type=float, default=3, help="what takes so many seconds is run once")
    o.add_argument("--patterns", type=names, default=[])
    o.add_argument("--off", type=names, default=[])
    o.add_argument("--graphs", default="")
    o.add_argument("--log", default="", help="a file for every answer, a line of JSON each")
    return o.parse_args()


def main():
    o = options()
    passes, tricks = names_of(os.path.join(o.build, "amlc"))
    if o.count:
        return count_all(o, o.off or passes + tricks)
    if o.off:
        passes, tricks = [p for p in passes if p in o.off], [t for t in tricks if t in o.off]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        light = os.path.join(folder, "light.csv")
        subprocess.run([os.path.join(o.build, "amlgen"), "--rows", str(o.rows or 1_000_000), "--seed", "1", "--out", light, "-q"], check=True)
        for name, table, window, patterns in GRAPHS:
            path = os.path.join(o.data, table) if table else light
            patterns = [p for p in patterns if not o.patterns or p in o.patterns]
            if o.graphs not in name or not patterns:
                continue
            if not os.path.exists(path.split(":")[0]):
                print("%s is not there: %s is left out" % (path, name), file=sys.stderr)
                continue
            rows += graph(o, folder, name, path, window, patterns, passes, tricks)
    table_of(rows, passes + tricks)
    return 0


if __name__ == "__main__":
    sys.exit(main())
