package exec_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// within is how a key of WITHIN GROUP orders: 1 is descending, 2 has NULLs first.
func within(how int32) expr.Bound { return lit(how, schema.Int) }

// statistics are aggregates beyond the everyday ones, whose results do not depend on the order of rows.
func statistics(s *arrow.Schema) []expr.BoundAggregate {
	g, v, x, str, u := col(s, 2), col(s, 3), col(s, 4), col(s, 5), col(s, 6)
	dec, dbl := schema.DecimalOf(10, 2), schema.Double
	half, list := lit(0.5, dbl), func(t arrow.DataType) arrow.DataType { return schema.ArrayOf(t, false) }
	shares := expr.BoundCall{Func: "array", Args: []expr.Bound{lit(0.1, dbl), lit(0.9, dbl)}, Typ: list(dbl)}
	return []expr.BoundAggregate{
		agg("approx_count_distinct", schema.BigInt, str, lit(0.05, dbl)), agg("approx_count_distinct", schema.BigInt, v, lit(0.3, dbl)),
		agg("bit_and", schema.BigInt, v), agg("bit_or", schema.Int, g), agg("bit_xor", schema.BigInt, v), distinct(agg("bit_xor", schema.BigInt, v)),
		agg("covar_pop", dbl, v, x), agg("covar_samp", dbl, v, u), agg("regr_slope", dbl, v, u), agg("regr_r2", dbl, x, u),
		agg("skewness", dbl, v), agg("kurtosis", dbl, x), distinct(agg("skewness", dbl, v)),
		agg("try_sum", schema.BigInt, v), agg("try_avg", schema.DecimalOf(14, 6), x),
		agg("percentile", list(dbl), v, shares), agg("percentile", dbl, x, half, u), agg("percentile_disc", dbl, v, half, within(1)),
		distinct(agg("percentile_cont", dbl, v, half, within(0))),
		agg("approx_percentile", dec, x, half, lit(int32(10000), schema.Int)), agg("approx_percentile", list(schema.BigInt), v, shares, lit(int32(1000), schema.Int)),
		agg("mode", schema.BigInt, v), agg("mode", schema.String, str, lit(true, schema.Boolean), within(1)), agg("mode", schema.Int, g),
		agg("listagg", schema.String, str, lit("|", schema.String), v, within(1), u, within(2)),
		distinct(agg("listagg", schema.String, str, lit(",", schema.String), str, within(0))),
		agg("max_by", list(schema.String), str, u, lit(int32(3), schema.Int)), agg("min_by", list(dec), x, u, lit(int32(2), schema.Int)),
	}
}

// nearly is the rows of got, with the numbers that differ from those of want by next to nothing as they are there: sums of doubles depend on the order of rows.
func nearly(want, got []string) []string {
	out := slices.Clone(got)
	for i := range min(len(want), len(got)) {
		expected, cells := strings.Split(want[i], " "), strings.Split(got[i], " ")
		for c := range min(len(expected), len(cells)) {
			x, errX := strconv.ParseFloat(expected[c], 64)
			y, errY := strconv.ParseFloat(cells[c], 64)
			if errX == nil && errY == nil && math.Abs(x-y) < 1e-9*(1+math.Abs(x)) {
				cells[c] = expected[c]
			}
		}
		out[i] = strings.Join(cells, " ")
	}
	return out
}

// TestStatisticsAgree compares every way in which these aggregates can run with the plain one.
func TestStatisticsAgree(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]int{"string": {0}, "none": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			s, recs := wide(t, alloc, 200)
			var keys []expr.Bound
			for _, i := range set {
				keys = append(keys, col(s, i))
			}
			want := aggregate(t, &exec.Env{Alloc: alloc, Workers: 1}, exec.NewBatches(s, recs...), keys, statistics(s)...)
			for _, limit := range []int64{0, 40 << 10} {
				env := &exec.Env{Alloc: alloc, Workers: 3, Budget: exec.NewBudget(limit), Spill: exec.Dir(t.TempDir())}
				got := aggregate(t, env, exec.NewBatches(s, recs...), keys, statistics(s)...)
				if d := cmp.Diff(want, nearly(want, got)); d != "" {
					t.Errorf("budget %d, spilled %d: -want +got:\n%.2000s", limit, env.Budget.Spilled(), d)
				}
				if name == "string" && limit > 0 && env.Budget.Spilled() == 0 {
					t.Errorf("nothing was spilled in a budget of %d", limit)
				}
			}
		})
	}
}

