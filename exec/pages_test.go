package exec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wordPatterns are words in the orders in which keys come, by batch, and whether they end up close enough together for pages.
func wordPatterns() map[string]struct {
	batches [][]int64
	paged   bool
} {
	rnd := rand.New(rand.NewPCG(7, 1))
	batches := func(count, rows int, value func(batch, row int) int64) (out [][]int64) {
		for b := range count {
			one := make([]int64, rows)
			for i := range one {
				one[i] = value(b, i)
			}
			out = append(out, one)
		}
		return out
	}
	type pattern = struct {
		batches [][]int64
		paged   bool
	}
	return map[string]pattern{
		"none":               {nil, true},
		"rising":             {batches(8, 2000, func(b, i int) int64 { return int64(b*2000+i) / 3 }), true},
		"falling below zero": {batches(8, 2000, func(b, i int) int64 { return 5000 - int64(b*2000+i)*3 }), true},
		"in any order":       {batches(30, 5000, func(int, int) int64 { return rnd.Int64N(400_000) - 200_000 }), true},
		"pieces in any order": {batches(10, 9000, func(b, i int) int64 {
			return int64([]int{7, 2, 9, 0, 1, 8, 3, 6, 5, 4}[b])*300_000 + int64(i)
		}), true},
		"anything":         {batches(6, 3000, func(int, int) int64 { return int64(rnd.Uint64()) }), false},
		"a page for each":  {batches(6, 3000, func(b, i int) int64 { return int64(b*3000+i) << 11 }), false},
		"the extremes":     {[][]int64{{math.MinInt64, math.MaxInt64, 0, -1}}, false},
		"close at the end": {append(batches(1, 100, func(_, i int) int64 { return int64(i) << 11 }), batches(5, 9000, func(b, i int) int64 { return int64(b*9000 + i) })...), true},
	}
}

// TestTableOfWords numbers words and NULLs in a table that may use pages, and holds the numbers against those of a map.
func TestTableOfWords(t *testing.T) {
	t.Parallel()
	for name, tt := range wordPatterns() {
		for _, nulls := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				table := newTable(&keyCodec{mode: oneWord})
				table.usePages()
				want, null := map[int64]uint32{}, -1
				for _, batch := range tt.batches {
					k := keys{words: make([]uint64, len(batch))}
					numbers, ids := make([]uint32, len(batch)), make([]uint32, len(batch))
					for i, v := range batch {
						if nulls && i%5 == 2 {
							if null < 0 {
								null = len(want)
							}
							k.nulls, numbers[i] = append(k.nulls, int32(i)), uint32(null)
							continue
						}
						n, ok := want[v]
						if !ok {
							if n = uint32(len(want)); null >= 0 {
								n++
							}
							want[v] = n
						}
						k.words[i], numbers[i] = uint64(v), n
					}
					table.insert(&k, ids)
					if d := cmp.Diff(numbers, ids); d != "" {
						t.Fatalf("numbers (-want +got):\n%.500s", d)
					}
				}
				if got := table.pages != nil; got != tt.paged {
					t.Errorf("pages: %t, want %t, of %d words", got, tt.paged, table.len())
				}
				compareKeys(t, table, want, null)
			})
		}
	}
}

// compareKeys checks what a table says of its keys, all of them and those with odd numbers.
func compareKeys(t *testing.T, table *table, want map[int64]uint32, null int) {
	t.Helper()
	var odd []uint32
	for i := 1; i < table.len(); i += 2 {
		odd = append(odd, uint32(i))
	}
	for _, picked := range [][]uint32{nil, odd} {
		var k keys
		table.keys(picked, &k)
		k.hashWords()
		for i, w := range k.words {
			number := pick(picked, i)
			isNull := slices.Contains(k.nulls, int32(i))
			if isNull != (number == null) || !isNull && int(want[int64(w)]) != number {
				t.Fatalf("key %d is %d, NULL %t; want number %d, NULL %d", number, int64(w), isNull, want[int64(w)], null)
			}
			if isNull != (k.hash[i] == loneNull()) {
				t.Fatalf("key %d, NULL %t, has the hash %x", number, isNull, k.hash[i])
			}
		}
	}
}
