package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/bronze"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/gold"
	"github.com/medallion-go/medallion/quality"
	"github.com/medallion-go/medallion/silver"
	"github.com/medallion-go/medallion/source/files"
)

// tables is the whole pipeline of SPEC.md.
type tables struct {
	bronzeEvents    *medallion.Table[BronzeEvent]
	bronzeCustomers *medallion.Table[BronzeCustomer]
	silverEvents    *medallion.Table[SilverEvent]
	customersOnce   *medallion.Table[Customer]        // S2_init
	customers       *medallion.Table[Customer]        // S2_init and S2a
	historyOnce     *medallion.Table[CustomerVersion] // S2_init
	history         *medallion.Table[CustomerVersion] // S2_init and S2b
	daily           *medallion.Table[Daily]
	topProducts     *medallion.Table[TopProduct]
	rolling7        *medallion.Table[Rolling7]
	fragmented      *medallion.Table[SilverEvent] // silver_events as bench/peers/mkfrag.py copies it
}

// declare says what every table is; layer is the schema that they are in, data the folder of the raw files.
func declare(layer, data string) tables {
	in := func(parts ...string) string { return filepath.Join(append([]string{data}, parts...)...) }
	var t tables
	t.bronzeEvents = bronze.Append(layer+".bronze_events", dataset.SQL[BronzeEvent](`
		SELECT * EXCEPT (_metadata), _metadata.file_name AS _source_file, current_timestamp() AS _ingest_time FROM raw`,
		dataset.In("raw", dataset.Source[RawEvent](files.New(in("events", "*.ndjson"), files.Format(files.NDJSON))))))
	t.bronzeCustomers = bronze.Append(layer+".bronze_customers", dataset.SQL[BronzeCustomer](`
		SELECT * EXCEPT (_metadata, _corrupt_record), _metadata.file_name AS _source_file, current_timestamp() AS _ingest_time FROM raw`,
		dataset.In("raw", dataset.Source[RawCustomer](files.New(in("customers", "*.csv"))))))
	t.silverEvents = declareSilver(layer, t)
	declareCustomers(&t, layer, in("cdc", "*.parquet"))
	declareGold(&t, layer, in("products", "*.parquet"))
	t.fragmented = medallion.Existing[SilverEvent](layer + "." + fragmented)
	return t
}

func declareSilver(layer string, t tables) *medallion.Table[SilverEvent] {
	checked := quality.Check(t.bronzeEvents,
		quality.Quarantine("R1", "event_id IS NOT NULL"),
		quality.Quarantine("R2", "user_id > 0"),
		quality.Quarantine("R3", "event_ts >= TIMESTAMP '2025-01-01 00:00:00' AND event_ts < TIMESTAMP '2026-01-01 00:00:00'"),
		quality.Quarantine("R4", "payload.quantity BETWEEN 1 AND 100"),
		quality.Quarantine("R5", "payload.unit_price >= 0 AND payload.unit_price < 100000"),
		quality.QuarantineTo(layer+".quarantine_events", `event_id, event_ts, seq, user_id, payload.quantity AS quantity, payload.unit_price AS unit_price,
			_corrupt_record, _source_file, array_join(_rules, ',') AS violations`))
	flat := dataset.SQL[FlatEvent](`
		SELECT event_id, CAST(event_ts AS DATE) AS event_date, event_ts, lower(trim(event_type)) AS event_type, seq, user_id, session_id, status,
		       payload.product_id, payload.quantity, payload.unit_price, upper(payload.currency) AS currency, payload.coupon, payload.query,
		       payload.device.os AS device_os, payload.device.browser AS device_browser, payload.device.app_version,
		       CAST(coalesce(size(items), 0) AS BIGINT) AS item_count,
		       coalesce(aggregate(items, 0L, (total, item) -> total + item.qty), 0L) AS items_qty,
		       CAST(coalesce(size(tags), 0) AS BIGINT) AS tag_count,
		       geo.country AS geo_country, geo.city AS geo_city, geo.lat, geo.lon,
		       CAST(round(payload.unit_price * 100) AS BIGINT) * payload.quantity AS amount_cents
		FROM e`, dataset.In("e", checked))
	rate := "CASE l.currency WHEN 'EUR' THEN 10000 WHEN 'USD' THEN 9200 WHEN 'GBP' THEN 11700 WHEN 'PLN' THEN 2300 WHEN 'SEK' THEN 880 " +
		"WHEN 'JPY' THEN 62 WHEN 'BRL' THEN 1700 WHEN 'CZK' THEN 400 END"
	return silver.Table(layer+".silver_events", dataset.SQL[SilverEvent](`
		SELECT l.*, amount_cents * `+rate+` DIV 10000 AS amount_eur_cents,
		       coalesce(c.country, 'unknown') AS customer_country, coalesce(c.segment, 'unknown') AS customer_segment, c.is_active AS customer_active
		FROM l LEFT JOIN c ON l.user_id = c.customer_id`,
		dataset.In("l", dataset.Latest(flat, "event_id", "seq")), dataset.In("c", t.bronzeCustomers)),
		medallion.PartitionBy("event_date"))
}

