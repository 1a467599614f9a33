package plan_test

import (
	"os"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/internal/cputime"
	"github.com/medallion-go/medallion/internal/golden"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// BenchmarkPlan measures what a query costs before it runs: the first query of the peer benchmark, 17 columns over two tables.
func BenchmarkPlan(b *testing.B) {
	query := golden.Queries(b, "testdata/bench.txt")[0]
	tables := relations()
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := sql.Parse(query); err != nil {
				b.Fatal(err)
			}
		}
	})
	q, err := sql.Parse(query)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("resolve", func(b *testing.B) {
		for b.Loop() {
			if _, err := q.Resolve(tables); err != nil {
				b.Fatal(err)
			}
		}
	})
	n := resolve(b, query)
	b.Run("optimize", func(b *testing.B) {
		for b.Loop() {
			plan.Optimize(n)
		}
	})
	star := resolve(b, `SELECT o.country, sum(l.quantity) AS n FROM lines l, orders o, customers c, customers d, lines m, orders p, customers e, orders q
		WHERE l.id = o.id AND o.customer = c.id AND l.product = d.id AND m.id = o.id AND p.id = m.id AND p.customer = e.id AND q.id = p.id
		AND (c.country = 'PL' AND d.country = 'DE' OR c.country = 'DE' AND d.country = 'PL') GROUP BY o.country`)
	b.Run("order eight joins", func(b *testing.B) {
		for b.Loop() {
			plan.OptimizeFor(star, plan.Known)
		}
	})
}

// BenchmarkLongQuery measures a query of a hundred lines from its text to the optimized plan, with statistics of all relations.
func BenchmarkLongQuery(b *testing.B) {
	text, err := os.ReadFile("testdata/long.sql")
	if err != nil {
		b.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines < 100 {
		b.Fatalf("the query has %d lines", lines)
	}
	tables := relations()
	b.ReportAllocs()
	before := cputime.Process()
	for b.Loop() {
		q, err := sql.Parse(string(text))
		if err != nil {
			b.Fatal(err)
		}
		n, err := q.Resolve(tables)
		if err != nil {
			b.Fatal(err)
		}
		plan.OptimizeFor(n, plan.Known)
	}
	b.ReportMetric(float64((cputime.Process()-before).Microseconds())/float64(b.N), "CPU-µs/op")
}
