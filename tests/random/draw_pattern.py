"""Draws random well-typed patterns: every construct of the language, small sizes, short windows.

A pattern is built from a shape (which roles and stages there are) and what is hung on it. Each
construct drawn is noted, so that a run can say how often it tried what; CONSTRUCTS are all there are.
Not every pattern drawn is accepted by the compiler (an order may go round in a circle, a bound may
always hold): the caller asks `amlc check` and leaves out what it refuses. A pattern remembers who
pays whom in it, so that draw_table.py can plant an instance.
"""
import copy
import re
import uuid

FORMATS = ("A", "B", "C")
CURRENCIES = ("USD", "EUR")

SHAPES = ("fan", "fan", "hub", "hub", "any", "between", "between", "between", "path", "path", "triangle", "chain",
          "chain", "closed", "closed", "sets", "sets", "sets", "layer", "herd")

CONSTRUCTS = tuple(sorted(
    {"shape " + shape for shape in SHAPES} |
    {"size hard", "size upper", "size graded", "size from 0", "size graded upper", "stage", "stage within", "any",
     "may equal", "may equal group", "open chain", "closed chain", "along order", "along value", "along format", "trigger",
     "set and", "set or", "set minus", "set one", "set minus role", "set mixed", "set over group",
     "set over group share", "set over group count", "layer", "layer support", "each group", "each single", "require",
     "require or", "require and", "overlap", "absent", "absent before", "absent for", "ignoring currency",
     "same currency", "hubs", "feature", "alert", "param", "param range", "filter and", "filter or", "filter not"} |
    {"filter " + what for what in ("format", "formats", "currency", "money", "compare", "column", "text", "accounts",
                                   "received", "attribute", "time", "arithmetic", "account")} |
    {"pair " + what for what in ("before", "not after", "gap", "value", "format")} |
    {"aggregate " + what for what in ("ratio", "count", "sum", "mean", "minmax", "times", "distinct", "difference", "span",
                                      "role")} | {"twin"}))


