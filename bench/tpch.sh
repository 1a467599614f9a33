#!/usr/bin/env bash
# Runs TPC-H by medallion, DuckDB and Polars' SQL, query by query in turn, on the same Parquet files, with two threads each, and prints the ratios and their
# geometric means. Fails when a query fails or the numbers of rows differ.
#
#   bench/tpch.sh [--sf 1] [--runs 3] [--dir out/tpch] [--queries "1 6 21"] [--memory MIB] [--peers "duckdb polars"]
#
# Tables are made once per scale factor, under DIR/tpch-SF; the Delta tables, which all read, under DIR/lake-SF. integration/setup.sh installs what this needs.
set -euo pipefail
cd "$(dirname "$0")/.."

sf=1 runs=3 dir=out/tpch queries=$(seq -s ' ' 22) memory=0 peers='duckdb polars'
while [ $# -gt 0 ]; do
  case $1 in
    --sf) sf=$2 ;;
    --runs) runs=$2 ;;
    --dir) dir=$2 ;;
    --queries) queries=$2 ;;
    --memory) memory=$2 ;;
    --peers) peers=$2 ;;
    *)
      echo "tpch.sh: unknown flag $1" >&2
      exit 2
      ;;
  esac
  shift 2
done

data=$dir/tpch-$sf lake=$dir/lake-$sf
mkdir -p "$dir"
session=$(mktemp)
trap 'rm -f "$session"' EXIT

[ -f "$data/queries.json" ] || .tools/tpc/bin/python bench/peers/tpc.py --suite tpch --sf "$sf" --out "$data"
go build -o "$dir/bench" ./bench
export GOMAXPROCS=2
"$dir/bench" --data "$data" --out "$lake" --steps ingest >/dev/null

failed=0
for n in $queries; do
  flags=(--data "$data" --out "$lake" --steps "q$n" --runs "$runs")
  "$dir/bench" "${flags[@]}" --memory "$memory" >>"$session" || failed=1
  for peer in $peers; do .venv/bin/python "bench/peers/tpch_$peer.py" "${flags[@]}" >>"$session" || failed=1; done
done
.venv/bin/python bench/peers/tpch_ratios.py "$session" | tee "$dir/ratios-$sf.txt" || failed=1
exit $failed