// doublesOf is a table of one DOUBLE column in several batches.
func doublesOf(t *testing.T, values []float64) (*arrow.Schema, *exec.Batches) {
	s := columns("v", schema.Double)
	var recs []arrow.RecordBatch
	for chunk := range slices.Chunk(values, 30_000) {
		b := array.NewFloat64Builder(checked(t))
		b.AppendValues(chunk, nil)
		recs = append(recs, batch(t, s, []arrow.Array{b.NewArray()}))
		b.Release()
	}
	return s, exec.NewBatches(s, recs...)
}

// TestApproximatePercentiles holds the summaries of many values to the error that was asked for, with one worker and with several whose summaries are merged.
func TestApproximatePercentiles(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 2))
	shares := []float64{0, 0.01, 0.25, 0.5, 0.99, 1}
	values := make([]float64, 120_000)
	for i := range values {
		values[i] = math.Floor(r.NormFloat64() * 1e6)
	}
	s, src := doublesOf(t, values)
	slices.Sort(values)
	for _, accuracy := range []int32{10, 100, 1000} {
		for _, workers := range []int{1, 3} {
			var aggs []expr.BoundAggregate
			for _, p := range shares {
				aggs = append(aggs, agg("approx_percentile", schema.Double, col(s, 0), lit(p, schema.Double), lit(accuracy, schema.Int)))
			}
			row := strings.Split(aggregate(t, &exec.Env{Workers: workers}, src, nil, aggs...)[0], " ")
			for k, p := range shares {
				got, err := strconv.ParseFloat(row[k], 64)
				if err != nil {
					t.Fatal(err)
				}
				low, _ := slices.BinarySearch(values, got)
				high, _ := slices.BinarySearch(values, math.Nextafter(got, math.Inf(1)))
				n, off := float64(len(values)), 1.0/float64(accuracy)
				if float64(high) < (p-off)*n || float64(low) > (p+off)*n+1 {
					t.Errorf("p %v, accuracy %d, %d workers: %v has the ranks %d to %d of %d", p, accuracy, workers, got, low, high, len(values))
				}
			}
		}
	}
}

// TestApproximateCounts holds the estimates to three times the error that was asked for, over the ranges of all three ways to estimate.
func TestApproximateCounts(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 10, 30, 300, 450, 1000, 2000, 2500, 5000, 50_000} {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(i) * 1.5
		}
		s, src := doublesOf(t, append(values, values...))
		for _, rsd := range []float64{0.01, 0.05, 0.2} {
			a := agg("approx_count_distinct", schema.BigInt, col(s, 0), lit(rsd, schema.Double))
			got, err := strconv.ParseFloat(aggregate(t, &exec.Env{Workers: 2}, src, nil, a)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			if off := math.Abs(got - float64(n)); off > 3*rsd*float64(n)+0.5 {
				t.Errorf("%d values with an error of %v: %v", n, rsd, got)
			}
		}
	}
}

// BenchmarkStatistics measures one aggregate at a time over a million rows in 24 groups.
func BenchmarkStatistics(b *testing.B) {
	const n = 1 << 20
	s, recs := events(b, n, n/4)
	v, dbl := col(s, 5), schema.Double
	aggs := []expr.BoundAggregate{
		agg("sum", schema.BigInt, v), agg("bit_xor", schema.BigInt, v), agg("covar_pop", dbl, v, col(s, 2)), agg("skewness", dbl, v),
		agg("approx_count_distinct", schema.BigInt, col(s, 1), lit(0.05, dbl)), agg("median", dbl, v),
		agg("approx_percentile", schema.BigInt, v, lit(0.5, dbl), lit(int32(10000), schema.Int)), agg("mode", schema.BigInt, v),
		agg("max_by", schema.ArrayOf(schema.BigInt, true), v, col(s, 2), lit(int32(10), schema.Int)),
	}
	keys := []expr.Bound{col(s, 3)}
	for _, a := range aggs {
		b.Run(fmt.Sprint(a.Func), func(b *testing.B) {
			one := []expr.BoundAggregate{a}
			blocking(b, n, exec.NewBatches(s, recs...), func() (*exec.Aggregate, error) { return exec.NewAggregate(nil, keys, one, resultSchema(keys, one)) })
		})
	}
}
