package exec_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

func latest(t testing.TB, env *exec.Env, src exec.Source, keys []expr.Bound, by ...expr.BoundSort) []string {
	t.Helper()
	l, err := exec.NewLatest(env, src.Schema(), keys, by)
	if err != nil {
		t.Fatal(err)
	}
	into(t, env, l, src)
	return collect(t, env, l).sorted()
}

func TestLatest(t *testing.T) {
	t.Parallel()
	s := columns("k", schema.String, "n", schema.BigInt, "v", schema.String)
	const data = `{"k":"a","n":1,"v":"old"}
{"k":"a","n":3,"v":"new"}
{"k":"a","n":2,"v":"middle"}
{"k":"","n":9223372036854775807,"v":"greatest"}
{"k":"","n":null,"v":"none"}
{"k":null,"n":-9223372036854775808,"v":"least"}
{"k":null,"n":null,"v":"nothing"}`
	tests := []struct {
		name string
		by   expr.BoundSort
		want []string
	}{
		{
			"greatest, NULLs last",
			expr.BoundSort{Arg: col(s, 1), Descending: true},
			[]string{" 9223372036854775807 greatest", "NULL -9223372036854775808 least", "a 3 new"},
		},
		{"least, NULLs first", expr.BoundSort{Arg: col(s, 1), NullsFirst: true}, []string{" NULL none", "NULL NULL nothing", "a 1 old"}},
		{"greatest, NULLs first", expr.BoundSort{Arg: col(s, 1), Descending: true, NullsFirst: true}, []string{" NULL none", "NULL NULL nothing", "a 3 new"}},
		{"least string", expr.BoundSort{Arg: col(s, 2)}, []string{" 9223372036854775807 greatest", "NULL -9223372036854775808 least", "a 2 middle"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			got := latest(t, &exec.Env{Alloc: alloc}, exec.NewBatches(s, rows(t, alloc, s, data)), []expr.Bound{col(s, 0)}, tt.by)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestLatestAgrees compares with a map, in every way of running: workers, packing of small batches, spilling and compaction, kinds of keys.
func TestLatestAgrees(t *testing.T) {
	t.Parallel()
	for name, set := range map[string][]int{"string": {0}, "dictionary and int": {1, 2}, "word": {3}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			s, recs := wide(t, alloc, 6_000)
			want := bestRows(recs, set)
			var keys []expr.Bound
			for _, i := range set {
				keys = append(keys, col(s, i))
			}
			for _, workers := range []int{1, 3} {
				for _, limit := range []int64{0, 200 << 10} {
					env := &exec.Env{Alloc: alloc, Workers: workers, Budget: exec.NewBudget(limit), Spill: exec.Dir(t.TempDir())}
					by := []expr.BoundSort{{Arg: col(s, 1)}, {Arg: col(s, 6), Descending: true}}
					got := latest(t, env, exec.NewBatches(s, recs...), keys, by...)
					if d := cmp.Diff(want, got); d != "" {
						t.Errorf("%d workers, budget %d, spilled %d: -want +got:\n%.2000s", workers, limit, env.Budget.Spilled(), d)
					}
					if name == "string" && limit > 0 && env.Budget.Spilled() == 0 {
						t.Errorf("%d workers: nothing was spilled in a budget of %d", workers, limit)
					}
					if used := env.Budget.Used(); used < 0 {
						t.Errorf("%d bytes are in use", used)
					}
				}
			}
		})
	}
}

// bestRows are the rows with the least d (NULLs last), then the greatest u, per key.
func bestRows(recs []arrow.RecordBatch, keys []int) []string {
	type row struct{ text, d, u string }
	best := map[string]row{}
	for _, rec := range recs {
		for r := range int(rec.NumRows()) {
			var cells, key []string
			for i, c := range rec.Columns() {
				cells = append(cells, text(c, r))
				if slices.Contains(keys, i) {
					key = append(key, text(c, r))
				}
			}
			d := "1" + cells[1]
			if cells[1] == "NULL" {
				d = "2"
			}
			next := row{strings.Join(cells, " "), d, fmt.Sprintf("%09s", cells[6])}
			k := strings.Join(key, "|")
			old, ok := best[k]
			if !ok || next.d < old.d || next.d == old.d && next.u > old.u {
				best[k] = next
			}
		}
	}
	var out []string
	for _, b := range best {
		out = append(out, b.text)
	}
	slices.Sort(out)
	return out
}

func TestLatestCompacts(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	rec := numbers(t, alloc, 0, exec.MaxRows)
	recs := make([]arrow.RecordBatch, 10) // the same rows again and again
	for i := range recs {
		recs[i] = rec
	}
	budget := exec.NewBudget(1 << 40)
	env := &exec.Env{Alloc: alloc, Workers: 1, Budget: budget}
	s := rec.Schema()
	l, err := exec.NewLatest(env, s, []expr.Bound{col(s, 0)}, []expr.BoundSort{{Arg: col(s, 0)}})
	if err != nil {
		t.Fatal(err)
	}
	into(t, env, l, exec.NewBatches(s, recs...))
	all := int64(len(recs)) * exec.MaxRows * (8 + 28)
	if budget.Peak() > all*3/4 {
		t.Errorf("held %d bytes at a time, all rows take about %d", budget.Peak(), all)
	}
	n := 0
	sink := exec.SinkFunc(func(_ context.Context, b *exec.Batch) error { n += b.Len(); return nil })
	if err := (exec.Pipeline{Source: l}).Run(t.Context(), env, sink); err != nil || n != exec.MaxRows {
		t.Errorf("got %d rows and error %v, want %d", n, err, exec.MaxRows)
	}
}
