"""DuckDB for compute: reads the Parquet files that deltalake lists, as its delta extension is on no package registry, and writes through Arrow with deltalake."""

import sys

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, write_deltalake

from common import CUST, RATES, TS_HI, TS_LO, Runner
from deltars import maintenance, merge_scd1, merge_scd2

peer = Runner("duckdb")
D, O = peer.data, peer.out
C = ", ".join(CUST)
con = duckdb.connect()
con.execute("SET TimeZone='UTC'; SET threads=2; SET preserve_insertion_order=false; SET enable_progress_bar=false")


def T(path):
    """The live files of a table, as SQL."""
    dt = DeltaTable(path)
    part = dt.metadata().partition_columns
    return (
        "read_parquet(["
        + ",".join("'" + f.replace("'", "''") + "'" for f in dt.file_uris())
        + f"], hive_partitioning={'true' if part else 'false'}"
        + (", hive_types={'event_date': DATE}" if part else "")
        + ")"
    )


def W(path, q, mode="overwrite", **kw):
    """Writes a query's rows to a table and returns how many the table holds."""
    write_deltalake(path, con.sql(q).to_arrow_reader(200_000), mode=mode, **kw)
    return pc.sum(pa.table(DeltaTable(path).get_add_actions(flatten=True))["num_records"]).as_py()


LEN = (
    '{"event_id":"VARCHAR","event_type":"VARCHAR","event_ts":"VARCHAR","seq":"BIGINT","user_id":"VARCHAR","session_id":"VARCHAR","status":"VARCHAR",'
    '"payload":{"product_id":"BIGINT","quantity":"VARCHAR","unit_price":"VARCHAR","currency":"VARCHAR","coupon":"VARCHAR","query":"VARCHAR","device":{"os":"VARCHAR","browser":"VARCHAR","app_version":"VARCHAR"}},'
    '"items":[{"sku":"VARCHAR","qty":"BIGINT","price":"DOUBLE"}],"tags":["VARCHAR"],"geo":{"country":"VARCHAR","city":"VARCHAR","lat":"DOUBLE","lon":"DOUBLE"}}'
)


@peer.step("B1", clears=["bronze_events"])
def bronze_events():
    """Lines of events as typed rows; what is broken is kept in _corrupt_record."""
    q = f"""
    WITH l AS (SELECT line, filename, json_valid(line) AS ok FROM read_csv('{D}/events/*.ndjson', columns={{'line':'VARCHAR'}}, header=false, delim=chr(1), quote='', escape='', auto_detect=false, filename=true, max_line_size=1048576)),
    j AS (SELECT line, filename, ok, from_json(CASE WHEN ok THEN line ELSE '{{}}' END, '{LEN}') AS e FROM l),
    c AS (SELECT *, TRY_CAST(e.event_ts AS TIMESTAMPTZ) AS ts, TRY_CAST(e.user_id AS BIGINT) AS uid, TRY_CAST(e.payload.quantity AS BIGINT) AS q, TRY_CAST(e.payload.unit_price AS DOUBLE) AS u FROM j)
    SELECT e.event_id AS event_id, e.event_type AS event_type, ts AS event_ts, e.seq AS seq, uid AS user_id, e.session_id AS session_id, e.status AS status,
      CASE WHEN ok THEN struct_pack(product_id := e.payload.product_id, quantity := q, unit_price := u, currency := e.payload.currency, coupon := e.payload.coupon, query := e.payload.query, device := e.payload.device) END AS payload,
      e.items AS items, e.tags AS tags, e.geo AS geo,
      CASE WHEN NOT ok OR (e.event_ts IS NOT NULL AND ts IS NULL) OR (e.user_id IS NOT NULL AND uid IS NULL) OR (e.payload.quantity IS NOT NULL AND q IS NULL) OR (e.payload.unit_price IS NOT NULL AND u IS NULL) THEN line END AS _corrupt_record,
      parse_filename(filename) AS _source_file, now() AS _ingest_time FROM c"""
    return W(f"{O}/bronze_events", q, mode="append")


