"""Draws tables of transfers: few accounts, ties, parallel and self-transfers, a hub, several currencies,
what is not given; and in it planted instances of the patterns, so that most of them match somewhere.

A planted instance has an account for every role, pays along the pattern's stages in an order they ask
for, and takes the values that the filters name. Aggregates and absences it leaves to chance.
"""
from draw_pattern import FORMATS

COLUMNS = ("id", "src", "dst", "time", "amount", "currency", "amount_received", "currency_received", "format", "risk", "desk")
RATES = "date,currency,rate\n*,USD,1\n1970-01-01,EUR,1.07\n"
START = 1000


def draw_accounts(rng):
    """An accounts file; some accounts and attributes are missing."""
    lines = ["account,bank,score"]
    for i in range(14):
        if rng.random() < 0.9:
            lines.append("n%02d,%s,%s" % (i, rng.choice(("x", "y", "x", "")), rng.choice(("1", "2", "3", "3", ""))))
    return "\n".join(lines) + "\n"


class Table:
    """Rows under construction; times from START."""

    def __init__(self, rng):
        self.rng, self.rows = rng, []
        # The rare hard things come in some tables only: a value that is missing somewhere leaves out
        # conditions, and a pattern on clean data should be met too.
        self.gaps = rng.choice((0, 0, 0.03, 0.1))
        self.foreign = rng.choice((0, 0.1, 0.3))
        self.steady = rng.random() < 0.4  # amounts are all about alike

    def row(self, src, dst, time, wants=None, amount=None):
        rng, gap = self.rng, lambda value: "" if rng.random() < self.gaps else value
        if amount is None:
            amount = rng.choice((5, 10, 10, 10, 12, 20, 8)) + rng.choice((0, 0, 0.5, 0.25, 0.333))
        received = amount if rng.random() < 0.7 else amount * 0.9
        row = {"src": src, "dst": dst, "time": int(time), "amount": gap("%g" % amount),
               "currency": gap(rng.choice(("Euro", "EUR")) if rng.random() < self.foreign else "USD"),
               "amount_received": "%.3f" % received, "currency_received": "USD",
               "format": gap(rng.choice(FORMATS)), "risk": gap(rng.choice(("0", "1", "2.5", "5"))),
               "desk": gap(rng.choice(("north", "south")))}
        row.update(wants or {})
        self.rows.append(row)

    def noise(self, accounts, n, begin, span):
        """n rows at random in a stretch of time, every fifth end at a hub."""
        rng, hub = self.rng, accounts[0]
        for _ in range(n):
            src = hub if rng.random() < 0.2 else rng.choice(accounts)
            dst = hub if rng.random() < 0.2 else rng.choice(accounts)
            if rng.random() < 0.85 and src == dst:
                dst = rng.choice(accounts)
            self.row(src, dst, begin + rng.randrange(span))

    def plant(self, pattern, begin, accounts):
        """One instance of the pattern, inside its window; returns its length in seconds."""
        rng = self.rng
        free = rng.sample(accounts, len(accounts))
        bound = {"any": [free[-1]]}
        for role in pattern.singles:
            bound[role] = [free.pop()]
        for chain in pattern.chains:
            bound[chain] = [free.pop() for _ in range(pattern.least[chain])]
        for group in pattern.groups:
            bound[group] = rng.sample(free, min(len(free), pattern.least[group] + rng.choice((0, 0, 0, 1))))
        stages = order_of(rng, pattern)
        step = max(1, (pattern.span - 1) // max(1, len(stages)))
        for k, stage in enumerate(stages):
            self.plant_stage(pattern, stage, bound, begin + k * step, step)
        return len(stages) * step

    def plant_stage(self, pattern, stage, bound, begin, step):
        rng = self.rng
        amount = 10 if self.steady else rng.choice((5, 8, 10, 10, 12, 20))
        pairs = []
        for _, a, b in [link for link in pattern.links if link[0] == stage]:
            if b in pattern.chains:
                pairs += list(zip(bound[a] + bound[b][:-1], bound[b]))
            elif a in pattern.chains:
                pairs += [(bound[a][-1], bound[b][0])]
            else:
                pairs += [(x, y) for x in bound[a] for y in bound[b] if x != y]
        hops = any(role in pattern.chains for link in pattern.links if link[0] == stage for role in link[1:])
        for i, (x, y) in enumerate(pairs):
            at = i * (step - 1) // max(1, len(pairs)) if hops else rng.randrange(step)
            self.row(x, y, begin + at, pattern.wants.get(stage), amount)

    def finish(self):
        """The rows with their ids: numbers as a rule, now and then texts."""
        rng, texts = self.rng, self.rng.random() < 0.15
        rng.shuffle(self.rows)
        for i, row in enumerate(self.rows):
            row["id"] = "t%d" % (i * 3 + 1) if texts else i * 3 + 1
        rng.shuffle(self.rows)
        return self.rows


def order_of(rng, pattern):
    """The stages as planted: as said or shuffled, and whoever comes before another does."""
    stages = list(dict.fromkeys(link[0] for link in pattern.links))
    if rng.random() < 0.4:
        rng.shuffle(stages)
    for _ in stages:
        for a, b in pattern.orders:
            if a in stages and b in stages and stages.index(a) > stages.index(b):
                stages.remove(a)
                stages.insert(stages.index(b), a)
    return stages


def draw_table(rng, patterns):
    """Rows of a generic file. Two kinds: everything in one short time, and instances one after the other."""
    table = Table(rng)
    accounts = ["n%02d" % i for i in range(rng.randrange(4, 11))]
    plenty = ["n%02d" % i for i in range(14)]
    if rng.random() < 0.4:
        span = rng.choice((20, 60, 150))
        table.noise(accounts, rng.randrange(8, 60), START, span)
        for pattern in rng.sample(patterns, min(4, len(patterns))):
            table.plant(pattern, START + rng.randrange(span), plenty)
    else:
        at = START + rng.choice((0, 0, 100))
        for pattern in rng.sample(patterns, len(patterns)):
            at += table.plant(pattern, at, plenty[:rng.randrange(9, 15)])
            at += rng.choice((-10, 1, 20, 60, 100))
        for _ in range(rng.choice((0, 1, 2))):
            table.noise(accounts, rng.randrange(4, 16), START + rng.randrange(max(1, at - START)), rng.choice((20, 60)))
    return table.finish()
