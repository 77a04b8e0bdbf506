"""The runner held against a program that says what it was given: good cases pass, bad ones fail."""
import os
import stat
import sys
import tempfile

from golden_case import Case, CaseError, World, line_matches, run_case

FAKE = """#!%s
import os, sys
args = sys.argv[1:]
if args[:1] == ["exit"]:
    sys.exit(int(args[1]))
if args[:1] == ["in"]:
    sys.stdout.write(sys.stdin.read())
if args[:1] == ["cat"]:
    sys.stdout.write(open(args[1]).read())
if args[:1] == ["say"]:
    print(" ".join(args[1:]), os.environ.get("NAME", ""))
    print("an error", file=sys.stderr)
if args[:1] == ["write"]:
    open(args[1], "w").write("written\\n")
"""

# (name, file, result, what the printed text must have)
CASES = [
    ("stdout_first", "// RUN: amlc say a 'b c'\nx\n// ----\na b c \nan error\n", "passed", ""),
    ("wrong_output", "// RUN: amlc say a\n// ----\nb \nan error\n", "failed", "-b"),
    ("missing_line", "// RUN: amlc say a\n// ----\na \n", "failed", "+an error"),
    ("empty_answer", "// RUN: amlc say a\n", "failed", "+an error"),
    ("input", "// RUN: amlc cat %s\n// a remark\n#!amlc 1\nx\n// ----\n#!amlc 1\nx\n", "passed", ""),
    ("other.csv", "// RUN: amlc cat other.csv\na,b\n// ----\na,b\n", "passed", ""),
    ("files", "// RUN: amlc cat %t/d/two.txt\none\n// FILE: d/two.txt\ntwo\n// ----\ntwo\n", "passed", ""),
    ("several", "// RUN: amlc write %t/o\n// RUN: cat o\n// ----\nwritten\n", "passed", ""),
    ("paths", "// RUN: amlc say %t/x %S %{patterns}\n// ----\n%t/x %S %{patterns} \nan error\n",
     "passed", ""),
    ("exit", "// RUN: amlc exit 3\n// EXIT: 3\n", "passed", ""),
    ("exit_of_each", "// RUN: amlc exit 3\n// EXIT: 3\n// RUN: amlc exit 0\n", "passed", ""),
    ("wrong_exit", "// RUN: amlc exit 3\n", "failed", "exit 3, expected 0"),
    ("wrong_exit_0", "// RUN: amlc exit 0\n// EXIT: 3\n", "failed", "exit 0, expected 3"),
    ("stdin", "// RUN: amlc in < %s\nhello\n// ----\nhello\n", "passed", ""),
    ("stdout_file", "// RUN: amlc cat %s > %t/o\n// RUN: cat o\nhello\n// ----\nhello\n", "passed", ""),
    ("environment", "// RUN: NAME=x amlc say a\n// ----\na x\nan error\n", "passed", ""),
    ("pattern", "// RUN: amlc say took 12 ms\n// ----\ntook {{[0-9]+}} ms \nan error\n", "passed", ""),
    ("pattern_fails", "// RUN: amlc say took x ms\n// ----\ntook {{[0-9]+}} ms \nan error\n",
     "failed", "+took x ms"),
    ("no_shell", "// RUN: sh -c true\n", "error", "may not be run"),
    ("no_run", "// just words\n", "error", "no '// RUN:' line"),
    ("needs", "// REQUIRES: moonlight\n// RUN: amlc exit 0\n", "error", "not known"),
    ("needs_data", "// REQUIRES: data\n// RUN: amlc exit 0\n", "skipped", "skipped"),
]


def _result(path, world, update=False):
    try:
        return run_case(Case(path), world, update)
    except CaseError as error:
        return "error", str(error)


def _write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _update_problems(folder, world):
    """UPDATE_GOLDEN must write an answer that then passes, and keep patterns that still match."""
    path = _write(folder, "update.test", "// RUN: amlc say new 5\n// ----\nold\n{{an .*}}\n")
    if _result(path, world, update=True)[0] != "passed" or _result(path, world)[0] != "passed":
        yield "an updated case does not pass"
    if "{{an .*}}" not in open(path, encoding="utf-8").read():
        yield "an update throws a pattern away that matches"
    path = _write(folder, "sibling.test", "// RUN: amlc say new\n")
    expect = _write(folder, "sibling.expect", "old\n")
    if _result(path, world, update=True)[0] != "passed":
        yield "a case with an .expect does not update"
    if open(expect, encoding="utf-8").read() != "new \nan error\n":
        yield "an update does not land in the .expect"


def problems():
    found = []
    with tempfile.TemporaryDirectory(prefix="amlc-golden-self-") as folder:
        fake = _write(folder, "fake", FAKE % sys.executable)
        os.chmod(fake, stat.S_IRWXU)
        world = World(folder, fake)
        world.data = os.path.join(folder, "nothing")
        folder = os.path.join(folder, "cases")
        os.mkdir(folder)
        for name, text, wanted, words in CASES:
            result, said = _result(_write(folder, name + ".test", text), world)
            if result != wanted or words not in said:
                found.append("%s: %s, wanted %s with '%s': %s" % (name, result, wanted, words, said))
        found += _update_problems(folder, world)
    if line_matches("a.c", "abc"):
        found.append("a plain line is taken for a pattern")
    return found
