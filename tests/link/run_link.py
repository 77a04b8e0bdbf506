#!/usr/bin/env python3
"""An object file by LLVM, linked, is the detector that the C text is: the same bytes from both.

usage: run_link.py [--amlc PROGRAM]
"""
import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PATTERNS = ("scatter_gather", "cycle", "structuring")
# docs/engines.md, "Object files by LLVM", has these words.
LINK = ["-fopenmp", "-lz", "-lpthread", "-lm"]
WHOLE = ["-rdynamic", "-Wl,--whole-archive", "%s", "-Wl,--no-whole-archive"]


def run(folder, *argv):
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False,
                          env=dict(os.environ, AMLC_CACHE="off"))
    if done.returncode != 0:
        raise RuntimeError("%s: exit %d\n%s" % (" ".join(argv[:4]), done.returncode, done.stderr[-2000:]))
    return done.stdout


def write_table(path):
    rng = random.Random(5)
    with open(path, "w", encoding="utf-8") as file:
        file.write("src,dst,time,amount,currency,format\n")
        for k in range(1500):
            a, b = rng.sample(range(150), 2)
            file.write("a%d,a%d,%d,%d,USD,%s\n" % (a, b, k * 900 + rng.randrange(900), rng.randrange(7000, 11000),
                                                  rng.choice(("Cash", "Wire", "ACH"))))


def words_of(patterns, amlc):
    version, build = run(".", amlc, "--version").split("\n")[0].split(" ", 2)[1:]
    sums = []
    for path in patterns:
        with open(path, "rb") as file:
            sums.append(hashlib.sha256(file.read()).hexdigest())
    return ["-DFILES=" + ",".join('"%s"' % os.path.basename(p) for p in patterns),
            "-DSHA256=" + ",".join('"%s"' % s for s in sums),
            '-DVERSION="%s"' % version, '-DBUILD="%s"' % build.strip("()")]


def files_of(folder):
    out = {}
    for name in sorted(os.listdir(folder)):
        if name != "run.json":  # has times
            with open(os.path.join(folder, name), "rb") as file:
                out[name] = file.read()
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    amlc = os.path.abspath(parser.parse_args().amlc)
    build = os.path.dirname(amlc)
    library = os.path.join(build, "runtime", "libamlrt.a")
    include = os.path.join(ROOT, "runtime", "include")
    if not os.path.exists(os.path.join(build, "libamlc-jit.so")):
        print("link: this build has no LLVM\nlink: 0 passed, 0 failed, 2 skipped")
        return 0
    patterns = [os.path.join(ROOT, "patterns", name + ".aml") for name in PATTERNS]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="amlc-link-") as folder:
        write_table(os.path.join(folder, "table.csv"))
        try:
            run(folder, amlc, "compile", "--emit=exe", "-o", "by-c", *patterns)
            run(folder, amlc, "compile", "--emit=so", "-o", "by-c.so", *patterns)
            run(folder, amlc, "compile", "--emit=obj", "-o", "detector.o", *patterns)
            run(folder, "cc", "-shared", "detector.o", "-o", "by-llvm.so")
            run(folder, "cc", "-I", include, *words_of(patterns, amlc), os.path.join(HERE, "main.c"),
                "detector.o", library, *LINK, "-o", "by-llvm")
            run(folder, "cc", "-I", include, os.path.join(HERE, "host.c"), *(w.replace("%s", library) for w in WHOLE),
                *LINK, "-o", "host")
            for name in ("by-c", "by-llvm"):
                run(folder, "./" + name, "table.csv", "-q", "--mode=all", "--match-limit=2000", "-o", "out-" + name)
            one, two = (files_of(os.path.join(folder, "out-" + n)) for n in ("by-c", "by-llvm"))
            same = one == two and len(one.get("alerts.jsonl", b"")) > 1000
            passed, failed = passed + same, failed + (not same)
            if not same:
                print("a program: %s differ" % ", ".join(n for n in one if one[n] != two.get(n)))
            one, two = (run(folder, "./host", "./" + n + ".so", "table.csv") for n in ("by-c", "by-llvm"))
            same = one == two and one.count("\n") > 20
            passed, failed = passed + same, failed + (not same)
            if not same:
                print("a shared object: the matches differ")
        except RuntimeError as what:
            print(what)
            failed += 1
    print("link: %d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
