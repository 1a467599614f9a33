package csv_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/cputime"
	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/schema/schematest"
)

const customersDDL = `customer_id BIGINT, name STRING, email STRING, country STRING, segment STRING, signup_date DATE, birth_year BIGINT, credit_limit DECIMAL(12,2),
	is_active BOOLEAN, updated_at TIMESTAMP, _corrupt_record STRING`

// customers are records like those of the shop's customers that pipelines are measured with.
func customers(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var b bytes.Buffer
	b.WriteString("customer_id,name,email,country,segment,signup_date,birth_year,credit_limit,is_active,updated_at\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%s,user%d@example.com,%s,%s,20%02d-%02d-%02d,%s,%.2f,%s,2025-%02d-%02dT%02d:%02d:%02d.%03dZ\n", i, pick("Ada Lovelace", "Łukasz Żak", `"Doe, Jane"`), i,
			pick("PL", "DE", "BR"), pick("retail", "wholesale"), 10+r.IntN(15), 1+r.IntN(12), 1+r.IntN(28), pick("", "1984", "1999"), r.Float64()*10_000, pick("true", "false"),
			1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000))
	}
	return b.Bytes()
}

func BenchmarkRead(b *testing.B) {
	text := customers(100_000)
	s := schematest.DDL(b, customersDDL)
	r, err := csv.New(csv.Config{Schema: s, Header: true, Corrupt: "_corrupt_record"})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	cpu := cputime.Process()
	for b.Loop() {
		if err := r.Read(context.Background(), bytes.NewReader(text), func(arrow.RecordBatch, csv.Counts) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(text))*float64(b.N)/1e6/(cputime.Process()-cpu).Seconds(), "MB/cpu-s")
}
