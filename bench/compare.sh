#!/usr/bin/env bash
# Runs bench/peers/SPEC.md's pipeline by medallion and by its peers, step by step in turn within one session, compares the tables that they wrote, and prints
# how medallion's times relate to those of the best peer. Fails when a step fails or a table differs.
#
#   bench/compare.sh [--sf 0.2] [--runs 3] [--dir out/compare] [--peers "polars duckdb"] [--steps "B1 B2 S1 S2_init S2a S2b G1"] [--memory MIB] [--appends 1000]
#
# The steps of the log, beside delta-rs alone, are bench/compare.sh --peers deltars --steps "META_ckpt META_json META_300k A1"; a large merge is
# bench/compare.sh --peers deltars --steps "MERGE_10M MERGE_10M_DV".
#
# M1_compact, M1_zorder, M1_vacuum, Q1 and Q2 can be named behind S1, in this order. The input is generated once per scale factor, under DIR/data. The figures are
# added to DIR/results/SF.jsonl. integration/setup.sh installs the peers; spark is one more that can be named.
set -euo pipefail
cd "$(dirname "$0")/.."

sf=0.2 runs=3 dir=out/compare peers='polars duckdb' steps='B1 B2 S1 S2_init S2a S2b G1' memory=0 appends=1000
while [ $# -gt 0 ]; do
  case $1 in
    --sf) sf=$2 ;;
    --runs) runs=$2 ;;
    --dir) dir=$2 ;;
    --peers) peers=$2 ;;
    --steps) steps=$2 ;;
    --memory) memory=$2 ;;
    --appends) appends=$2 ;;
    *)
      echo "compare.sh: unknown flag $1" >&2
      exit 2
      ;;
  esac
  shift 2
done

python=$PWD/.venv/bin/python
[ -x "$python" ] || { echo 'compare.sh: no .venv: run integration/setup.sh first' >&2; exit 1; }
data=$dir/data/sf$sf
results=$dir/results/sf$sf.jsonl
session=$(mktemp)
trap 'rm -f "$session"' EXIT

mkdir -p "$dir/results" "$dir/bin"
[ -f "$data/manifest.json" ] || "$python" bench/peers/gen.py --sf "$sf" --out "$data" >/dev/null
case $steps in *META_*) [ -d "$dir/data/meta/300k" ] || "$python" bench/peers/mkmeta.py "$dir/data/meta" >/dev/null ;; esac
case $steps in *MERGE_*) [ -d "$dir/data/merge" ] || "$python" bench/peers/mkmerge.py "$dir/data/merge" ;; esac
go build -o "$dir/bin/bench" ./bench

for peer in medallion $peers; do rm -rf "$dir/out/sf$sf/$peer"; done

# run PEER STEP runs one step of one peer.
run() {
  local flags=(--data "$data" --out "$dir/out/sf$sf/$1" --steps "$2" --runs "$runs" --appends "$appends")
  case $1 in
    medallion) "$dir/bin/bench" "${flags[@]}" --memory "$memory" ;;
    spark) "$python" bench/peers/spark.py "${flags[@]}" 2>>"$dir/results/spark.log" ;;
    *) "$python" "bench/peers/$1_delta.py" "${flags[@]}" ;;
  esac
}

for step in $steps; do
  # The fragmented table of M1, Q1 and Q2 is a copy of ours, which S1 made, for all.
  case $step in
    M1_compact) "$python" bench/peers/mkfrag.py "$dir/out/sf$sf/medallion/silver_events" "$dir/out/sf$sf/frag" >/dev/null ;;
  esac
  for peer in medallion $peers; do
    run "$peer" "$step" | tee -a "$results" "$session"
  done
done

tables=()
for peer in medallion $peers; do tables+=("$dir/out/sf$sf/$peer"); done
"$python" bench/peers/ratios.py "$session"
case " $steps" in *' B'* | *' S'* | *' G'*) "$python" bench/peers/check.py "${tables[@]}" ;; esac
