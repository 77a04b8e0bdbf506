#!/usr/bin/env python3
"""Runs the golden cases: a command, its input and its answer in one file (see README.md).

usage: run_golden.py [--amlc PROGRAM] [-j N] [WORD...]     only cases whose path has a WORD
UPDATE_GOLDEN=1 writes what the program says now into the cases that differ.
"""
import argparse
import concurrent.futures
import glob
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from golden_case import Case, CaseError, World, run_case  # noqa: E402
import self_test  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    parser.add_argument("-j", type=int, default=2, help="cases at a time")
    parser.add_argument("words", nargs="*", help="only cases whose path has one of these")
    return parser.parse_args()


def one(path, world, update):
    try:
        return run_case(Case(path), world, update)
    except (CaseError, OSError, ValueError) as error:
        return "failed", "%s: failed\n  %s\n" % (path, error)


def main():
    args = arguments()
    problems = self_test.problems()
    results = ["failed" if problems else "passed"]
    for problem in problems:
        print("the golden runner itself: %s" % problem)

    world = World(ROOT, args.amlc)
    if not os.access(world.amlc, os.X_OK):
        print("%s is not there: './dev build' makes it" % args.amlc)
        results.append("failed")
        paths = []
    else:
        paths = sorted(os.path.relpath(p) for p in glob.glob(os.path.join(HERE, "*", "**", "*.test"),
                                                             recursive=True))
        paths = [p for p in paths if not args.words or any(w in p for w in args.words)]
    update = os.environ.get("UPDATE_GOLDEN") == "1"
    with concurrent.futures.ThreadPoolExecutor(max_workers=args.j) as pool:
        for result, text in pool.map(lambda p: one(p, world, update), paths):
            results.append(result)
            sys.stdout.write(text)
    print("golden: %d passed, %d failed, %d skipped" % tuple(
        results.count(r) for r in ("passed", "failed", "skipped")))
    return 1 if "failed" in results else 0


if __name__ == "__main__":
    sys.exit(main())
