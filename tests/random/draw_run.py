"""Draws how the patterns of a round are run: what all engines are told, and one engine's own options."""


class Run:
    """One comparison: `common` goes to the reference too, `own` to the engine alone.

    Options are a dictionary, name to value, so that a shrinker can leave any of them out. `plans` says
    which plan is forced, by pattern; "" is auto.
    """

    def __init__(self, engine, mode, common, own, plans):
        self.engine, self.mode, self.common, self.own, self.plans = engine, mode, common, own, plans

    def copy(self, **changes):
        return Run(**{**self.__dict__, **changes})

    def common_options(self):
        return ["--accounts=accounts.csv"] + ["--%s=%s" % item for item in self.common.items()]

    def own_options(self):
        if self.engine == "gir":
            return ["--engine=reference"]
        forced = ["%s=%s" % (name, plan) for name, plan in self.plans.items() if plan]
        options = ["--engine=" + self.engine] + ["--%s=%s" % item for item in self.own.items()]
        return options + (["--plan=" + ",".join(forced)] if forced else [])

    def names(self):
        """How it is called in the counts."""
        names = ["engine " + self.engine, "mode " + self.mode]
        names += ["option --" + name for name in (*self.common, *self.own) if name not in ("disable", "threads")]
        names += ["threads " + self.own["threads"]] if "threads" in self.own else []
        return names + (["off " + self.own["disable"]] if self.own.get("disable") else [])


OPTIONS = ("rates", "history", "hub-limit", "match-limit", "trigger", "memory", "time-limit")
THREADS = ("1", "2", "4")


def draw_common(rng, mode, ids):
    """Options that say what is asked for: the same for every engine."""
    common = {}
    if rng.random() < 0.3:
        common["rates"] = "rates.csv"
    if rng.random() < 0.3:
        common["history"] = "complete"
    if rng.random() < 0.15:
        common["hub-limit"] = str(rng.randrange(2, 10))
    if rng.random() < 0.15:
        common["match-limit"] = str(rng.choice((1, 1, 2, 3, 5, 20)))
    elif rng.random() < 0.08 and not mode.startswith("features"):
        common["trigger"] = str(rng.choice(ids))
    return common


def draw_own(rng, mode, off):
    """Options that may change nothing."""
    own = {"threads": rng.choice(THREADS)}
    if off:
        own["disable"] = off
    if rng.random() < 0.08 and not mode.startswith("features"):
        own["memory"] = rng.choice(("1K", "16K", "64K", "256K", "1M", "64M"))
    if rng.random() < 0.08:
        own["time-limit"] = "2h"
    return own


BEST_SHARE = 0.3  # of the runs: no pattern by trigger-major that has another plan, for what they share


def draw_plans(rng, has):
    """By pattern: mostly forced, among those it has, the ones besides trigger-major more often."""
    plans, best = {}, rng.random() < BEST_SHARE
    for name in sorted(has):
        more = [plan for plan in has[name] if plan != "trigger-major"]
        plans[name] = rng.choice(["", "trigger-major"] + 2 * more if more else ["", "trigger-major"])
        if best and more:
            plans[name] = more[-1]
    return plans
