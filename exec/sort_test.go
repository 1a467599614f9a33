package exec_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

func sorted(t testing.TB, env *exec.Env, src exec.Source, limit, offset int64, keys ...expr.BoundSort) []string {
	t.Helper()
	s, err := exec.NewSort(env, src.Schema(), keys, limit, offset)
	if err != nil {
		t.Fatal(err)
	}
	into(t, env, s, src)
	return collect(t, env, s).rows
}

// textRows are the rows of records as text, cell by cell.
func textRows(recs []arrow.RecordBatch) [][]string {
	var out [][]string
	for _, rec := range recs {
		for r := range int(rec.NumRows()) {
			var cells []string
			for _, c := range rec.Columns() {
				cells = append(cells, text(c, r))
			}
			out = append(out, cells)
		}
	}
	return out
}

// order is one key of the reference order: compare is over values as text.
type order struct {
	column                 int
	descending, nullsFirst bool
	compare                func(a, b string) int
}

func numeric(a, b string) int {
	x, _ := strconv.ParseFloat(a, 64)
	y, _ := strconv.ParseFloat(b, 64)
	return cmp.Compare(x, y)
}

// inOrder sorts text rows by keys, in the plain way.
func inOrder(rows [][]string, keys []order) []string {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b []string) int {
		for _, k := range keys {
			x, y := a[k.column], b[k.column]
			c := 0
			switch xn, yn := x == "NULL", y == "NULL"; {
			case xn && yn:
			case xn || yn:
				c = 1
				if xn == k.nullsFirst {
					c = -1
				}
			default:
				if c = k.compare(x, y); k.descending {
					c = -c
				}
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = strings.Join(r, " ")
	}
	return out
}

func TestSortAgrees(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		keys []order // completed by u, which makes the order total
	}{
		{"unique number", nil},
		{"dictionary, number down", []order{{1, false, true, strings.Compare}, {3, true, false, numeric}}},
		{"many strings", []order{{0, false, true, strings.Compare}}},
		{"many strings down, NULLs last", []order{{0, true, false, strings.Compare}}},
		{"few, decimal", []order{{2, true, true, numeric}, {4, false, false, numeric}}},
		{"string, then dictionary down", []order{{5, false, true, strings.Compare}, {1, true, true, strings.Compare}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			s, recs := wide(t, alloc, 3_000)
			keys := append(slices.Clone(tt.keys), order{6, true, false, numeric})
			var bound []expr.BoundSort
			for _, k := range keys {
				bound = append(bound, expr.BoundSort{Arg: col(s, k.column), Descending: k.descending, NullsFirst: k.nullsFirst})
			}
			all := inOrder(textRows(recs), keys)
			for _, c := range []struct {
				workers               int
				budget, limit, offset int64
			}{{1, 0, -1, 0}, {3, 0, -1, 0}, {3, 0, 10, 3}, {2, 0, 1500, 100}, {3, 100 << 10, -1, 0}, {1, 100 << 10, 40_000, 17}, {3, 0, 0, 0}, {1, 0, 10, 10_000}} {
				env := &exec.Env{Alloc: alloc, Workers: c.workers, Budget: exec.NewBudget(c.budget), Spill: exec.Dir(t.TempDir())}
				got := sorted(t, env, exec.NewBatches(s, recs...), c.limit, c.offset, bound...)
				want := all[min(c.offset, int64(len(all))):]
				if c.limit >= 0 {
					want = want[:min(c.limit, int64(len(want)))]
				}
				if d := gocmp.Diff(want, got); d != "" && len(want)+len(got) > 0 {
					t.Errorf("%+v, spilled %d: -want +got:\n%.1500s", c, env.Budget.Spilled(), d)
				}
				if (env.Budget.Spilled() > 0) != (c.budget > 0) {
					t.Errorf("%+v: spilled %d bytes", c, env.Budget.Spilled())
				}
			}
		})
	}
}

// TestSortOfManyRows takes the ways of big inputs: radix, ranked strings, several batches.
func TestSortOfManyRows(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	s := columns("w", schema.String, "n", schema.BigInt)
	var recs []arrow.RecordBatch
	const n = 32_000
	for from := 0; from < n; from += 8_000 {
		w, num := array.NewStringBuilder(alloc), array.NewInt64Builder(alloc)
		for i := from; i < from+8_000; i++ {
			k := i * 7919 % n
			w.Append(fmt.Sprint("word ", k%37))
			num.Append(int64(k) - n/2)
		}
		recs = append(recs, batch(t, s, []arrow.Array{w.NewArray(), num.NewArray()}))
		w.Release()
		num.Release()
	}
	env := &exec.Env{Alloc: alloc}
	got := sorted(t, env, exec.NewBatches(s, recs...), -1, 0, expr.BoundSort{Arg: col(s, 0)}, expr.BoundSort{Arg: col(s, 1), Descending: true})
	want := inOrder(textRows(recs), []order{{0, false, false, strings.Compare}, {1, true, false, numeric}})
	if !slices.Equal(got, want) {
		t.Error("rows are out of order")
	}
}

func TestSortExtremes(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	s := columns("n", schema.BigInt)
	rec := rows(t, alloc, s, "{\"n\":9223372036854775807}\n{\"n\":null}\n{\"n\":-9223372036854775808}\n{\"n\":0}")
	tests := []struct {
		by   expr.BoundSort
		want []string
	}{
		{expr.BoundSort{NullsFirst: true}, []string{"NULL", "-9223372036854775808", "0", "9223372036854775807"}},
		{expr.BoundSort{}, []string{"-9223372036854775808", "0", "9223372036854775807", "NULL"}},
		{expr.BoundSort{Descending: true}, []string{"9223372036854775807", "0", "-9223372036854775808", "NULL"}},
		{expr.BoundSort{Descending: true, NullsFirst: true}, []string{"NULL", "9223372036854775807", "0", "-9223372036854775808"}},
	}
	for _, tt := range tests {
		tt.by.Arg = col(s, 0)
		if d := gocmp.Diff(tt.want, sorted(t, &exec.Env{Alloc: alloc}, exec.NewBatches(s, rec), -1, 0, tt.by)); d != "" {
			t.Errorf("%+v: -want +got:\n%s", tt.by, d)
		}
	}
}

func TestSortWithoutKeysIsLimit(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	a, b := numbers(t, alloc, 0, 4), numbers(t, alloc, 4, 9)
	src := &counting{Source: exec.NewBatches(a.Schema(), a, b, a, b, a).InOrder()}
	got := sorted(t, &exec.Env{Alloc: alloc}, src, 3, 3)
	if d := gocmp.Diff([]string{"3", "4", "5"}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if n := src.read.Load(); n != 2 {
		t.Errorf("%d morsels were read, want 2", n)
	}
}
