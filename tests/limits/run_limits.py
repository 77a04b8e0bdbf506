#!/usr/bin/env python3
"""What must work however large or small, and what must end cleanly however it is cut short.

usage: run_limits.py [--amlc PROGRAM] [--small] [WORD...]   --small leaves out the large tables
"""
import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

import engine_cases
from limits_common import (ENDLESS, FAN, FINAL_NAMES, HEADER, NEEDS_BANK, TIMEOUT_S, Bench, Wrong,
                           dense_table, ended, expect, pattern)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BULK = pattern("bulk", 2, "within 10d; trigger seed; stage bulk: x -> a; stage seed: a -> b;")
WRONG = "#!amlc 1\npattern wrong { within 1d; stage s: a -> ; }\n"


# ---- sizes -----------------------------------------------------------------------------------


def empty_files(b):
    b.write("fan.aml", FAN)
    done = b.run("run", "fan.aml", b.write("empty.csv", ""), "-o", "out")
    expect(done.returncode in (0, 4), "an empty file: exit", done.returncode, done.stderr)
    done = b.run("run", "fan.aml", b.write("header.csv", HEADER), "-o", "out")
    ended(done, 0)
    expect(b.alerts() == [], "alerts from no rows")


def one_row(b):
    b.write("fan.aml", FAN)
    b.write("one.aml", pattern("one", 5, "within 1d; stage s: a -> b;"))
    ended(b.run("run", "fan.aml", "one.aml", b.write("t.csv", HEADER + "7,a,b,100,1,USD"), "-o", "out"), 0)
    alerts = b.alerts()
    expect(len(alerts) == 1 and alerts[0]["trigger"] == 7, "alerts of one row", alerts)


def ten_thousand_in_a_group(b):
    n = 10_000
    b.write("fan.aml", FAN)
    b.write("t.csv", HEADER + "".join("%d,p%05d,hub,%d,1,USD\n" % (i, i, i) for i in range(n)))
    ended(b.run("run", "fan.aml", "t.csv", "-o", "out", "--trigger", str(n - 1)), 0)
    alerts = b.alerts()
    expect(len(alerts) == 1, "one alert expected, found", len(alerts))
    expect(len(alerts[0]["roles"]["payer"]) == n, "payers", len(alerts[0]["roles"]["payer"]))


