"""Spark 4.2 and Delta 4.4 in local mode on two threads. One JVM runs all the steps asked for, so the first pays for the warm-up; memory and CPU are the JVM's.

DELTA_JARS names the folder of Delta's jars (default: .tools/jars).
"""

import glob
import os
import shutil
import sys
import tempfile
import time

from pyspark.sql import Observation, SparkSession, Window
from pyspark.sql import functions as F

from common import CUST, RATES, TS_HI, TS_LO, Runner, cpu_seconds, peak_mb

peer = Runner("spark")
D, O = os.path.abspath(peer.data), os.path.abspath(peer.out)
C = ", ".join(CUST)
SCRATCH = tempfile.mkdtemp()
t0 = time.perf_counter()
spark = (
    SparkSession.builder.master("local[2]")
    .appName("bench")
    .config("spark.jars", ",".join(sorted(glob.glob(os.environ.get("DELTA_JARS", ".tools/jars") + "/*.jar"))))
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.driver.memory", os.environ.get("SPARK_MEM", "8g"))
    .config("spark.sql.shuffle.partitions", "8")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.ui.enabled", "false")
    .config("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    .config("spark.local.dir", SCRATCH)
    .config("spark.sql.warehouse.dir", SCRATCH + "/warehouse")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.databricks.delta.snapshotPartitions", "2")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
peer.pid = spark._jvm.java.lang.ProcessHandle.current().pid()
peer.emit(
    "START",
    run=0,
    seconds=round(time.perf_counter() - t0, 2),
    rows=0,
    peak_rss_mb=round(peak_mb(peer.pid)),
    cpu_seconds=round(cpu_seconds(peer.pid), 2),
)


def dl(path):
    """A Delta table's rows."""
    return spark.read.format("delta").load(path)


def W(df, p, mode="overwrite", part=None):
    """Writes rows to a Delta table."""
    w = df.write.format("delta").mode(mode)
    if part:
        w = w.partitionBy(part)
    w.save(p)


SCH = """event_id string, event_type string, event_ts timestamp, seq bigint, user_id bigint, session_id string, status string,
 payload struct<product_id:bigint,quantity:bigint,unit_price:double,currency:string,coupon:string,query:string,device:struct<os:string,browser:string,app_version:string>>,
 items array<struct<sku:string,qty:bigint,price:double>>, tags array<string>, geo struct<country:string,city:string,lat:double,lon:double>, _corrupt_record string"""


@peer.step("B1", clears=["bronze_events"])
def bronze_events():
    """Lines of events as typed rows; what is broken is kept in _corrupt_record."""
    df = spark.read.schema(SCH).option("mode", "PERMISSIVE").option("columnNameOfCorruptRecord", "_corrupt_record").json(f"{D}/events")
    o = Observation()
    df = df.withColumn("_source_file", F.col("_metadata.file_name")).withColumn("_ingest_time", F.current_timestamp()).observe(o, F.count(F.lit(1)).alias("n"))
    W(df, f"{O}/bronze_events", "append")
    return o.get["n"]


@peer.step("B2", clears=["bronze_customers"])
def bronze_customers():
    """The customer list, typed."""
    df = (
        spark.read.option("header", True)
        .schema(
            "customer_id bigint,name string,email string,country string,segment string,signup_date date,birth_year bigint,credit_limit decimal(12,2),is_active boolean,updated_at timestamp"
        )
        .csv(f"{D}/customers")
    )
    o = Observation()
    df = df.withColumn("_source_file", F.col("_metadata.file_name")).withColumn("_ingest_time", F.current_timestamp()).observe(o, F.count(F.lit(1)).alias("n"))
    W(df, f"{O}/bronze_customers", "append")
    return o.get["n"]


R = {
    "R1": "event_id IS NOT NULL",
    "R2": "coalesce(user_id > 0, false)",
    "R3": f"coalesce(event_ts >= TIMESTAMP '{TS_LO} 00:00:00' AND event_ts < TIMESTAMP '{TS_HI} 00:00:00', false)",
    "R4": "coalesce(payload.quantity BETWEEN 1 AND 100, false)",
    "R5": "coalesce(payload.unit_price >= 0 AND payload.unit_price < 100000, false)",
}
ALL = " AND ".join(f"({x})" for x in R.values())


@peer.step("S1", clears=["silver_events", "quarantine_events"])
def silver_events():
    """Checks the rules, keeps the latest row per event and joins the customers."""
    b = dl(f"{O}/bronze_events")
    ob = Observation()
    q = b.filter(f"NOT ({ALL})").selectExpr(
        "event_id",
        "event_ts",
        "seq",
        "user_id",
        "payload.quantity AS quantity",
        "payload.unit_price AS unit_price",
        "_corrupt_record",
        "_source_file",
        "concat_ws(',', " + ",".join(f"CASE WHEN NOT ({e}) THEN '{k}' END" for k, e in R.items()) + ") AS violations",
    )
    q = q.observe(ob, *[F.sum(F.expr(f"CASE WHEN contains(violations,'{k}') THEN 1 ELSE 0 END")).alias(k) for k in R], F.count(F.lit(1)).alias("n"))
    W(q, f"{O}/quarantine_events")
    fx = "CASE upper(payload.currency) " + " ".join(f"WHEN '{k}' THEN {v}L" for k, v in RATES.items()) + " END"
    amt = "CAST(round(payload.unit_price*100) AS BIGINT)*payload.quantity"
    s = b.filter(ALL).selectExpr(
        "event_id",
        "CAST(event_ts AS DATE) AS event_date",
        "event_ts",
        "lower(trim(event_type)) AS event_type",
        "seq",
        "user_id",
        "session_id",
        "status",
        "payload.product_id AS product_id",
        "payload.quantity AS quantity",
        "payload.unit_price AS unit_price",
        "upper(payload.currency) AS currency",
        "payload.coupon AS coupon",
        "payload.query AS query",
        "payload.device.os AS device_os",
        "payload.device.browser AS device_browser",
        "payload.device.app_version AS app_version",
        "CAST(coalesce(size(items),0) AS BIGINT) AS item_count",
        "coalesce(aggregate(items.qty, 0L, (x,y)->x+y),0L) AS items_qty",
        "CAST(coalesce(size(tags),0) AS BIGINT) AS tag_count",
        "geo.country AS geo_country",
        "geo.city AS geo_city",
        "geo.lat AS lat",
        "geo.lon AS lon",
        f"{amt} AS amount_cents",
        f"({amt}*{fx}) div 10000 AS amount_eur_cents",
    )
    s = s.withColumn("_rn", F.row_number().over(Window.partitionBy("event_id").orderBy(F.col("seq").desc()))).filter("_rn = 1").drop("_rn")
    c = dl(f"{O}/bronze_customers").selectExpr("customer_id", "country AS customer_country", "segment AS customer_segment", "is_active AS customer_active")
    s = (
        s.join(c, s.user_id == c.customer_id, "left")
        .drop("customer_id")
        .withColumn("customer_country", F.expr("coalesce(customer_country,'unknown')"))
        .withColumn("customer_segment", F.expr("coalesce(customer_segment,'unknown')"))
    )
    o2 = Observation()
    s = s.repartition("event_date").observe(o2, F.count(F.lit(1)).alias("n"))  # repartition = Delta's optimizeWrite: else 8x31 small files
    W(s, f"{O}/silver_events", part="event_date")
    v = ob.get
    return o2.get["n"], {"violations": {k: v[k] for k in R}, "quarantined": v["n"]}


@peer.step("S2_init", clears=["silver_customers", "customers_scd2"])
def customers():
    """Starts the two customer tables."""
    c = dl(f"{O}/bronze_customers").select(*CUST)
    W(c, f"{O}/silver_customers")
    W(c.selectExpr("*", "updated_at AS valid_from", "CAST(NULL AS TIMESTAMP) AS valid_to", "true AS is_current"), f"{O}/customers_scd2")
    return int(F.__name__ and dl(f"{O}/silver_customers").count())


@peer.step("S2a", restores="silver_customers")
def merge_customers():
    """Merges the latest change per key."""
    spark.read.parquet(f"{D}/cdc").withColumn("rn", F.expr("row_number() over (partition by customer_id order by change_seq desc)")).filter(
        "rn=1"
    ).createOrReplaceTempView("ch")
    r = spark.sql(f"""MERGE INTO delta.`{O}/silver_customers` t USING ch s ON t.customer_id = s.customer_id WHEN MATCHED AND s.Op='D' THEN DELETE
      WHEN MATCHED THEN UPDATE SET {", ".join(f"t.{c}=s.{c}" for c in CUST)} WHEN NOT MATCHED AND s.Op<>'D' THEN INSERT ({C}) VALUES ({", ".join("s." + c for c in CUST)})""").collect()
    return int(r[0][0])


@peer.step("S2b", restores="customers_scd2")
def merge_versions():
    """Merges every change as a version."""
    spark.read.parquet(f"{D}/cdc").withColumn("nx", F.expr("lead(commit_ts) over (partition by customer_id order by change_seq)")).createOrReplaceTempView("c2")
    spark.sql(f"""SELECT CAST(NULL AS BIGINT) merge_key, {C}, commit_ts AS valid_from, nx AS valid_to, nx IS NULL AS is_current FROM c2 WHERE Op<>'D' UNION ALL
      SELECT customer_id, customer_id, NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL, NULL, min(commit_ts), false FROM c2 GROUP BY customer_id""").createOrReplaceTempView(
        "s2"
    )
    cs = CUST + ["valid_from", "valid_to", "is_current"]
    r = spark.sql(f"""MERGE INTO delta.`{O}/customers_scd2` t USING s2 s ON t.customer_id = s.merge_key AND t.is_current = true WHEN MATCHED THEN UPDATE SET t.valid_to=s.valid_to, t.is_current=false
      WHEN NOT MATCHED AND s.merge_key IS NULL THEN INSERT ({", ".join(cs)}) VALUES ({", ".join("s." + c for c in cs)})""").collect()
    return int(r[0][0])


@peer.step("G1", clears=["gold_daily", "gold_top_products", "gold_rolling7"])
def gold():
    """The three gold tables."""
    g = (
        dl(f"{O}/silver_events")
        .filter("event_type='purchase' AND status='paid'")
        .alias("s")
        .join(F.broadcast(spark.read.parquet(f"{D}/products").select("product_id", "category")), "product_id", "left")
        .selectExpr(
            "event_date",
            "customer_country AS country",
            "product_id",
            "user_id",
            "quantity",
            "amount_eur_cents",
            "coalesce(category,'unknown') AS category",
        )
        .cache()
    )
    g.createOrReplaceTempView("g")
    W(
        spark.sql(
            "SELECT event_date, country, category, count(*) AS orders, sum(quantity) AS units, sum(amount_eur_cents) AS revenue_eur_cents, count(DISTINCT user_id) AS users, percentile(amount_eur_cents, 0.95) AS p95_eur_cents FROM g GROUP BY 1,2,3"
        ).coalesce(1),
        f"{O}/gold_daily",
    )
    W(
        spark.sql(
            "SELECT * FROM (SELECT *, CAST(row_number() OVER (PARTITION BY category ORDER BY revenue_eur_cents DESC, product_id) AS BIGINT) AS rank FROM (SELECT category, product_id, sum(amount_eur_cents) AS revenue_eur_cents, count(*) AS orders FROM g GROUP BY 1,2)) WHERE rank<=10"
        ).coalesce(1),
        f"{O}/gold_top_products",
    )
    W(
        spark.sql("""SELECT country, event_date, revenue_eur_cents, orders, sum(revenue_eur_cents) OVER w AS revenue_7d, sum(orders) OVER w AS orders_7d FROM (SELECT country, event_date, sum(amount_eur_cents) AS revenue_eur_cents, count(*) AS orders FROM g GROUP BY 1,2)
      WINDOW w AS (PARTITION BY country ORDER BY event_date RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW)""").coalesce(1),
        f"{O}/gold_rolling7",
    )
    g.unpersist()
    n = 0
    for t in ("gold_daily", "gold_top_products", "gold_rolling7"):
        n += dl(f"{O}/{t}").count()
    return n


P = f"{O}/silver_frag"


def clear():
    """Forgets the logs that Spark has read."""
    spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()


def copy_fragmented():
    """Puts the fragmented table in place."""
    clear()
    shutil.rmtree(P, ignore_errors=True)
    shutil.copytree(peer.fragmented, P)


def limit_file_size():
    """Sets the size that files are cut at."""
    spark.conf.set("spark.databricks.delta.optimize.maxFileSize", str(2 << 20))


@peer.step("M1_compact", prepare=copy_fragmented)
def compact():
    """Compacts the fragmented table."""
    m = spark.sql(f"OPTIMIZE delta.`{P}`").collect()[0]["metrics"]
    return m["numFilesRemoved"], {"files_added": m["numFilesAdded"]}


@peer.step("M1_zorder", prepare=limit_file_size)
def zorder():
    """Clusters it by user and product."""
    m = spark.sql(f"OPTIMIZE delta.`{P}` ZORDER BY (user_id, product_id)").collect()[0]["metrics"]
    spark.conf.unset("spark.databricks.delta.optimize.maxFileSize")
    return m["numFilesRemoved"], {"files_added": m["numFilesAdded"]}


@peer.step("M1_vacuum")
def vacuum():
    """Lists what a vacuum would delete."""
    return spark.sql(f"VACUUM delta.`{P}` RETAIN 0 HOURS DRY RUN").count()


@peer.step("Q1")
def query_range():
    """A selective query."""
    r = (
        dl(P)
        .filter("event_date BETWEEN DATE'2025-03-10' AND DATE'2025-03-12' AND user_id BETWEEN 1000 AND 1100")
        .selectExpr("count(*)", "sum(amount_eur_cents)")
        .collect()[0]
    )
    return r[0], {"result": list(r)}


@peer.step("Q2")
def query_all():
    """A query over the whole table."""
    r = dl(P).groupBy("event_type", "device_os").agg(F.expr("count(*) n"), F.expr("sum(amount_eur_cents) s"), F.expr("count(distinct user_id) u")).collect()
    return len(r), {"result": [sum(x["n"] for x in r), sum(x["s"] for x in r), sum(x["u"] for x in r)]}


def open_log(name):
    """How many live files a log that no step wrote holds."""
    return spark.sql(f"DESCRIBE DETAIL delta.`{os.path.abspath(peer.meta)}/{name}`").collect()[0]["numFiles"]


peer.step("META_ckpt", prepare=clear)(lambda: open_log("ckpt"))
peer.step("META_json", prepare=clear)(lambda: open_log("json"))


@peer.step("A1", clears=["append"], prepare=clear)
def append():
    """Appends, one commit each."""
    df = spark.range(100).selectExpr("id", "concat('value-', id) AS v").coalesce(1)
    for _ in range(peer.appends):
        df.write.format("delta").mode("append").save(f"{O}/append")
    return peer.appends


status = peer.run()
spark.stop()
shutil.rmtree(SCRATCH, ignore_errors=True)
sys.exit(status)
