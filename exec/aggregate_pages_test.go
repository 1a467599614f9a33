package exec_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// keyOf are the keys of rows, most of them twice or more, some NULL.
var keyOf = map[string]func(row int) (key int64, null bool){
	"clustered":         func(row int) (int64, bool) { return int64(row)/3*4 - 40_000, row%1000 == 17 },
	"in any order":      func(row int) (int64, bool) { return int64(row) * 7919 % 20_011, row%1000 == 17 },
	"far apart":         func(row int) (int64, bool) { return int64(row) * 7919 % 20_011 << 40, row%1000 == 17 },
	"of the first half": func(row int) (int64, bool) { return int64(row % 30_000), false },
}

// TestAggregateOfNumbers groups by integers, whose groups the workers merge page by page where they lie close together.
func TestAggregateOfNumbers(t *testing.T) {
	t.Parallel()
	const rows, size = 60_000, 6_000
	for name, of := range keyOf {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			s := columns("k", schema.BigInt, "v", schema.BigInt, "x", schema.DecimalOf(12, 2))
			type sums struct{ n, v, least, x int64 }
			groups := map[string]*sums{}
			var recs []arrow.RecordBatch
			for from := 0; from < rows; from += size {
				k, v, x := array.NewInt64Builder(alloc), array.NewInt64Builder(alloc), array.NewDecimal128Builder(alloc, &arrow.Decimal128Type{Precision: 12, Scale: 2})
				for row := from; row < from+size; row++ {
					key, null := of(row)
					text := fmt.Sprint(key)
					if null {
						text = "NULL"
						k.AppendNull()
					} else {
						k.Append(key)
					}
					v.Append(int64(row))
					x.Append(decimal128.FromI64(int64(row) - 100))
					g := groups[text]
					if g == nil {
						g = &sums{least: int64(row)}
						groups[text] = g
					}
					g.n, g.v, g.x = g.n+1, g.v+int64(row), g.x+int64(row)-100
				}
				recs = append(recs, batch(t, s, []arrow.Array{k.NewArray(), v.NewArray(), x.NewArray()}))
				k.Release()
				v.Release()
				x.Release()
			}
			var want []string
			for text, g := range groups {
				want = append(want, fmt.Sprint(text, " ", g.n, " ", g.v, " ", g.least, " ", cents(big.NewRat(g.x, 100), 2), " ", cents(big.NewRat(g.x, 100*g.n), 6)))
			}
			slices.Sort(want)
			aggs := []expr.BoundAggregate{
				agg("count", schema.BigInt), agg("sum", schema.BigInt, col(s, 1)), agg("min", schema.BigInt, col(s, 1)),
				agg("sum", schema.DecimalOf(22, 2), col(s, 2)), agg("avg", schema.DecimalOf(16, 6), col(s, 2)),
			}
			for _, workers := range []int{1, 3} {
				for _, limit := range []int64{0, 1 << 20} {
					env := &exec.Env{Alloc: alloc, Workers: workers, Budget: exec.NewBudget(limit), Spill: exec.Dir(t.TempDir())}
					got := aggregate(t, env, exec.NewBatches(s, recs...), []expr.Bound{col(s, 0)}, aggs...)
					if d := cmp.Diff(want, got); d != "" {
						t.Errorf("%d workers, budget %d: -want +got:\n%.1000s", workers, limit, d)
					}
				}
			}
		})
	}
}

// cents prints a number with so many digits, half rounded up.
func cents(v *big.Rat, digits int) string { return v.FloatString(digits) }
