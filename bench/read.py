#!/usr/bin/env python3
"""How soon files are read: rows and bytes a second, by number of threads, and peak memory.

Made files in a few forms (IBM format plain and packed, generic, generic with quotes), each read by
build/bench/micro_read, a process a reading, the programs of a round one after the other so that what
else the machine does meets all of them. pyarrow, polars and duckdb read the plain IBM file beside it
where they are installed; they parse texts and times, and number no accounts.

    cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DAMLC_BENCH=ON
    ninja -C build/bench micro_read
    bench/read.py [--rows 5000000] [--rounds 5] [--file FILE.csv]
"""

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
IBM = ("Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,"
       "Payment Currency,Payment Format,Is Laundering\n")
CURRENCIES = ["US Dollar", "Euro", "Yuan", "Canadian Dollar", "Swiss Franc", "Bitcoin", "UK Pound", "Yen"]
FORMATS = ["Cheque", "Credit Card", "ACH", "Cash", "Wire", "Reinvestment", "Bitcoin"]

OTHERS = {
    "pyarrow": "import pyarrow.csv as c; n = c.read_csv(path).num_rows",
    "polars": "import polars as c; n = c.read_csv(path).height",
    "duckdb": "import duckdb as c; c.sql(f\"create table t as from read_csv('{path}')\"); "
              "n = c.sql('select count(*) from t').fetchone()[0]",
}
OTHER = """
import json, resource, sys, time
path, start = sys.argv[1], None
before = time.perf_counter()
{read}
print(json.dumps(dict(seconds=time.perf_counter() - before, rows=n,
                      peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))
"""


def account(rng, n):
    """One of n accounts, some far busier than others: its bank and its number."""
    k = min(int(rng.paretovariate(0.6)), n) if rng.random() < 0.3 else rng.randrange(n)
    return f"{k * 7919 % 30011:0{4 + k % 3}d}", f"8{k * 2654435761 % 0xFFFFFFF:08X}"


def made_rows(n):
    rng = random.Random(1)
    for i in range(n):
        minute = i * 14400 // n
        time = (2022, 9, 1 + minute // 1440, minute // 60 % 24, minute % 60)
        frm = account(rng, n // 10 + 1)
        to = frm if rng.random() < 0.1 else account(rng, n // 10 + 1)
        amount = f"{rng.lognormvariate(6, 2):.2f}"
        yield time, frm, to, amount, rng.choice(CURRENCIES), rng.choice(FORMATS)


def make_files(folder, n):
    """The paths of the made files, by what they are called in the table."""
    paths = {name: os.path.join(folder, name.replace(" ", "_").replace(",", "") + end)
             for name, end in [("IBM", ".csv"), ("generic", ".csv"), ("generic, quoted", ".csv")]}
    with open(paths["IBM"], "w") as ibm, open(paths["generic"], "w") as plain, \
            open(paths["generic, quoted"], "w") as quoted:
        ibm.write(IBM)
        plain.write("src,dst,time,id,amount,currency\n")
        quoted.write("src,dst,time,id,amount,currency,note\n")
        for i, (t, f, to, amount, currency, fmt) in enumerate(made_rows(n)):
            ibm.write("%d/%02d/%02d %02d:%02d,%s,%s,%s,%s,%s,%s,%s,%s,%s,0\n"
                      % (*t, *f, *to, amount, currency, amount, currency, fmt))
            iso = "%d-%02d-%02dT%02d:%02d:00Z" % t
            plain.write(f"{f[1]},{to[1]},{iso},{i},{amount},{currency}\n")
            quoted.write(f'"{f[1]}","{to[1]}","{iso}","{i}","{amount}","{currency}","{fmt}, ""now"""\n')
    paths["IBM, gzip"] = paths["IBM"] + ".gz"
    with open(paths["IBM"], "rb") as source, gzip.open(paths["IBM, gzip"], "wb", 6) as packed:
        while block := source.read(1 << 20):
            packed.write(block)
    return paths


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command[:2])}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def ways(program, paths, threads):
    """Name of a row of the table, threads, text bytes, command."""
    size = {name: os.path.getsize(path) for name, path in paths.items()}
    if "IBM, gzip" in size:
        size["IBM, gzip"] = size["IBM"]  # unpacked
    for name, path in paths.items():
        for n in threads:
            yield name, n, size[name], [program, str(n), path]
    for name, read in OTHERS.items():
        if subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True).returncode:
            print(f"{name} is not installed: left out", file=sys.stderr)
            continue
        yield f"IBM, {name}", "all", size["IBM"], [sys.executable, "-c", OTHER.format(read=read),
                                                  paths["IBM"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "bench", "micro_read"))
    parser.add_argument("--rows", type=int, default=2000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--file", help="a plain file in IBM's format instead of made ones")
    options = parser.parse_args()
    threads = [int(n) for n in options.threads.split(",")]

    with tempfile.TemporaryDirectory() as folder:
        paths = {"IBM": options.file} if options.file else make_files(folder, options.rows)
        todo = list(ways(options.program, paths, threads))
        results = [[] for _ in todo]
        for _ in range(options.rounds):
            for done, way in zip(results, todo):
                done.append(run(way[3]))
    print("load average %.1f %.1f %.1f" % os.getloadavg())
    print("| file | threads | s, best | s, median | CPU s | M rows/s | GB/s | peak MB |")
    print("|---|---|---|---|---|---|---|---|")
    for (name, n, size, _), runs in zip(todo, results):
        best = min(runs, key=lambda r: r["seconds"])
        s, median = best["seconds"], statistics.median(r["seconds"] for r in runs)
        cpu = f"{min(r['cpu_seconds'] for r in runs):.2f}" if "cpu_seconds" in best else ""
        print(f"| {name} | {n} | {s:.2f} | {median:.2f} | {cpu} | {best['rows'] / s / 1e6:.1f} "
              f"| {size / s / 1e9:.2f} | {best['peak_mb']:.0f} |")


if __name__ == "__main__":
    main()
