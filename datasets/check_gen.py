#!/usr/bin/env python3
"""Holds amlgen to what datasets/README.md says of it, without amlc. Standard library only.

  datasets/check_gen.py [AMLGEN]      default: build/release/amlgen; ends with a line of counts
"""
import csv
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict, namedtuple
from datetime import datetime, timedelta

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "datasets"))
from planted_found import read_ibm_patterns, read_truth_csv  # noqa: E402

HEADER = ("Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,"
          "Payment Currency,Payment Format,Is Laundering")
CURRENCIES = set("US Dollar,Euro,Swiss Franc,Yuan,Shekel,Rupee,UK Pound,Ruble,Yen,Bitcoin,Canadian Dollar,"
                 "Australian Dollar,Mexican Peso,Saudi Riyal,Brazil Real".split(","))
FORMATS = set("Cheque,Credit Card,ACH,Cash,Wire,Reinvestment,Bitcoin".split(","))

Tx = namedtuple("Tx", "time src dst amount currency format flag")


def read(path):
    out = []
    with open(path, newline="", encoding="utf-8") as f:
        rows = csv.reader(f)
        assert ",".join(next(rows)) == HEADER, "header"
        for r in rows:
            assert len(r) == 11, r
            out.append(Tx(datetime.strptime(r[0], "%Y/%m/%d %H:%M"), r[1] + ":" + r[2], r[3] + ":" + r[4],
                          float(r[7]), r[8], r[9], r[10]))
    return out


def hours(n):
    return timedelta(hours=n)


def span(tx):
    return max(t.time for t in tx) - min(t.time for t in tx)


def by(tx, field):
    groups = defaultdict(list)
    for t in tx:
        groups[getattr(t, field)].append(t)
    return groups


# ---- one function a typology: is the attempt what its library pattern looks for? ------------------

def fan_out(tx, _):
    return len(by(tx, "src")) == 1 and len(by(tx, "dst")) >= 6 and span(tx) < hours(96)


def fan_in(tx, _):
    return len(by(tx, "dst")) == 1 and len(by(tx, "src")) >= 6 and span(tx) < hours(96)


def ring(tx):
    to = {t.src: t.dst for t in tx}
    at, seen = tx[0].src, []
    while at not in seen:
        seen.append(at)
        at = to.get(at)
    return at == tx[0].src and len(seen) == len(tx) == len(to)


def in_order(tx):
    """Is there a start from which every hop of the ring is later than the one before?"""
    hop = {t.src: t for t in tx}
    for first in tx:
        at, times = first.src, []
        for _ in tx:
            times.append(hop[at].time)
            at = hop[at].dst
        if all(a < b for a, b in zip(times, times[1:])):
            return True
    return False


def cycle(tx, _):
    return 2 <= len(tx) <= 12 and span(tx) < hours(96) and ring(tx)


def scatter_gather(tx, _):
    mids = set(by(tx, "src")) & set(by(tx, "dst"))
    source, sink = set(by(tx, "src")) - mids, set(by(tx, "dst")) - mids
    good = 0
    for m in mids:
        out = [t for t in tx if t.src == m]
        got = [t for t in tx if t.dst == m and any(t.time < o.time for o in out)]
        good += 0.8 <= sum(t.amount for t in out) / max(sum(t.amount for t in got), 1e-9) <= 1.25
    return len(source) == len(sink) == 1 and good == len(mids) >= 4 and span(tx) < hours(96)


def gather_scatter(tx, _):
    hubs = set(by(tx, "src")) & set(by(tx, "dst"))
    if len(hubs) != 1:
        return False
    hub = hubs.pop()
    got, paid = [t for t in tx if t.dst == hub], [t for t in tx if t.src == hub]
    wrong = sum(g.time >= p.time for g in got for p in paid)
    return (len(by(got, "src")) >= 3 and len(by(paid, "dst")) >= 3 and span(tx) < hours(204)
            and wrong <= 0.3 * len(got) * len(paid))


def bipartite(tx, _):
    left, right = set(by(tx, "src")), set(by(tx, "dst"))
    last = max(tx, key=lambda t: t.time)
    payers = {t.src for t in tx if t.dst == last.dst} - {last.src}
    payees = {t.dst for t in tx if t.src == last.src} - {last.dst}
    while True:
        edges = {(t.src, t.dst) for t in tx if t.src in payers and t.dst in payees}
        p = {x for x in payers if sum(e[0] == x for e in edges) >= 2}
        q = {x for x in payees if sum(e[1] == x for e in edges) >= 2}
        if (p, q) == (payers, payees):
            break
        payers, payees = p, q
    return not left & right and len(payers) >= 2 and len(payees) >= 2 and span(tx) < hours(48)