@peer.step("B2", clears=["bronze_customers"])
def bronze_customers():
    """The customer list, typed."""
    q = f"""SELECT * EXCLUDE (filename), parse_filename(filename) AS _source_file, now() AS _ingest_time FROM read_csv('{D}/customers/*.csv', header=true, auto_detect=false, delim=',', quote='"', filename=true, columns={{
      'customer_id':'BIGINT','name':'VARCHAR','email':'VARCHAR','country':'VARCHAR','segment':'VARCHAR','signup_date':'DATE','birth_year':'BIGINT','credit_limit':'DECIMAL(12,2)','is_active':'BOOLEAN','updated_at':'TIMESTAMPTZ'}})"""
    return W(f"{O}/bronze_customers", q, mode="append")


R = {
    "R1": "event_id IS NOT NULL",
    "R2": "coalesce(user_id > 0, false)",
    "R3": f"coalesce(event_ts >= TIMESTAMPTZ '{TS_LO} 00:00:00+00' AND event_ts < TIMESTAMPTZ '{TS_HI} 00:00:00+00', false)",
    "R4": "coalesce(payload.quantity BETWEEN 1 AND 100, false)",
    "R5": "coalesce(payload.unit_price >= 0 AND payload.unit_price < 100000, false)",
}
ALL = " AND ".join(f"({x})" for x in R.values())


@peer.step("S1", clears=["silver_events", "quarantine_events"])
def silver_events():
    """Checks the rules, keeps the latest row per event and joins the customers."""
    b = T(f"{O}/bronze_events")
    c = T(f"{O}/bronze_customers")
    con.execute(f"""CREATE OR REPLACE TEMP TABLE qua AS SELECT event_id, event_ts, seq, user_id, payload.quantity AS quantity, payload.unit_price AS unit_price, _corrupt_record, _source_file,
      concat_ws(',', {",".join(f"CASE WHEN NOT ({e}) THEN '{k}' END" for k, e in R.items())}) AS violations FROM {b} WHERE NOT ({ALL})""")
    cnt = con.execute("SELECT " + ",".join(f"count(*) FILTER (WHERE contains(violations,'{k}')) AS {k}" for k in R) + ", count(*) FROM qua").fetchall()[0]
    W(f"{O}/quarantine_events", "SELECT * FROM qua")
    fx = "CASE upper(payload.currency) " + " ".join(f"WHEN '{k}' THEN {v}" for k, v in RATES.items()) + " END"
    q = f"""WITH b AS (SELECT event_id, CAST(event_ts AT TIME ZONE 'UTC' AS DATE) AS event_date, event_ts, lower(trim(event_type)) AS event_type, seq, user_id, session_id, status, payload.product_id AS product_id, payload.quantity AS quantity, payload.unit_price AS unit_price,
      upper(payload.currency) AS currency, payload.coupon AS coupon, payload.query AS query, payload.device.os AS device_os, payload.device.browser AS device_browser, payload.device.app_version AS app_version,
      coalesce(len(items),0)::BIGINT AS item_count, coalesce(list_sum(list_transform(items, lambda x: x.qty)),0)::BIGINT AS items_qty, coalesce(len(tags),0)::BIGINT AS tag_count, geo.country AS geo_country, geo.city AS geo_city, geo.lat AS lat, geo.lon AS lon,
      CAST(round(payload.unit_price*100) AS BIGINT)*payload.quantity AS amount_cents, (CAST(round(payload.unit_price*100) AS BIGINT)*payload.quantity*{fx})//10000 AS amount_eur_cents FROM {b} WHERE {ALL}),
    d AS (SELECT * FROM b QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY seq DESC) = 1)
    SELECT d.*, coalesce(c.country,'unknown') AS customer_country, coalesce(c.segment,'unknown') AS customer_segment, c.is_active AS customer_active FROM d LEFT JOIN {c} c ON d.user_id = c.customer_id"""
    n = W(f"{O}/silver_events", q, partition_by=["event_date"])
    return n, {"violations": dict(zip(R, cnt)), "quarantined": cnt[5]}


@peer.step("S2_init", clears=["silver_customers", "customers_scd2"])
def customers():
    """Starts the two customer tables."""
    c = T(f"{O}/bronze_customers")
    n = W(f"{O}/silver_customers", f"SELECT {C} FROM {c}")
    W(f"{O}/customers_scd2", f"SELECT {C}, updated_at AS valid_from, NULL::TIMESTAMPTZ AS valid_to, true AS is_current FROM {c}")
    return n


