package parquet

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/s2"
)

// checkStored holds what stored gives, if anything, against unpacking.
func checkStored(t *testing.T, packed []byte, size int) bool {
	t.Helper()
	got, ok := stored(packed, size)
	if !ok {
		return false
	}
	want, err := s2.Decode(nil, packed)
	if err != nil || len(want) != size || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of %x…: got %.20x…, want %.20x…, %v", size, packed[:min(len(packed), 8)], got, want, err)
	}
	return true
}

// What could not be made smaller is found, of any length, and nothing else; damage is left to the decoder.
func TestStored(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(71, 1))
	for _, size := range []int{0, 1, 2, 59, 60, 61, 62, 255, 256, 257, 300, 65535, 65536, 65537, 70_000} {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		packed := s2.EncodeSnappy(nil, b)
		if ok := checkStored(t, packed, size); ok != (size > 0) {
			t.Errorf("random data of %d bytes: found %v", size, ok)
		}
		for _, other := range []int{size + 1, size - 1} {
			if _, ok := stored(packed, other); ok {
				t.Errorf("%d bytes pass for %d", size, other)
			}
		}
		for range 50 {
			bad := bytes.Clone(packed[:rnd.IntN(len(packed)+1)])
			if len(bad) > 0 {
				bad[rnd.IntN(min(len(bad), 6))] ^= 1 << rnd.IntN(8)
			}
			checkStored(t, bad, size)
		}
		clear(b)
		if _, ok := stored(s2.EncodeSnappy(nil, b), size); ok && size > 100 {
			t.Errorf("%d zeros pass for stored", size)
		}
	}
}

func FuzzStored(f *testing.F) {
	f.Add(s2.EncodeSnappy(nil, []byte("abcdefgh")), 8)
	f.Add([]byte{200, 1, 60 << 2, 199}, 200)
	f.Fuzz(func(t *testing.T, packed []byte, size int) {
		if size >= 0 && size < 1<<20 {
			checkStored(t, packed, size)
		}
	})
}
