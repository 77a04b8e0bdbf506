"""What the checks share: the tree they look at, and a C text with comments and strings blanked."""
import os
import re
import shutil
import subprocess

C_EXT = (".c", ".h", ".cu", ".cuh", ".re", ".y")
CODE_EXT = C_EXT + (".def", ".py", ".sh")
TEXT_EXT = CODE_EXT + (".aml", ".md", ".txt", ".cmake", ".json", ".tsv", ".test", ".expect", ".gir")
SKIPPED_FOLDERS = {".git", "build", "__pycache__"}


class Tree:
    """The files of a project: those git knows or would take, or, outside git, those that are there."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.paths = sorted(self._git_files() or self._walk())
        self._text = {}

    def _git_files(self):
        # A fresh machine that was handed the tree may have no git.
        if not shutil.which("git") or not os.path.exists(os.path.join(self.root, ".git")):
            return None
        done = subprocess.run(
            ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return None
        names = [name for name in done.stdout.split("\0") if name]
        return [name for name in names if os.path.isfile(os.path.join(self.root, name))]

    def _walk(self):
        found = []
        for folder, subs, files in os.walk(self.root):
            subs[:] = [s for s in subs if s not in SKIPPED_FOLDERS]
            found += [os.path.relpath(os.path.join(folder, f), self.root) for f in files]
        return found

    def text(self, path):
        if path not in self._text:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self._text[path] = file.read()
        return self._text[path]

    def ending(self, endings):
        return [p for p in self.paths if p.endswith(endings)]

    def text_files(self):
        """Files people read: by ending, and programs without one (dev, .ci/run)."""
        return [p for p in self.paths
                if p.endswith(TEXT_EXT) or os.path.basename(p) in ("dev", "run", "CMakeLists.txt")]


_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def blank_comments(text, keep_strings=False):
    """The text with comments (and strings, unless kept) as blanks; lines and columns stay."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            if keep_strings:
                return token
            return token[0] + " " * (len(token) - 2) + token[-1]
        return re.sub(r"[^\n]", " ", token)

    return _TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def functions(code):
    """(name, first line, number of lines) of each function; its braces stand in column 0."""
    lines = code.split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{") and start is None:
            start = number
        elif line.startswith("}") and start is not None:
            yield _name_before(lines, start), start, number - start + 1
            start = None


def _name_before(lines, start):
    """The identifier before the parameter list that ends just above line `start`."""
    head = " ".join(lines[max(0, start - 12):start - 1])
    depth = 0
    for i in range(len(head) - 1, -1, -1):
        if head[i] == ")":
            depth += 1
        elif head[i] == "(":
            depth -= 1
            if depth == 0:
                name = re.search(r"(\w+)\s*$", head[:i])
                if name and name.group(1) == "START_TEST":
                    return head[i + 1:].split(")")[0]
                return name.group(1) if name else "?"
    return "?"
