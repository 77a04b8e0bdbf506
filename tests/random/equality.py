#!/usr/bin/env python3
"""Random patterns on random tables: every engine and configuration gives the reference's bytes.

usage: equality.py [--amlc PROGRAM] [--pairs N] [--seed S] [--engines c,jit,auto,gir] [--log FILE] [--need N]
       equality.py --sum LOG [--need N]        adds up a log, and prints its table
A pair is one pattern on one table. Each round draws 24 patterns and three tables with planted instances; on
each table the reference runs all patterns, and so do drawn configurations: engine, threads, plan forced by
pattern, one pass off, mode, limits, rates, history. Alerts, evidence, manifest and features must be equal
byte for byte. Without --seed another one each run, printed. A failing pair is shrunk and written as a
golden case into --cases (tests/golden/equality), which the golden runner replays under all engines.
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
from counts import Counts, append_log, read_log  # noqa: E402
from draw_pattern import CONSTRUCTS, draw_pattern  # noqa: E402
from draw_run import OPTIONS, THREADS, Run, draw_common, draw_own, draw_plans  # noqa: E402
from draw_table import RATES, draw_accounts, draw_table  # noqa: E402
from engines import EXE_MODES, MODES, PLANS, Amlc, cut_by_memory  # noqa: E402
from shrink import Pair, Shrinker, compare, keep, table_text, write  # noqa: E402

SLABS_SHARE = 0.25  # of the rounds
EXE_SHARE = 0.2  # of the rounds: one table by a stand-alone program, too
SOME_SHARE = 0.15  # of the runs: some patterns only, since those of one run share work
PATTERNS_A_ROUND = 24  # they share one translation unit, so that cc is not what takes the time
TABLES_A_ROUND = 3
MOST_FAILURES = 12


class Round:
    """Patterns, what they were drawn from, and the folder all of it lies in."""

    def __init__(self, amlc, seed, folder, args):
        self.amlc, self.seed, self.folder, self.args = amlc, seed, folder, args
        self.rng = random.Random(seed)
        self.patterns, self.texts = [], {}
        self.failures, self.triggers = 0, []
        for i in range(PATTERNS_A_ROUND):
            self.draw("p%d" % i)
        self.off_c = self.draw_off()  # one for all runs of engine c, so that its code is compiled once
        self.off_jit = self.draw_off()
        self.with_exe = args.exe and self.rng.random() < EXE_SHARE
        self.off_exe = self.off_c if self.off_c in args.compile_passes else ""

    def draw(self, name):
        pattern, text = draw_pattern(self.rng, name, self.patterns)
        write(self.folder, name + ".aml", text)
        if self.amlc.accepts(self.folder, name + ".aml"):
            self.patterns.append(pattern)
            self.texts[name + ".aml"] = text
        else:
            self.args.counts.add("patterns refused by check")

    def draw_off(self):
        return self.rng.choice(self.args.passes) if self.rng.random() < 0.75 else ""

    def tables(self):
        for k in range(TABLES_A_ROUND):
            rows = draw_table(self.rng, self.patterns)
            write(self.folder, "table.csv", table_text(rows))
            write(self.folder, "accounts.csv", draw_accounts(self.rng))
            write(self.folder, "rates.csv", RATES)
            yield k, rows

    def some(self, engine):
        """The patterns of a run: mostly all; of a program always."""
        if engine == "exe" or self.rng.random() >= SOME_SHARE:
            return self.patterns
        return self.rng.sample(self.patterns, min(len(self.patterns), self.rng.choice((1, 1, 2, 3))))

    def draw_run(self, engine, rows, patterns):
        rng, mode = self.rng, self.rng.choice(EXE_MODES if engine == "exe" else MODES)
        off = {"c": self.off_c, "exe": self.off_exe, "jit": self.off_jit, "gir": ""}.get(engine, self.off_jit if "jit" in self.args.engines else self.off_c)
        common = draw_common(rng, mode, self.triggers or [row["id"] for row in rows])
        own = {} if engine == "gir" else draw_own(rng, mode, off)
        has = {} if engine == "gir" else self.amlc.plans(self.folder, files_of(patterns), off)
        return Run(engine, mode, common, own, draw_plans(rng, has))

    def count(self, run, patterns, want, have, matched):
        counts = self.args.counts
        names = run.names() + (["auto took " + have.engine] if run.engine == "auto" and have.engine else [])
        self.triggers += re.findall(r'"trigger":"?(\w+)', want.files.get("alerts.jsonl", ""))
        for pattern in patterns:
            name = pattern.name
            found = want.matches.get(name, 0) > 0
            took, forced = have.plans.get(name), run.plans.get(name)
            own = ["plan " + took] if took else []
            own += ["forced " + forced] if forced and forced == took else []
            counts.note(names + own + sorted(pattern.drawn), found)
            matched[name] = matched.get(name, False) or found
        counts.add("comparisons", len(patterns))

    def fail(self, run, patterns, rows, table, wrong):
        """Shrinks what differs and keeps it as a case."""
        self.failures += 1
        print("seed %d, table %d, engine %s, %s\n  reference: %s\n  %s: %s" % (
            self.seed, table, run.engine, " ".join([run.mode] + run.common_options() + run.own_options()), wrong[0][:600], run.engine, wrong[1][:600]))
        texts = {name: self.texts[name] for name in files_of(patterns)}
        shrinker = Shrinker(self.amlc, self.folder, Pair(texts, rows, run))
        again = shrinker.go()
        path = keep(self.amlc, self.folder, shrinker.pair, self.seed, "seed%d-%d" % (self.seed, self.failures), self.args.cases)
        print("  %s: %s\n  repeat: tests/random/equality.py --seed %d --pairs 1" % (
            "shrunk to %d rows" % len(shrinker.pair.rows) if again else "did not fail again, kept as it was",
            os.path.relpath(path, ROOT), self.seed), flush=True)
        for name, text in self.texts.items():
            write(self.folder, name, text)
        write(self.folder, "table.csv", table_text(rows))

    def go(self):
        counts = self.args.counts
        for table, rows in self.tables():
            matched, self.triggers = {}, []
            more = [self.rng.choice(self.args.engines + ["auto", "auto", "gir"])]
            more += ["exe"] if table == 0 and self.with_exe else []
            for engine in self.args.engines + more:
                patterns = self.some(engine)
                run = self.draw_run(engine, rows, patterns)
                wrong, want, have = compare(self.amlc, self.folder, files_of(patterns), run)
                if wrong:
                    self.fail(run, patterns, rows, table, wrong)
                elif "memory" in run.own and cut_by_memory(have):
                    counts.add("cut by --memory", len(patterns))
                else:
                    self.count(run, patterns, want, have, matched)
            counts.add("pairs", len(self.patterns))
            counts.add("pairs with a match", sum(matched.values()))
        if self.rng.random() < SLABS_SHARE:
            self.slabs()

    def slabs(self):
        """Runs in slabs of triggers find what runs in one piece do, on the last table (slabs.c)."""
        program = os.path.join(os.path.dirname(self.amlc.program), "slabs")
        if "c" not in self.args.engines or not os.path.exists(program):
            return
        done = self.amlc.call(self.folder, "compile", *self.texts, "--emit=so", "-o", "detector.so")
        if done.returncode == 0:
            done = subprocess.run([program, "./detector.so", "table.csv", "accounts.csv"], cwd=self.folder,
                                  capture_output=True, text=True, check=False)
        found = re.search(r"slabs: (\d+) passed", done.stdout)
        if done.returncode == 0 and found:
            self.args.counts.add("runs in slabs", int(found.group(1)))
            return
        self.failures += 1
        left = os.path.join(ROOT, "build", "random", "slabs-seed%d" % self.seed)
        shutil.copytree(self.folder, left, dirs_exist_ok=True)
        print("seed %d: slabs: exit %d\n%s%s  the folder is %s" % (
            self.seed, done.returncode, done.stdout[-2000:], done.stderr[-2000:], os.path.relpath(left, ROOT)))


def files_of(patterns):
    return [pattern.name + ".aml" for pattern in patterns]


def expected_names(engines, passes, exe):
    """All that is to be drawn."""
    names = ["engine " + engine for engine in [*engines, "auto", "gir"]] + ["threads " + n for n in THREADS]
    names += ["engine exe"] if exe else []
    names += ["mode " + mode for mode in MODES] + ["off " + name for name in passes] + ["option --" + name for name in OPTIONS]
    return names + ["plan " + plan for plan in PLANS] + ["forced " + plan for plan in PLANS] + list(CONSTRUCTS)


def report(counts, expected, need, more=()):
    """Prints the table; the number of things that are wrong with the counts."""
    wrong = list(more)
    print("\n".join(counts.table(expected)))
    print(", ".join("%s %d" % item for item in sorted(counts.totals.items())))
    if counts.total("pairs") >= 200 and counts.total("pairs with a match") * 3 < counts.total("pairs"):
        wrong.append("fewer than a third of the pairs match: this tests too little")
    for name in counts.short(expected, need):
        wrong.append("%s: drawn %d times, wanted %d" % (name, counts.drawn.get(name, 0), need))
    for line in wrong:
        print(line)
    return len(wrong)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--engines", type=lambda text: text.split(","), default=None, help="default: all of the build")
    parser.add_argument("--no-exe", dest="exe", action="store_false",
                        help="no stand-alone programs: cc cannot link a runtime that clang made for its thread sanitizer")
    parser.add_argument("--cases", default=os.path.join(ROOT, "tests", "golden", "equality"), help="where failures are kept")
    parser.add_argument("--log", default=None, help="append seed and counts to this file")
    parser.add_argument("--sum", default=None, metavar="LOG", help="only add up this log")
    parser.add_argument("--need", type=int, default=0, help="fail where a plan, pass, engine, mode or construct was drawn less often")
    return parser.parse_args()


def build_of(amlc):
    return amlc.call(".", "--version").stdout.splitlines()[0]


def main():
    args = arguments()
    amlc, counts = Amlc(args.amlc), Counts()
    args.counts, args.passes, args.compile_passes = counts, amlc.passes(), amlc.passes(tricks=False)
    args.exe = args.exe and "c" in (args.engines or amlc.engines())
    args.engines = args.engines or amlc.engines()
    expected = expected_names(args.engines, args.passes, args.exe)
    if args.sum:
        print("seeds " + " ".join(str(seed) for seed in read_log(args.sum, counts)))
        return 1 if report(counts, expected, args.need) else 0
    seed = args.seed if args.seed is not None else random.SystemRandom().randrange(1 << 40)
    print("seed %d, %s" % (seed, build_of(amlc)), flush=True)
    failures = rounds = 0
    while counts.total("pairs") < args.pairs and failures < MOST_FAILURES:
        with tempfile.TemporaryDirectory(prefix="amlc-equality-") as folder:
            one = Round(amlc, seed + rounds, folder, args)
            one.go()
        rounds, failures = rounds + 1, failures + one.failures
        counts.add("failures", one.failures)
    if args.log:
        append_log(args.log, seed, counts, build_of(amlc))
    wrong = report(counts, expected, args.need) + failures
    print("equality: %d passed, %d failed, 0 skipped" % (counts.total("comparisons"), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
