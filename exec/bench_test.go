package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// events are n rows in batches of MaxRows: id (32 hex digits, ids distinct), key (BIGINT, the same ids), ts (BIGINT, rising), country and kind
// (dictionaries of 24 and 13 values), amount (BIGINT).
func events(b testing.TB, n, ids int) (*arrow.Schema, []arrow.RecordBatch) {
	b.Helper()
	s := columns("id", schema.String, "key", schema.BigInt, "ts", schema.BigInt, "country", schema.String, "kind", schema.String, "amount", schema.BigInt)
	alloc, r := memory.DefaultAllocator, rand.New(rand.NewPCG(1, 2))
	country, kind := wordList(24), wordList(13)
	var recs []arrow.RecordBatch
	for from := 0; from < n; from += exec.MaxRows {
		m := min(exec.MaxRows, n-from)
		id, key, ts, amount := array.NewStringBuilder(alloc), array.NewInt64Builder(alloc), array.NewInt64Builder(alloc), array.NewInt64Builder(alloc)
		cs, ks := make([]int32, m), make([]int32, m)
		for i := range m {
			k := r.IntN(ids)
			id.Append(fmt.Sprintf("%016x%016x", uint64(k)*0x9e3779b97f4a7c15, k))
			key.Append(int64(k))
			ts.Append(int64(from + i))
			amount.Append(r.Int64N(1000))
			cs[i], ks[i] = int32(r.IntN(24)), int32(r.IntN(13))
		}
		cols := []arrow.Array{
			id.NewArray(), key.NewArray(), ts.NewArray(), vector.NewDictionary(alloc, cs, country), vector.NewDictionary(alloc, ks, kind),
			amount.NewArray(),
		}
		recs = append(recs, batch(b, s, cols))
	}
	return s, recs
}

func wordList(n int) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range n {
		b.Append(fmt.Sprint("value ", i))
	}
	return b.NewArray()
}

// drain counts rows.
func drain(b *testing.B, env *exec.Env, src exec.Source, steps ...exec.Step) int64 {
	var n atomic.Int64
	sink := exec.SinkFunc(func(_ context.Context, batch *exec.Batch) error {
		n.Add(int64(batch.Len()))
		return nil
	})
	if err := (exec.Pipeline{Source: src, Steps: steps}).Run(b.Context(), env, sink); err != nil {
		b.Fatal(err)
	}
	return n.Load()
}

