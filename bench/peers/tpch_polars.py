"""TPC-H's queries by Polars' SQL, with its streaming engine, over the Parquet files of medallion's Delta tables.

usage: tpch_polars.py --data DIR --out LAKE --steps q1,q2,…    DIR is what tpc.py made, LAKE the folder of the tables
"""

import json
import os
import sys

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import polars as pl  # noqa: E402
from deltalake import DeltaTable  # noqa: E402

from common import Runner  # noqa: E402

peer = Runner("polars")
tables = {
    table: [f.removeprefix("file://") for f in DeltaTable(f"{peer.out}/{table}").file_uris()]
    for table in sorted(os.listdir(peer.out))
    if os.path.isdir(f"{peer.out}/{table}/_delta_log")
}


def query(text):
    """A step that gives how many rows the query has. Files are scanned anew, so that their footers are read within the clock."""

    def run():
        context = pl.SQLContext({name: pl.scan_parquet(files) for name, files in tables.items()})
        return context.execute(text.replace("`", '"').strip().rstrip(";")).collect(engine="streaming").height

    return run


with open(f"{peer.data}/queries.json") as f:
    for q in json.load(f):
        peer.step(f"q{q['number']}")(query(q["text"]))

sys.exit(peer.run())
