"""Polars for compute; reads and writes Delta through its own scan_delta and write_delta, merges through delta-rs."""

import glob
import os
import sys
from datetime import date, datetime, timezone

import orjson
import polars as pl

from common import CUST, RATES, Runner
from deltars import maintenance, merge_scd1, merge_scd2

peer = Runner("polars")
D, O = peer.data, peer.out
S, I, F = pl.String, pl.Int64, pl.Float64
# Values that may not be of their type are read as text first.
LENIENT = pl.Struct(
    {
        "event_id": S,
        "event_type": S,
        "event_ts": S,
        "seq": I,
        "user_id": S,
        "session_id": S,
        "status": S,
        "payload": pl.Struct(
            {
                "product_id": I,
                "quantity": S,
                "unit_price": S,
                "currency": S,
                "coupon": S,
                "query": S,
                "device": pl.Struct({"os": S, "browser": S, "app_version": S}),
            }
        ),
        "items": pl.List(pl.Struct({"sku": S, "qty": I, "price": F})),
        "tags": pl.List(S),
        "geo": pl.Struct({"country": S, "city": S, "lat": F, "lon": F}),
    }
)


def valid(lines):
    """Tells which lines are JSON."""
    out = []
    for line in lines:
        try:
            orjson.loads(line)
            out.append(True)
        except orjson.JSONDecodeError:
            out.append(False)
    return pl.Series(out)


@peer.step("B1", clears=["bronze_events"])
def bronze_events():
    """Lines of events as typed rows; what is broken is kept in _corrupt_record."""
    # Polars' NDJSON reader aborts on a broken line or wrong type, so: lines -> validity check -> lenient decode -> casts.
    n = 0
    now = datetime.now(timezone.utc)
    for f in sorted(glob.glob(f"{D}/events/*.ndjson")):
        d = pl.read_lines(f)
        d = d.with_columns(ok=pl.col("line").map_batches(valid, return_dtype=pl.Boolean))
        d = (
            d.lazy()
            .with_columns(j=pl.when("ok").then("line").otherwise(pl.lit("{}")).str.json_decode(LENIENT))
            .select("line", "ok", pl.col("j").struct.unnest())
        )
        pay = pl.col("payload").struct
        d = d.with_columns(
            event_ts2=pl.col("event_ts").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False).dt.replace_time_zone("UTC"),
            user2=pl.col("user_id").cast(I, strict=False),
            q=pay.field("quantity").cast(I, strict=False),
            u=pay.field("unit_price").cast(F, strict=False),
        )
        bad = (
            (~pl.col("ok"))
            | (pl.col("event_ts").is_not_null() & pl.col("event_ts2").is_null())
            | (pl.col("user_id").is_not_null() & pl.col("user2").is_null())
            | (pay.field("quantity").is_not_null() & pl.col("q").is_null())
            | (pay.field("unit_price").is_not_null() & pl.col("u").is_null())
        )
        d = d.select(
            "event_id",
            "event_type",
            pl.col("event_ts2").alias("event_ts"),
            "seq",
            pl.col("user2").alias("user_id"),
            "session_id",
            "status",
            pl.when("ok")
            .then(
                pl.struct(
                    pay.field("product_id"),
                    pl.col("q").alias("quantity"),
                    pl.col("u").alias("unit_price"),
                    pay.field("currency"),
                    pay.field("coupon"),
                    pay.field("query"),
                    pay.field("device"),
                )
            )
            .alias("payload"),
            "items",
            "tags",
            "geo",
            pl.when(bad).then("line").alias("_corrupt_record"),
            pl.lit(os.path.basename(f)).alias("_source_file"),
            pl.lit(now).cast(pl.Datetime("us", "UTC")).alias("_ingest_time"),
        ).collect(engine="streaming")
        d.write_delta(f"{O}/bronze_events", mode="append")
        n += d.height
    return n, {"note": "1 commit per file (bounded memory)"}


CSV = {
    "customer_id": I,
    "name": S,
    "email": S,
    "country": S,
    "segment": S,
    "signup_date": pl.Date,
    "birth_year": I,
    "credit_limit": pl.Decimal(12, 2),
    "is_active": pl.Boolean,
    "updated_at": S,
}


@peer.step("B2", clears=["bronze_customers"])
def bronze_customers():
    """The customer list, typed."""
    d = (
        pl.scan_csv(f"{D}/customers/*.csv", schema=CSV, include_file_paths="_source_file")
        .with_columns(
            pl.col("updated_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us").dt.replace_time_zone("UTC"),
            pl.col("_source_file").str.split("/").list.last(),
            _ingest_time=pl.lit(datetime.now(timezone.utc)).cast(pl.Datetime("us", "UTC")),
        )
        .collect(engine="streaming")
    )
    d.write_delta(f"{O}/bronze_customers", mode="append")
    return d.height


