package parquet

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// plainUnpack reads a value bit by bit, as parquet-format's Encodings.md describes it.
func plainUnpack(src []byte, at, width int) (v uint64) {
	for i := range width {
		v |= uint64(bit(src, at*width+i)) << i
	}
	return v
}

// checkUnpack holds all ways to unpack n values from position at on against reading them bit by bit.
func checkUnpack(t *testing.T, src []byte, at, n, width int) {
	t.Helper()
	want, ints, pos := make([]int64, n), make([]int32, n), make([]int32, n)
	for i := range want {
		want[i], pos[i] = int64(plainUnpack(src, at+i, width)), int32(i)
	}
	wide := make([]int64, n)
	unpackWide(wide, src, at, width)
	if !slices.Equal(wide, want) {
		t.Fatalf("unpackWide: %d values of %d bits from %d on: got %v, want %v", n, width, at, wide, want)
	}
	if width > 32 {
		return
	}
	unpackInts(ints, src, at, width)
	for i, v := range ints {
		if v != int32(want[i]) {
			t.Fatalf("unpackInts: value %d of %d of %d bits from %d on: got %d, want %d", i, n, width, at, v, int32(want[i]))
		}
	}
	unpackAt(ints, src, pos, at, width)
	for i, v := range ints {
		if v != int32(want[i]) {
			t.Fatalf("unpackAt: value %d of %d of %d bits from %d on: got %d, want %d", i, n, width, at, v, int32(want[i]))
		}
	}
}

// Values of all widths come out of all positions, however many there are and however little follows them.
func TestUnpack(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(51, 1))
	src := make([]byte, 4096)
	for i := range src {
		src[i] = byte(rnd.Uint32())
	}
	for width := 1; width <= 64; width++ {
		for n := range 40 {
			for _, at := range []int{0, 1, 5, 7, 8, 16} {
				size := ((at+n)*width + 7) / 8
				more := []int{0, 1, 7, 8, 15, 16, 31, 40}[(n+at)%8]
				checkUnpack(t, src[:size+more:size+more], at, n, width)
			}
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}, uint8(3), uint8(5))
	f.Fuzz(func(t *testing.T, src []byte, at, width uint8) {
		w := int(width%64) + 1
		if n := 8*len(src)/w - int(at); n > 0 {
			checkUnpack(t, src[:len(src):len(src)], int(at), n, w)
		}
	})
}

// plainDeltas decodes DELTA_BINARY_PACKED data value by value.
func plainDeltas(src []byte, most int) ([]int64, error) {
	h, src, err := readDeltaHeader(src, most)
	if err != nil || h.total == 0 {
		return nil, err
	}
	out := []int64{h.first}
	for len(out) < h.total {
		least, n := binary.Varint(src)
		if n <= 0 || len(src)-n < h.minis {
			return out, errDelta
		}
		widths := src[n : n+h.minis]
		src = src[n+h.minis:]
		for _, w := range widths {
			k := min(h.perMini, h.total-len(out))
			if w > 64 || len(src) < (k*int(w)+7)/8 {
				return out, errDelta
			}
			for i := range k {
				out = append(out, out[len(out)-1]+least+int64(plainUnpack(src, i, int(w))))
			}
			src = src[min(h.perMini*int(w)/8, len(src)):]
			if len(out) == h.total {
				break
			}
		}
	}
	return out, nil
}

// checkDeltas holds decoding piece by piece against decoding value by value: steps says, in turn, how many values are taken, passed over or picked from.
func checkDeltas(t *testing.T, src []byte, most int, steps []byte) {
	t.Helper()
	want, bad := plainDeltas(src, most)
	var d deltaReader
	if err := d.open(src, most); err != nil {
		if !errors.Is(bad, err) && err.Error() != bad.Error() {
			t.Fatalf("got %v, want %v", err, bad)
		}
		return
	}
	at := 0
	for i, s := range steps {
		n := min(int(s), most-at)
		got, pos := make([]int64, n), []int32(nil)
		var err error
		switch i % 3 {
		case 0:
			err = takeDeltas(&d, got)
			for p := range n {
				pos = append(pos, int32(p))
			}
		case 1:
			d.skip(n)
		case 2:
			for p := int(s) % 5; p < n; p += 1 + int(s)%40 {
				pos = append(pos, int32(p))
			}
			got = got[:len(pos)]
			err = pickDeltas(&d, got, pos, n)
		}
		if err != nil {
			if bad == nil && at+n <= len(want) {
				t.Fatalf("values %d to %d of %d: %v", at, at+n, len(want), err)
			}
			return
		}
		for k, p := range pos {
			if at+int(p) >= len(want) || got[k] != want[at+int(p)] {
				t.Fatalf("value %d of %d: got %d", at+int(p), len(want), got[k])
			}
		}
		at += n
	}
}