// blocking measures one operator over rows from making it to reading its last row.
func blocking[S interface {
	exec.Sink
	exec.Source
}](b *testing.B, n int, src exec.Source, build func() (S, error)) {
	env := &exec.Env{}
	b.ReportAllocs()
	b.ResetTimer()
	out := int64(0)
	for range b.N {
		s, err := build()
		if err != nil {
			b.Fatal(err)
		}
		if err := (exec.Pipeline{Source: src}).Run(b.Context(), env, s); err != nil {
			b.Fatal(err)
		}
		out = drain(b, env, s)
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrow/s")
	b.ReportMetric(float64(out), "rows")
}

func BenchmarkGroupByTwoDictionaries(b *testing.B) {
	s, recs := events(b, 2_000_000, 1000)
	keys := []expr.Bound{col(s, 3), col(s, 4)}
	aggs := []expr.BoundAggregate{agg("count", schema.BigInt), agg("sum", schema.BigInt, col(s, 5))}
	blocking(b, 2_000_000, exec.NewBatches(s, recs...), func() (*exec.Aggregate, error) {
		return exec.NewAggregate(&exec.Env{}, keys, aggs, resultSchema(keys, aggs))
	})
}

func BenchmarkGroupByManyStrings(b *testing.B) {
	s, recs := events(b, 2_000_000, 400_000)
	keys := []expr.Bound{col(s, 0)}
	aggs := []expr.BoundAggregate{agg("count", schema.BigInt), agg("sum", schema.BigInt, col(s, 5))}
	blocking(b, 2_000_000, exec.NewBatches(s, recs...), func() (*exec.Aggregate, error) {
		return exec.NewAggregate(&exec.Env{}, keys, aggs, resultSchema(keys, aggs))
	})
}

func BenchmarkCountDistinct(b *testing.B) {
	s, recs := events(b, 2_000_000, 400_000)
	aggs := []expr.BoundAggregate{distinct(agg("count", schema.BigInt, col(s, 1)))}
	for name, keys := range map[string][]expr.Bound{"few groups": {col(s, 3)}, "many groups": {col(s, 3), col(s, 4), col(s, 5)}} {
		b.Run(name, func(b *testing.B) {
			blocking(b, 2_000_000, exec.NewBatches(s, recs...), func() (*exec.Aggregate, error) {
				return exec.NewAggregate(&exec.Env{}, keys, aggs, resultSchema(keys, aggs))
			})
		})
	}
}

func BenchmarkLatest(b *testing.B) {
	for name, ids := range map[string]int{"few duplicates": 100_000_000, "five to one": 400_000} {
		b.Run(name, func(b *testing.B) {
			s, recs := events(b, 2_000_000, ids)
			blocking(b, 2_000_000, exec.NewBatches(s, recs...), func() (*exec.Latest, error) {
				return exec.NewLatest(&exec.Env{}, s, []expr.Bound{col(s, 0)}, []expr.BoundSort{{Arg: col(s, 2), Descending: true}})
			})
		})
	}
}

func BenchmarkSort(b *testing.B) {
	s, recs := events(b, 2_000_000, 1000)
	blocking(b, 2_000_000, exec.NewBatches(s, recs...), func() (*exec.Sort, error) {
		return exec.NewSort(&exec.Env{}, s, []expr.BoundSort{{Arg: col(s, 0)}, {Arg: col(s, 2), Descending: true}}, -1, 0)
	})
}

func BenchmarkTopRows(b *testing.B) {
	s, recs := events(b, 2_000_000, 1000)
	blocking(b, 2_000_000, exec.NewBatches(s, recs...), func() (*exec.Sort, error) {
		return exec.NewSort(&exec.Env{}, s, []expr.BoundSort{{Arg: col(s, 5), Descending: true}, {Arg: col(s, 2), Descending: true}}, 100, 0)
	})
}

func BenchmarkJoin(b *testing.B) {
	left, recs := events(b, 2_000_000, 400_000)
	for name, step := range map[string]int64{"dense key": 1, "sparse key": 1 << 20} {
		b.Run(name, func(b *testing.B) {
			right := columns("key", schema.BigInt, "value", schema.BigInt)
			key, value := array.NewInt64Builder(memory.DefaultAllocator), array.NewInt64Builder(memory.DefaultAllocator)
			for i := range int64(400_000) {
				key.Append(i * step)
				value.Append(i)
			}
			table := batch(b, right, []arrow.Array{key.NewArray(), value.NewArray()})
			env := &exec.Env{}
			out := arrow.NewSchema(append(left.Fields(), right.Fields()...), nil)
			b.ReportAllocs()
			b.ResetTimer()
			rows := int64(0)
			for range b.N {
				j, err := exec.NewJoin(env, exec.JoinConfig{
					Kind: exec.LeftOuter, Left: left, Right: right, LeftKeys: []expr.Bound{col(left, 1)}, RightKeys: []expr.Bound{col(right, 0)}, Out: out,
				})
				if err != nil {
					b.Fatal(err)
				}
				if err := (exec.Pipeline{Source: exec.NewBatches(right, table)}).Run(b.Context(), env, j); err != nil {
					b.Fatal(err)
				}
				rows = drain(b, env, exec.NewBatches(left, recs...), j.Probe())
				if err := j.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(2e6*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrow/s")
			b.ReportMetric(float64(rows), "rows")
		})
	}
}
