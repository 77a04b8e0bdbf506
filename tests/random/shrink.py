"""A failing pair made small, and kept as a golden case."""
import os
import re

from draw_table import COLUMNS
from engines import GOOD, cut_by_memory, difference

MOST_TRIES = 1500
CASE = """// Found by tests/random/equality.py --seed {seed}: engine {engine}, {options}.
// RUN: equal {words}
{input}// FILE: table.csv
{table}{files}// ----
{answer}"""


def table_text(rows):
    lines = [",".join(COLUMNS)] + [",".join(str(row[column]) for column in COLUMNS) for row in rows]
    return "\n".join(lines) + "\n"


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


class Pair:
    """What is compared: texts of patterns by file name, rows, and the run."""

    def __init__(self, texts, rows, run):
        self.texts, self.rows, self.run = texts, rows, run

    def but(self, **changes):
        return Pair(**{**{"texts": self.texts, "rows": self.rows, "run": self.run}, **changes})


def compare(amlc, folder, patterns, run, want=None):
    """(what differs or None, the reference's answer, the engine's)."""
    if want is None:
        want = amlc.answer(folder, patterns, ["--engine=reference"] + run.common_options(), run.mode)
    files = amlc.graph_ir(folder, patterns) if run.engine == "gir" else patterns
    have = amlc.answer(folder, files, run.common_options() + run.own_options(), run.mode)
    if "memory" in run.own and cut_by_memory(have):
        return None, want, have
    return difference(want, have, with_manifest=run.engine != "gir"), want, have


class Shrinker:
    def __init__(self, amlc, folder, pair):
        self.amlc, self.folder, self.pair, self.tries, self.again = amlc, folder, pair, 0, 1
        self.kind = None

    def kind_of(self, pair):
        """How the pair fails: an exit code, or that it differs; None if it does not."""
        self.tries += 1
        for name, text in pair.texts.items():
            write(self.folder, name, text)
            if not self.amlc.accepts(self.folder, name):
                return None
        write(self.folder, "table.csv", table_text(pair.rows))
        for _ in range(self.again):
            wrong, want, have = compare(self.amlc, self.folder, list(pair.texts), pair.run)
            if wrong:
                codes = [a.code for a in (want, have) if a.code not in GOOD]
                return codes or "differs"
        return None

    def keep_if_fails(self, **changes):
        if self.tries >= MOST_TRIES:
            return False
        smaller = self.pair.but(**changes)
        if self.kind_of(smaller) != self.kind:
            return False
        self.pair = smaller
        return True

    def go(self):
        """True: it failed again, and the pair is small now. False: it did not, nothing is changed."""
        for self.again in (1, 5):
            self.kind = self.kind_of(self.pair)
            if self.kind:
                break
        if not self.kind:
            return False
        self.one_pattern()
        self.fewer_rows()
        self.fewer_statements()
        self.fewer_options()
        self.fewer_statements()
        self.fewer_rows()
        return True

    def one_pattern(self):
        for name in self.pair.texts:
            if self.only([name]):
                return
        for name in list(self.pair.texts):
            if len(self.pair.texts) > 1:
                self.only([left for left in self.pair.texts if left != name])

    def only(self, names):
        plans = {name: plan for name, plan in self.pair.run.plans.items() if name + ".aml" in names}
        return self.keep_if_fails(texts={name: self.pair.texts[name] for name in names}, run=self.pair.run.copy(plans=plans))

    def fewer_rows(self):
        size = max(1, len(self.pair.rows) // 2)
        while True:
            at, shorter = 0, False
            while at < len(self.pair.rows):
                fewer = self.pair.rows[:at] + self.pair.rows[at + size:]
                if fewer and self.keep_if_fails(rows=fewer):
                    shorter = True
                else:
                    at += size
            if size == 1 and not shorter:
                return
            size = max(1, size // 2)

    def fewer_statements(self):
        """Whole lines of a pattern, the last first; then what follows a `where`."""
        for name in list(self.pair.texts):
            at = len(self.pair.texts[name].splitlines())
            while at > 0:
                at -= 1
                lines = self.pair.texts[name].splitlines()
                if re.match(r"#!|pattern |\}|  meta|  within|$", lines[at]):
                    continue
                if self.with_line(name, at, None):
                    continue
                for simple in (re.sub(r" where [^;]*?( within \d+s;|;)", r"\1", lines[at]),
                               re.sub(r" within \d+s;", ";", lines[at]), re.sub(r" or .*;", ";", lines[at])):
                    if simple != lines[at] and self.with_line(name, at, simple):
                        break

    def with_line(self, name, at, text):
        lines = self.pair.texts[name].splitlines()
        lines[at:at + 1] = [] if text is None else [text]
        return self.keep_if_fails(texts={**self.pair.texts, name: "\n".join(lines) + "\n"})

    def fewer_options(self):
        run = self.pair.run
        for name in list(run.common):
            self.without("common", name)
        for name in list(run.own):
            self.without("own", name)
        if self.pair.run.own.get("threads", "1") != "1":
            self.keep_if_fails(run=self.pair.run.copy(own={**self.pair.run.own, "threads": "1"}))
        if any(self.pair.run.plans.values()):
            self.keep_if_fails(run=self.pair.run.copy(plans={}))

    def without(self, which, name):
        if name == "threads":
            return
        left = {k: v for k, v in getattr(self.pair.run, which).items() if k != name}
        self.keep_if_fails(run=self.pair.run.copy(**{which: left}))


def case_text(amlc, folder, pair, seed):
    """The golden case of a pair: what all engines must answer, which is what the reference does."""
    run = pair.run
    own = [option for option in run.own_options() if not option.startswith("--engine=")]
    common = ["--%s=%s" % item for item in run.common.items()]
    files = ["accounts.csv"] + (["rates.csv"] if "rates" in run.common else [])
    texts = list(pair.texts.items())
    extra = "".join("// FILE: %s\n%s" % item for item in texts[1:])
    there = {row[end] for row in pair.rows for end in ("src", "dst")} | {"account"}
    for name in files:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lines = [line for line in file if name != "accounts.csv" or line.split(",")[0] in there]
        extra += "// FILE: %s\n%s" % (name, "".join(lines))
    words = ["'%s'" % run.mode if " " in run.mode else run.mode, "%s"] + [name for name, _ in texts[1:]] + common
    write(folder, "table.csv", table_text(pair.rows))
    answer = amlc.answer(folder, list(pair.texts), ["--engine=reference"] + run.common_options(), run.mode)
    shown = answer.files.get("alerts.jsonl", answer.files.get("features.csv", ""))
    return CASE.format(seed=seed, engine=run.engine, options=" ".join([run.mode] + common + own),
                       words=" ".join(words + (["--"] + own if own else [])), input=texts[0][1],
                       table=table_text(pair.rows), files=extra, answer="exit %d\n%s" % (answer.code, shown))


def keep(amlc, folder, pair, seed, label, cases):
    """Writes the case; its path."""
    os.makedirs(cases, exist_ok=True)
    path = os.path.join(cases, label + ".test")
    with open(path, "w", encoding="utf-8") as file:
        file.write(case_text(amlc, folder, pair, seed))
    return path
