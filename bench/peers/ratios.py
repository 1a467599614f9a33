"""Prints, step by step, medallion's best run beside the best run of the best peer.

usage: ratios.py LINES.jsonl    the JSON lines of one session
"""

import json
import sys
from collections import defaultdict


def best(lines, figure):
    """The smallest figure per step and peer."""
    out = defaultdict(dict)
    for line in lines:
        if figure in line:
            peers = out[line["step"]]
            peers[line["peer"]] = min(line[figure], peers.get(line["peer"], line[figure]))
    return out


def main(path):
    """Prints the table."""
    with open(path) as f:
        lines = [json.loads(line) for line in f if line.strip()]
    wall, cpu, memory = best(lines, "seconds"), best(lines, "cpu_seconds"), best(lines, "peak_rss_mb")
    print(f"\n{'step':10s} {'CPU s':>8s} {'best peer':>18s} {'ratio':>6s}   {'wall s':>8s} {'best peer':>18s} {'ratio':>6s}   {'peak MB':>8s}")
    for step in dict.fromkeys(line["step"] for line in lines if line["step"] != "START"):
        cells = [f"{step:10s}"]
        for figures in (cpu[step], wall[step]):
            ours = figures.pop("medallion", None)
            if ours is None or not figures:
                cells.append(f"{'-' if ours is None else format(ours, '.2f'):>8s} {'-':>18s} {'-':>6s}  ")
                continue
            peer = min(figures, key=figures.get)
            theirs = figures[peer]
            ratio = format(ours / theirs, ".2f") if theirs else "-"
            cells.append(f"{ours:8.2f} {peer + ' ' + format(theirs, '.2f'):>18s} {ratio:>6s}  ")
        cells.append(f"{memory[step].get('medallion', 0):8.0f}")
        print(" ".join(cells))
    print()


if __name__ == "__main__":
    main(sys.argv[1])
