"""Includes form a star around ir/: this table says which folder may include what.

The longest matching folder wins. Each entry is a pattern of paths as they lie in the tree (a `*`
matches inside one folder, `**` any depth); a `!` in front takes paths away again. `<x>` stands for
a system header that only the folders naming it may use; all other system headers are free.
"""
import fnmatch
import os
import re

from common import C_EXT, blank_comments, line_of

BASE = "ir/base/*.*"
IR = "ir/*.*"
RUNTIME = "runtime/include/**"

# folder: what it may include. A row added or widened is a commit of its own.
TABLE = {
    "ir/base": [BASE],
    "ir": [BASE, IR],
    "ir/reference": [BASE, "ir/gir*", "ir/types*", "ir/reference/**"]
                    + ["runtime/include/amlrt/%s.h" % h for h in ("amlrt", "table", "money", "match")],
    "frontend": [BASE, IR, "!ir/kir*", "frontend/*.*", "frontend/include/**"],
    # The compile API runs what it compiled, so its types are the runtime's public ones.
    "frontend/include": ["frontend/include/**", RUNTIME],
    "frontend/driver": [BASE, IR, "ir/reference/ref.h", "frontend/**", "passes/pass.h",
                        "backend_cpu/cpu.h", "backend_cpu/jit/jit.h", "backend_gpu/gpu.h", RUNTIME],
    "passes": [BASE, IR, "passes/**"],
    "backend_cpu": [BASE, IR, "!ir/gir*", "backend_cpu/**", RUNTIME],
    "backend_cpu/jit": [BASE, IR, "!ir/gir*", "backend_cpu/**", RUNTIME, "<llvm-c/*>"],
    "backend_gpu": [BASE, IR, "!ir/gir*", "backend_gpu/**", RUNTIME],
    "runtime/include": ["runtime/include/**"],
    "runtime/src": [RUNTIME, "runtime/src/**"],
    "datasets": ["frontend/include/amlc/amlc.h", RUNTIME, "datasets/**"],
    "bench": ["frontend/include/amlc/amlc.h", RUNTIME, "bench/**"],
    "python": ["frontend/include/amlc/amlc.h", RUNTIME, "python/**"],
    "tests": ["**", "<llvm-c/*>", "<omp.h>"],
}
# One file of a folder that may use more than its folder.
FILES = {
    "runtime/src/sched.c": ["<omp.h>"],
}
GUARDED_SYSTEM = ("llvm-c/*", "omp.h")
ROOTS = {"amlrt": "runtime/include/", "amlc": "frontend/include/"}
# Headers of the build folder, by what they are included as: where they would lie.
GENERATED = {"aml_build_id.h": "ir/base/aml_build_id.h", "grammar.h": "frontend/grammar.h"}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.MULTILINE)


def _matches(path, pattern):
    if "**" in pattern:
        return path.startswith(pattern.split("**")[0])
    return os.path.dirname(path) == os.path.dirname(pattern) and fnmatch.fnmatch(path, pattern)


def _allowed(path, patterns):
    ok = False
    for pattern in patterns:
        if pattern.startswith("!"):
            ok = ok and not _matches(path, pattern[1:])
        elif not pattern.startswith("<"):
            ok = ok or _matches(path, pattern)
    return ok


def _row(path):
    folder = os.path.dirname(path)
    while folder and folder not in TABLE:
        folder = os.path.dirname(folder)
    return folder


def _made_here(path, tree):
    """A header that re2c or Lemon makes of a file of the same name."""
    stem = os.path.splitext(path)[0]
    return stem + ".y" in tree.paths or stem + ".re" in tree.paths


