#!/usr/bin/env python3
"""Holds the documents to the program: every pattern in them compiles, every link leads somewhere.

usage: run_docs.py [--amlc PROGRAM]
A fenced block that begins with `#!amlc 1` is a pattern file. One fenced as ```aml wrong must be refused.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "lint"))
from common import Tree, line_of  # noqa: E402

BLOCK = re.compile(r"^```([^\n]*)\n(#!amlc 1\n.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def patterns(text):
    """(line, must it compile, the pattern file) of each block."""
    for match in BLOCK.finditer(text):
        yield line_of(text, match.start()) + 1, "wrong" not in match.group(1), match.group(2)


def broken_links(path, text, exists):
    for match in LINK.finditer(re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text,
                                      flags=re.MULTILINE | re.DOTALL)):
        target = match.group(1)
        if re.match(r"\w+:", target):
            continue
        if not exists(os.path.normpath(os.path.join(os.path.dirname(path), target))):
            yield line_of(text, match.start()), target


def self_test():
    """What the two finders miss of a made-up document."""
    text = "x\n```aml\n#!amlc 1\na\n```\n```aml wrong\n#!amlc 1\nb\n```\n[a](b.md) [c](http://x) [d](e.md#f)\n"
    if list(patterns(text)) != [(3, True, "#!amlc 1\na\n"), (7, False, "#!amlc 1\nb\n")]:
        yield "the patterns of a document are not found: %s" % list(patterns(text))
    if list(broken_links("d/x.md", text, lambda p: p == "d/b.md")) != [(10, "e.md")]:
        yield "a broken link is not found"


def compile_problem(amlc, text, must_compile):
    """What is wrong with what amlc says of it, or None."""
    with tempfile.TemporaryDirectory(prefix="amlc-docs-") as folder:
        with open(os.path.join(folder, "doc.aml"), "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([amlc, "check", "doc.aml"], cwd=folder, capture_output=True, text=True,
                              timeout=60, check=False)
    said = "\n  ".join((done.stdout + done.stderr).strip().split("\n"))
    if must_compile and done.returncode != 0:
        return "does not compile (exit %d):\n  %s" % (done.returncode, said)
    if not must_compile and done.returncode != 3:
        return "is shown as wrong, but amlc check ends with %d:\n  %s" % (done.returncode, said)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    amlc = os.path.abspath(parser.parse_args().amlc)
    problems = list(self_test())
    passed, failed = int(not problems), len(problems)
    tree = Tree(ROOT)
    for path in tree.ending((".md",)):
        text = tree.text(path)
        for line, target in broken_links(path, text, lambda p: os.path.exists(os.path.join(ROOT, p))):
            problems.append("%s:%d: the link to %s leads nowhere" % (path, line, target))
            failed += 1
        for line, must_compile, block in patterns(text):
            problem = compile_problem(amlc, block, must_compile)
            if problem:
                problems.append("%s:%d: this pattern %s" % (path, line, problem))
                failed += 1
            else:
                passed += 1
    for problem in problems:
        print(problem)
    print("docs: %d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
