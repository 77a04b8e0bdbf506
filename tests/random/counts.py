"""What a run of equality.py drew: counted by name, printed as a table, kept in a log, added up again."""
import json


class Counts:
    """By name: how many comparisons, and in how many of them the pattern matched."""

    def __init__(self):
        self.drawn, self.matched, self.totals = {}, {}, {}

    def note(self, names, matched):
        for name in names:
            self.drawn[name] = self.drawn.get(name, 0) + 1
            self.matched[name] = self.matched.get(name, 0) + bool(matched)

    def add(self, name, n=1):
        self.totals[name] = self.totals.get(name, 0) + n

    def merge(self, one):
        for mine, its in ((self.drawn, one["drawn"]), (self.matched, one["matched"]), (self.totals, one["totals"])):
            for name, n in its.items():
                mine[name] = mine.get(name, 0) + n

    def as_json(self):
        return {"totals": self.totals, "drawn": self.drawn, "matched": self.matched}

    def total(self, name):
        return self.totals.get(name, 0)

    def table(self, expected):
        """Lines: name, comparisons, of these with a match; also names that were never drawn."""
        names = sorted(set(self.drawn) | set(expected))
        width = max(len(name) for name in names)
        lines = ["%-*s %8s %8s" % (width, "", "drawn", "matched")]
        return lines + ["%-*s %8d %8d" % (width, name, self.drawn.get(name, 0), self.matched.get(name, 0)) for name in names]

    def short(self, expected, need):
        """Names drawn less often than that."""
        return sorted(name for name in expected if self.drawn.get(name, 0) < need)


def read_log(path, counts):
    """Adds up a log: (lines, seeds)."""
    seeds = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            one = json.loads(line)
            counts.merge(one)
            seeds.append(one["seed"])
    return seeds


def append_log(path, seed, counts, build):
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({"seed": seed, "build": build, **counts.as_json()}, sort_keys=True) + "\n")
