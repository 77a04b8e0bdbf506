"""All .c and .h files are as clang-format 14 leaves them. .def rows are aligned by hand."""
import re
import shutil
import subprocess

PROGRAM = "clang-format-14"


def skip():
    return None if shutil.which(PROGRAM) else "%s is not installed" % PROGRAM


def check(tree):
    files = tree.ending((".c", ".h", ".cu", ".cuh"))
    if not files:
        return
    done = subprocess.run([PROGRAM, "--dry-run", "--style=file"] + files, cwd=tree.root,
                          capture_output=True, text=True, check=False)
    seen = set()
    for line in done.stderr.split("\n"):
        match = re.match(r"(.+?):(\d+):\d+: (?:warning|error): ", line)
        # The first line of a file that differs is enough to act on: ./dev fmt does the rest.
        if match and match.group(1) not in seen:
            seen.add(match.group(1))
            yield "%s:%s: not formatted; './dev fmt' does it" % match.groups()
    if done.returncode != 0 and not seen:
        yield "%s:1: %s failed: %s" % (files[0], PROGRAM, done.stderr.strip())


SAMPLES = [
    ({"ir/a.c": "int f( void ){return 1;}\n"}, "ir/a.c:1: not formatted"),
]
GOOD = {"ir/a.c": "int f(void)\n{\n  return 1;\n}\n"}
