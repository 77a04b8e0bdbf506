#!/usr/bin/env python3
"""The shape of what engine jit writes: each .aml file here says a command and what its output holds.

usage: run_filecheck.py [--amlc PROGRAM] [--filecheck PROGRAM] [WORD...]
Lines `// RUN: amlc ...` (%s: the file), then CHECK lines as LLVM's FileCheck has them: CHECK, CHECK-NEXT,
CHECK-NOT, CHECK-LABEL, {{regular expression}}, [[NAME:regular expression]] and [[NAME]]. The matcher is
below; --filecheck has LLVM's own judge as well. Skipped where the program has no LLVM beside it.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CHECK = re.compile(r"//\s*CHECK(-NEXT|-NOT|-LABEL)?:\s*(.*?)\s*$")


def to_regex(text, known):
    """A line of CHECK as a regular expression; blanks match any blanks."""
    out, at, new = [], 0, set()

    def plain(piece):
        return re.sub(r"(\\ )+", lambda _: r"[ \t]+", re.escape(piece))

    # [[NAME:...]] may hold brackets of its own: find its end by hand.
    while at < len(text):
        if text.startswith("{{", at):
            end = text.index("}}", at)
            out.append("(?:%s)" % text[at + 2:end])
            at = end + 2
        elif text.startswith("[[", at):
            end = text.index("]]", at)
            while text.startswith("]", end + 2):
                end += 1
            name, _, pattern = text[at + 2:end].partition(":")
            if pattern:
                out.append("(?P<%s>%s)" % (name, pattern))
                new.add(name)
            elif name in new:
                out.append("(?P=%s)" % name)
            else:
                out.append(re.escape(known[name]))
            at = end + 2
        else:
            ends = [k for k in (text.find("{{", at), text.find("[[", at)) if k >= 0]
            end = min(ends) if ends else len(text)
            out.append(plain(text[at:end]))
            at = end
    return re.compile("".join(out))


def judge(checks, output):
    """What is wrong, or None."""
    known, at, nots = {}, 0, []
    for kind, text in checks + [("END", "")]:
        if kind == "-NOT":
            nots.append(text)
            continue
        if kind == "END":
            start = end = len(output)
        else:
            found = to_regex(text, known).search(output, at)
            if not found:
                return "CHECK%s is not found: %s" % (kind or "", text)
            start, end = found.span()
            if kind == "-NEXT" and output.count("\n", at, start) != 1:
                return "CHECK-NEXT is not on the next line: %s" % text
            known.update(found.groupdict())
        for one in nots:
            if to_regex(one, known).search(output, at, start):
                return "CHECK-NOT is there: %s" % one
        nots, at = [], end
    return None


def by_llvm(program, path, output):
    done = subprocess.run([program, path], input=output, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else "FileCheck: " + done.stderr[:1500]


def run_one(args, path):
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    runs = [line.split("RUN:", 1)[1].split() for line in lines if line.startswith("// RUN:")]
    checks = [(m.group(1), m.group(2)) for m in map(CHECK.match, lines) if m]
    if not runs or not checks:
        return "no RUN or no CHECK"
    with tempfile.TemporaryDirectory(prefix="amlc-filecheck-") as folder:
        output = ""
        for words in runs:
            argv = [args.amlc] + [path if word == "%s" else word for word in words[1:]]
            done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                return "exit %d: %s" % (done.returncode, done.stderr[:1000])
            output += done.stdout + done.stderr
    wrong = judge(checks, output)
    if not wrong and args.filecheck:
        wrong = by_llvm(args.filecheck, path, output)
    return wrong


def self_test():
    """The matcher finds what is wrong."""
    output = "a 1\nb 1\nc 2\n"
    good = [[(None, "a [[N:[0-9]+]]"), ("-NEXT", "b [[N]]"), (None, "c {{[0-9]}}")], [("-NOT", "d")]]
    bad = [[(None, "b"), (None, "a")], [(None, "a [[N:[0-9]+]]"), (None, "c [[N]]")],
           [(None, "a"), ("-NEXT", "c")], [(None, "a"), ("-NOT", "b"), (None, "c")], [("-NOT", "c")]]
    return all(judge(c, output) is None for c in good) and all(judge(c, output) for c in bad)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--amlc", default=os.path.join(ROOT, "build", "release", "amlc"))
    parser.add_argument("--filecheck", default=None)
    parser.add_argument("words", nargs="*")
    args = parser.parse_args()
    args.amlc = os.path.abspath(args.amlc)
    names = sorted(n for n in os.listdir(HERE) if n.endswith(".aml"))
    names = [n for n in names if not args.words or any(w in n for w in args.words)]
    if not os.path.exists(os.path.join(os.path.dirname(args.amlc), "libamlc-jit.so")):
        print("filecheck: this build has no LLVM")
        print("filecheck: 0 passed, 0 failed, %d skipped" % len(names))
        return 0
    failed = 0
    if not self_test():
        print("the matcher does not find what is wrong")
        failed += 1
    for name in names:
        wrong = run_one(args, os.path.join(HERE, name))
        if wrong:
            failed += 1
            print("tests/filecheck/%s: %s" % (name, wrong))
    print("filecheck: %d passed, %d failed, 0 skipped" % (len(names) + 1 - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
