#!/usr/bin/env python3
"""The same questions in SQL, asked of DuckDB, and as patterns, asked of the compiled detectors: counts by
size must be equal, seconds stand side by side. Graphs are those of ../shared/perf/gen.c.

DuckDB and numpy come from PyPI and are asked for only here. A question that DuckDB does not answer within
--limit seconds is said so.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))

# A row's place in the order of (time, id) is k. Windows are open below: later than t - W.
FAN = """
select n, count(*) from (
  select count(distinct {member}) over (partition by {key} order by k
    range between k - lo preceding and current row) as n from e)
where n >= 2 group by n"""

# All pairs of legs inside one window; lo and hi are their earlier and later row.
SCATTER_GATHER = """
with path as (
  select a.src as a, b.dst as b, a.dst as m, least(a.k, b.k) as lo, greatest(a.k, b.k) as hi,
         greatest(a.lo, b.lo) as first
  from e a join e b on a.dst = b.src and abs(a.t - b.t) < {w}
  where a.src <> b.dst)
select n, count(*) from (
  select p.hi, p.a, p.b, count(distinct q.m) as n
  from (select distinct hi, first, a, b from path) p
  join path q on p.a = q.a and p.b = q.b and q.hi <= p.hi and q.lo >= p.first
  group by all)
where n >= 2 group by n"""

SHORT_CYCLE = """
select 2 as n, count(*) from (
  select distinct b.k, a.src, a.dst from e b join e a
  on a.src = b.dst and a.dst = b.src and a.t < b.t and a.k >= b.lo)
union all
select 3 as n, count(*) from (
  select distinct c.k, a.src, a.dst, b.dst from e c
  join e a on a.src = c.dst and a.t < c.t and a.k >= c.lo
  join e b on b.src = a.dst and b.dst = c.src and a.t < b.t and b.t < c.t
  where b.dst <> a.src)"""

QUESTIONS = [
    ("fan-in 24h", "ibm", 1440, "fan_in.aml", FAN.format(member="src", key="dst")),
    ("fan-out 24h", "ibm", 1440, "fan_out.aml", FAN.format(member="dst", key="src")),
    ("scatter-gather 6h", "ibm", 360, "../count/scatter_gather.aml", SCATTER_GATHER),
    ("cycles of 2 and 3, 24h", "ibm", 1440, "short_cycle.aml", SHORT_CYCLE),
    ("fan-in W=42", "r1m", 42, "fan_in.aml", FAN.format(member="src", key="dst")),
    ("scatter-gather W=42", "r1m", 42, "../count/scatter_gather.aml", SCATTER_GATHER),
    ("cycles of 2 and 3, W=42", "r1m", 42, "short_cycle.aml", SHORT_CYCLE),
]


def options():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--build", default=os.path.join(HERE, "../../build/release"))
    p.add_argument("--data", default="/tmp/perf", help="folder with ibm.bin and r1m.bin")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--limit", type=float, default=120, help="seconds for one answer of DuckDB")
    p.add_argument("--rows", type=int, default=0, help="only so many transfers, the first ones")
    p.add_argument("--only", default="", help="questions with this word in their name or graph")
    return p.parse_args()


def load(np, path, rows):
    with open(path, "rb") as f:
        n, accounts = (int(x) for x in np.fromfile(f, "<i8", 2))
        src, dst, t = (np.fromfile(f, "<i4", n) for _ in range(3))
        amount = np.fromfile(f, "<f8", n)
    keep = src != dst  # a self-transfer is in no stage
    if rows:
        keep[rows:] = False
    return accounts, src[keep], dst[keep], t[keep], amount[keep]


def write(np, folder, name, accounts, src, dst, t, amount):
    path = os.path.join(folder, name + ".bin")
    with open(path, "wb") as f:
        np.array([len(src), accounts], "<i8").tofile(f)
        for a in (src, dst, t, amount):
            a.tofile(f)
    return path


def detector(o, folder, question):
    so = os.path.join(folder, "detector%d.so" % QUESTIONS.index(question))
    aml = os.path.join(HERE, question[3])
    name = os.path.basename(aml)[:-len(".aml")]
    subprocess.run([os.path.join(o.build, "amlc"), "compile", "-q", "--emit=so", "-o", so,
                    "--param", f"{name}.window={question[2]}s", aml], check=True)
    return so


def ask_detector(o, data, so):
    p = subprocess.run([os.path.join(o.build, "bench_count"), data, so], check=True, text=True,
                       input=f"0 {o.threads} -\n", capture_output=True)
    answer = json.loads(p.stdout.splitlines()[-1])
    bins = {int(n): count for n, count in answer["bins"].items() if count}
    return answer["graph"] + answer["mine"], bins


def ask_duckdb(db, sql, limit):
    timer = threading.Timer(limit, db.interrupt)
    timer.start()
    start = time.monotonic()
    try:
        rows = db.execute(sql).fetchall()
    except Exception as e:  # interrupted, or out of memory
        return None, str(e).splitlines()[0]
    finally:
        timer.cancel()
    seconds, bins = time.monotonic() - start, {}
    for n, count in rows:
        if count:
            bins[min(n, 30)] = bins.get(min(n, 30), 0) + count
    return seconds, bins


def table(duckdb, np, threads, src, dst, t, w):
    db = duckdb.connect(config={"threads": threads})
    k = np.arange(len(t), dtype="<i8")
    lo = np.searchsorted(t, t - w, side="right").astype("<i8")  # the first row of the window
    columns = {"src": src, "dst": dst, "t": t, "k": k, "lo": lo}
    db.register("columns", columns)
    db.execute("create table e as select * from columns")
    return db


def main():
    o = options()
    try:
        import duckdb
        import numpy as np
    except ImportError:
        print("skipped: duckdb and numpy are not installed")
        return 0
    print("DuckDB %s, %d threads" % (duckdb.__version__, o.threads))
    print("| question | graph | detector s | DuckDB s | times | counts |\n|---|---|---|---|---|---|")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for q in QUESTIONS:
            if o.only not in q[0] and o.only != q[1]:
                continue
            accounts, src, dst, t, amount = load(np, os.path.join(o.data, q[1] + ".bin"), o.rows)
            data = write(np, folder, q[1], accounts, src, dst, t, amount)
            ours, bins = ask_detector(o, data, detector(o, folder, q))
            db = table(duckdb, np, o.threads, src, dst, t, q[2])
            theirs, answer = ask_duckdb(db, q[4].format(w=q[2]), o.limit)
            db.close()
            if theirs is None:
                print(f"| {q[0]} | {q[1]} | {ours:.3f} | none: {answer[:60]} | | |", flush=True)
                continue
            equal = answer == bins
            wrong += not equal
            print(f"| {q[0]} | {q[1]} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.0f} | "
                  f"{'equal' if equal else f'differ: {bins} {answer}'}, {sum(bins.values())} |", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