@peer.step("S2a", restores="silver_customers")
def merge_customers():
    """Merges the latest change per key."""
    ch = con.sql(
        f"SELECT Op AS op, {C} FROM read_parquet('{D}/cdc/*.parquet') QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY change_seq DESC)=1"
    ).to_arrow_table()
    merge_scd1(f"{O}/silver_customers", ch)
    return ch.num_rows


@peer.step("S2b", restores="customers_scd2")
def merge_versions():
    """Merges every change as a version."""
    s = con.sql(f"""WITH c AS (SELECT *, lead(commit_ts) OVER (PARTITION BY customer_id ORDER BY change_seq) AS nx FROM read_parquet('{D}/cdc/*.parquet'))
      SELECT NULL::BIGINT AS merge_key, {C}, commit_ts AS valid_from, nx AS valid_to, nx IS NULL AS is_current FROM c WHERE Op<>'D'
      UNION ALL BY NAME SELECT customer_id AS merge_key, customer_id, min(commit_ts) AS valid_to, false AS is_current FROM c GROUP BY customer_id""").to_arrow_table()
    merge_scd2(f"{O}/customers_scd2", s)
    return s.num_rows


@peer.step("G1", clears=["gold_daily", "gold_top_products", "gold_rolling7"])
def gold():
    """The three gold tables."""
    con.execute(f"""CREATE OR REPLACE TEMP TABLE g AS SELECT event_date, customer_country AS country, s.product_id, user_id, quantity, amount_eur_cents, coalesce(p.category,'unknown') AS category
      FROM {T(f"{O}/silver_events")} s LEFT JOIN read_parquet('{D}/products/products.parquet') p ON s.product_id=p.product_id WHERE event_type='purchase' AND status='paid'""")
    n = W(
        f"{O}/gold_daily",
        "SELECT event_date, country, category, count(*)::BIGINT AS orders, sum(quantity)::BIGINT AS units, sum(amount_eur_cents)::BIGINT AS revenue_eur_cents, count(DISTINCT user_id)::BIGINT AS users, quantile_cont(amount_eur_cents::DOUBLE, 0.95) AS p95_eur_cents FROM g GROUP BY ALL",
    )
    n += W(
        f"{O}/gold_top_products",
        "SELECT *, row_number() OVER (PARTITION BY category ORDER BY revenue_eur_cents DESC, product_id)::BIGINT AS rank FROM (SELECT category, product_id, sum(amount_eur_cents)::BIGINT AS revenue_eur_cents, count(*)::BIGINT AS orders FROM g GROUP BY ALL) QUALIFY rank<=10",
    )
    n += W(
        f"{O}/gold_rolling7",
        """SELECT country, event_date, revenue_eur_cents, orders, CAST(sum(revenue_eur_cents) OVER w AS BIGINT) AS revenue_7d, CAST(sum(orders) OVER w AS BIGINT) AS orders_7d
      FROM (SELECT country, event_date, sum(amount_eur_cents)::BIGINT AS revenue_eur_cents, count(*)::BIGINT AS orders FROM g GROUP BY ALL)
      WINDOW w AS (PARTITION BY country ORDER BY event_date RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW)""",
    )
    return n


@peer.step("Q1")
def query_range():
    """A selective query."""
    # delta-side pruning through deltalake (partition filter), row-group pruning in DuckDB
    dt = DeltaTable(f"{O}/silver_frag")
    fs = dt.file_uris(partition_filters=[("event_date", "in", ["2025-03-10", "2025-03-11", "2025-03-12"])])
    r = con.execute(
        "SELECT count(*), sum(amount_eur_cents)::BIGINT FROM read_parquet(["
        + ",".join(f"'{f}'" for f in fs)
        + "], hive_partitioning=false) WHERE user_id BETWEEN 1000 AND 1100"
    ).fetchall()[0]
    return r[0], {"result": list(r)}


@peer.step("Q2")
def query_all():
    """A query over the whole table."""
    r = con.execute(
        f"SELECT event_type, device_os, count(*), sum(amount_eur_cents)::BIGINT, count(DISTINCT user_id) FROM {T(f'{O}/silver_frag')} GROUP BY ALL"
    ).fetchall()
    return len(r), {"result": [sum(x[2] for x in r), sum(x[3] for x in r), sum(x[4] for x in r)]}


maintenance(peer)
sys.exit(peer.run())
