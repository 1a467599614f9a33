"""Prints, query by query, medallion's best run beside DuckDB's, and the geometric mean of the ratios.

usage: tpch_ratios.py LINES.jsonl    the JSON lines of one session
"""

import json
import math
import sys

from ratios import best

FIGURES = {"CPU s": "cpu_seconds", "wall s": "seconds", "peak MB": "peak_rss_mb"}


def main(path):
    """Prints the table, in Markdown."""
    with open(path) as f:
        lines = [json.loads(line) for line in f if line.strip()]
    figures = {name: best(lines, key) for name, key in FIGURES.items()}
    print("| query | " + " | ".join(f"{name} | DuckDB | ratio" for name in figures) + " |")
    print("|---" * (1 + 3 * len(figures)) + "|")
    ratios = {name: [] for name in figures}
    for step in dict.fromkeys(line["step"] for line in lines):
        cells = [step]
        for name, of in figures.items():
            ours, theirs = of[step].get("medallion"), of[step].get("duckdb")
            if ours is None or theirs is None:
                cells += ["failed" if v is None else format(v, ".3g") for v in (ours, theirs)] + ["-"]
                continue
            ratios[name].append(ours / theirs)
            digits = ".0f" if name == "peak MB" else ".3f"
            cells += [format(ours, digits), format(theirs, digits), format(ours / theirs, ".2f")]
        print("| " + " | ".join(cells) + " |")
    means = [math.exp(sum(map(math.log, r)) / len(r)) if r else math.nan for r in ratios.values()]
    print("| geometric mean | " + " | ".join(f"| | {m:.2f}" for m in means) + " |")


if __name__ == "__main__":
    main(sys.argv[1])
