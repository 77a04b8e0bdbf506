"""One golden case: reading it, running it, comparing, and writing its new answer.

README.md of this folder says what a case may hold.
"""
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ANSWER = "// ----"
TIMEOUT_S = 120
# What a RUN line may start besides amlc: enough to show a file that amlc wrote.
PLAIN_PROGRAMS = ("cat", "cmp", "gzip", "head", "ls", "mkdir", "sort", "tail", "wc")
SANITIZER_EXIT = 99


class CaseError(Exception):
    """The case itself is wrong."""


class Command:
    def __init__(self, text):
        self.text = text
        self.exit = 0


class Case:
    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(path)[0]
        self.commands, self.requires, self.files = [], [], {}
        self.expect_path = self.name + ".expect"
        with open(path, encoding="utf-8", newline="") as file:
            self.lines = file.read().splitlines(keepends=True)
        self._read()

    def input_name(self):
        """x.test is input x.aml; x.gir.test is input x.gir."""
        base = os.path.basename(self.name)
        return base if "." in base else base + ".aml"

    def _read(self):
        at = self._read_head()
        name, body, self.answer_at = self.input_name(), [], None
        for i in range(at, len(self.lines)):
            line = self.lines[i]
            if line.rstrip("\r\n") == ANSWER:
                self.answer_at = i + 1
                break
            if line.startswith("// FILE:"):
                self.files[name] = "".join(body)
                name, body = line[len("// FILE:"):].strip(), []
            else:
                body.append(line)
        self.files[name] = "".join(body)
        if not self.commands:
            raise CaseError("no '// RUN:' line")

    def _read_head(self):
        """Directives, and comments among them, up to the first line that is neither."""
        pending_exit = None
        for i, line in enumerate(self.lines):
            if not line.startswith("//") or line.startswith(("// FILE:", ANSWER, "///")):
                return i
            word, _, rest = line[2:].strip().partition(":")
            if word == "RUN":
                self.commands.append(Command(rest.strip()))
                if pending_exit is not None:
                    self.commands[-1].exit, pending_exit = pending_exit, None
            elif word == "EXIT" and self.commands:
                self.commands[-1].exit = int(rest)
            elif word == "EXIT":
                pending_exit = int(rest)
            elif word == "REQUIRES":
                self.requires += rest.replace(",", " ").split()
        return len(self.lines)

    def expected(self):
        if self.answer_at is not None:
            return "".join(self.lines[self.answer_at:])
        if os.path.exists(self.expect_path):
            with open(self.expect_path, encoding="utf-8", newline="") as file:
                return file.read()
        return ""

    def write_answer(self, text):
        if self.answer_at is None and not os.path.exists(self.expect_path):
            head = "".join(self.lines)
            self.lines = (head + ("" if head.endswith("\n") else "\n") + ANSWER + "\n").splitlines(True)
            self.answer_at = len(self.lines)
        if self.answer_at is not None:
            with open(self.path, "w", encoding="utf-8", newline="") as file:
                file.write("".join(self.lines[:self.answer_at]) + text)
        else:
            with open(self.expect_path, "w", encoding="utf-8", newline="") as file:
                file.write(text)


class World:
    """Where things are, and what %words stand for."""

    def __init__(self, root, amlc):
        self.root = os.path.abspath(root)
        self.amlc = os.path.abspath(amlc)
        self.data = os.path.abspath(
            os.environ.get("AML_DATA_DIR") or os.path.join(self.root, "..", "shared", "data"))

    def missing(self, case):
        """Why a case cannot run here, or None."""
        for need in case.requires:
            if need == "data" and not os.path.isdir(self.data):
                return "no data in AML_DATA_DIR"
            if need == "not-root" and os.geteuid() == 0:
                return "root may read everything"
            if need not in ("data", "not-root"):
                raise CaseError("REQUIRES: %s is not known" % need)
        return None

    def words(self, case, folder):
        return [("%{patterns}", os.path.join(self.root, "patterns")), ("%{root}", self.root),
                ("%s", case.input_name()), ("%t", folder),
                ("%S", os.path.dirname(os.path.abspath(case.path))), ("%D", self.data)]


