"""Prints, query by query, medallion's best run beside those of its peers, and the geometric means of the ratios. Fails where the number of rows differs.

usage: tpch_ratios.py LINES.jsonl    the JSON lines of one session
"""

import json
import math
import sys

from ratios import best

FIGURES = {"CPU s": ("cpu_seconds", ".3f"), "wall s": ("seconds", ".3f"), "peak MB": ("peak_rss_mb", ".0f")}
PEERS = {"duckdb": "DuckDB", "polars": "Polars"}


def table(lines, name, key, digits):
    """Prints one figure of all queries, in Markdown."""
    figures = best(lines, key)
    peers = [p for p in PEERS if any(p in of for of in figures.values())]
    print(f"| query | {name} | " + " | ".join(f"{PEERS[p]} | ratio" for p in peers) + " |")
    print("|---" * (2 + 2 * len(peers)) + "|")
    ratios = {p: [] for p in peers}
    for step in dict.fromkeys(line["step"] for line in lines):
        ours = figures[step].get("medallion")
        cells = [step, "failed" if ours is None else format(ours, digits)]
        for p in peers:
            theirs = figures[step].get(p)
            if ours is None or theirs is None:
                cells += ["failed" if theirs is None else format(theirs, digits), "-"]
                continue
            ratios[p].append(ours / theirs)
            cells += [format(theirs, digits), format(ours / theirs, ".2f")]
        print("| " + " | ".join(cells) + " |")
    means = [math.exp(sum(map(math.log, r)) / len(r)) if r else math.nan for r in ratios.values()]
    print("| geometric mean | | " + " | ".join(f"| {m:.2f}" for m in means) + " |\n")


def differing(lines):
    """The queries that do not have one number of rows."""
    rows = {}
    for line in lines:
        if "rows" in line:
            rows.setdefault(line["step"], {})[line["peer"]] = line["rows"]
    return {step: of for step, of in rows.items() if len(set(of.values())) > 1}


def main(path):
    """Prints the tables."""
    with open(path) as f:
        lines = [json.loads(line) for line in f if line.strip()]
    for name, (key, digits) in FIGURES.items():
        table(lines, name, key, digits)
    for step, of in differing(lines).items():
        print(f"{step} has different numbers of rows: {of}")
    return 1 if differing(lines) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