func TestDeltaSteps(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(52, 1))
	for width := range 65 {
		src := deltaPage(rnd, 700, width)
		for range 20 {
			steps := make([]byte, 1+rnd.IntN(30))
			for i := range steps {
				steps[i] = byte(rnd.Uint32() >> rnd.IntN(8))
			}
			checkDeltas(t, src, 700, steps)
		}
		cut := src[:rnd.IntN(len(src))]
		checkDeltas(t, slices.Clip(cut), 700, []byte{255, 255, 255})
	}
}

// deltaPage is n values whose deltas are of width bits, in miniblocks of 32.
func deltaPage(rnd *rand.Rand, n, width int) []byte {
	b := binary.AppendUvarint(nil, 128)
	b = binary.AppendUvarint(b, 4)
	b = binary.AppendUvarint(b, uint64(n))
	b = binary.AppendVarint(b, rnd.Int64N(1000))
	for at := 1; at < n; at += 128 {
		b = binary.AppendVarint(b, rnd.Int64N(1000)-500)
		b = append(b, byte(width), byte(width), byte(width), byte(width))
		for range 128 * width / 8 {
			b = append(b, byte(rnd.Uint32()))
		}
	}
	return b
}

func FuzzDelta(f *testing.F) {
	rnd := rand.New(rand.NewPCG(53, 1))
	for _, width := range []int{0, 3, 20, 40, 64} {
		f.Add(deltaPage(rnd, 300, width), []byte{100, 7, 90, 200})
	}
	f.Fuzz(func(t *testing.T, src, steps []byte) {
		checkDeltas(t, src, 1000, steps)
	})
}

// Picked codes are those that decoding everything gives, whether few are picked or many.
func TestHybridPick(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(54, 1))
	for range 300 {
		width, n := 1+rnd.IntN(20), 1+rnd.IntN(5000)
		src := hybridPage(rnd, n, width)
		all := make([]int32, n)
		h := newHybrid(src, width)
		if err := h.codes(all); err != nil {
			t.Fatal(err)
		}
		share := []float64{0.001, 0.05, 0.5, 1}[rnd.IntN(4)]
		h = newHybrid(src, width)
		for at := 0; at < n; {
			k := min(1+rnd.IntN(3000), n-at)
			var pos, want []int32
			for i := range k {
				if rnd.Float64() < share {
					pos, want = append(pos, int32(i)), append(want, all[at+i])
				}
			}
			got := make([]int32, len(pos))
			if err := h.pick(got, pos, k); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, append([]int32(nil), got...)); d != "" {
				t.Fatalf("width %d, %d of %d values from %d on (-want +got):\n%.300s", width, len(pos), k, at, d)
			}
			at += k
		}
	}
}

// hybridPage is at least n values of width bits in runs of both kinds.
func hybridPage(rnd *rand.Rand, n, width int) (b []byte) {
	for n > 0 {
		if k := 1 + rnd.IntN(100); rnd.IntN(2) == 0 {
			b = binary.AppendUvarint(b, uint64(k)<<1)
			for i := range (width + 7) / 8 {
				b = append(b, byte(rnd.Uint32N(1<<width)>>(8*i)))
			}
			if width%8 != 0 {
				b[len(b)-1] &= 1<<(width%8) - 1
			}
			n -= k
			continue
		}
		groups := 1 + rnd.IntN(70)
		b = binary.AppendUvarint(b, uint64(groups)<<1|1)
		for range groups * width {
			b = append(b, byte(rnd.Uint32()))
		}
		n -= 8 * groups
	}
	return b
}

// A code outside of the dictionary is found wherever it stands.
func TestCheckCodes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 1000, 1<<31 - 1} {
		d := dictReader{n: n}
		for length := range 30 {
			codes := make([]int32, length)
			for i := range codes {
				codes[i] = int32(max(n, 1) - 1 - i%2*(max(n, 1)-1))
			}
			if err := d.check(codes); (err != nil) != (n == 0 && length > 0) {
				t.Fatalf("%d codes in a dictionary of %d: %v", length, n, err)
			}
			for i := range codes {
				was := codes[i]
				for _, bad := range []int64{int64(n), int64(n) + 1, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
					if bad < int64(n) {
						continue
					}
					if codes[i] = int32(uint32(bad)); d.check(codes) == nil {
						t.Fatalf("code %d at %d of %d in a dictionary of %d, and no error", uint32(bad), i, length, n)
					}
				}
				codes[i] = was
			}
		}
	}
}
