#!/usr/bin/env python3
"""Engine jit: how soon the first kernel runs, and how fast kernels are beside the C compiler's.

usage: jit.py [--amlc PROGRAM] [--repeat N] [--start] [--kernels] [--light N] [--rmat N] [--patterns NAME,...]
              [--threads N] [--counts] [--log FILE]
Start: the whole of `amlc run` on a table of ten transfers, from the start of the program to its end, so
an upper bound on what passes before the first kernel runs. Cold: nothing is kept, LLVM makes the code; kept:
the object comes from the cache, and LLVM is not loaded (checked by what the dynamic loader says). Medians; held
to the bounds is the lesser of wall and processor time, for a busy machine stretches the first. Kernels:
seconds of mining by engine c (cc -O3) over those by engine jit, the same plan, one after the other in turns,
the least of each: above 1 jit is faster. With --counts instead of times: instructions by valgrind, those on the
table less those on ten transfers, which no load disturbs (code for x86-64-v3, which valgrind can run). Pages are warm: each is run once before it counts.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

import engines

ROOT = engines.ROOT
BOUNDS_MS = {"cold": 80, "kept": 15, "all cold": 300, "all kept": 40}


def tiny_table(folder):
    path = os.path.join(folder, "tiny.csv")
    with open(path, "w", encoding="ascii") as file:
        file.write("src,dst,time,amount,currency,format\n")
        for k in range(10):
            file.write("a%d,a%d,%d,%d,USD,Wire\n" % (k % 4, (k + 1) % 4, k * 3600, 100 + k))
    return path


def once(patterns, table, cache):
    """Milliseconds on the wall and of the processor, which another program's load does not change."""
    argv = [ARGS.amlc, "run", *patterns, table, "-q", "-o", os.path.join(ARGS.work, "out"), "--engine=jit",
            "--threads=1"]
    begin = time.monotonic()
    process = subprocess.Popen(argv, env=dict(os.environ, AMLC_CACHE=cache), cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit("%s: status %d" % (" ".join(argv), status))
    return 1e3 * (time.monotonic() - begin), 1e3 * (usage.ru_utime + usage.ru_stime)


def loads_llvm(patterns, table, cache):
    argv = [ARGS.amlc, "run", *patterns, table, "-q", "-o", os.path.join(ARGS.work, "out"), "--engine=jit"]
    done = subprocess.run(argv, env=dict(os.environ, AMLC_CACHE=cache, LD_DEBUG="files"), check=True, cwd=ROOT,
                          capture_output=True, text=True)
    return "libLLVM" in done.stderr


def start():
    table, cache = tiny_table(ARGS.work), os.path.join(ARGS.work, "jit-cache")
    shutil.rmtree(cache, ignore_errors=True)
    print("| pattern | cold, wall ms | processor ms | kept, wall ms | processor ms |")
    print("|---|---|---|---|---|")
    late = []
    for name in [*ARGS.patterns, "all"]:
        files = ["patterns" if name == "all" else "patterns/%s.aml" % name]
        once(files, table, "off")
        once(files, table, cache)
        cold, kept = [], []
        for _ in range(ARGS.repeat):
            cold.append(once(files, table, "off"))
            kept.append(once(files, table, cache))
        if loads_llvm(files, table, cache):
            late.append("%s: LLVM was loaded for a kept object" % name)
        cold, kept = ([statistics.median(k) for k in zip(*got)] for got in (cold, kept))
        print("| %s | %.1f | %.1f | %.1f | %.1f |" % (name, *cold, *kept), flush=True)
        note({"start": name, "cold_ms": cold, "kept_ms": kept})
        for kind, got in (("cold", cold), ("kept", kept)):
            kind = "all " + kind if name == "all" else kind
            if min(got) > BOUNDS_MS[kind]:
                late.append("%s, %s: %.1f ms, the bound is %d" % (name, kind, min(got), BOUNDS_MS[kind]))
    return late


def kernels(kind, rows, patterns, window):
    table = engines.graph(kind, rows)
    print("\n%s, %d threads" % (os.path.basename(table), ARGS.threads))
    print("| pattern | c s | jit s | c / jit | matches |")
    print("|---|---|---|---|---|")
    slow = []
    for name in patterns:
        runs = {"c": [], "jit": []}
        for _ in range(ARGS.repeat + 1):  # the first fills the cache
            for engine, got in runs.items():
                one = engines.run(name, table, engine, ARGS.threads, window)
                if one:
                    got.append(one)
        if not all(len(got) > 1 for got in runs.values()):
            continue
        c, jit = (min(r["mine_s"] for r in runs[e][1:]) for e in ("c", "jit"))
        print("| %s | %.3f | %.3f | %.2f | %d |" % (name, c, jit, c / max(jit, 1e-9), runs["c"][0]["matches"]), flush=True)
        note({"kernel": name, "table": os.path.basename(table), "c_s": c, "jit_s": jit})
        if c / max(jit, 1e-9) < 0.95:
            slow.append("%s on %s: %.2f" % (name, os.path.basename(table), c / jit))
    return slow


def instructions(name, table, engine, window):
    """Of a run whose detector is kept; valgrind's CPU is another, so it fills the cache for itself."""
    argv = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", ARGS.amlc, "run",
            "patterns/%s.aml" % name, table, "-q", "-o", os.path.join(ARGS.work, "out"), "--engine=" + engine,
            "--threads=1", "--history=complete", "--param=%s.window=%s" % (name, window)]
    if engine == "jit":
        argv.append("--target-cpu=x86-64-v3")
    for _ in range(2):
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    found = [line.split()[-1] for line in done.stderr.splitlines() if "Collected" in line]
    if not found:
        raise SystemExit("valgrind: %s" % done.stderr[-500:])
    return int(found[0])


