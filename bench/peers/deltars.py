"""The steps that users of Polars and of DuckDB both do through delta-rs (deltalake)."""

import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

from common import CUST


def merge_scd1(path, last):
    """Merges last, an Arrow table of the latest change per customer_id."""
    values = {c: f"s.{c}" for c in CUST}
    (
        DeltaTable(path)
        .merge(last, "t.customer_id = s.customer_id", source_alias="s", target_alias="t")
        .when_matched_delete("s.op = 'D'")
        .when_matched_update(values, "s.op <> 'D'")
        .when_not_matched_insert(values, "s.op <> 'D'")
        .execute()
    )


def merge_scd2(path, versions):
    """Merges versions: merge_key, the customer columns, valid_from, valid_to, is_current. A row whose merge_key is null is a new version."""
    values = {c: f"s.{c}" for c in CUST + ["valid_from", "valid_to", "is_current"]}
    (
        DeltaTable(path)
        .merge(versions, "t.customer_id = s.merge_key and t.is_current = true", source_alias="s", target_alias="t")
        .when_matched_update({"valid_to": "s.valid_to", "is_current": "false"})
        .when_not_matched_insert(values, "s.merge_key is null")
        .execute()
    )


def maintenance(runner):
    """Registers the steps M1, MERGE, META and A1."""
    table = f"{runner.out}/silver_frag"

    def copy_fragmented():
        shutil.rmtree(table, ignore_errors=True)
        shutil.copytree(runner.fragmented, table)

    @runner.step("M1_compact", prepare=copy_fragmented)
    def compact():
        m = DeltaTable(table).optimize.compact()
        return m["numFilesRemoved"], {"files_added": m["numFilesAdded"]}

    @runner.step("M1_zorder")
    def zorder():
        m = DeltaTable(table).optimize.z_order(["user_id", "product_id"], target_size=2 << 20)
        return m["numFilesRemoved"], {"files_added": m["numFilesAdded"]}

    @runner.step("M1_vacuum")
    def vacuum():
        return len(DeltaTable(table).vacuum(retention_hours=0, dry_run=True, enforce_retention_duration=False))

    orders = f"{runner.out}/orders"
    changes = os.path.join(os.path.dirname(runner.meta), "merge")

    def copy_orders():
        shutil.rmtree(orders, ignore_errors=True)
        shutil.copytree(f"{changes}/target", orders)

    @runner.step("MERGE_10M", prepare=copy_orders)
    def merge():
        values = {c: f"s.{c}" for c in ("order_id", "customer_id", "status", "amount", "updated_at", "note")}
        m = (
            DeltaTable(orders)
            .merge(pq.read_table(f"{changes}/changes.parquet"), "t.order_id = s.order_id", source_alias="s", target_alias="t")
            .when_matched_delete("s.op = 'D'")
            .when_matched_update(values)
            .when_not_matched_insert(values, "s.op <> 'D'")
            .execute()
        )
        counts = [m[f"num_target_rows_{what}"] for what in ("inserted", "updated", "deleted")]
        return sum(counts), {"result": counts}

    def open_log(name):
        dt = DeltaTable(f"{runner.meta}/{name}")
        return len(dt.file_uris()), {"version": dt.version()}

    runner.step("META_ckpt")(lambda: open_log("ckpt"))
    runner.step("META_json")(lambda: open_log("json"))
    runner.step("META_300k")(lambda: open_log("300k"))

    @runner.step("A1", clears=["append"])
    def append():
        path = f"{runner.out}/append"
        rows = pa.table({"id": pa.array(range(100), pa.int64()), "v": pa.array([f"value-{i}" for i in range(100)])})
        write_deltalake(path, rows)
        dt = DeltaTable(path)
        for _ in range(runner.appends - 1):
            write_deltalake(dt, rows, mode="append")
        return runner.appends, {"final_version": DeltaTable(path).version()}
