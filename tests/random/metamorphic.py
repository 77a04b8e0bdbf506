"""The relations: what may be done to a table without changing what is found in it.

A relation is (name, change, same). change(table, rng) gives what the variant run is given; same(a,
b, change) compares what the two runs found and says what differs, or None.
"""
import json
import re

PREFIX = "zz_"


def permute_rows(table, rng):
    rows = table["rows"][:]
    rng.shuffle(rows)
    return {"files": [rows]}


def split_in_two(table, rng):
    at = rng.randrange(len(table["rows"]) + 1)
    return {"files": [table["rows"][:at], table["rows"][at:]]}


def pack(table, rng):
    return {"files": [table["rows"]], "gzip": True}


def shift_times(table, rng):
    shift = rng.choice((-1, 1)) * rng.randrange(1, 10**9)
    return {"files": [[dict(r, time=r["time"] + shift) for r in table["rows"]]], "shift": shift}


def _renamed(table, names):
    return [[dict(r, src=names[r["src"]], dst=names[r["dst"]]) for r in table["rows"]]]


def rename_in_order(table, rng):
    return {"files": _renamed(table, {name: PREFIX + name for name in table["accounts"]})}


def rename_freely(table, rng):
    new = table["accounts"][:]
    rng.shuffle(new)
    names = dict(zip(table["accounts"], new))
    return {"files": _renamed(table, names), "back": {v: k for k, v in names.items()}}


def _first_difference(a, b):
    if a == b:
        return None
    for i in range(max(len(a), len(b))):
        one, two = (x[i] if i < len(x) else "(nothing)" for x in (a, b))
        if one != two:
            return "alert %d:\n    %s\n    %s" % (i, one, two)
    return None


def same_bytes(one, two, change):
    return (_first_difference(one["alerts"], two["alerts"])
            or _first_difference(one["evidence"], two["evidence"]))


def _parsed(found, drop, change_line=lambda line: line):
    out = []
    for line in found["alerts"]:
        alert = json.loads(change_line(line))
        for field in drop:
            alert.pop(field, None)
        out.append(alert)
    return out


def same_but_times(one, two, change):
    drop = ("first", "last")
    return _first_difference(_parsed(one, drop), _parsed(two, drop))


def same_but_names(one, two, change):
    """Ids hash the keys, so they change with the names; all else is equal once names are put back."""
    drop = ("match_id", "alert_id")
    return _first_difference(_parsed(one, drop), _parsed(two, drop, lambda s: s.replace(PREFIX, "")))


def _role(value, back):
    names = [back.get(v, v) for v in (value if isinstance(value, list) else [value])]
    return sorted(names)


def _essence(found, back):
    """Evidence, accounts in each role and degree, in an order that names do not decide. A ring may
    start elsewhere, so the accounts of closed chains are taken together."""
    out = []
    for alert in _parsed(found, ()):
        roles = {role: _role(value, back) for role, value in alert["roles"].items()}
        if alert["pattern"].endswith("ring"):
            roles = {"ring": sorted(sum(roles.values(), []))}
        out.append(json.dumps([alert["pattern"], alert["trigger"], roles, alert["degree"],
                               alert["outcome"], alert["merged"], alert["stages"]], sort_keys=True))
    return sorted(out)


def same_essence(one, two, change):
    return _first_difference(_essence(one, {}), _essence(two, change["back"]))


RELATIONS = [
    ("permute rows", permute_rows, same_bytes),
    ("split a file in two", split_in_two, same_bytes),
    ("pack with gzip", pack, same_bytes),
    ("shift all times", shift_times, same_but_times),
    ("rename in order", rename_in_order, same_but_names),
    ("rename freely", rename_freely, same_essence),
]


def modes_agree(found):
    """found: mode to what it found. Alerts of the narrower modes are matches of --mode=all."""
    ids = {mode: {re.search(r'"match_id":"(\w+)"', a).group(1) for a in f["alerts"]}
           for mode, f in found.items()}
    for mode in ("maximal", "episode"):
        extra = ids[mode] - ids["all"]
        if extra:
            return "--mode=%s has matches that --mode=all lacks: %s" % (mode, sorted(extra)[:3])
    merged = sum(json.loads(a)["merged"] for a in found["episode"]["alerts"])
    if merged != len(found["all"]["alerts"]):
        return "episodes merge %d matches, --mode=all has %d" % (merged, len(found["all"]["alerts"]))
    return None
