package exec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestIntIndex holds the index against a map, from keys without gaps to keys that lie too far apart for it.
func TestIntIndex(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		stride, low int64
		made        bool
	}{
		{1, 0, true}, {1, math.MinInt64, true}, {3, -500, true}, {50, 7, true}, {200, math.MaxInt64 - 999*200, true}, {1_000_000, -5, false}, {math.MaxInt64 / 600, math.MinInt64, false},
	} {
		t.Run(fmt.Sprint(tt.stride, "from", tt.low), func(t *testing.T) {
			t.Parallel()
			checkIntIndex(t, tt.stride, tt.low, tt.made)
		})
	}
}

func checkIntIndex(t *testing.T, stride, low int64, made bool) {
	r := rand.New(rand.NewPCG(1, uint64(stride)))
	var keys []uint64
	for i := range int64(1000) {
		if i == 0 || i == 999 || r.IntN(3) > 0 {
			keys = append(keys, uint64(low+i*stride))
		}
	}
	high := keys[len(keys)-1] // they ascend
	x := newIntIndex(low, int64(high), len(keys))
	if (x != nil) != made {
		t.Fatalf("an index of %d keys from %d to %d: %v, want %v", len(keys), low, int64(high), x != nil, made)
	}
	if x == nil {
		return
	}
	for _, k := range keys {
		x.add(k)
	}
	first := make([]int32, x.rank())
	for i := range first {
		first[i] = -1
	}
	want := map[uint64]int32{}
	for row, k := range keys {
		first[x.number(k)], want[k] = int32(row), int32(row)
	}
	asked := slices.Clone(keys)
	for range 1000 {
		asked = append(asked, uint64(low)+uint64(r.Int64N(2000*stride)-500*stride), r.Uint64())
	}
	got := make([]int32, len(asked))
	x.lookup(asked, first, got)
	for i, k := range asked {
		row, ok := want[k]
		if !ok {
			row = -1
		}
		if got[i] != row {
			t.Errorf("key %d: got row %d, want %d", int64(k), got[i], row)
		}
	}
}
