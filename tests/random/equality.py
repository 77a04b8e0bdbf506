#!/usr/bin/env python3
"""Random patterns on random tables: every engine and configuration gives the reference's bytes.

usage: equality.py [--amlc PROGRAM] [--pairs N] [--seed S] [--engines c,...] [--log FILE]
Each round draws some patterns and one table; the reference runs them all, then drawn configurations
(engine, threads, one pass off) do, and alerts, evidence and features must be equal byte for byte. A
pair is one pattern on one table under one configuration. Without --seed another one each run,
printed. A failure is shrunk to one pattern and few rows and left in build/random/.
"""
import argparse
import collections
import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from draw_pattern import COLUMNS, RATES, draw_pattern, draw_table  # noqa: E402

TIMEOUT_S = 300
PATTERNS_A_ROUND = 24  # they share one translation unit, so that cc is not what takes the time


def write_table(path, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.getvalue())


class Amlc:
    def __init__(self, program):
        self.program = os.path.abspath(program)

    def call(self, folder, *argv):
        # No cache: every code is new, and nobody's folder is filled.
        return subprocess.run([self.program, *argv], cwd=folder, capture_output=True, text=True,
                              env=dict(os.environ, AMLC_CACHE="off"), timeout=TIMEOUT_S, check=False)

    def accepts(self, folder, name):
        done = self.call(folder, "check", "-q", name)
        if done.returncode not in (0, 3):
            raise SystemExit("amlc check %s/%s: exit %d\n%s" % (folder, name, done.returncode, done.stderr))
        return done.returncode == 0

    def passes(self):
        """Names of the passes that can be switched off; none where the program has none."""
        done = self.call(".", "help", "passes")
        return [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ") and
                line.split()[0] != "lower"] if done.returncode == 0 else []

    def answer(self, folder, patterns, options, what):
        """The bytes of a run, or what went wrong."""
        out = os.path.join(folder, "out")
        if what == "features":
            argv = ["features", *patterns, "table.csv", "-o", "out/features.csv"]
            os.makedirs(out, exist_ok=True)
            names = ["features.csv"]
        else:
            argv = ["run", *patterns, "table.csv", "-o", "out", "--mode=" + what]
            names = ["alerts.jsonl", "evidence.csv", "manifest.json"]
        done = self.call(folder, *argv, "-q", *options)
        if done.returncode != 0:
            return "exit %d: %s" % (done.returncode, done.stderr[-1500:])
        found = []
        for name in names:
            with open(os.path.join(out, name), encoding="utf-8") as file:
                found.append(file.read())
        return "".join(found)


def draw_configuration(rng, engines, passes):
    """Options of one configuration, and how it is called in the counts."""
    engine = rng.choice(engines)
    if engine == "gir":
        return {"engine": engine, "options": ["--engine=reference"], "names": ["engine gir"]}
    threads = rng.choice((1, 2, 4))
    options = ["--engine=" + engine, "--threads=%d" % threads]
    names = ["engine " + engine, "threads %d" % threads]
    if passes and rng.random() < 0.6:
        off = rng.choice(passes)
        options.append("--disable=" + off)
        names.append("off " + off)
    return {"engine": engine, "options": options, "names": names}


def common_options(rng):
    options = []
    if rng.random() < 0.3:
        options.append("--rates=rates.csv")
    if rng.random() < 0.3:
        options.append("--history=complete")
    return options


def input_of(amlc, folder, patterns, engine):
    """The pattern files a configuration reads: for `gir`, graph IR printed and read back."""
    if engine != "gir":
        return patterns
    out = []
    for name in patterns:
        out.append(name.replace(".aml", ".gir"))
        done = amlc.call(folder, "compile", name, "--emit=gir", "-o", out[-1])
        if done.returncode != 0:
            raise SystemExit("compile %s: %s" % (name, done.stderr))
    return out


def compare(amlc, folder, patterns, config, common, what):
    """What differs, or None. The manifest names files, so it is compared only where they are the same."""
    want = amlc.answer(folder, patterns, ["--engine=reference"] + common, what)
    have = amlc.answer(folder, input_of(amlc, folder, patterns, config["engine"]),
                       config["options"] + common, what)
    if config["engine"] == "gir":
        want, have = (text.split('{\n  "version"')[0] for text in (want, have))
    if want == have and not want.startswith("exit "):
        return None
    want, have = want.splitlines(), have.splitlines()
    for i in range(max(len(want), len(have))):
        one = want[i] if i < len(want) else "(nothing)"
        two = have[i] if i < len(have) else "(nothing)"
        if one != two or one.startswith("exit "):
            return "reference: %s\n  %s: %s" % (one[:600], config["engine"], two[:600])
    return "different"