def counts(kind, rows, patterns, window):
    table, tiny = engines.graph(kind, rows), os.path.join(ARGS.work, "tiny.csv")
    with open(table, encoding="utf-8") as file, open(tiny, "w", encoding="utf-8") as out:
        out.writelines(file.readline() for _ in range(11))
    print("\n%s, instructions" % os.path.basename(table))
    print("| pattern | c | jit | c / jit |")
    print("|---|---|---|---|")
    slow = []
    for name in patterns:
        c, jit = (instructions(name, table, e, window) - instructions(name, tiny, e, window) for e in ("c", "jit"))
        print("| %s | %d | %d | %.4f |" % (name, c, jit, c / jit), flush=True)
        note({"instructions": name, "table": os.path.basename(table), "c": c, "jit": jit})
        if c / jit < 0.95:
            slow.append("%s on %s: %.2f" % (name, os.path.basename(table), c / jit))
    return slow


def note(what):
    if ARGS.log:
        with open(ARGS.log, "a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    parser.add_argument("--work", default=os.path.join(ROOT, "build", "bench"))
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--start", action="store_true", help="only how soon")
    parser.add_argument("--kernels", action="store_true", help="only how fast")
    parser.add_argument("--counts", action="store_true", help="instructions instead of seconds (needs valgrind)")
    parser.add_argument("--light", type=int, default=200_000, help="transfers; 0: not")
    parser.add_argument("--rmat", type=int, default=200_000, help="edges; 0: not")
    parser.add_argument("--patterns", type=lambda text: text.split(","), default=engines.LIBRARY)
    parser.add_argument("--window", default="24h")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--time-limit", default="5m")
    parser.add_argument("--log", default=None)
    args = parser.parse_args()
    args.amlc = os.path.abspath(args.amlc)
    return args


def main():
    os.makedirs(ARGS.work, exist_ok=True)
    missed = []
    if not ARGS.kernels:
        missed += start()
    if not ARGS.start:
        os.environ["AMLC_CACHE"] = os.path.join(ARGS.work, "jit-cache")
        measure = counts if ARGS.counts else kernels
        if ARGS.light:
            missed += measure("light", ARGS.light, ARGS.patterns, ARGS.window)
        if ARGS.rmat:
            missed += measure("rmat", ARGS.rmat, ARGS.patterns, engines.RMAT_WINDOW)
    print("\n" + ("\n".join(missed) if missed else "all within the bounds"))
    return 1 if missed else 0


if __name__ == "__main__":
    ARGS = engines.ARGS = arguments()
    sys.exit(main())