def rules():
    """The business rules by name, as expressions that are true where the row holds."""
    p = pl.col("payload").struct
    q, u = p.field("quantity"), p.field("unit_price")
    return {
        "R1": pl.col("event_id").is_not_null(),
        "R2": (pl.col("user_id") > 0),
        "R3": (pl.col("event_ts") >= datetime(2025, 1, 1, tzinfo=timezone.utc)) & (pl.col("event_ts") < datetime(2026, 1, 1, tzinfo=timezone.utc)),
        "R4": q.is_between(1, 100),
        "R5": (u >= 0) & (u < 100000),
    }


@peer.step("S1", clears=["silver_events", "quarantine_events"])
def silver_events():
    """Checks the rules, keeps the latest row per event and joins the customers."""
    b = pl.scan_delta(f"{O}/bronze_events")
    p = pl.col("payload").struct
    b = b.with_columns([e.fill_null(False).alias(k) for k, e in rules().items()])
    ok = pl.all_horizontal("R1", "R2", "R3", "R4", "R5")
    cnt = b.select([(~pl.col(r)).sum() for r in ("R1", "R2", "R3", "R4", "R5")])
    qua = b.filter(~ok).select(
        "event_id",
        "event_ts",
        "seq",
        "user_id",
        p.field("quantity"),
        p.field("unit_price"),
        "_corrupt_record",
        "_source_file",
        pl.concat_str([pl.when(~pl.col(r)).then(pl.lit(r)) for r in ("R1", "R2", "R3", "R4", "R5")], separator=",", ignore_nulls=True).alias("violations"),
    )
    cur = p.field("currency").str.to_uppercase()
    amt = (p.field("unit_price") * 100).round().cast(I) * p.field("quantity")
    cust = pl.scan_delta(f"{O}/bronze_customers").select(
        "customer_id",
        pl.col("country").alias("customer_country"),
        pl.col("segment").alias("customer_segment"),
        pl.col("is_active").alias("customer_active"),
    )
    s = b.filter(ok).select(
        "event_id",
        pl.col("event_ts").dt.date().alias("event_date"),
        "event_ts",
        pl.col("event_type").str.strip_chars().str.to_lowercase(),
        "seq",
        "user_id",
        "session_id",
        "status",
        p.field("product_id"),
        p.field("quantity"),
        p.field("unit_price"),
        cur.alias("currency"),
        p.field("coupon"),
        p.field("query"),
        p.field("device").struct.field("os").alias("device_os"),
        p.field("device").struct.field("browser").alias("device_browser"),
        p.field("device").struct.field("app_version").alias("app_version"),
        pl.col("items").list.len().fill_null(0).cast(I).alias("item_count"),
        pl.col("items").list.eval(pl.element().struct.field("qty")).list.sum().fill_null(0).alias("items_qty"),
        pl.col("tags").list.len().fill_null(0).cast(I).alias("tag_count"),
        pl.col("geo").struct.field("country").alias("geo_country"),
        pl.col("geo").struct.field("city").alias("geo_city"),
        pl.col("geo").struct.field("lat"),
        pl.col("geo").struct.field("lon"),
        amt.alias("amount_cents"),
        (amt * cur.replace_strict(RATES, return_dtype=I) // 10000).alias("amount_eur_cents"),
    )
    s = s.sort("seq").unique("event_id", keep="last", maintain_order=False)
    s = s.join(cust, left_on="user_id", right_on="customer_id", how="left").with_columns(pl.col("customer_country", "customer_segment").fill_null("unknown"))
    c, qd, sd = pl.collect_all([cnt, qua, s], engine="streaming")
    qd.write_delta(f"{O}/quarantine_events", mode="overwrite")
    sd.write_delta(f"{O}/silver_events", mode="overwrite", delta_write_options={"partition_by": ["event_date"]})
    return sd.height, {"violations": c.row(0, named=True), "quarantined": qd.height}


@peer.step("S2_init", clears=["silver_customers", "customers_scd2"])
def customers():
    """Starts the two customer tables."""
    c = pl.scan_delta(f"{O}/bronze_customers").select(CUST)
    d = c.collect()
    d.write_delta(f"{O}/silver_customers", mode="overwrite")
    d.with_columns(valid_from=pl.col("updated_at"), valid_to=pl.lit(None, pl.Datetime("us", "UTC")), is_current=pl.lit(True)).write_delta(
        f"{O}/customers_scd2", mode="overwrite"
    )
    return d.height


@peer.step("S2a", restores="silver_customers")
def merge_customers():
    """Merges the latest change per key."""
    ch = pl.scan_parquet(f"{D}/cdc/*.parquet").sort("change_seq").unique("customer_id", keep="last").select(pl.col("Op").alias("op"), *CUST).collect()
    merge_scd1(f"{O}/silver_customers", ch.to_arrow())
    return ch.height


@peer.step("S2b", restores="customers_scd2")
def merge_versions():
    """Merges every change as a version."""
    c = pl.scan_parquet(f"{D}/cdc/*.parquet").sort("customer_id", "change_seq")
    ver = (
        c.with_columns(valid_from=pl.col("commit_ts"), valid_to=pl.col("commit_ts").shift(-1).over("customer_id"))
        .filter(pl.col("Op") != "D")
        .with_columns(merge_key=pl.lit(None, I), is_current=pl.col("valid_to").is_null())
    )
    clo = c.group_by("customer_id").agg(pl.col("commit_ts").min().alias("valid_to")).with_columns(merge_key=pl.col("customer_id"), is_current=pl.lit(False))
    s = pl.concat([ver.select("merge_key", *CUST, "valid_from", "valid_to", "is_current"), clo], how="diagonal").collect()
    merge_scd2(f"{O}/customers_scd2", s.to_arrow())
    return s.height


@peer.step("G1", clears=["gold_daily", "gold_top_products", "gold_rolling7"])
def gold():
    """The three gold tables."""
    s = pl.scan_delta(f"{O}/silver_events").filter((pl.col("event_type") == "purchase") & (pl.col("status") == "paid"))
    pr = pl.scan_parquet(f"{D}/products/products.parquet").select("product_id", "category")
    s = (
        s.select("event_date", "customer_country", "product_id", "user_id", "quantity", "amount_eur_cents")
        .join(pr, on="product_id", how="left")
        .with_columns(pl.col("category").fill_null("unknown"))
        .rename({"customer_country": "country"})
    )
    am = pl.col("amount_eur_cents")
    daily = s.group_by("event_date", "country", "category").agg(
        pl.len().cast(I).alias("orders"),
        pl.col("quantity").sum().alias("units"),
        am.sum().alias("revenue_eur_cents"),
        pl.col("user_id").n_unique().cast(I).alias("users"),
        am.quantile(0.95, interpolation="linear").alias("p95_eur_cents"),
    )
    top = (
        s.group_by("category", "product_id")
        .agg(am.sum().alias("revenue_eur_cents"), pl.len().cast(I).alias("orders"))
        .sort(["category", "revenue_eur_cents", "product_id"], descending=[False, True, False])
    )
    top = top.with_columns(rank=(pl.int_range(pl.len()).over("category") + 1).cast(I)).filter(pl.col("rank") <= 10)
    dc = s.group_by("country", "event_date").agg(am.sum().alias("revenue_eur_cents"), pl.len().cast(I).alias("orders")).sort("country", "event_date")
    r7 = dc.with_columns(
        revenue_7d=pl.col("revenue_eur_cents").rolling_sum_by("event_date", "7d").over("country"),
        orders_7d=pl.col("orders").rolling_sum_by("event_date", "7d").over("country"),
    )
    x, y, z = pl.collect_all([daily, top, r7], engine="streaming")
    x.write_delta(f"{O}/gold_daily", mode="overwrite")
    y.write_delta(f"{O}/gold_top_products", mode="overwrite")
    z.write_delta(f"{O}/gold_rolling7", mode="overwrite")
    return x.height + y.height + z.height


@peer.step("Q1")
def query_range():
    """A selective query."""
    r = (
        pl.scan_delta(f"{O}/silver_frag")
        .filter(pl.col("event_date").is_between(date(2025, 3, 10), date(2025, 3, 12)) & pl.col("user_id").is_between(1000, 1100))
        .select(pl.len(), pl.col("amount_eur_cents").sum())
        .collect(engine="streaming")
    )
    return r.row(0)[0], {"result": [int(x) for x in r.row(0)]}


@peer.step("Q2")
def query_all():
    """A query over the whole table."""
    r = (
        pl.scan_delta(f"{O}/silver_frag")
        .group_by("event_type", "device_os")
        .agg(pl.len(), pl.col("amount_eur_cents").sum().alias("s"), pl.col("user_id").n_unique().alias("u"))
        .collect(engine="streaming")
    )
    return r.height, {"result": [int(r["len"].sum()), int(r["s"].sum()), int(r["u"].sum())]}


maintenance(peer)
sys.exit(peer.run())
