#!/usr/bin/env python3
"""Holds equality.py to a broken engine: amlc behind a wrapper that drops an alert.

usage: self_test.py [--amlc PROGRAM]
The failure must be found, shrunk and kept as a golden case that fails behind the wrapper and passes without.
"""
import argparse
import os
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "golden"))
from golden_case import Case, World, run_case  # noqa: E402

# A compiled engine loses the last alert on two threads.
WRAPPER = """#!{python}
import os, subprocess, sys
args = sys.argv[1:]
code = subprocess.run(["{amlc}", *args]).returncode
broken = args[:1] == ["run"] and "--engine=reference" not in args and "--threads=2" in args
path = os.path.join("out", "alerts.jsonl")
if code in (0, 5) and broken and os.path.exists(path):
    lines = open(path, encoding="utf-8").read().splitlines(keepends=True)
    open(path, "w", encoding="utf-8").write("".join(lines[:-1]))
sys.exit(code)
"""
MOST_ROWS, MOST_LINES = 8, 14
SEEDS = range(7, 27)


def problems(amlc, folder):
    wrapper, cases = os.path.join(folder, "amlc"), os.path.join(folder, "cases")
    with open(wrapper, "w", encoding="utf-8") as file:
        file.write(WRAPPER.format(python=sys.executable, amlc=os.path.abspath(amlc)))
    os.chmod(wrapper, os.stat(wrapper).st_mode | stat.S_IXUSR)
    done, found = None, []
    for seed in SEEDS: # the runs of one may all be of features, or on one thread
        done = subprocess.run([sys.executable, os.path.join(HERE, "equality.py"), "--amlc", wrapper, "--pairs", "60", "--seed", str(seed),
                               "--engines", "c", "--cases", cases], capture_output=True, text=True, check=False)
        found = sorted(os.listdir(cases)) if os.path.isdir(cases) else []
        if done.returncode != 0:
            break
    if done.returncode != 1 or not found:
        return ["a dropped alert was not found: exit %d\n%s%s" % (done.returncode, done.stdout[-2000:], done.stderr[-2000:])]
    return [wrong for name in found[:1] for wrong in of_case(os.path.join(cases, name), amlc, wrapper)]


def of_case(path, amlc, wrapper):
    """What is wrong with a case that was kept."""
    wrong, case = [], Case(path)
    rows, lines = case.files["table.csv"].count("\n") - 1, case.files[case.input_name()].count("\n")
    if rows > MOST_ROWS or lines > MOST_LINES:
        wrong.append("%s: %d rows and %d lines of pattern are not shrunk" % (path, rows, lines))
    if "--threads=2" not in case.commands[0].text:
        wrong.append("%s: what the failure needs is not said: %s" % (path, case.commands[0].text))
    for program, expected in ((wrapper, "failed"), (amlc, "passed")):
        result, text = run_case(Case(path), World(ROOT, program), False)
        if result != expected:
            wrong.append("%s: %s with %s, not %s\n%s" % (path, result, program, expected, text[:3000]))
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="amlc-self-test-") as folder:
        wrong = problems(args.amlc, folder)
    for line in wrong:
        print(line)
    print("equality-self: %d passed, %d failed, 0 skipped" % (not wrong, bool(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