def shrink(amlc, folder, patterns, rows, config, common, what):
    """One pattern, then fewer rows, as long as it still differs."""
    def differs(some_patterns, some_rows):
        write_table(os.path.join(folder, "table.csv"), some_rows)
        return compare(amlc, folder, some_patterns, config, common, what)
    for name in patterns:
        if differs([name], rows):
            patterns = [name]
            break
    size = max(1, len(rows) // 2)
    while len(patterns) == 1:
        at, shorter = 0, False
        while at < len(rows):
            fewer = rows[:at] + rows[at + size:]
            if fewer and differs(patterns, fewer):
                rows, shorter = fewer, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return patterns, rows, differs(patterns, rows)


def keep(folder, label, patterns, rows):
    out = os.path.join(ROOT, "build", "random")
    os.makedirs(out, exist_ok=True)
    for name in patterns[:1]:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            text = file.read()
        with open(os.path.join(out, label + ".aml"), "w", encoding="utf-8") as file:
            file.write(text)
    write_table(os.path.join(out, label + ".csv"), rows)
    return os.path.relpath(os.path.join(out, label), ROOT)


def round_of(amlc, seed, args, passes, counts):
    """Pairs passed and failed in the round of one seed."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="amlc-equality-") as folder:
        patterns, drawn = [], []
        for i in range(PATTERNS_A_ROUND):
            name, own = "p%d.aml" % i, collections.Counter()
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(draw_pattern(rng, "p%d" % i, own))
            if amlc.accepts(folder, name):
                patterns.append(name)
                drawn.append(own)
            else:
                counts["refused by check"] += 1
        rows = draw_table(rng)
        write_table(os.path.join(folder, "table.csv"), rows)
        with open(os.path.join(folder, "rates.csv"), "w", encoding="utf-8") as file:
            file.write(RATES)
        passed = failed = 0
        for k in range(args.configurations):
            config, common = draw_configuration(rng, args.engines, passes), common_options(rng)
            what = rng.choice(("all", "all", "episode", "maximal", "features"))
            wrong = compare(amlc, folder, patterns, config, common, what)
            if wrong:
                failed += len(patterns)
                one, few, wrong = shrink(amlc, folder, patterns, rows, config, common, what)
                write_table(os.path.join(folder, "table.csv"), rows)
                where = keep(folder, "seed%d-%d" % (seed, k), one, few)
                print("seed %d, %s %s %s: %s\n  shrunk to %s and %d rows: %s.aml, .csv" % (
                    seed, what, " ".join(config["options"]), " ".join(common), wrong, one, len(few), where))
            else:
                passed += len(patterns)
            for name in config["names"] + ["mode " + what] + common:
                counts[name] += len(patterns)
            for own in drawn:
                counts.update(own)
        with open(os.path.join(folder, "out", "alerts.jsonl"), encoding="utf-8") if os.path.exists(
                os.path.join(folder, "out", "alerts.jsonl")) else io.StringIO() as file:
            for line in file:
                counts["matches seen"] += 1
                counts["left out"] += "left_out" in json.loads(line)["constraints"].__str__()
        return passed, failed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--engines", type=lambda text: text.split(","), default=["c", "c", "c", "gir"])
    parser.add_argument("--configurations", type=int, default=2, help="drawn for each table")
    parser.add_argument("--log", default=None, help="append seed and counts to this file")
    return parser.parse_args()


def main():
    args = arguments()
    amlc = Amlc(args.amlc)
    seed = args.seed if args.seed is not None else random.SystemRandom().randrange(1 << 40)
    print("seed %d" % seed)
    passes, counts = amlc.passes(), collections.Counter()
    passed = failed = 0
    while passed + failed < args.pairs and failed < 200:
        more_passed, more_failed = round_of(amlc, seed + counts["rounds"], args, passes, counts)
        counts["rounds"] += 1
        passed, failed = passed + more_passed, failed + more_failed
    if args.log:
        with open(args.log, "a", encoding="utf-8") as file:
            file.write(json.dumps({"seed": seed, "passed": passed, "failed": failed,
                                   "counts": dict(sorted(counts.items()))}) + "\n")
    print("rarest: " + ", ".join("%s %d" % (k, n) for k, n in counts.most_common()[-12:]))
    if counts["matches seen"] < args.pairs // 20:
        print("only %d matches seen: this tests too little" % counts["matches seen"])
        failed += 1
    print("equality: %d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
