package hilbert_test

import (
	"fmt"
	"testing"

	"github.com/medallion-go/medallion/delta/internal/hilbert"
)

// each calls f with every point of the cube.
func each(dimensions, bits int, f func(point []uint32)) {
	for n := range uint64(1) << (dimensions * bits) {
		point := make([]uint32, dimensions)
		for i := range point {
			point[i] = uint32(n>>(i*bits)) & (1<<bits - 1)
		}
		f(point)
	}
}

var cubes = []struct{ dimensions, bits int }{{1, 6}, {2, 1}, {2, 5}, {3, 1}, {3, 4}, {4, 3}, {5, 2}}

func TestBijection(t *testing.T) {
	t.Parallel()
	for name, curve := range map[string]func([]uint32, int) uint64{"Hilbert": hilbert.Index, "Z-order": hilbert.Interleave} {
		for _, c := range cubes {
			t.Run(fmt.Sprintf("%s %d dimensions of %d bits", name, c.dimensions, c.bits), func(t *testing.T) {
				t.Parallel()
				seen := make([]bool, 1<<(c.dimensions*c.bits))
				each(c.dimensions, c.bits, func(point []uint32) {
					i := curve(append([]uint32(nil), point...), c.bits)
					if i >= uint64(len(seen)) || seen[i] {
						t.Fatalf("%v has number %d, which is out of range or another's", point, i)
					}
					seen[i] = true
				})
			})
		}
	}
}

// TestLocality walks along the curve: each step leads to a neighbour.
func TestLocality(t *testing.T) {
	t.Parallel()
	for _, c := range cubes {
		path := make([][]uint32, 1<<(c.dimensions*c.bits))
		each(c.dimensions, c.bits, func(point []uint32) { path[hilbert.Index(append([]uint32(nil), point...), c.bits)] = point })
		for i := 1; i < len(path); i++ {
			if d := distance(path[i-1], path[i]); d != 1 {
				t.Fatalf("%d dimensions of %d bits: step %d leads from %v to %v, a distance of %d", c.dimensions, c.bits, i, path[i-1], path[i], d)
			}
		}
	}
}

func distance(a, b []uint32) (d int) {
	for i := range a {
		d += int(max(a[i], b[i]) - min(a[i], b[i]))
	}
	return d
}

func TestInterleave(t *testing.T) {
	t.Parallel()
	if got, want := hilbert.Interleave([]uint32{0b101, 0b010}, 3), uint64(0b10_01_10); got != want {
		t.Errorf("%b, want %b", got, want)
	}
}

func BenchmarkIndex(b *testing.B) {
	point := make([]uint32, 2)
	for i := range b.N {
		point[0], point[1] = uint32(i)&4095, uint32(i>>3)&4095
		hilbert.Index(point, 12)
	}
}
