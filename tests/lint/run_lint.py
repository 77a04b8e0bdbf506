#!/usr/bin/env python3
"""Runs every check_*.py of this folder: first on bad samples it must catch, then on the tree.

usage: run_lint.py [ROOT] [CHECK...]      e.g. run_lint.py . check_includes
"""
import glob
import importlib
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from common import Tree  # noqa: E402  (the path above must stand first)


def on_sample(module, files):
    """What the check says of a little tree of these files."""
    with tempfile.TemporaryDirectory(prefix="amlc-lint-") as root:
        shutil.copy(os.path.join(HERE, "..", "..", ".clang-format"), root)
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return list(module.check(Tree(root)))


def self_test(module):
    """Complaints about the check itself: a check that sees nothing passes everything."""
    for files, expected in module.SAMPLES:
        found = on_sample(module, files)
        if not any(expected in line for line in found):
            yield "%s does not catch its bad sample: wanted '%s', found %s" % (
                module.__name__, expected, found)
    found = on_sample(module, module.GOOD)
    if found:
        yield "%s complains of its good sample: %s" % (module.__name__, found)


def run_one(name, tree):
    """'passed', 'failed' or 'skipped', with what is wrong printed."""
    module = importlib.import_module(name)
    why = module.skip() if hasattr(module, "skip") else None
    if why:
        print("%s: skipped: %s" % (name, why))
        return "skipped"
    wrong = list(self_test(module)) or list(module.check(tree))
    print("%s: %s" % (name, "ok, and its %d bad samples were caught" % len(module.SAMPLES)
                      if not wrong else "%d found" % len(wrong)))
    for line in wrong:
        print("  " + line)
    if hasattr(module, "report"):
        module.report(tree)
    return "failed" if wrong else "passed"


def main(argv):
    root = argv[1] if len(argv) > 1 else os.path.join(HERE, "..", "..")
    names = argv[2:] or sorted(
        os.path.basename(p)[:-3] for p in glob.glob(os.path.join(HERE, "check_*.py")))
    tree = Tree(root)
    results = [run_one(name, tree) for name in names]
    print("lint: %d passed, %d failed, %d skipped" % tuple(
        results.count(r) for r in ("passed", "failed", "skipped")))
    return 1 if "failed" in results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
