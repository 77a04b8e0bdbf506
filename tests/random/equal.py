#!/usr/bin/env python3
"""One pattern on one table: all engines of this build, on all threads and plans, give the reference's bytes.

usage: equal.py --amlc PROGRAM MODE FILE.aml... [--OPTION=VALUE...] [-- --OPTION=VALUE...]
The golden runner's word `equal`: replays a case that equality.py kept, in the folder it is started in, where
table.csv and accounts.csv lie. Options before the `--` go to the reference too. Prints the reference's
answer, and behind it what differs.
"""
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from draw_run import THREADS, Run  # noqa: E402
from engines import EXE_MODES, Amlc  # noqa: E402
from shrink import compare  # noqa: E402

NOT_HERE = 77  # an engine that is not there is none that differs


def options_of(words):
    return dict(word[2:].split("=", 1) for word in words)


def runs(amlc, folder, patterns, engine, mode, common, own):
    """Every plan and number of threads; the options of the failure with them, and alone without a pass off."""
    own = dict(own)
    asked = own.pop("plan", None)
    offs = [own.get("disable", "")] + ([""] if own.get("disable") else [])
    for off in offs:
        left = {k: v for k, v in own.items() if k not in ("threads", "disable")}
        has = amlc.plans(folder, patterns, off)
        plans = [{}] + [{name: plan for name in has if plan in has[name]}
                        for plan in sorted({plan for one in has.values() for plan in one})]
        if asked:
            plans.append({word.split("=")[0]: word.split("=")[1] for word in asked.split(",")})
        for forced in plans:
            for threads in THREADS:
                yield Run(engine, mode, common, {**left, "threads": threads, **({"disable": off} if off else {})}, forced)


def main(argv):
    amlc, mode, words = Amlc(argv[argv.index("--amlc") + 1]), argv[2], argv[3:]
    at = words.index("--") if "--" in words else len(words)
    patterns = [word for word in words[:at] if not word.startswith("--")]
    common, own = options_of([w for w in words[:at] if w.startswith("--")]), options_of(words[at + 1:])
    folder = tempfile.mkdtemp(prefix="amlc-equal-")
    wrong = 0
    try:
        for name in os.listdir("."):
            shutil.copy(name, folder)
        want = amlc.answer(folder, patterns, ["--engine=reference"] + Run("c", mode, common, {}, {}).common_options(), mode)
        print("\n".join(want.lines(["alerts.jsonl", "features.csv"])))
        programs = ["exe"] if mode in EXE_MODES and "c" in amlc.engines() else []
        for engine in amlc.engines() + ["auto", "gir"] + programs:
            for run in [Run("gir", mode, common, {}, {})] if engine == "gir" else runs(
                    amlc, folder, patterns, engine, mode, common, own):
                found, _, have = compare(amlc, folder, patterns, run, want)
                if have.code == NOT_HERE:
                    break
                if found:
                    wrong += 1
                    print("%s\n  reference: %s\n  %s: %s" % (
                        " ".join(run.own_options()), found[0][:400], engine, found[1][:400]))
    finally:
        shutil.rmtree(folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
