package plan_test

import (
	"os"
	"strings"
	"testing"

	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// BenchmarkPlan measures what a query costs before it runs: the first query of the peer benchmark, 17 columns over two tables.
func BenchmarkPlan(b *testing.B) {
	data, err := os.ReadFile("testdata/bench.txt")
	if err != nil {
		b.Fatal(err)
	}
	query, _, _ := strings.Cut(string(data), "----\n")
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
}
