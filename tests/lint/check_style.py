"""House style that a machine can see: sizes, calls that are banned, words, paths, READMEs."""
import os
import re
import statistics

from common import C_EXT, CODE_EXT, blank_comments, functions, line_of

FUNCTION_CAP = 120
FILE_CAP = 1200
# "file:function": why it may be longer. Flat dispatch, one line a case, and nothing else.
LONG_FUNCTIONS = {
}

BANNED = ("strcpy strcat strncpy strncat sprintf vsprintf gets strtok scanf atoi atof strtod "
          "localtime gmtime rand alloca setjmp longjmp system popen").split()
# Where each would be called legally, were it not for us: sscanf and its kin are scanf too.
BANNED_CALL = re.compile(r"(?<![\w.>])(%s|[fs]scanf)\s*\(" % "|".join(BANNED))
EXIT_CALL = re.compile(r"(?<![\w.>])(exit|_exit|_Exit|quick_exit)\s*\(")
MAY_EXIT = "frontend/driver/main.c"

# Split so that this file does not find itself.
UNFINISHED = re.compile(
    r"\b(%s)\b" % "|".join(["TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK", "place" "holder",
                            "for" " now", "not (?:yet )?imple" "mented", "st" "ub"]))
WRONG_WORD = re.compile("ver" "dict", re.IGNORECASE)
# Folders of one machine. /usr, /tmp and the like are everybody's.
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:root|work|home/\w+)/")

_SWITCH = re.compile(r"\bswitch\s*\(")
_ENUM_LABEL = re.compile(r"\bcase\s+([A-Z][A-Z0-9]*_\w+)\s*:")


def _sizes(tree):
    for path in tree.ending(C_EXT):
        code = blank_comments(tree.text(path))
        for name, line, length in functions(code):
            yield path, name, line, length


def report(tree):
    """The median and the ten longest: a look at where things are heading, not a failure."""
    sizes = list(_sizes(tree))
    if not sizes:
        return
    median = statistics.median(length for *_, length in sizes)
    print("  %d functions, median %g lines; the ten longest:" % (len(sizes), median))
    for path, name, line, length in sorted(sizes, key=lambda s: (-s[3], s[0], s[2]))[:10]:
        print("  %5d  %s:%d %s" % (length, path, line, name))


def _check_sizes(tree):
    for path, name, line, length in _sizes(tree):
        if length > FUNCTION_CAP and "%s:%s" % (path, name) not in LONG_FUNCTIONS:
            yield "%s:%d: %s has %d lines, the cap is %d" % (path, line, name, length, FUNCTION_CAP)
    for path in tree.ending(CODE_EXT):
        n = tree.text(path).count("\n")
        if n > FILE_CAP:
            yield "%s:%d: the file has %d lines, the cap is %d" % (path, n, n, FILE_CAP)


def _check_calls(tree):
    for path in tree.ending(C_EXT):
        code = blank_comments(tree.text(path))
        for match in BANNED_CALL.finditer(code):
            yield "%s:%d: %s is banned" % (path, line_of(code, match.start()), match.group(1))
        if path == MAY_EXIT:
            continue
        for match in EXIT_CALL.finditer(code):
            if match.group(1) == "_exit" and path.startswith("tests/"):
                continue  # how a forked child of a test ends
            yield "%s:%d: only %s calls %s" % (
                path, line_of(code, match.start()), MAY_EXIT, match.group(1))


def _block(code, at):
    """The text of the braces that open at or after `at`, and where it begins."""
    start = code.find("{", at)
    depth = 0
    for i in range(start, len(code)):
        depth += {"{": 1, "}": -1}.get(code[i], 0)
        if depth == 0:
            return start + 1, code[start + 1:i]
    return start + 1, code[start + 1:]


def _own_labels(body):
    """The body of a switch without what stands in switches inside it."""
    while True:
        inner = _SWITCH.search(body)
        if not inner:
            return body
        start, block = _block(body, inner.end())
        gap = re.sub(r"[^\n]", " ", body[inner.start():start + len(block) + 1])
        body = body[:inner.start()] + gap + body[start + len(block) + 1:]


def _over_an_int(code, match):
    """What is switched over is a variable declared as int: no enum of ours."""
    name = re.match(r"(\w+)\)", code[match.end():])
    function = code[code.rfind("\n}", 0, match.start()) + 1:match.start()]
    return name and re.search(r"\bint %s\b" % name.group(1), function)


