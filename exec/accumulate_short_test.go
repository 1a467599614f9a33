package exec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/google/go-cmp/cmp"
)

// TestShortSums holds sums of strides against sums of rows, for values up to the greatest that it takes, and checks that it leaves longer ones alone.
func TestShortSums(t *testing.T) {
	t.Parallel()
	most := int64(1)<<shortBits - 1
	for _, tt := range []struct {
		name string
		odd  decimal128.Num // one of the values
		want bool
	}{
		{"short", decimal128.FromI64(-most - 1), true},
		{"a bit longer", decimal128.FromI64(most + 1), false},
		{"longer than 64 bits", decimal128.New(1, 5), false},
	} {
		for _, selected := range []bool{false, true} {
			t.Run(fmt.Sprint(tt.name, selected), func(t *testing.T) {
				t.Parallel()
				rnd := rand.New(rand.NewPCG(4, 2))
				src, groups := make([]decimal128.Num, shortRows), make([]uint32, shortRows)
				var rows []int32
				got, want := make([]total, shortGroups), make([]total, shortGroups)
				for i := range src {
					src[i], groups[i] = decimal128.FromI64(most), rnd.Uint32N(shortGroups)
					if selected {
						rows = append(rows, rnd.Int32N(shortRows))
					}
				}
				src[9] = tt.odd
				if selected {
					rows[7] = 9
				}
				if ok := new(shortSums).add(got, src, groups, rows); ok != tt.want {
					t.Fatalf("add() = %v, want %v", ok, tt.want)
				}
				counts := new(tally).of(groups)
				for g := range got {
					if tt.want {
						got[g].n = counts[g]
					}
				}
				for i, g := range groups {
					if v := src[at(rows, i)]; tt.want && !want[g].add(v.LowBits(), v.HighBits(), 1) {
						t.Fatal("the sum leaves 128 bits")
					}
				}
				if d := cmp.Diff(want, got, cmp.AllowUnexported(total{})); d != "" {
					t.Errorf("totals (-want +got):\n%s", d)
				}
			})
		}
	}
}