def stack(tx, _):
    mids = set(by(tx, "src")) & set(by(tx, "dst"))
    for m in mids:
        one, two = [t for t in tx if t.dst == m], [t for t in tx if t.src == m]
        ratio = sum(t.amount for t in two) / sum(t.amount for t in one)
        if max(t.time for t in one) >= min(t.time for t in two) or not 0.94 <= ratio <= 1.06:
            return False
    return bool(mids) and {t.format for t in tx} == {"ACH"} and span(tx) < hours(120)


def random(tx, _):
    ok = len(tx) >= 3 and span(tx) < hours(96) and len({t.currency for t in tx}) == 1
    for a, b in zip(tx, tx[1:]):
        ok = ok and a.dst == b.src and timedelta(0) < b.time - a.time < hours(24)
        ok = ok and 0.9 <= b.amount / a.amount <= 1.0
    return ok and tx[0].src != tx[-1].dst


def transit(tx, all_tx):
    """The one account that gets and pays, what it got and paid, and what else it does."""
    mids = set(by(tx, "src")) & set(by(tx, "dst"))
    assert len(mids) == 1, mids
    m = mids.pop()
    others = [t for t in all_tx if m in (t.src, t.dst)]
    return [t for t in tx if t.dst == m], [t for t in tx if t.src == m], others


def pass_through(tx, all_tx):
    got, paid, _ = transit(tx, all_tx)
    ratio = sum(t.amount for t in paid) / sum(t.amount for t in got)
    return (0.8 <= ratio <= 0.98 and span(tx) < hours(48) and len(tx) >= 3
            and max(t.time for t in got) < min(t.time for t in paid))


def dormant(tx, all_tx):
    got, paid, everything = transit(tx, all_tx)
    return (len(everything) == len(tx) and span(tx) < hours(168)
            and max(t.time for t in got) < min(t.time for t in paid))


def structuring(tx, _):
    return (len(tx) >= 3 and len(by(tx, "dst")) == 1 and span(tx) < hours(240)
            and all(t.format == "Cash" and t.currency == "US Dollar" and 8000 <= t.amount < 10000 for t in tx))


def mule_herd(tx, _):
    mules = set(by(tx, "src")) & set(by(tx, "dst"))
    collectors, victims = set(by(tx, "dst")) - mules, set(by(tx, "src")) - mules
    for m in mules:
        if max(t.time for t in tx if t.dst == m) >= min(t.time for t in tx if t.src == m):
            return False
    return len(collectors) == 1 and len(mules) >= 3 and len(victims) >= 6 and span(tx) < hours(72)


PLANTED = {f.__name__: f for f in (fan_out, fan_in, cycle, scatter_gather, gather_scatter, bipartite, stack,
                                   random, pass_through, structuring, mule_herd, dormant)}


# ---- the checks ------------------------------------------------------------------------------------

def check_fields(path, tx):
    with open(path, newline="", encoding="utf-8") as f:
        raw = list(csv.reader(f))[1:]
    money = {True: re.compile(r"\d+\.\d{6}"), False: re.compile(r"\d+\.\d{2}")}
    for r in raw:
        assert re.fullmatch(r"\d{4}/\d\d/\d\d \d\d:\d\d", r[0]), r
        assert re.fullmatch(r"0\d+", r[1]) and re.fullmatch(r"0\d+", r[3]), r
        assert re.fullmatch(r"[0-9A-F]{9}", r[2]) and re.fullmatch(r"[0-9A-F]{9}", r[4]), r
        assert money[r[6] == "Bitcoin"].fullmatch(r[5]) and money[r[8] == "Bitcoin"].fullmatch(r[7]), r
        assert (r[1:3] == r[3:5]) == (r[9] == "Reinvestment"), r
    assert {t.currency for t in tx} == CURRENCIES and {t.format for t in tx} == FORMATS
    banks, numbers = {r[1] for r in raw}, defaultdict(set)
    for r in raw:
        numbers[r[2]].add(r[1])
    assert any("0" + b in banks for b in banks), "no bank id that differs by a leading zero only"
    assert any(len(b) > 1 for b in numbers.values()), "no account number that stands at two banks"
    assert any(re.fullmatch(r"\d+E0", n) for n in numbers), "no account id that looks like 8001473E0"
    assert any(r[6] != r[8] for r in raw), "no transfer that changes currency"


