"""Copies a silver_events table in 8 appends, partitioned by event_date: the fragmented input of M1, Q1 and Q2.

usage: mkfrag.py SILVER_EVENTS TARGET
"""

import shutil
import sys

import polars as pl
from deltalake import DeltaTable

source, target = sys.argv[1:]
shutil.rmtree(target, ignore_errors=True)
rows = pl.scan_delta(source).with_columns(part=pl.col("seq").floordiv(4).mod(8)).collect()
for i in range(8):
    part = rows.filter(pl.col("part") == i).drop("part")
    part.write_delta(target, mode="append", delta_write_options={"partition_by": ["event_date"]})
print(f"{target}: {rows.height} rows in {len(DeltaTable(target).file_uris())} files")
