#!/usr/bin/env python3
"""How much of each planted laundering attempt do the alerts of a run cover?

Used by datasets/demo.sh (generated data, truth with row numbers) and by bench/planted.py (the real
ground truth of IBM AML HI-Small). An attempt is a set of row numbers; an alert is the set of rows in
its evidence. Standard library only.

  planted_found.py table TRUTH.csv RUN_DIR...   a table, one line a run (of one pattern each)
  planted_found.py pick TRUTH.csv RUN_DIR...    run folder and match id of one alert good to show
"""
import csv
import json
import os
import sys
from collections import Counter, defaultdict, namedtuple

# Which pattern looks for which typology; all others have the same name.
PATTERN_OF = {"random": "random_walk"}

Attempt = namedtuple("Attempt", "typology rows")          # rows: frozenset of row numbers
Alert = namedtuple("Alert", "match_id pattern outcome degree rows")
# Of a list of attempts: how many there are, how many have half or all of their transactions in one
# alert, and how many have half of them in all alerts of the pattern together.
Found = namedtuple("Found", "attempts half whole together")


def pattern_of(typology):
    return PATTERN_OF.get(typology, typology)


def read_truth_csv(path):
    """attempt,typology,row as amlgen writes it."""
    rows, typology = defaultdict(set), {}
    with open(path, newline="", encoding="utf-8") as f:
        for line in csv.DictReader(f):
            rows[line["attempt"]].add(int(line["row"]))
            typology[line["attempt"]] = line["typology"]
    return [Attempt(typology[a], frozenset(rows[a])) for a in rows]


def read_ibm_patterns(path, data):
    """The BEGIN/END file of IBM AML, its rows looked up in the CSV `data`.

    A row of the truth is the text of a data row. Where a text stands in the data several times
    (exact duplicates), the attempts get its row numbers one after the other.
    """
    at = defaultdict(list)
    with open(data, encoding="utf-8") as f:
        next(f)
        for number, line in enumerate(f):
            at[line.strip()].append(number)
    for numbers in at.values():
        numbers.reverse()
    attempts, typology, rows = [], None, []
    with open(path, encoding="utf-8") as f:
        for line in map(str.strip, f):
            if line.startswith("BEGIN LAUNDERING ATTEMPT - "):
                title = line.split(" - ", 1)[1].split(":")[0]
                typology, rows = title.strip().lower().replace("-", "_"), []
            elif line.startswith("END LAUNDERING ATTEMPT"):
                attempts.append(Attempt(typology, frozenset(rows)))
            elif line:
                if not at[line]:
                    raise SystemExit("%s: a row of %s is not in %s: %s" % (path, typology, data, line))
                rows.append(at[line].pop())
    return attempts


def read_run(folder):
    """All alerts of one `amlc run -o FOLDER`, with the rows of their evidence."""
    rows = defaultdict(set)
    with open(os.path.join(folder, "evidence.csv"), newline="", encoding="utf-8") as f:
        for line in csv.DictReader(f):
            rows[line["match_id"]].add(int(line["transaction"]))
    alerts = []
    with open(os.path.join(folder, "alerts.jsonl"), encoding="utf-8") as f:
        for line in f:
            a = json.loads(line)
            alerts.append(Alert(a["match_id"], a["pattern"], a["outcome"], a["degree"],
                                frozenset(rows[a["match_id"]])))
    return alerts


def found(attempts, alerts):
    """Counts, over attempts of one typology, against the alerts of one pattern."""
    seen = Counter()
    by_row = defaultdict(list)
    for alert in alerts:
        for row in alert.rows:
            by_row[row].append(alert)
    for attempt in attempts:
        near = {a.match_id: a for row in attempt.rows for a in by_row.get(row, ())}
        best = max((len(attempt.rows & a.rows) for a in near.values()), default=0)
        together = sum(1 for row in attempt.rows if row in by_row)
        seen["half"] += 2 * best >= len(attempt.rows)
        seen["whole"] += best == len(attempt.rows)
        seen["together"] += 2 * together >= len(attempt.rows)
    return Found(len(attempts), seen["half"], seen["whole"], seen["together"])


def print_table(header, lines, out=sys.stdout):
    """Columns under each other; the first is text, the others numbers."""
    width = [max(len(str(line[i])) for line in [header] + lines) for i in range(len(header))]
    for line in [header] + lines:
        cells = [str(c).ljust(w) if i == 0 else str(c).rjust(w)
                 for i, (c, w) in enumerate(zip(line, width))]
        print("  ".join(cells).rstrip(), file=out)


def run_of(folder):
    """A run's typology by the folder's name, which is its pattern's, its alerts, and its time where demo.sh noted it."""
    pattern = os.path.basename(os.path.normpath(folder))
    typology = next((t for t, p in PATTERN_OF.items() if p == pattern), pattern)
    seconds = os.path.join(folder, "seconds")
    time = "-"
    if os.path.exists(seconds):
        with open(seconds, encoding="ascii") as f:
            time = "%.1f s" % float(f.read())
    return typology, read_run(folder), time


def table(truth, folders):
    attempts = read_truth_csv(truth)
    header = ["pattern", "alerts", "full", "inconclusive", "planted", "half", "whole", "together", "time"]
    lines = []
    for folder in folders:
        typology, alerts, time = run_of(folder)
        got = found([a for a in attempts if a.typology == typology], alerts)
        lines.append([pattern_of(typology), len(alerts), sum(a.degree == 1 for a in alerts),
                      sum(a.outcome == "inconclusive" for a in alerts),
                      got.attempts, got.half, got.whole, got.together, time])
    print_table(header, lines)
    print("\nalerts: all of them, ordinary accounts' too; full: those of degree 1; inconclusive: the data"
          "\nbegin too late to be sure. planted: attempts put into the data; half, whole: those with at least"
          "\nhalf, with all of their transactions in one alert; together: with half in all alerts together.")


def pick(truth, folders):
    """An alert that is exactly one planted attempt, of a shape with many roles, not too long."""
    attempts = {a.rows: a for a in read_truth_csv(truth)}
    order = ["scatter_gather", "mule_herd", "gather_scatter", "cycle"]
    best = None
    for folder in folders:
        typology, alerts, _ = run_of(folder)
        for a in alerts:
            whole = a.rows in attempts and attempts[a.rows].typology == typology
            rank = (not whole, order.index(typology) if typology in order else len(order),
                    len(a.rows) > 16, -a.degree, len(a.rows), a.match_id)
            if best is None or rank < best[0]:
                best = (rank, folder, a.match_id)
    if best is None:
        raise SystemExit("no alert in any of the runs")
    print(best[1], best[2])


def main(args):
    verbs = {"table": table, "pick": pick}
    if len(args) < 3 or args[0] not in verbs:
        print(__doc__, file=sys.stderr)
        return 2
    verbs[args[0]](args[1], args[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