def _check_switches(tree):
    for path in tree.ending(C_EXT):
        code = blank_comments(tree.text(path))
        for match in _SWITCH.finditer(code):
            if _over_an_int(code, match):
                continue
            start, body = _block(code, match.end())
            body = _own_labels(body)
            default = re.search(r"\bdefault\s*:", body)
            label = _ENUM_LABEL.search(body)
            # Lemon's tokens and SIG* are numbers, no enums of ours.
            if default and label and not re.match(r"TK_|SIG", label.group(1)):
                yield "%s:%d: a default beside %s hides the case that a new row forgot" % (
                    path, line_of(code, start + default.start()), label.group(1))


def _check_words(tree):
    for path in tree.text_files():
        if path.startswith("LICENSE"):
            continue
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            word = UNFINISHED.search(line)
            if word:
                yield "%s:%d: '%s' promises work that is not done" % (path, number, word.group(1))
            if path.endswith(CODE_EXT + (".aml",)) and WRONG_WORD.search(line):
                yield "%s:%d: an alert is no %s" % (path, number, WRONG_WORD.search(line).group(0))
            if MACHINE_PATH.search(line):
                yield "%s:%d: a path of one machine: %s" % (
                    path, number, MACHINE_PATH.search(line).group(0))


def _check_readmes(tree):
    """Every folder with code says what it holds; public headers are their own manual."""
    seen = set()
    for path in tree.ending(CODE_EXT + (".aml",)):
        folder = os.path.dirname(path)
        if folder in seen or not folder or "/include" in folder or folder.startswith("."):
            continue
        seen.add(folder)
        parts = folder.split("/")
        # A library in src/ and include/ is described by the README above both.
        if parts[-1] == "src":
            folder = os.path.dirname(folder)
        # Cases and corpora are described by the README of the runner above them.
        if parts[0] == "tests" and len(parts) > 2:
            folder = "/".join(parts[:2])
        if folder + "/README.md" not in tree.paths:
            yield "%s:1: the folder %s has no README.md" % (path, folder)


def check(tree):
    for part in (_check_sizes, _check_calls, _check_switches, _check_words, _check_readmes):
        yield from part(tree)


def _c(body):
    return {"ir/README.md": "", "ir/a.c": body}


SAMPLES = [
    (_c("int f(void)\n{\n" + "  g();\n" * 119 + "}\n"), "ir/a.c:2: f has 121 lines"),
    (_c("\n" * 1201), "the file has 1201 lines"),
    (_c("void f(char *a)\n{\n  strcpy(a, b);\n}\n"), "ir/a.c:3: strcpy is banned"),
    (_c("int f(char *a)\n{\n  return sscanf(a, b);\n}\n"), "ir/a.c:3: sscanf is banned"),
    (_c("void f(void)\n{\n  exit (1);\n}\n"), "ir/a.c:3: only frontend/driver/main.c calls exit"),
    (_c("switch (k) {\ncase TY_ACCOUNT:\n  break;\ndefault:\n  break;\n}\n"),
     "ir/a.c:4: a default beside TY_ACCOUNT"),
    (_c("int f(int k)\n{\n}\nint g(enum t k)\n{\n  switch (k) {\n  case TY_A:\n  default:;\n  }\n}\n"),
     "ir/a.c:8: a default beside TY_A"),
    (_c("switch (k) {\ncase TY_A:\n  switch (c) {\n  case 'x': break;\n  }\ndefault: break;\n}\n"),
     "ir/a.c:6: a default beside TY_A"),
    (_c("// TO" "DO: later\n"), "ir/a.c:1: 'TO" "DO' promises"),
    (_c("// the ver" "dict\n"), "ir/a.c:1: an alert is no"),
    ({"ir/README.md": "see /wo" "rk/x\n"}, "ir/README.md:1: a path of one machine"),
    ({"ir/a.c": ""}, "the folder ir has no README.md"),
    ({"patterns/a.aml": ""}, "the folder patterns has no README.md"),
]
GOOD = {
    "ir/README.md": "", "frontend/driver/README.md": "",
    "frontend/driver/main.c": "int main(void)\n{\n  exit(0);\n}\n",
    "ir/a.c": "// strcpy( in words\nint f(void)\n{\n  const char *s = \"gets(x)\";\n  w->system(s);\n"
              "  snprintf(s, 1);\n  switch (c) {\n  case TY_A:\n    switch (d) {\n    default: ;\n    }\n"
              "  }\n  switch (e) {\n  case 'a':\n  default: ;\n  }\n}\n"
              "int h(int tk)\n{\n  switch (tk) {\n  case LEX_A:\n  default: ;\n  }\n}\n",
}
