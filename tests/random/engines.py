"""Runs of amlc under some engine and options, and what differs between two of them."""
import csv
import hashlib
import io
import json
import os
import re
import subprocess

TIMEOUT_S = 300
PLAN_WORDS = {"trigger_major": "trigger-major", "hub_sweep": "hub-sweep", "key_major": "key-major",
              "closing_search": "closing-search"}
PLANS = tuple(PLAN_WORDS.values())
EXE_MODES = ("all", "maximal", "episode") # of a stand-alone program
MODES = EXE_MODES + ("features", "features member")
GOOD = (0, 5)  # exit codes of a run that says something: done, and cut by a limit


class Answer:
    """What a run left: its exit code, the bytes to compare, and what it says of itself."""

    def __init__(self, code, message):
        self.code, self.message, self.files = code, message, {}
        self.matches = {}   # by pattern
        self.plans = {}     # by pattern: the plan it took
        self.engine = ""

    def lines(self, names):
        if self.code not in GOOD:
            return ["exit %d: %s" % (self.code, self.message)]
        lines = ["exit %d" % self.code]
        for name in names:
            lines += self.files.get(name, "").splitlines()
        return lines


class Amlc:
    def __init__(self, program):
        self.program = os.path.abspath(program)
        self._plans = {}

    def call(self, folder, *argv):
        # Detectors are kept in the round's own folder: nobody's is filled, and a run with the same code but
        # other options needs no C compiler.
        env = dict(os.environ, AMLC_CACHE=os.path.join(os.path.abspath(folder), "cache"))
        try:
            return subprocess.run([self.program, *argv], cwd=folder, capture_output=True, text=True, env=env,
                                  timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, 124, "", "still running after %d s" % TIMEOUT_S)

    def accepts(self, folder, name):
        done = self.call(folder, "check", "-q", name)
        if done.returncode not in (0, 3):
            raise SystemExit("amlc check %s/%s: exit %d\n%s" % (folder, name, done.returncode, done.stderr))
        return done.returncode == 0

    def engines(self):
        """The compiled engines of this build."""
        done = self.call(".", "--version")
        found = re.search(r"^engines: (.*)$", done.stdout, re.MULTILINE)
        names = [name.strip() for name in found.group(1).split(",")] if found else ["c"]
        return [name for name in names if name in ("c", "jit")]

    def passes(self, tricks=True):
        """What can be switched off: passes, and tricks of the runtime."""
        text = self.call(".", "help", "passes").stdout
        lines = text.splitlines() if tricks else text.split("\nTricks of the runtime", 1)[0].splitlines()
        return [line.split()[0] for line in lines
                if re.match(r"  [a-z][a-z0-9-]+ ", line) and line.split()[0] != "lower"]

    def plans(self, folder, patterns, off=""):
        """By pattern: the plans it has, with a pass left out."""
        found, name = {}, None
        done = self.call(folder, "compile", *patterns, "--emit=kir", "-o", "-", *(["--disable=" + off] if off else []))
        if done.returncode != 0:
            raise SystemExit("compile --emit=kir: exit %d\n%s" % (done.returncode, done.stderr))
        for line in done.stdout.splitlines():
            start, row = re.match(r"pattern (\w+) \{", line), re.match(r"  plan kind=(\w+)", line)
            if start:
                name = start.group(1)
                found[name] = []
            elif row and PLAN_WORDS[row.group(1)] not in found[name]:
                found[name].append(PLAN_WORDS[row.group(1)])
        return {name: plans or ["trigger-major"] for name, plans in found.items()}

    def graph_ir(self, folder, patterns):
        """The patterns as graph IR, printed: files to be read back."""
        out = []
        for name in patterns:
            out.append(name.replace(".aml", ".gir"))
            done = self.call(folder, "compile", name, "--emit=gir", "-o", out[-1])
            if done.returncode != 0:
                raise SystemExit("compile %s: %s" % (name, done.stderr))
        return out

    def stand_alone(self, folder, patterns, off):
        """The patterns as a program that takes the data (compile --emit=exe), made once. None: it was not made; why."""
        argv = ["--disable=" + off] if off else []
        texts = [open(os.path.join(folder, name), encoding="utf-8").read() for name in patterns]
        path = os.path.abspath(os.path.join(folder, hashlib.sha256("\0".join(argv + texts).encode()).hexdigest()[:16] + ".exe"))
        if not os.path.exists(path):
            done = self.call(folder, "compile", *patterns, "--emit=exe", "-o", path, *argv)
            if done.returncode != 0:
                return None, done
        return path, None

    def run_alone(self, folder, patterns, argv, options):
        """What `run` with these options does, by a program of its own; it has no options of the compiler."""
        off = [word[len("--disable="):] for word in options if word.startswith("--disable=")]
        program, failed = self.stand_alone(folder, patterns, off[0] if off else "")
        own = [word for word in options if not word.startswith(("--disable=", "--engine="))]
        return failed or Amlc(program).call(folder, *argv, "-q", *own)

    def answer(self, folder, patterns, options, mode):
        out = os.path.join(folder, "out")
        os.makedirs(out, exist_ok=True)
        for name in os.listdir(out):
            os.unlink(os.path.join(out, name))
        if mode.startswith("features"):
            argv = ["features", *patterns, "table.csv", "-o", "out/features.csv"]
            argv += ["--attribute=member"] if mode.endswith("member") else []
        else:
            argv = ["run", *patterns, "table.csv", "-o", "out", "--mode=" + mode]
        if "--engine=exe" in options:
            done = self.run_alone(folder, patterns, argv[len(patterns) + 1:], options)
        else:
            done = self.call(folder, *argv, "-q", "--save-plan=out/plans", *options)
        answer = Answer(done.returncode, done.stderr.strip()[-1500:])
        for name in os.listdir(out):
            with open(os.path.join(out, name), encoding="utf-8") as file:
                answer.files[name] = file.read()
        if answer.code in GOOD:
            describe(answer)
        return answer


def describe(answer):
    """What the files say of the run."""
    if "manifest.json" in answer.files:
        manifest = json.loads(answer.files["manifest.json"])
        answer.matches = {p["name"]: p["matches"] for p in manifest["patterns"]}
    for line in csv.DictReader(io.StringIO(answer.files.get("features.csv", ""))):
        for column, value in line.items():
            if column.endswith(".count"):
                name = column[:-len(".count")]
                answer.matches[name] = answer.matches.get(name, 0) + int(value)
    for line in answer.files.get("plans", "").splitlines():
        if not line.startswith("#"):
            name, plan = line.split()
            answer.plans[name] = plan
    if "run.json" in answer.files:
        run = json.loads(answer.files["run.json"])
        answer.engine = run["engine"]
        answer.plans = answer.plans or {p["name"]: p["plan"] for p in run["patterns"] if "plan" in p}


def cut_by_memory(answer):
    return answer.code == 5 and '"memory"' in answer.files.get("manifest.json", "")


def difference(want, have, with_manifest=True):
    """The first line that differs, as two texts, or None. Two equal failures are one, too."""
    names = ["alerts.jsonl", "evidence.csv", "features.csv"] + (["manifest.json"] if with_manifest else [])
    one, two = want.lines(names), have.lines(names)
    if one == two and want.code in GOOD:
        return None
    for i in range(max(len(one), len(two))):
        a = one[i] if i < len(one) else "(nothing)"
        b = two[i] if i < len(two) else "(nothing)"
        if a != b or want.code not in GOOD:
            return a, b
    return "the same", "the same"