const customerColumns = "customer_id, name, email, country, segment, signup_date, birth_year, credit_limit, is_active, updated_at"

func declareCustomers(t *tables, layer, cdc string) {
	current := silver.Once(dataset.SQL[Customer]("SELECT "+customerColumns+" FROM c", dataset.In("c", t.bronzeCustomers)))
	versions := silver.Once(dataset.SQL[CustomerVersion](
		"SELECT "+customerColumns+", updated_at AS valid_from, CAST(NULL AS TIMESTAMP) AS valid_to, true AS is_current FROM c", dataset.In("c", t.bronzeCustomers)))
	changes := dataset.Source[Change](files.New(cdc))
	t.customersOnce = silver.Merge(layer+".silver_customers", []silver.Flow[Customer]{current})
	t.customers = silver.Merge(layer+".silver_customers", []silver.Flow[Customer]{current, silver.ApplyChanges[Customer](changes,
		silver.Changes{Keys: []string{"customer_id"}, SequenceBy: "change_seq", DeleteWhen: "Op = 'D'"})})
	t.historyOnce = silver.Merge(layer+".customers_scd2", []silver.Flow[CustomerVersion]{versions})
	t.history = silver.Merge(layer+".customers_scd2", []silver.Flow[CustomerVersion]{versions, silver.ApplyChanges[CustomerVersion](changes,
		silver.Changes{
			Keys: []string{"customer_id"}, SequenceBy: "commit_ts", DeleteWhen: "Op = 'D'",
			SCD: silver.SCD2{Start: "valid_from", End: "valid_to", Current: "is_current"},
		})})
}

func declareGold(t *tables, layer, products string) {
	catalogue := dataset.Source[Product](files.New(products))
	sales := dataset.View("sales", dataset.SQL[Sale](`
		SELECT event_date, customer_country AS country, e.product_id, user_id, quantity, amount_eur_cents, coalesce(p.category, 'unknown') AS category
		FROM e LEFT JOIN p ON e.product_id = p.product_id
		WHERE event_type = 'purchase' AND status = 'paid'`,
		dataset.In("e", t.silverEvents), dataset.In("p", catalogue)))
	t.daily = gold.Table(layer+".gold_daily", dataset.SQL[Daily](`
		SELECT event_date, country, category, count(*) AS orders, sum(quantity) AS units, sum(amount_eur_cents) AS revenue_eur_cents,
		       count(DISTINCT user_id) AS users, percentile(amount_eur_cents, 0.95) AS p95_eur_cents
		FROM s GROUP BY ALL`, dataset.In("s", sales)))
	t.topProducts = gold.Table(layer+".gold_top_products", dataset.SQL[TopProduct](`
		SELECT category, CAST(row_number() OVER (PARTITION BY category ORDER BY revenue_eur_cents DESC, product_id) AS BIGINT) AS rank,
		       product_id, revenue_eur_cents, orders
		FROM (SELECT category, product_id, sum(amount_eur_cents) AS revenue_eur_cents, count(*) AS orders FROM s GROUP BY ALL)
		QUALIFY rank <= 10`, dataset.In("s", sales)))
	t.rolling7 = gold.Table(layer+".gold_rolling7", dataset.SQL[Rolling7](`
		SELECT country, event_date, revenue_eur_cents, orders, sum(revenue_eur_cents) OVER w AS revenue_7d, sum(orders) OVER w AS orders_7d
		FROM (SELECT country, event_date, sum(amount_eur_cents) AS revenue_eur_cents, count(*) AS orders FROM s GROUP BY ALL)
		WINDOW w AS (PARTITION BY country ORDER BY event_date RANGE BETWEEN INTERVAL 6 DAYS PRECEDING AND CURRENT ROW)`, dataset.In("s", sales)))
}

// layerOf splits an output folder into the lake's root and the schema that the tables are in.
func layerOf(out string) (root, layer string, err error) {
	root, layer = filepath.Split(filepath.Clean(out))
	if layer == "" || strings.ContainsAny(layer, ".-") {
		return "", "", fmt.Errorf("the last part of --out must be a name of letters, digits and underscores: %q", out)
	}
	if root == "" {
		root = "."
	}
	return root, layer, nil
}