class Pattern:
    """One pattern under construction: its lines, and what later statements may name."""

    def __init__(self, rng, name):
        self.rng, self.name, self.drawn = rng, name, set()
        self.lines, self.params = [], []
        self.singles, self.groups, self.chains, self.walks = [], [], [], []
        self.touch = {}      # role -> stages that touch it
        self.stages = []     # stages of evidence
        self.open = set()    # groups that may be empty
        self.mode = rng.choice(("", "", "ignoring", "same"))
        self.n_names = 0
        # What draw_table.py plants: the least size by group and chain, (stage, from, to) in the order said,
        # stages that come before others, values that a stage's filter asks for.
        self.least, self.links, self.orders, self.wants = {}, [], [], {}
        self.wanted = {}     # by the filter being drawn
        self.span = rng.randrange(15, 90)

    # ---- small things ----------------------------------------------------------------------------

    def drew(self, construct):
        self.drawn.add(construct)

    def chance(self, share):
        return self.rng.random() < share

    def fresh(self, stem):
        self.n_names += 1
        return "%s%d" % (stem, self.n_names)

    def say(self, line):
        self.lines.append("  " + line)

    def size(self):
        r = self.rng
        text, what = r.choice((
            ("1..", "size hard"), ("2..", "size hard"), ("1..3", "size upper"), ("1~3..", "size graded"),
            ("0..", "size from 0"), ("1~2..2~5", "size graded upper"), ("2..4", "size upper"), ("1..", "size hard"),
            ("param", "param")))
        self.drew(what)
        return self.param("count", str(r.choice((1, 2, 2)))) + ".." if text == "param" else text

    def param(self, kind, value):
        """The name of a new parameter."""
        name = self.fresh("k")
        self.params.append("  param %s : %s = %s;" % (name, kind, value))
        return name

    def seconds(self, low=1, high=60):
        return "%ds" % self.rng.randrange(low, high)

    def duration_range(self):
        a, b = sorted(self.rng.sample(range(0, 60), 2))
        c, d = sorted(self.rng.sample(range(60, 120), 2))
        return self.rng.choice(("..%ds" % (b + 5), "%ds.." % b, "%ds..%ds" % (a, c), "..%ds~%ds" % (b, d),
                                "%ds~%ds..%ds~%ds" % (a, b, c, d), "%ds~%ds.." % (a, b)))

    def ratio_range(self):
        text = self.rng.choice(("0.5..2", "0.3~0.8..1.2~3", "0.1..", "..4~9", "0.25~1..", "1/3..3", "0.9..1.1", "0.4..2.5"))
        if not self.chance(0.1):
            return text
        self.drew("param range")
        return self.param("range", text)

    def count_range(self):
        return self.rng.choice(("2..", "..3", "1~3..", "2..5", "1~2..3~6", "1.."))

    def unit(self):
        return "" if self.mode == "ignoring" else " " + self.rng.choice(CURRENCIES)

    def money_range(self):
        u, r = self.unit(), self.rng
        a, b = sorted(r.sample(range(1, 12), 2))
        c, d = sorted(r.sample(range(12, 40), 2))
        return r.choice(("%d%s.." % (a, u), "..%d%s" % (c, u), "%d%s~%d%s.." % (a, u, b, u),
                         "%d%s..%d%s" % (a, u, c, u), "%d%s~%d%s..%d%s~%d%s" % (a, u, b, u, c, u, d, u)))

    # ---- filters ---------------------------------------------------------------------------------

    def term(self, graded=True):
        r = self.rng
        kind = r.choice(("format", "formats", "currency", "money", "compare", "column", "text", "accounts", "received",
                         "attribute", "time", "arithmetic", "account"))
        if kind == "money" and not graded:
            kind = "compare"
        self.drew("filter " + kind)
        return getattr(self, "term_" + kind)(graded)

    def term_format(self, _):
        sign, what = self.rng.choice(("=", "=", "!=")), self.rng.choice(FORMATS)
        self.wanted["format"] = what if sign == "=" else {"A": "B", "B": "C", "C": "A"}[what]
        return 'format %s "%s"' % (sign, what)

    def term_formats(self, _):
        self.wanted["format"] = "A"
        return 'format in {"A", "%s"}' % self.rng.choice(("B", "C"))

    def term_currency(self, _):
        sign, what = self.rng.choice(("=", "=", "!=")), self.rng.choice(("USD", "US Dollar", "Euro", "GBP"))
        self.wanted["currency"] = "EUR" if (what == "Euro") == (sign == "=") else "USD"
        return 'currency %s "%s"' % (sign, what)

    def term_money(self, _):
        return "amount in " + self.money_range()

    def term_compare(self, _):
        return "amount %s %d%s" % (self.rng.choice(("<", "<=", ">", ">=", "!=")), self.rng.randrange(2, 20), self.unit())

    def term_column(self, _):
        self.wanted["risk"] = "3"
        return "risk %s %d" % (self.rng.choice(("<", ">=", ">")), self.rng.randrange(0, 6))

    def term_text(self, _):
        self.wanted["desk"] = self.rng.choice(("north", "south"))
        return 'desk = "%s"' % self.wanted["desk"]

    def term_accounts(self, _):
        return "from %s to" % self.rng.choice(("=", "!=", "!="))

    def term_received(self, graded):
        return "amount_received / amount in " + (self.ratio_range() if graded else "0.5..2")

    def term_attribute(self, _):
        return self.rng.choice(('from.bank = to.bank', 'from.bank != to.bank', 'to.bank = "x"', "from.score >= 2",
                                "to.score < 3"))

    def term_time(self, _):
        return "time >= 1970-01-01 00:1%d" % self.rng.randrange(5, 8)

    def term_arithmetic(self, _):
        return self.rng.choice(("amount * 2 > 3 * amount_received", "amount + amount_received > 9%s" % self.unit(),
                                "risk * 2 - 1 <= 7", "amount - amount_received <= 1%s" % self.unit()))

    def term_account(self, _):
        return "%s %s \"n0%d\"" % (self.rng.choice(("from", "to")), self.rng.choice(("=", "!=", "!=", "!=")),
                                   self.rng.randrange(10))

    def filter(self):
        self.wanted = {}
        if not self.chance(0.3):
            return ""
        a = self.term()
        what = self.rng.random()
        if what < 0.2:
            self.drew("filter and")
            a = "%s and %s" % (a, self.term())
        elif what < 0.4:
            self.drew("filter or")
            a = "(%s or %s)" % (a, self.term())
        elif what < 0.5:
            self.drew("filter not")
            a = "not (%s)" % self.term(graded=False)
        return " where " + a

    # ---- roles and stages ------------------------------------------------------------------------

    def single(self):
        name = self.fresh("a")
        self.singles.append(name)
        return name

    def group(self):
        name = self.fresh("g")
        bounds = self.size()
        self.groups.append(name)
        self.least[name] = 2 if "2" in bounds[:4] or bounds.startswith("k") else 1
        if bounds.startswith("0"):
            self.open.add(name)
        return name, "%s[%s]" % (name, bounds)

    def note(self, stage, *roles):
        self.stages.append(stage)
        for role in roles:
            self.touch.setdefault(role, []).append(stage)

    def stage(self, a, a_text, b, b_text):
        name = self.fresh("s")
        within = ""
        if self.chance(0.12):
            self.drew("stage within")
            within = " within " + self.seconds(5, 60)
        self.drew("stage")
        self.say("stage %s: %s -> %s%s%s;" % (name, a_text, b_text, self.filter(), within))
        self.link(name, a, b)
        self.note(name, a, b)
        return name

    def link(self, stage, a, b):
        """A planted instance pays from a to b, as the filter drawn last wants it."""
        self.links.append((stage, a, b))
        self.wants[stage] = self.wanted

    def around(self, group, text, key):
        """A stage between a group (as written first) and a key, either way."""
        if self.chance(0.5):
            return self.stage(group, text, key, key)
        return self.stage(key, key, group, text)

    # ---- shapes ----------------------------------------------------------------------------------

    def shape_fan(self):
        hub = self.single()
        group, text = self.group()
        self.around(group, text, hub)

    def shape_hub(self):
        hub = self.single()
        for _ in range(2):
            group, text = self.group()
            self.around(group, text, hub)

    def shape_any(self):
        hub = self.single()
        self.drew("any")
        if self.chance(0.5):
            self.stage("any", "any", hub, hub)
        else:
            self.stage(hub, hub, "any", "any")
        if self.chance(0.5):
            group, text = self.group()
            self.around(group, text, hub)

    def shape_between(self):
        a, b = self.single(), self.single()
        for _ in range(self.rng.choice((1, 1, 2))):
            group, text = self.group()
            while group in self.open:
                self.groups.remove(group)
                group, text = self.group()
            self.around(group, text, a)
            self.around(group, group, b)

    def shape_path(self):
        roles = [self.single() for _ in range(self.rng.choice((2, 3)))]
        for a, b in zip(roles, roles[1:]):
            if self.chance(0.8):
                self.stage(a, a, b, b)
            else:
                self.stage(b, b, a, a)
        if self.chance(0.3):
            self.drew("may equal")
            self.say("may equal %s, %s;" % (roles[0], roles[-1]))

    def may_equal(self):
        """A group that may contain an account it is not tied to."""
        free = [(g, a) for g in self.groups for a in self.singles
                if not any({x, y} == {g, a} for _, x, y in self.links)]
        if free:
            self.drew("may equal group")
            self.say("may equal %s, %s;" % self.rng.choice(free))

    def shape_triangle(self):
        a, b, c = self.single(), self.single(), self.single()
        for x, y in ((a, b), (b, c), (c, a)):
            self.stage(x, x, y, y)

    def shape_chain(self, closed=False):
        a = self.single()
        chain, name = self.fresh("c"), self.fresh("w")
        self.chains.append(chain)
        low = self.rng.choice((1, 1, 2))
        bounds = "%d..%d" % (low, low + self.rng.choice((0, 1, 2)))
        end = a
        if closed:
            self.drew("closed chain")
        else:
            self.drew("open chain")
            end = self.single()
        self.least[chain] = low
        self.say("stage %s: %s -> %s{%s} -> %s%s;" % (name, a, chain, bounds, end, self.filter()))
        self.wants[name] = self.wanted
        self.links.append((name, a, chain))
        self.links.append((name, chain, end))
        self.note(name, a, end)
        self.walks.append(name)
        if closed and self.chance(0.7) or not closed and self.chance(0.5):
            self.drew("along order")
            self.say("along %s: %s;" % (name, self.rng.choice(("this before next", "gap(this, next) in " + self.duration_range()))))
            if self.chance(0.3):
                self.drew("along value")
                self.say("along %s: next.amount / this.amount in %s;" % (name, self.ratio_range()))
            if self.chance(0.12):
                self.drew("along format")
                self.say("along %s: next.format = this.format;" % name)
        elif not closed and self.chance(0.5):
            if self.chance(0.6):
                self.drew("along value")
                self.say("along %s: next.amount / this.amount in %s;" % (name, self.ratio_range()))
            else:
                self.drew("along format")
                self.say("along %s: next.format = this.format;" % name)
        if self.chance(0.25):
            group, text = self.group()
            self.around(group, text, a)

    def shape_closed(self):
        self.shape_chain(closed=True)

    def shape_sets(self):
        a, b = self.single(), self.single()
        self.stage(a, a, b, b)
        group, text = self.group()
        x, y = self.rng.choice(((a, b), (b, a)))
        term = self.fresh("t")
        kind = self.rng.choice(("and", "or", "minus", "one", "minus role", "mixed"))
        self.drew("set " + kind)
        way, other_way = self.rng.choice(("out", "in")), self.rng.choice(("out", "in"))
        one = "%s(%s%s) as %s" % (way, x, self.filter(), term)
        other = "%s(%s)" % (other_way, y)
        self.link(term, *((x, group) if way == "out" else (group, x)))
        if kind == "and":
            self.links.append((other, *((y, group) if other_way == "out" else (group, y))))
        expr = {"and": "%s & %s" % (one, other), "or": "%s | %s" % (one, other), "minus": "%s - %s" % (one, other),
                "one": one, "minus role": "%s - %s" % (one, other), "mixed": "(%s | %s) - out(%s)" % (one, other, y)}[kind]
        self.say("set %s = %s;" % (text, expr))
        if kind not in ("or", "mixed"):
            self.note(term, group, x)
        if self.chance(0.7):
            self.more_sets(group)
        if self.chance(0.3):
            self.drew("trigger")
            self.say("trigger %s;" % self.rng.choice(self.stages))

    def more_sets(self, group, key=None):
        other, text = self.group()
        term = self.fresh("t")
        how = self.rng.choice(("", ", at least 2", ", at least 60%", ", all", ", at least 50%"))
        self.drew("set over group" + (" share" if "%" in how or "all" in how else " count" if how else ""))
        way = self.rng.choice(("out", "in"))
        expr = "%s(%s%s%s) as %s" % (way, group, how, self.filter(), term)
        self.link(term, *((group, other) if way == "out" else (other, group)))
        if self.chance(0.3):
            self.drew("set minus role")
            expr += " - " + group
        if key and self.chance(0.3):
            expr += " - %s(%s)" % (self.rng.choice(("in", "out")), key)
        self.say("set %s = %s;" % (text, expr))
        self.note(term, other, group)

    def shape_herd(self):
        """A group at a key, another group beyond it, and something asked of each by its own transfers."""
        key = self.single()
        group, text = self.group()
        if self.chance(0.7):
            self.mode = "ignoring"
        self.around(group, text, key)
        self.more_sets(group, key)
        self.drew("each group")
        for _ in range(self.rng.choice((1, 1, 2))):
            self.say("each %s: %s;" % (group, self.aggregate(self.touch[group], False)))
        if self.chance(0.4):
            self.drew("trigger")
            self.say("trigger %s;" % self.stages[0])

    def shape_layer(self):
        a, b = self.single(), self.single()
        left, left_text = self.group()
        right, right_text = self.group()
        self.around(left, left_text, a)
        self.around(right, right_text, b)
        name = self.fresh("s")
        self.drew("layer")
        support = self.rng.choice(("", " support 2.., 1..", " support 1.., 2..", " support 2.., 2.."))
        if support:
            self.drew("layer support")
            for group in (left, right):
                self.least[group] = 2
        self.say("stage %s: %s -> %s%s%s;" % (name, left, right, self.filter(), support))
        self.link(name, left, right)
        self.note(name, left, right)

    # ---- constraints -----------------------------------------------------------------------------

    def pair(self):
        roles = [r for r, s in self.touch.items() if r != "any" and len(set(s)) >= 2 and r not in self.chains]
        if not roles:
            return
        role = self.rng.choice(roles)
        a, b = self.rng.sample(sorted(set(self.touch[role])), 2)
        kind = self.rng.choice(("before", "before", "not after", "gap", "value", "format"))
        self.drew("pair " + kind)
        if kind in ("before", "not after", "gap"):
            self.orders.append((a, b))
        text = {"before": "%s before %s" % (a, b), "not after": "%s not after %s" % (a, b),
                "gap": "gap(%s, %s) in %s" % (a, b, self.duration_range()),
                "value": "%s.amount / %s.amount in %s" % (b, a, self.ratio_range()),
                "format": "%s.format = %s.format" % (a, b)}[kind]
        self.say("each %s: %s;" % (role, text))

    def aggregate(self, stages, whole):
        """A condition over aggregates of some stages."""
        r = self.rng
        a, b = r.choice(stages), r.choice(stages)
        kinds = ["ratio", "count", "sum", "mean", "minmax", "times", "distinct", "difference"] + (["span", "role"] if whole else [])
        kind = r.choice(kinds)
        self.drew("aggregate " + kind)
        if kind == "ratio":
            return "sum(%s.amount) / sum(%s.amount) in %s" % (a, b, self.ratio_range()) if a != b else "count(%s) in 1~3.." % a
        if kind == "sum":
            return "sum(%s.amount) in %s" % (a, self.money_range())
        if kind == "mean":
            return "mean(%s.amount) %s %d%s" % (a, r.choice(("<", ">=")), r.randrange(3, 15), self.unit())
        if kind == "minmax":
            return "min(%s.amount) / max(%s.amount) in 0.1~0.9.." % (a, b)
        if kind == "times":
            return "last(%s) - first(%s) in %s" % (a, b, self.duration_range())
        if kind == "distinct":
            return "distinct(%s.%s) in %s" % (a, r.choice(("currency", "format", "amount")), r.choice(("2..", "1~3..", "..2")))
        if kind == "difference":
            return "sum(%s.amount) - sum(%s.amount) in %s" % (a, b, self.money_range()) if a != b else "count(%s) in ..4" % a
        if kind == "span":
            return "span in " + self.duration_range()
        if kind == "role":
            role = r.choice(self.groups + self.chains or [None])
            return "count(%s) in %s" % (role, self.count_range()) if role else "span in " + self.duration_range()
        return "count(%s) in %s" % (a, self.count_range())

    def each(self):
        roles = [r for r in self.groups + self.singles if r in self.touch]
        if roles:
            role = self.rng.choice(roles)
            self.drew("each group" if role in self.groups else "each single")
            self.say("each %s: %s;" % (role, self.aggregate(self.touch[role], False)))

    def require(self):
        text = self.aggregate(self.stages, True)
        if self.chance(0.2):
            self.drew("require or")
            text = "%s or %s" % (text, self.aggregate(self.stages, True))
        elif self.chance(0.2):
            self.drew("require and")
            text = "%s and %s" % (text, self.aggregate(self.stages, True))
        self.drew("require")
        self.say("require %s;" % text)

    def overlap(self):
        if len(self.stages) >= 2:
            a, b = self.rng.sample(self.stages, 2)
            self.drew("overlap")
            self.orders.append((a, b))
            self.say("require %s before %s overlap %s;" % (a, b, self.rng.choice(("..20%", "..0", "..10%~60%", "..50%"))))

    def absent(self):
        r = self.rng
        roles = self.singles + self.groups
        a = r.choice(roles + ["any"])
        b = r.choice([x for x in roles + ["any"] if x != a and not (a == "any" and x == "any")] or [None])
        if b is None:
            return
        text = "absent %s: %s -> %s%s" % (self.fresh("q"), a, b, self.filter())
        if self.chance(0.5):
            self.drew("absent before")
            text += " before first(%s)" % r.choice(self.stages)
            if self.chance(0.6):
                self.drew("absent for")
                text += " for " + self.seconds(10, 200)
        self.drew("absent")
        self.say(text + ";")

    # ---- the whole -------------------------------------------------------------------------------

    def text(self):
        r = self.rng
        shape = r.choice(SHAPES)
        self.drew("shape " + shape)
        getattr(self, "shape_" + shape)()
        self.shape = [list(self.lines), list(self.params)]
        return self.finish()

    def twin(self, rng, name):
        """One of the same shape, window and currencies; its sizes, lengths and conditions are others."""
        t = copy.deepcopy(self)
        t.rng, t.name, t.drawn = rng, name, {"twin"} | {d for d in self.drawn if d.startswith("shape ")}
        t.lines, t.params = [list(part) for part in self.shape]
        for i, line in enumerate(t.lines):
            if t.chance(0.6):
                size = rng.choice(("2..", "1~3..", t.size()))
                t.lines[i] = re.sub(r"\[[^\]]*\]", "[" + size + "]", line, count=1)
            if t.chance(0.5):
                t.lines[i] = re.sub(r"\{\d\.\.\d\}", lambda _: "{1..%d}" % rng.randrange(1, 4), t.lines[i])
            if t.chance(0.3):
                t.lines[i] = re.sub(r"(along \w+): .* in .*;", lambda m: "%s: this before next;" % m.group(1), t.lines[i])
        return t, t.finish()

    def finish(self):
        """What hangs on the shape, and the whole text."""
        r = self.rng
        for make, share in ((self.pair, 0.5), (self.pair, 0.25), (self.each, 0.35), (self.require, 0.35),
                            (self.require, 0.15), (self.overlap, 0.12), (self.absent, 0.2), (self.may_equal, 0.15)):
            if self.chance(share):
                make()
        head = ["/// Drawn by chance.", "pattern %s {" % self.name,
                '  meta { id: "%s"; version: "1.0.0"; }' % uuid.UUID(int=r.getrandbits(128), version=4),
                "  within %ds;" % self.span]
        if self.mode:
            self.drew(self.mode + " currency")
            head.append("  %s currency;" % self.mode)
        if self.chance(0.12):
            self.drew("hubs")
            head.append("  hubs at most %d;" % r.randrange(3, 12))
        tail = []
        if self.chance(0.3):
            self.drew("feature")
            what = r.choice(self.stages)
            tail.append("  feature f1 = %s;" % r.choice((
                "count by count(%s) bins 1..4" % what, "max(sum(%s.amount))" % what, "mean(count(%s))" % what,
                "min(span)", "sum(count(%s))" % what)))
        if self.chance(0.3):
            self.drew("alert")
            tail.append('  alert "{%s} {count(%s)} in {span}";' % (self.singles[0], r.choice(self.stages)))
        return "\n".join(["#!amlc 1", ""] + head + self.params + self.lines + tail + ["}", ""])


TWINS = 0.3  # of the patterns that have one before them
DEAR = {"shape between", "shape sets", "shape closed", "shape chain"}  # whose plans share work among twins


def draw_pattern(rng, name, before=()):
    """A pattern and its text; sometimes the twin of one of those before it, so that the two share work."""
    if before and rng.random() < TWINS:
        dear = [p for p in before if p.drawn & DEAR]
        pattern, text = rng.choice(dear if dear and rng.random() < 0.7 else before).twin(rng, name)
    else:
        pattern = Pattern(rng, name)
        text = pattern.text()
    unknown = pattern.drawn - set(CONSTRUCTS)
    if unknown:
        raise ValueError("constructs that CONSTRUCTS lacks: %s" % ", ".join(sorted(unknown)))
    return pattern, text

