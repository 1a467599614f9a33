package vector_test

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/schema"
)

const benchRows = 64 << 10

func benchColumns(b *testing.B) map[string]arrow.Array {
	r := rand.New(rand.NewPCG(1, 1))
	cols := map[string]arrow.Array{}
	for name, t := range map[string]arrow.DataType{"bigint": schema.BigInt, "string": schema.String, "list": schema.ArrayOf(schema.Int, true)} {
		cols[name] = random(r, memory.DefaultAllocator, t, benchRows)
	}
	cols["dictionary"] = dictionaryOf(r, memory.DefaultAllocator, []string{"a", "b", "c"}, benchRows)
	b.Cleanup(func() {
		for _, c := range cols {
			c.Release()
		}
	})
	return cols
}

func BenchmarkTake(b *testing.B) {
	idx := make([]int32, benchRows)
	for i, p := range rand.New(rand.NewPCG(1, 1)).Perm(benchRows) {
		idx[i] = int32(p)
	}
	for name, c := range benchColumns(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				a, err := vector.Take(memory.DefaultAllocator, c, idx)
				if err != nil {
					b.Fatal(err)
				}
				a.Release()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

func BenchmarkHash(b *testing.B) {
	out := make([]uint64, benchRows)
	for name, c := range benchColumns(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := vector.Hash([]arrow.Array{c}, nil, 0, out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

func BenchmarkSpillFormat(b *testing.B) {
	var enc vector.Encoder
	for name, c := range benchColumns(b) {
		b.Run(name, func(b *testing.B) {
			types := []arrow.DataType{c.DataType()}
			if name == "dictionary" {
				types[0] = schema.String
			}
			for b.Loop() {
				frame, err := enc.Encode([]arrow.Array{c}, benchRows)
				if err != nil {
					b.Fatal(err)
				}
				cols, _, err := vector.DecodeBatch(frame, memory.DefaultAllocator, types)
				if err != nil {
					b.Fatal(err)
				}
				cols[0].Release()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}
