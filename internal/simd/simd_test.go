package simd

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// TestAlike holds what runs on this processor against the loops in Go, over numbers of all sizes, at the ends of their types and next to the bounds.
func TestAlike(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		checkIntegers[int8](t, r, math.MinInt8, math.MaxInt8)
		checkIntegers[int16](t, r, math.MinInt16, math.MaxInt16)
		checkIntegers[int32](t, r, math.MinInt32, math.MaxInt32)
		checkIntegers[int64](t, r, math.MinInt64, math.MaxInt64)
		checkPositions(t, r.Int32(), r.Uint64()&r.Uint64()&r.Uint64())
		checkPositions(t, -r.Int32(), r.Uint64()|r.Uint64())
	}
	checkPositions(t, 0, 0)
	checkPositions(t, math.MaxInt32-63, math.MaxUint64)
}

func checkIntegers[T Integer](t *testing.T, r *rand.Rand, least, greatest T) {
	t.Helper()
	var a, b [64]T
	low, high := T(r.Uint64()>>r.IntN(64)), T(r.Uint64()>>r.IntN(64))
	low, high = min(low, high), max(low, high)
	near := []T{least, greatest, 0, -1, low, high, low - 1, low + 1, high - 1, high + 1}
	for i := range a {
		a[i], b[i] = T(r.Uint64()>>r.IntN(64)), near[r.IntN(len(near))]
		if r.IntN(4) == 0 {
			a[i] = b[i]
		}
	}
	for _, bounds := range [][2]T{{low, high}, {least, high}, {low, greatest}, {low, low}, {least, greatest}} {
		check(t, &a, &b, bounds[0], bounds[1])
	}
}

func check[T Integer](t *testing.T, a, b *[64]T, low, high T) {
	t.Helper()
	for _, v := range []*[64]T{a, b} {
		want := word(func(i int) bool { return low <= v[i] && v[i] <= high })
		compare(t, "InRange", *v, []T{low, high}, InRange(v, low, high), want)
		compare(t, "inRange", *v, []T{low, high}, inRange(v, low, high), want)
		var d [64]decimal128.Num
		for i, x := range v {
			d[i] = decimal128.FromI64(int64(x))
		}
		compare(t, "DecimalsInRange", *v, []T{low, high}, DecimalsInRange(&d, int64(low), int64(high)), want)
		compare(t, "decimalsInRange", *v, []T{low, high}, decimalsInRange(&d, int64(low), int64(high)), want)
	}
	want := word(func(i int) bool { return a[i] < b[i] })
	compare(t, "Less", *a, b[:], Less(a, b), want)
	compare(t, "less", *a, b[:], less(a, b), want)
	want = word(func(i int) bool { return a[i] == b[i] })
	compare(t, "Equal", *a, b[:], Equal(a, b), want)
	compare(t, "equal", *a, b[:], equal(a, b), want)
}

// word sets the bits for which f is true.
func word(f func(i int) bool) (w uint64) {
	for i := range 64 {
		if f(i) {
			w |= 1 << i
		}
	}
	return w
}

func compare[T Integer](t *testing.T, name string, v [64]T, with []T, got, want uint64) {
	t.Helper()
	if got != want {
		t.Fatalf("%s of %v and %v is %064b, want %064b", name, v, with, got, want)
	}
}

// checkPositions also sees that nothing is written outside of the array.
func checkPositions(t *testing.T, base int32, w uint64) {
	t.Helper()
	for _, f := range []func(*[64]int32, int32, uint64) int{Positions, positions} {
		const guard = 0x5a5a5a5a
		var memory [80]int32
		for i := range memory {
			memory[i] = guard
		}
		dst := (*[64]int32)(memory[8:])
		n, at := f(dst, base, w), 0
		for i := range int32(64) {
			if w>>i&1 == 0 {
				continue
			}
			if at < n && dst[at] != base+i {
				t.Fatalf("position %d of %#x from %d is %d, want %d", at, w, base, dst[at], base+i)
			}
			at++
		}
		if n != at {
			t.Fatalf("%d positions of %#x, want %d", n, w, at)
		}
		for i, x := range memory {
			if (i < 8 || i >= 72) && x != guard {
				t.Fatalf("the positions of %#x are written %d behind the start of the array", w, i-8)
			}
		}
	}
}

