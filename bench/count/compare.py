#!/usr/bin/env python3
"""Compiled patterns beside the hand-written kernels of ../shared/perf/proto.c, in turn on one machine.

Each question is asked of both on the same graph (../shared/perf/gen.c): seconds with the building of the
graph, nothing written. proto's windows are closed at both ends, so `within` is one unit more. Of several
variants of proto the fastest counts. Prints a table: best and median of the runs, ratio proto / ours.
"""
import argparse
import array
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# name, graph, window, the pattern's file, variants of proto
QUESTIONS = [
    ("scatter-gather 6h", "ibm", 360, "scatter_gather.aml", ("sg2", "sg4", "sg5")),
    ("scatter-gather 24h", "ibm", 1440, "scatter_gather.aml", ("sg2", "sg5")),
    ("scatter-gather 96h", "ibm", 5760, "scatter_gather.aml", ("sg2", "sg5")),
    ("scatter-gather r1m", "r1m", 42, "scatter_gather.aml", ("sg4", "sg5")),
    ("scatter-gather r10m", "r10m", 42, "scatter_gather.aml", ("sg5",)),
    ("temporal cycle 24h", "ibm", 1440, "cycle.aml", ("tc", "tc4")),
    ("temporal cycle 96h", "ibm", 5760, "cycle.aml", ("tc", "tc4")),
    ("temporal cycle r1m", "r1m", 42, "cycle.aml", ("tc", "tc4")),
    ("temporal cycle r10m", "r10m", 42, "cycle.aml", ("tc4",)),
    # proto's one run has both fans (and degrees); its window is open below, as ours
    ("fan-in and fan-out 24h", "ibm", 1440, ("../duckdb/fan_in.aml", "../duckdb/fan_out.aml"), ("fan",)),
]


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default=os.path.join(HERE, "../../build/release"))
    p.add_argument("--data", default="/tmp/perf", help="folder with ibm.bin, r1m.bin, r10m.bin")
    p.add_argument("--proto", default="/tmp/perf/proto")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--runs", type=int, default=3)
    p.add_argument("--plan", default="-")
    p.add_argument("--only", default="", help="questions with this word in their name")
    p.add_argument("--no-self", action="store_true",
                   help="without self-transfers, where proto's rule for them makes no difference")
    p.add_argument("--no-proto", action="store_true")
    return p.parse_args()


def without_self(path, folder):
    with open(path, "rb") as f:
        n, accounts = struct.unpack("qq", f.read(16))
        cols = []
        for code in "iiid":
            a = array.array(code)
            a.fromfile(f, n)
            cols.append(a)
    keep = [i for i in range(n) if cols[0][i] != cols[1][i]]
    out = os.path.join(folder, "no-self-" + os.path.basename(path))
    with open(out, "wb") as f:
        f.write(struct.pack("qq", len(keep), accounts))
        for a in cols:
            array.array(a.typecode, [a[i] for i in keep]).tofile(f)
    return out


def files_of(question):
    return question[3] if isinstance(question[3], tuple) else (question[3],)


def compile_all(o, questions, folder):
    """One detector a file of a question, in order."""
    out = []
    for name, _, window, _, proto in questions:
        for aml in files_of(next(q for q in questions if q[0] == name)):
            pattern = os.path.basename(aml)[:-len(".aml")]
            so = os.path.join(folder, re.sub(r"\W", "_", name) + pattern + ".so")
            closed_below = proto[0] != "fan"
            subprocess.run([os.path.join(o.build, "amlc"), "compile", "-q", "--emit=so", "-o", so,
                            "--param", f"{pattern}.window={window + closed_below}s",
                            os.path.join(HERE, aml)], check=True)
            out.append(so)
    return out


def run_proto(o, data, kind, window, threads):
    env = dict(os.environ, OMP_NUM_THREADS=str(threads))
    text = subprocess.run([o.proto, data, kind, str(window)], check=True, env=env,
                          capture_output=True, text=True).stdout
    build, run = (float(re.search(rf"\b{k}=([\d.]+)", text).group(1)) for k in ("build", "run"))
    count, check = (int(re.search(rf"\b{k}=(\d+)", text).group(1)) for k in ("sum", "chk"))
    return build + run, count, check


def ask(server, k, threads, plan):
    server.stdin.write(f"{k} {threads} {plan}\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())


def median(a):
    return sorted(a)[len(a) // 2]


def ask_all(server, first, n, threads, plan):
    """The patterns of a question, one after the other on one graph."""
    answers = [ask(server, first + i, threads, plan) for i in range(n)]
    last = answers[-1]
    if "error" not in last:
        last["seconds"] = last["graph"] + sum(a["mine"] for a in answers)
        last["matches"] = sum(a["matches"] for a in answers)
    return last


def compare(o, server, data, k, question, threads):
    ours, theirs, last, beside = [], {v: [] for v in question[4]}, None, None
    for _ in range(o.runs):
        for v in () if o.no_proto else theirs:
            s, count, check = run_proto(o, data, v, question[2], threads)
            theirs[v].append(s)
            beside = (count, check)
        last = ask_all(server, k, len(files_of(question)), threads, o.plan)
        if "error" in last:
            print(f"| {question[0]} | {threads} | {last['error']} |")
            return
        ours.append(last["seconds"])
    counts = "" if beside is None or question[4][0] == "fan" else (
        "equal" if beside == (last["matches"], last.get("check")) else f"proto {beside[0]}")
    line = f"| {question[0]} | {threads} | {last['plan']} | {min(ours):.3f} | {median(ours):.3f} "
    if not o.no_proto:
        best = min(theirs, key=lambda v: min(theirs[v]))
        line += (f"| {best} | {min(theirs[best]):.3f} | {median(theirs[best]):.3f} "
                 f"| {min(theirs[best]) / min(ours):.2f} | {min(map(median, theirs.values())) / median(ours):.2f} ")
    print(line + f"| {last['matches']} | {counts} |", flush=True)


def main():
    o = options()
    questions = [q for q in QUESTIONS if o.only in q[0]]
    head = "| question | threads | plan | s best | s median "
    if not o.no_proto:
        head += "| proto | s best | s median | ratio of bests | of medians "
    head += "| matches | counts |"
    print(head + "\n" + re.sub(r"[^|]+", "---", head))
    with tempfile.TemporaryDirectory() as folder:
        for graph in dict.fromkeys(q[1] for q in questions):
            here = [q for q in questions if q[1] == graph]
            data = os.path.join(o.data, graph + ".bin")
            if o.no_self:
                data = without_self(data, folder)
            server = subprocess.Popen([os.path.join(o.build, "bench_count"), data]
                                      + compile_all(o, here, folder), stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
            if not server.stdout.readline():
                return 1
            k = 0
            for q in here:
                for threads in map(int, o.threads.split(",")):
                    compare(o, server, data, k, q, threads)
                k += len(files_of(q))
            server.stdin.close()
            server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
