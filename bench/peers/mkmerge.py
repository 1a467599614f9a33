"""Writes the input of the step MERGE_10M: a table of ten million orders and 300,000 changes of them.

usage: mkmerge.py DIR [ROWS]

DIR/target is a Delta table of sixteen files, DIR/changes.parquet has half of its rows for orders that are there, all over the files, a sixth for orders that go, and
a third for new ones.
"""

import os
import shutil
import sys

import polars as pl

ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
FILES, CHANGES = 16, 300_000 * ROWS // 10_000_000


def orders(ids):
    """The orders of these ids, every column a function of the id."""
    return ids.select(
        order_id=pl.col("id"),
        customer_id=pl.col("id") * 2_654_435_761 % 1_000_003,
        status=pl.col("id").mod(5).cast(pl.String).replace_strict(["0", "1", "2", "3", "4"], ["new", "paid", "packed", "sent", "returned"]),
        amount=(pl.col("id") * 48_271 % 100_000 / 100),
        updated_at=pl.from_epoch(1_735_689_600_000_000 + pl.col("id") * 1_000_000, time_unit="us").dt.replace_time_zone("UTC"),
        note=pl.concat_str(pl.lit("order "), pl.col("id").cast(pl.String), pl.lit(" by hand")),
    )


def main(path):
    """Writes both."""
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    for i in range(FILES):
        ids = pl.select(id=pl.int_range(i * ROWS // FILES, (i + 1) * ROWS // FILES, dtype=pl.Int64))
        orders(ids).write_delta(f"{path}/target", mode="append")
    old, gone, new = CHANGES // 2, CHANGES // 6, CHANGES - CHANGES // 2 - CHANGES // 6
    there = pl.select(n=pl.int_range(old + gone, dtype=pl.Int64)).select(id=pl.col("n") * (ROWS // (old + gone)) + 3)
    ids = pl.concat([there, pl.select(id=pl.int_range(ROWS, ROWS + new, dtype=pl.Int64))])
    op = pl.when(pl.int_range(pl.len()) >= old + gone).then(pl.lit("I")).when(pl.int_range(pl.len()).mod(4) == 3).then(pl.lit("D")).otherwise(pl.lit("U"))
    orders(ids).with_columns(amount=pl.col("amount") + 1, op=op).sample(fraction=1, shuffle=True, seed=1).write_parquet(f"{path}/changes.parquet")


if __name__ == "__main__":
    main(sys.argv[1])