def _check_one(path, kind, name, tree):
    row = _row(path)
    rights = TABLE[row] + FILES.get(path, [])
    if kind == "<":
        for guarded in GUARDED_SYSTEM:
            if fnmatch.fnmatch(name, guarded) and "<%s>" % guarded not in rights:
                return "<%s> is not for %s/" % (name, row)
        if name.split("/")[0] in ROOTS:
            return 'write "%s": it is ours, not the system\'s' % name
        return None
    target = GENERATED.get(name) or ROOTS.get(name.split("/")[0], "") + name
    if target not in tree.paths and name not in GENERATED and not _made_here(target, tree):
        return '"%s" is not a path from the root of the tree' % name
    if not _allowed(target, rights):
        return "%s/ may not include %s" % (row, target)
    return None


def check(tree):
    for path in tree.ending(C_EXT + (".def",)):
        code = blank_comments(tree.text(path), keep_strings=True)
        for match in _INCLUDE.finditer(code):
            where = "%s:%d" % (path, line_of(code, match.start()))
            if not _row(path):
                yield "%s: %s has no row in the table of check_includes.py" % (where, path)
                continue
            wrong = _check_one(path, match.group(1), match.group(2), tree)
            if wrong:
                yield "%s: %s" % (where, wrong)


SAMPLES = [
    ({"ir/a.c": '#include "frontend/ast.h"\n', "frontend/ast.h": ""},
     "ir/a.c:1: ir/ may not include frontend/ast.h"),
    ({"ir/base/a.c": '\n#include "ir/gir.h"\n', "ir/gir.h": ""},
     "ir/base/a.c:2: ir/base/ may not include ir/gir.h"),
    ({"ir/reference/a.c": '#include "amlrt/graph.h"\n', "runtime/include/amlrt/graph.h": ""},
     "may not include runtime/include/amlrt/graph.h"),
    ({"frontend/a.c": '#include "ir/kir.h"\n', "ir/kir.h": ""}, "may not include ir/kir.h"),
    ({"frontend/a.c": '#include "ir/reference/ref.h"\n', "ir/reference/ref.h": ""},
     "may not include ir/reference/ref.h"),
    ({"frontend/driver/a.c": '#include "passes/b.h"\n', "passes/b.h": ""},
     "may not include passes/b.h"),
    ({"backend_cpu/a.c": '#include "ir/gir.h"\n', "ir/gir.h": ""}, "may not include ir/gir.h"),
    ({"backend_cpu/a.c": "#include <llvm-c/Core.h>\n"}, "<llvm-c/Core.h> is not for backend_cpu/"),
    ({"runtime/src/table.c": "#include <omp.h>\n"}, "<omp.h> is not for runtime/src/"),
    ({"runtime/src/a.c": '#include "ir/base/vec.h"\n', "ir/base/vec.h": ""},
     "may not include ir/base/vec.h"),
    ({"runtime/include/amlrt/a.h": '#include "runtime/src/b.h"\n', "runtime/src/b.h": ""},
     "may not include runtime/src/b.h"),
    ({"ir/a.c": '#include "b.h"\n', "ir/b.h": ""}, "is not a path from the root"),
    ({"ir/reference/a.c": "#include <amlrt/table.h>\n"}, "it is ours"),
    ({"spare/a.c": '#include "ir/b.h"\n', "ir/b.h": ""}, "has no row in the table"),
]
GOOD = {
    "ir/gir.c": '#include "ir/gir.h"\n#include "ir/base/vec.h"\n#include <stdio.h>\n',
    "ir/gir.h": "", "ir/base/vec.h": "", "ir/reference/ref.h": "",
    "ir/reference/ref.c": '#include "amlrt/table.h"\n', "runtime/include/amlrt/table.h": "",
    "runtime/src/sched.c": "#include <omp.h>\n// #include <llvm-c/Core.h>\n",
    "backend_cpu/jit/jit.c": "#include <llvm-c/Core.h>\n",
    "frontend/parse.c": '#include "frontend/grammar.h"\n', "frontend/grammar.y": "",
    "frontend/driver/run.c": '#include "ir/reference/ref.h"\n#include "aml_build_id.h"\n',
    "tests/unit/test_ref.c": '#include "ir/reference/ref.h"\n',
}
