package ndjson_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/cputime"
	"github.com/medallion-go/medallion/internal/ndjson"
	"github.com/medallion-go/medallion/schema/schematest"
)

const eventsDDL = `event_id STRING, event_type STRING, event_ts TIMESTAMP, seq BIGINT, user_id BIGINT, session_id STRING, status STRING,
	payload STRUCT<product_id: BIGINT, quantity: BIGINT, unit_price: DOUBLE, currency: STRING, coupon: STRING, query: STRING,
		device: STRUCT<os: STRING, browser: STRING, app_version: STRING>>,
	items ARRAY<STRUCT<sku: STRING, qty: BIGINT, price: DOUBLE>>, tags ARRAY<STRING>, geo STRUCT<country: STRING, city: STRING, lat: DOUBLE, lon: DOUBLE>,
	_corrupt_record STRING`

// events are lines like those of the shop events that pipelines are measured with, malformed ones among them.
func events(n int) (text []byte) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	for i := range n {
		user := fmt.Sprint(r.IntN(1_000_000))
		if i%200 == 7 {
			user = `"u-` + user + `"`
		}
		line := fmt.Sprintf(`{"event_id":"%016x%016x","event_type":"%s","event_ts":"2025-%02d-%02dT%02d:%02d:%02d.%03dZ","seq":%d,"user_id":%s,"session_id":"s-%010x","status":%s,`,
			r.Uint64(), r.Uint64(), pick("purchase", " Purchase", "PAGE_VIEW", "page_view", "Search ", "cart"), 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60),
			r.IntN(1000), i, user, r.Uint64()>>24, pick(`"paid"`, `"open"`, "null"))
		line += fmt.Sprintf(`"payload":{"product_id":%d,"quantity":%d,"unit_price":%.2f,"currency":"%s","coupon":%s,"query":%s,"device":{"os":"%s","browser":"%s","app_version":"%d.%d.%d"}},`,
			r.IntN(20_000), 1+r.IntN(5), r.Float64()*500, pick("EUR", "USD", "pln"), pick("null", "null", `"SAVE10"`), pick("null", "null", `"zażółć gęślą"`, `"5\" pipe\t\\ new"`, `"red shoes size 42"`),
			pick("ios", "android", "windows"), pick("safari", "chrome"), r.IntN(9), r.IntN(30), r.IntN(10))
		line += `"items":[`
		for k := range r.IntN(3) {
			if k > 0 {
				line += ","
			}
			line += fmt.Sprintf(`{"sku":"SKU-%05d","qty":%d,"price":%.2f}`, r.IntN(20_000), 1+r.IntN(3), r.Float64()*100)
		}
		line += fmt.Sprintf(`],"tags":["%s","%s"],"geo":{"country":"%s","city":"%s","lat":%.4f,"lon":%.4f}}`,
			pick("new", "vip", "promo"), pick("a", "b"), pick("PL", "DE", "BR"), pick("Kraków", "Berlin", "São Paulo"), r.Float64()*180-90, r.Float64()*360-180)
		if i%1000 == 13 {
			line = line[:200]
		}
		text = append(append(text, line...), '\n')
	}
	return text
}

func BenchmarkParse(b *testing.B) {
	text := events(16_000)
	s := schematest.DDL(b, eventsDDL)
	p, err := ndjson.New(ndjson.Config{Schema: s, Corrupt: "_corrupt_record"})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	cpu := cputime.Process()
	for b.Loop() {
		if err := p.Parse(text, 1, func(arrow.RecordBatch, ndjson.Counts) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(text))*float64(b.N)/1e6/(cputime.Process()-cpu).Seconds(), "MB/cpu-s")
}