def _environment():
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "LSAN_OPTIONS",
                                                         "UBSAN_OPTIONS", "TSAN_OPTIONS")}
    # An odd zone and a plain locale: nothing amlc prints may depend on either.
    keep.update(LC_ALL="C", TZ="Asia/Kathmandu", HOME="/nonexistent")
    return keep


def _redirected(argv, sign, folder, mode):
    """Takes `< FILE` or `> FILE` out of argv."""
    if sign not in argv:
        return None
    at = argv.index(sign)
    name = os.path.join(folder, argv[at + 1])
    del argv[at:at + 2]
    return open(name, mode)


def _run(command, case, world, folder):
    """The output of one RUN line, stdout first, and what is wrong with its end."""
    words = world.words(case, folder)
    argv = []
    for word in shlex.split(command.text):
        for name, value in words:
            word = word.replace(name, value)
        argv.append(word)
    env = _environment()
    while argv and re.match(r"[A-Z_]+=", argv[0]):
        name, _, value = argv.pop(0).partition("=")
        env[name] = value
    if argv and argv[0] == "amlc":
        argv[0] = world.amlc
    elif argv and argv[0] == "equal":
        argv[:1] = [sys.executable, os.path.join(world.root, "tests", "random", "equal.py"), "--amlc", world.amlc]
    elif not argv or argv[0] not in PLAIN_PROGRAMS:
        raise CaseError("'%s' may not be run by a golden case" % command.text)
    stdin = _redirected(argv, "<", folder, "rb")
    stdout = _redirected(argv, ">", folder, "wb")
    try:
        done = subprocess.run(argv, cwd=folder, env=env, stdin=stdin or subprocess.DEVNULL,
                              stdout=stdout or subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return "", "%s: still running after %d s" % (command.text, TIMEOUT_S)
    finally:
        for file in (stdin, stdout):
            if file:
                file.close()
    text = ((done.stdout or b"") + done.stderr).decode("utf-8", "backslashreplace")
    if text and not text.endswith("\n"):
        text += "\n"
    wrong = None
    if done.returncode != command.exit:
        wrong = "%s: exit %d, expected %d" % (command.text, done.returncode, command.exit)
    # The longest path first, so that a folder inside another keeps its own word.
    for name, value in sorted(words, key=lambda w: -len(w[1])):
        if name != "%s":
            text = text.replace(value, name)
    return text, wrong


def line_matches(expected, actual):
    """`{{...}}` in an expected line is a regular expression; the rest is taken literally."""
    if expected == actual:
        return True
    if "{{" not in expected:
        return False
    pieces = re.split(r"\{\{(.*?)\}\}", expected)
    pattern = "".join(p if i % 2 else re.escape(p) for i, p in enumerate(pieces))
    try:
        return re.fullmatch(pattern, actual) is not None
    except re.error as error:
        raise CaseError("bad pattern in '%s': %s" % (expected, error)) from error


def _align(expected, actual):
    """The actual lines, with each that an expected pattern line matches written as that pattern."""
    patterns = [line for line in expected if "{{" in line]
    out = []
    for i, line in enumerate(actual):
        if i < len(expected) and line_matches(expected[i], line):
            out.append(expected[i])
        else:
            out.append(next((p for p in patterns if line_matches(p, line)), line))
    return out


def run_case(case, world, update):
    """(result, text to print): result is passed, failed or skipped."""
    why = world.missing(case)
    if why:
        return "skipped", "%s: skipped: %s\n" % (case.name, why)
    folder = tempfile.mkdtemp(prefix="amlc-golden-")
    try:
        for name, text in case.files.items():
            full = os.path.join(folder, name)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        output, wrong = "", []
        for command in case.commands:
            text, problem = _run(command, case, world, folder)
            output += text
            if problem:
                wrong.append(problem)
    finally:
        # A case may have taken a folder's rights away; give them back before removing it.
        for path, _, _ in os.walk(folder):
            os.chmod(path, 0o700)
        shutil.rmtree(folder)
    expected = case.expected().splitlines()
    actual = _align(expected, output.splitlines())
    if actual != expected and update:
        case.write_answer("".join(line + "\n" for line in actual))
        expected = actual
    diff = list(difflib.unified_diff(expected, actual, "expected", "actual", lineterm=""))
    if not diff and not wrong:
        return "passed", ""
    return "failed", "%s: failed\n" % case.name + "".join("  %s\n" % w for w in wrong + diff)