def million_parallel_payments(b):
    n = 1_000_000
    b.write("bulk.aml", BULK)
    with open(b.path("t.csv"), "w", encoding="utf-8") as file:
        file.write(HEADER)
        file.writelines("%d,x,a,%d,0.01,USD\n" % (i, i // 2) for i in range(n))
        file.write("%d,a,b,%d,1,USD\n" % (n, n // 2))
    ended(b.run("run", "bulk.aml", "t.csv", "-o", "out"), 0)
    alerts = b.alerts()
    expect(len(alerts) == 1, "one alert expected, found", len(alerts))
    expect(len(alerts[0]["stages"]["bulk"]) == n, "payments", len(alerts[0]["stages"]["bulk"]))
    expect(alerts[0]["amounts"]["bulk"] == [{"currency": "USD", "sum": "10000.00"}], "the sum",
           alerts[0]["amounts"]["bulk"])


# ---- bad input -------------------------------------------------------------------------------


def pattern_error(b):
    done = b.run("run", b.write("wrong.aml", WRONG), b.write("t.csv", HEADER), "-o", "out")
    ended(done, 3, "wrong.aml:2:")
    b.expect_no_files()


def wrong_header(b):
    b.write("fan.aml", FAN)
    done = b.run("run", "fan.aml", b.write("t.csv", "source,target,when\na,b,1\n"), "-o", "out")
    ended(done, 4, "t.csv", "source,target,when", "src")
    b.expect_no_files()


def missing_files(b):
    b.write("fan.aml", FAN)
    b.write("t.csv", HEADER)
    os.mkdir(b.path("folder"))
    b.write("file", "")
    for args in (("none.aml", "t.csv", "-o", "out"), ("fan.aml", "none.csv", "-o", "out"),
                 ("fan.aml", "folder", "-o", "out"), ("fan.aml", "t.csv", "-o", "file"),
                 ("fan.aml", "t.csv", "-o", "file/out"),
                 ("fan.aml", "t.csv", "--accounts", "none.txt", "-o", "out")):
        done = b.run("run", *args)
        named = next(a for a in args if "none" in a or a.startswith("f") and a != "fan.aml")
        # A name that is neither a file nor a library pattern is a usage error, 2.
        expect(done.returncode in (2, 4, 74), "%s: exit" % (args,), done.returncode)
        expect(named in done.stderr, "%s: the message does not name %s" % (args, named), done.stderr)
        b.expect_no_files()


def missing_attribute(b):
    b.write("needs.aml", NEEDS_BANK)
    b.write("t.csv", HEADER + "1,a,b,1,1,USD\n")
    done = b.run("run", "needs.aml", "t.csv", "-o", "out")
    expect(done.returncode in (3, 4), "exit", done.returncode, done.stderr)
    expect("bank" in done.stderr, "the message does not name the attribute", done.stderr)
    b.expect_no_files()


# ---- cut short -------------------------------------------------------------------------------


def interrupted(b):
    """Ctrl-C: exit 130 within a second or so, and nothing under a final name."""
    b.write("endless.aml", ENDLESS)
    child = b.start("run", "endless.aml", dense_table(b), "-o", "out")
    time.sleep(2)
    expect(child.poll() is None, "the run ended before it could be interrupted", child.poll())
    child.send_signal(signal.SIGINT)
    began = time.monotonic()
    child.communicate(timeout=TIMEOUT_S)
    expect(child.returncode == 130, "exit", child.returncode)
    expect(time.monotonic() - began < 3, "it took %.1f s to end" % (time.monotonic() - began))
    b.expect_no_files()


def time_limit(b):
    """Exit 5 within a second or so; what is complete is written, and marked."""
    b.write("endless.aml", ENDLESS)
    dense_table(b)
    began = time.monotonic()
    done = b.run("run", "endless.aml", "dense.csv", "-o", "out", "--time-limit", "2s")
    took = time.monotonic() - began
    ended(done, 5)
    expect(took < 8, "a limit of 2 s took %.1f s" % took)
    for name in FINAL_NAMES:
        expect(os.path.exists(b.path("out/" + name)), name + " was not written")
    expect("time" in json.dumps(b.manifest()), "the manifest does not name the limit that was hit")


def _no_room(n_bytes):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))

    return limit


def full_disk(b):
    """Files may not grow past 1 KiB here, which fails as a full disk does."""
    b.write("fan.aml", FAN)
    b.write("t.csv", HEADER + "".join("%d,p%03d,hub,%d,1,USD\n" % (i, i, i) for i in range(300)))
    done = b.run("run", "fan.aml", "t.csv", "-o", "out", preexec_fn=_no_room(1024))
    expect(done.returncode in (4, 74), "exit", done.returncode, done.stderr)
    expect("out/" in done.stderr, "the message does not name the file", done.stderr)
    b.expect_no_files()
    done = b.run("features", "fan.aml", "t.csv", "-o", "f.csv", preexec_fn=_no_room(1024))
    expect(done.returncode in (4, 74), "features: exit", done.returncode, done.stderr)
    expect(not os.path.exists(b.path("f.csv")), "features: a cut file under its final name")


def full_standard_output(b):
    b.write("fan.aml", FAN)
    b.write("t.csv", HEADER + "".join("%d,p%03d,hub,%d,1,USD\n" % (i, i, i) for i in range(300)))
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = b.run("run", "fan.aml", "t.csv", stdout=full)
    expect(done.returncode in (4, 74), "exit", done.returncode, done.stderr)


def twice_the_same(b):
    """Two runs give equal bytes, run.json aside; and old files of these names are replaced."""
    b.write("fan.aml", FAN)
    b.write("t.csv", HEADER + "".join("%d,p%03d,hub,%d,1,USD\n" % (i, i, i) for i in range(50)))
    said = []
    for _ in range(2):
        ended(b.run("run", "fan.aml", "t.csv", "-o", "out"), 0)
        said.append([open(b.path("out/" + n), encoding="utf-8").read() for n in FINAL_NAMES[:-1]])
    expect(said[0] == said[1], "two equal runs differ")


CASES = [empty_files, one_row, ten_thousand_in_a_group, million_parallel_payments, pattern_error,
         wrong_header, missing_files, missing_attribute, interrupted, time_limit, full_disk,
         full_standard_output, twice_the_same] + engine_cases.CASES
LARGE = (ten_thousand_in_a_group, million_parallel_payments)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    parser.add_argument("--small", action="store_true")
    parser.add_argument("words", nargs="*")
    args = parser.parse_args()
    passed = failed = 0
    for case in CASES:
        name = case.__name__
        if args.small and case in LARGE or args.words and not any(w in name for w in args.words):
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="amlc-limits-") as folder:
            # Compiled detectors are kept in no user's home.
            os.environ["AMLC_CACHE"] = os.path.join(folder, "detectors")
            try:
                case(Bench(os.path.abspath(args.amlc), folder))
                passed += 1
                print("  ok  %-28s %5.1f s" % (name, time.monotonic() - began))
            except (Wrong, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as wrong:
                failed += 1
                print("  %s: failed: %s" % (name, wrong))
    print("limits: %d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
