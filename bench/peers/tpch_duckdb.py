"""TPC-H's queries by DuckDB over the Parquet files of medallion's Delta tables.

usage: tpch_duckdb.py --data DIR --out LAKE --steps q1,q2,…    DIR is what tpc.py made, LAKE the folder of the tables
"""

import json
import os
import sys

import duckdb
from deltalake import DeltaTable

from common import Runner

peer = Runner("duckdb")
con = duckdb.connect()
con.execute("SET TimeZone='UTC'; SET threads=2; SET preserve_insertion_order=false; SET enable_progress_bar=false")
for table in sorted(os.listdir(peer.out)):
    if not os.path.isdir(f"{peer.out}/{table}/_delta_log"):
        continue
    files = ",".join("'" + f.removeprefix("file://").replace("'", "''") + "'" for f in DeltaTable(f"{peer.out}/{table}").file_uris())
    con.execute(f"CREATE VIEW {table} AS FROM read_parquet([{files}])")


def query(text):
    """A step that gives how many rows the query has."""
    return lambda: con.sql(text.replace("`", '"')).to_arrow_table().num_rows


with open(f"{peer.data}/queries.json") as f:
    for q in json.load(f):
        peer.step(f"q{q['number']}")(query(q["text"]))

sys.exit(peer.run())
