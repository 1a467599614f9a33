package parquet

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// benchPage is how many values the pages of the decoders' benchmarks hold.
const benchPage = 20_000

func perValue(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchPage, "ns/value")
}

func BenchmarkCodes(b *testing.B) {
	for _, width := range []int{1, 2, 4, 6, 12, 14, 18} {
		b.Run(fmt.Sprintf("width=%d", width), func(b *testing.B) {
			src := packedPage(benchPage/8, width)
			dst := make([]int32, benchPage)
			for b.Loop() {
				h := newHybrid(src, width)
				if err := h.codes(dst); err != nil {
					b.Fatal(err)
				}
			}
			perValue(b)
		})
	}
	b.Run("short runs", func(b *testing.B) {
		src := hybridPageOf(rand.New(rand.NewPCG(1, 1)), benchPage, 3, 24, 3)
		dst := make([]int32, benchPage)
		for b.Loop() {
			h := newHybrid(src, 3)
			if err := h.codes(dst); err != nil {
				b.Fatal(err)
			}
		}
		perValue(b)
	})
}

// packedPage is one bit-packed run.
func packedPage(groups, width int) []byte {
	rnd := rand.New(rand.NewPCG(uint64(width), 1))
	return hybridPageOf(rnd, 8*groups, width, 0, groups)
}

// hybridPageOf is n values or more in turns of bit-packed runs of so many groups and repeated ones of up to run values.
func hybridPageOf(rnd *rand.Rand, n, width, run, groups int) (b []byte) {
	for n > 0 {
		b = binary.AppendUvarint(b, uint64(groups)<<1|1)
		for range groups * width {
			b = append(b, byte(rnd.Uint32()))
		}
		n -= 8 * groups
		if run > 0 {
			k := 1 + rnd.IntN(run)
			b = binary.AppendUvarint(b, uint64(k)<<1)
			b = append(b, 1)
			n -= k
		}
	}
	return b
}

// BenchmarkPick picks one of so many codes.
func BenchmarkPick(b *testing.B) {
	for _, every := range []int{2, 5, 10, 50} {
		src := packedPage(benchPage/8, 12)
		var pos []int32
		for i := 0; i < benchPage; i += every {
			pos = append(pos, int32(i))
		}
		dst := make([]int32, len(pos))
		b.Run(fmt.Sprintf("codes/every=%d", every), func(b *testing.B) {
			for b.Loop() {
				h := newHybrid(src, 12)
				if err := h.pick(dst, pos, benchPage); err != nil {
					b.Fatal(err)
				}
			}
			perValue(b)
		})
	}
}

func BenchmarkCheckCodes(b *testing.B) {
	codes := make([]int32, benchPage)
	d := dictReader{n: 1}
	for b.Loop() {
		if err := d.check(codes); err != nil {
			b.Fatal(err)
		}
	}
	perValue(b)
}

func BenchmarkDelta(b *testing.B) {
	for _, width := range []int{0, 3, 7, 14, 20, 40} {
		src := deltaPage(rand.New(rand.NewPCG(1, 1)), benchPage, width)
		dst := make([]int64, benchPage)
		b.Run(fmt.Sprintf("width=%d", width), func(b *testing.B) {
			var d deltaReader
			for b.Loop() {
				if err := d.open(src, benchPage); err != nil {
					b.Fatal(err)
				}
				if err := takeDeltas(&d, dst); err != nil {
					b.Fatal(err)
				}
			}
			perValue(b)
		})
	}
}

func BenchmarkDecimals(b *testing.B) {
	l := &leafColumn{phys: meta.Int64, leafType: leafType{conv: decimal64, width: 16}}
	src, dst := make([]byte, 8*benchPage), make([]byte, 16*benchPage)
	for b.Loop() {
		if err := l.convert(dst, src); err != nil {
			b.Fatal(err)
		}
	}
	perValue(b)
}
