"""Tables in .def files: a column of words for people is never empty, and no row stands twice.

The columns are named by the comment line above the rows; words there are set apart by two blanks.
"""
import re

from common import line_of

_ROW = re.compile(r"^[ \t]*([A-Z][A-Z0-9_]*)\(", re.MULTILINE)
_HEAD = re.compile(r"^// +(?:id|name) {2,}.*$", re.MULTILINE)
# What such a column is called.
FOR_PEOPLE = {"help", "one line", "in words", "text"}


def _arguments(text, at):
    """The arguments of the call whose parenthesis has just opened at `at`, as written."""
    args, depth, current, i = [], 1, "", at
    while i < len(text) and depth:
        char = text[i]
        if char in "\"'":
            end = i + 1
            while end < len(text) and text[end] != char:
                end += 2 if text[end] == "\\" else 1
            current += text[i:end + 1]
            i = end + 1
            continue
        if text.startswith("//", i):
            i = text.find("\n", i)
            continue
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(char, 0)
        if char == "," and depth == 1:
            args.append(current.strip())
            current = ""
        elif depth:
            current += char
        i += 1
    return args + [current.strip()]


def _columns(text, at):
    """The column names that hold for the row at `at`: the nearest line of names above it."""
    heads = [m for m in _HEAD.finditer(text, 0, at)]
    if not heads:
        return []
    return [name for name in re.split(r"\s{2,}", heads[-1].group(0).lstrip("/ ").rstrip()) if name]


def _is_text(arg):
    """One or more strings with something in them."""
    return bool(re.fullmatch(r'(\s*"(?:\\.|[^"\\])*")+', arg)) and not re.fullmatch(r'(\s*"\s*")+', arg)


def check(tree):
    for path in tree.ending((".def",)):
        text, seen = tree.text(path), set()
        for match in _ROW.finditer(text):
            where = "%s:%d" % (path, line_of(text, match.start()))
            args = _arguments(text, match.end())
            # An id given twice is the C compiler's to find, in the enum; a whole row is ours.
            row = "%s(%s)" % (match.group(1), ", ".join(args))
            if row in seen:
                yield "%s: %s stands here twice" % (where, row)
            seen.add(row)
            columns = _columns(text, match.start())
            named = FOR_PEOPLE.intersection(columns)
            if not named:
                continue
            at = columns.index(named.pop())
            if at == len(columns) - 1:
                at = len(args) - 1
            if at >= len(args) or not _is_text(args[at]):
                yield "%s: the help of %s is empty" % (where, args[0])


SAMPLES = [
    ({"ir/a.def": '// id  code  help\nX(A, "a", "says")\nX(B, "b", "")\n'},
     "ir/a.def:3: the help of B is empty"),
    ({"ir/a.def": '// id  code  help\nX(A, "a", "  "\n   "")\n'}, "ir/a.def:2: the help of A is empty"),
    ({"ir/a.def": '// id  help  level\nX(A, 0, 1)\n'}, "ir/a.def:2: the help of A is empty"),
    ({"ir/a.def": "X(A, 0)\nX(A,  0)\n"}, "ir/a.def:2: X(A, 0) stands here twice"),
]
GOOD = {"ir/a.def": '// id  code  help\nX(A, "a", "one, (two) \\"three\\"")\nX(B, "", // why\n "x" "y")\n'}