def check_shape(path, tx):
    n = len(tx)
    own = sum(t.src == t.dst for t in tx) / n
    assert 0.08 < own < 0.14, own
    with open(path, encoding="utf-8") as f:
        repeated = Counter(f)
    assert any(v > 1 for v in repeated.values()), "no exact duplicates"
    late = sum(a.time > b.time for a, b in zip(tx, tx[1:]))
    assert late > n / 50, "rows are (nearly) sorted by time"
    out, into = Counter(t.src for t in tx), Counter(t.dst for t in tx)
    assert out.most_common(1)[0][1] > n / 50 and into.most_common(1)[0][1] > n / 150, "no hubs"
    pairs = Counter((t.src, t.dst) for t in tx if t.src != t.dst)
    assert sum(v for v in pairs.values() if v > 1) > n / 10, "counterparties do not repeat"
    dense = [t.time for t in tx if t.time >= datetime(2022, 9, 1)]
    assert max(dense) - min(dense) < timedelta(days=10) and len(dense) > n / 2


def check_truth(folder, tx):
    attempts = read_truth_csv(os.path.join(folder, "truth.csv"))
    rows = set().union(*(a.rows for a in attempts))
    assert rows == {i for i, t in enumerate(tx) if t.flag == "1"}, "flags and truth differ"
    assert sum(len(a.rows) for a in attempts) == len(rows), "a row in two attempts"
    texts = read_ibm_patterns(os.path.join(folder, "truth.txt"), os.path.join(folder, "a.csv"))
    assert [(a.typology, a.rows) for a in texts] == [(a.typology, a.rows) for a in attempts]
    assert set(PLANTED) == {a.typology for a in attempts}


def check_planted(typology, folder, tx):
    n = ordered = 0
    for a in read_truth_csv(os.path.join(folder, "truth.csv")):
        if a.typology == typology:
            mine = sorted((tx[i] for i in a.rows), key=lambda t: t.time)
            assert PLANTED[typology](mine, tx), (a, mine)
            n += 1
            ordered += typology == "cycle" and in_order(mine)
    assert n, "none planted"
    assert typology != "cycle" or n > ordered > n / 2, "rings in order: %d of %d" % (ordered, n)


def generate(amlgen, folder, name, *more):
    path = os.path.join(folder, name)
    subprocess.run([amlgen, "-q", "--rows", "60000", "--history", "200", "--attempts", "30", "--out", path,
                    *more], check=True)
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def check_seeds(amlgen, folder, first):
    assert generate(amlgen, folder, "b.csv", "--seed", "3") == first, "same seed, other bytes"
    assert generate(amlgen, folder, "b.csv", "--seed", "4") != first, "other seed, same bytes"


def check_errors(amlgen):
    for args, code, word in ((["--rows", "x", "--out", "f"], 2, "whole number"), (["--ruse"], 2, "--ruse"),
                             ([], 2, "--out"), (["--rows", "0", "--out", "f"], 2, "rows"),
                             (["--rows", "100", "--attempts", "5", "--out", "f"], 2, "too few"),
                             (["--out", "/dev/full"], 74, "/dev/full"),
                             (["--out", "no/such/folder/f"], 74, "no/such/folder/f")):
        got = subprocess.run([amlgen, *args], capture_output=True, text=True, check=False)
        assert got.returncode == code and word in got.stderr, (args, got)


def main():
    amlgen = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build", "release", "amlgen")
    counts = Counter()

    def run(name, check, *args):
        try:
            check(*args)
            counts["passed"] += 1
        except (AssertionError, OSError, ValueError, subprocess.CalledProcessError) as e:
            counts["failed"] += 1
            print("FAILED %s: %.600s" % (name, e))

    with tempfile.TemporaryDirectory() as folder:
        first = generate(amlgen, folder, "a.csv", "--seed", "3", "--truth", os.path.join(folder, "truth.txt"),
                         "--truth-csv", os.path.join(folder, "truth.csv"))
        path = os.path.join(folder, "a.csv")
        tx = read(path)
        run("fields", check_fields, path, tx)
        run("shape", check_shape, path, tx)
        run("truth", check_truth, folder, tx)
        for typology in PLANTED:
            run("planted " + typology, check_planted, typology, folder, tx)
        run("seeds", check_seeds, amlgen, folder, first)
    run("errors", check_errors, amlgen)
    print("%d passed, %d failed, 0 skipped" % (counts["passed"], counts["failed"]))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