// FuzzIndex holds Index against bytes.Index, also where part is in the text more than once, at its ends, or only almost.
func FuzzIndex(f *testing.F) {
	f.Add([]byte("ab"), []byte("abc"), uint8(3))
	f.Add([]byte(" special packages"), []byte("special"), uint8(90))
	f.Add([]byte("aaaaaaaaaaaaaaaaaaaaab"), []byte("ab"), uint8(40))
	f.Add([]byte{}, []byte{}, uint8(1))
	f.Fuzz(func(t *testing.T, s, part []byte, times uint8) {
		text := bytes.Repeat(s, 1+int(times))
		for _, text := range [][]byte{text, slices.Concat(text, part), slices.Concat(text, part, text), slices.Concat(part, text)} {
			for skip := 0; skip < min(len(text), 70); skip++ {
				if got, want := Index(text[skip:], part), bytes.Index(text[skip:], part); got != want {
					t.Fatalf("Index(%q, %q) = %d, want %d", text[skip:], part, got, want)
				}
			}
		}
	})
}

// FuzzAlike is TestAlike for values that the fuzzer thinks of.
func FuzzAlike(f *testing.F) {
	f.Add(int64(math.MinInt64), int64(math.MaxInt64), uint64(1)<<63, []byte("0123456789abcdef"))
	f.Add(int64(-1), int64(0), uint64(math.MaxUint64), []byte{0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0x80})
	f.Fuzz(func(t *testing.T, low, high int64, w uint64, data []byte) {
		checkPositions(t, int32(low), w)
		var a, b [64]int64
		var c, d [64]int32
		for i := range a {
			var word [16]byte
			if len(data) > 0 {
				copy(word[:], data[i*7%len(data):])
			}
			a[i], b[i] = int64(binary.LittleEndian.Uint64(word[:])), int64(binary.LittleEndian.Uint64(word[8:]))
			c[i], d[i] = int32(a[i]), int32(b[i])
		}
		check(t, &a, &b, min(low, high), max(low, high))
		check(t, &c, &d, min(int32(low), int32(high)), max(int32(low), int32(high)))
	})
}

// Benchmark gives the time of 64 values.
func Benchmark(b *testing.B) {
	var v, u [64]int64
	var n [64]int32
	var d [64]decimal128.Num
	r := rand.New(rand.NewPCG(1, 2))
	for i := range v {
		v[i], u[i], n[i] = r.Int64N(100), r.Int64N(100), r.Int32N(100)
		d[i] = decimal128.FromI64(v[i])
	}
	sink := uint64(0)
	for name, f := range map[string]func(){
		"range32":      func() { sink += InRange(&n, 10, 20) },
		"range32/go":   func() { sink += inRange(&n, 10, 20) },
		"range64":      func() { sink += InRange(&v, 10, 20) },
		"range64/go":   func() { sink += inRange(&v, 10, 20) },
		"range128":     func() { sink += DecimalsInRange(&d, 10, 20) },
		"range128/go":  func() { sink += decimalsInRange(&d, 10, 20) },
		"less64":       func() { sink += Less(&v, &u) },
		"less64/go":    func() { sink += less(&v, &u) },
		"less32":       func() { sink += Less(&n, &n) },
		"less32/go":    func() { sink += less(&n, &n) },
		"positions":    func() { sink += uint64(Positions(&n, 3, 0xf0f1f2f3f4f5f6f7)) },
		"positions/go": func() { sink += uint64(positions(&n, 3, 0xf0f1f2f3f4f5f6f7)) },
		"few":          func() { sink += uint64(Positions(&n, 3, 0x0001000200000000)) },
		"few/go":       func() { sink += uint64(positions(&n, 3, 0x0001000200000000)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}
