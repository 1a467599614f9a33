"""Compares the tables that several programs wrote: rows, and a checksum that does not depend on their order.

usage: check.py OUTDIR...

A table's checksum is (sum over rows of md5_number_lower(canonical text)) mod 2^64, by DuckDB over the live Parquet files; see SPEC.md. Fails when two folders
differ in a table, or when one of them lacks it.
"""

import json
import os
import sys

import duckdb
from deltalake import DeltaTable


def micros(column):
    """A timestamp as microseconds since 1970."""
    return f"epoch_us({column})"


def scaled(column, factor):
    """A double as a whole number, so that all print it alike."""
    return f"CAST(round({column}*{factor}) AS BIGINT)"


CUSTOMER = ["customer_id", "name", "email", "country", "segment", "signup_date", "birth_year", "credit_limit", "is_active", micros("updated_at")]
TABLES = {
    "bronze_events": [
        "event_id",
        "event_type",
        micros("event_ts"),
        "seq",
        "user_id",
        "session_id",
        "status",
        "payload.product_id",
        "payload.quantity",
        scaled("payload.unit_price", 100),
        "payload.currency",
        "payload.coupon",
        "payload.query",
        "payload.device.os",
        "payload.device.browser",
        "payload.device.app_version",
        "len(items)",
        "array_to_string(list_transform(items, lambda x: concat(x.sku,':',x.qty,':',CAST(round(x.price*100) AS BIGINT))),';')",
        "array_to_string(tags,';')",
        "geo.country",
        "geo.city",
        scaled("geo.lat", 10000),
        scaled("geo.lon", 10000),
        "_corrupt_record",
        "_source_file",
    ],
    "bronze_customers": CUSTOMER + ["_source_file"],
    "silver_events": [
        "event_id",
        "event_date",
        micros("event_ts"),
        "event_type",
        "seq",
        "user_id",
        "session_id",
        "status",
        "product_id",
        "quantity",
        scaled("unit_price", 100),
        "currency",
        "coupon",
        "query",
        "device_os",
        "device_browser",
        "app_version",
        "item_count",
        "items_qty",
        "tag_count",
        "geo_country",
        "geo_city",
        scaled("lat", 10000),
        scaled("lon", 10000),
        "amount_cents",
        "amount_eur_cents",
        "customer_country",
        "customer_segment",
        "customer_active",
    ],
    "quarantine_events": [
        "event_id",
        micros("event_ts"),
        "seq",
        "user_id",
        "quantity",
        scaled("unit_price", 100),
        "_corrupt_record",
        "_source_file",
        "violations",
    ],
    "silver_customers": CUSTOMER,
    "customers_scd2": CUSTOMER + [micros("valid_from"), micros("valid_to"), "is_current"],
    "gold_daily": ["event_date", "country", "category", "orders", "units", "revenue_eur_cents", "users"],
    "gold_top_products": ["category", "rank", "product_id", "revenue_eur_cents", "orders"],
    "gold_rolling7": ["country", "event_date", "revenue_eur_cents", "orders", "revenue_7d", "orders_7d"],
}


def measure(con, path, columns):
    """The rows and the checksum of one table."""
    dt = DeltaTable(path)
    files = ",".join("'" + f.replace("'", "''") + "'" for f in dt.file_uris())
    partitioned = dt.metadata().partition_columns
    hive = "hive_partitioning=true, hive_types={'event_date': DATE}" if partitioned else "hive_partitioning=false"
    text = "concat_ws('|'," + ",".join(f"coalesce(CAST({c} AS VARCHAR),'~')" for c in columns) + ")"
    rows, checksum = con.execute(
        f"SELECT count(*), (sum(CAST(md5_number_lower({text}) AS HUGEINT)) % 18446744073709551616)::VARCHAR "
        f"FROM read_parquet([{files}], union_by_name=true, {hive})"
    ).fetchone()
    size = sum(os.path.getsize(f.removeprefix("file://")) for f in dt.file_uris())
    return {"rows": rows, "checksum": checksum, "files": len(dt.file_uris()), "mb": round(size / 1e6, 1)}


def main(folders):
    """Prints every table's figures and a verdict each. Returns the exit status."""
    con = duckdb.connect()
    con.execute("SET TimeZone='UTC'; SET threads=2; SET enable_progress_bar=false")
    differing = 0
    verdicts = []
    for table, columns in TABLES.items():
        found = set()
        for folder in folders:
            try:
                figures = measure(con, f"{folder}/{table}", columns)
                found.add((figures["rows"], figures["checksum"]))
            except Exception as e:
                figures = {"error": str(e)[:200]}
                found.add(figures["error"])
            print(json.dumps({"out": folder, "table": table, **figures}), flush=True)
        same = len(found) == 1 and isinstance(next(iter(found)), tuple)
        differing += not same
        verdicts.append(f"{table:20s} {'SAME' if same else 'DIFFER'}  {' '.join(os.path.basename(f) for f in folders)}")
    print("\n".join(verdicts))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
