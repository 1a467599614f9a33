package exec_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// lists is a column of arrays: nil is NULL.
func lists(alloc memory.Allocator, rows ...[]int32) arrow.Array {
	b := array.NewListBuilder(alloc, arrow.PrimitiveTypes.Int32)
	defer b.Release()
	values := b.ValueBuilder().(*array.Int32Builder)
	for _, row := range rows {
		if row == nil {
			b.AppendNull()
			continue
		}
		b.Append(true)
		values.AppendValues(row, nil)
	}
	return b.NewArray()
}

func ids(alloc memory.Allocator, n int) arrow.Array {
	b := array.NewInt64Builder(alloc)
	defer b.Release()
	for i := range n {
		b.Append(int64(i))
	}
	return b.NewArray()
}

// generated pushes one batch of (id, xs) through a generator and gives its rows as text, a batch's rows in one list.
func generated(t *testing.T, call string, keep []int, sel []int32, rows ...[]int32) [][]string {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	in := arrow.NewSchema([]arrow.Field{{Name: "id", Type: schema.BigInt}, {Name: "xs", Type: schema.ArrayOf(schema.Int, true), Nullable: true}}, nil)
	batch := &exec.Batch{Columns: []arrow.Array{ids(alloc, len(rows)), lists(alloc, rows...)}, Selection: sel, N: len(rows)}
	defer func() {
		for _, c := range batch.Columns {
			c.Release()
		}
	}()
	w := generator(t, alloc, in, call, keep)
	var got [][]string
	err := w.Push(t.Context(), batch, func(b *exec.Batch) error {
		if b.Len() > exec.MaxRows {
			t.Errorf("got a batch of %d rows, want at most %d", b.Len(), exec.MaxRows)
		}
		got = append(got, rowTexts(b))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func generator(t testing.TB, alloc memory.Allocator, in *arrow.Schema, call string, keep []int) exec.StepWorker {
	t.Helper()
	n, err := expr.Parse(call)
	if err != nil {
		t.Fatal(err)
	}
	gen, err := expr.BindGenerator(n.(expr.Call), expr.NewScope(in))
	if err != nil {
		t.Fatal(err)
	}
	var fields []arrow.Field
	for _, k := range keep {
		fields = append(fields, in.Field(k))
	}
	step, err := exec.NewGenerate(&exec.Env{Alloc: alloc}, arrow.NewSchema(append(fields, gen.Columns...), nil), keep, gen)
	if err != nil {
		t.Fatal(err)
	}
	w, err := step.Worker()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func rowTexts(b *exec.Batch) []string {
	sel := b.Selection
	if sel == nil {
		for i := range int32(b.N) {
			sel = append(sel, i)
		}
	}
	texts := make([]string, len(sel))
	for i, row := range sel {
		for k, c := range b.Columns {
			if k > 0 {
				texts[i] += " "
			}
			texts[i] += c.ValueStr(int(row))
		}
	}
	return texts
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	rows := [][]int32{{1, 2}, nil, {}, {3}}
	tests := []struct {
		call string
		keep []int
		sel  []int32
		want [][]string
	}{
		{"explode(xs)", []int{0}, nil, [][]string{{"0 1", "0 2", "3 3"}}},
		{"explode(xs)", nil, nil, [][]string{{"1", "2", "3"}}},
		{"explode(xs)", []int{0}, []int32{1, 2}, nil},
		{"explode(xs)", []int{0}, []int32{2, 3}, [][]string{{"3 3"}}},
		{"explode_outer(xs)", []int{0}, nil, [][]string{{"0 1", "0 2", "1 (null)", "2 (null)", "3 3"}}},
		{"posexplode(xs)", []int{1}, nil, [][]string{{"[1,2] 0 1", "[1,2] 1 2", "[3] 0 3"}}},
		{"posexplode_outer(xs)", []int{0}, []int32{0, 1}, [][]string{{"0 0 1", "0 1 2", "1 (null) (null)"}}},
		{"explode(map('a', id, 'b', 7L))", []int{0}, []int32{3}, [][]string{{"3 a 3", "3 b 7"}}},
		{"inline(array(named_struct('a', id), NULL))", nil, []int32{0, 3}, [][]string{{"0", "(null)", "3", "(null)"}}},
		{"stack(2, id, 'x', -1L, 'y')", []int{0}, []int32{0, 3}, [][]string{{"0 0 x", "3 3 x"}, {"0 -1 y", "3 -1 y"}}},
		{"range(5, 0, -2)", []int{0}, []int32{0, 1}, [][]string{{"0 5", "0 3", "0 1", "1 5", "1 3", "1 1"}}},
		{"range(3, 3)", []int{0}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.call, tt.keep, tt.sel), func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, generated(t, tt.call, tt.keep, tt.sel, rows...)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestGenerateBounds checks that long arrays and ranges come in batches of bounded size, whole and in order.
func TestGenerateBounds(t *testing.T) {
	t.Parallel()
	long := make([]int32, exec.MaxRows+5)
	for i := range long {
		long[i] = int32(i)
	}
	got := generated(t, "posexplode(xs)", []int{0}, nil, []int32{-1}, long, []int32{-2})
	if len(got) != 2 || len(got[0]) != exec.MaxRows {
		t.Fatalf("got %d batches, the first of %d rows, want 2, the first of %d", len(got), len(got[0]), exec.MaxRows)
	}
	all := slices.Concat(got...)
	if want := len(long) + 2; len(all) != want || all[1] != "1 0 0" || all[want-2] != fmt.Sprintf("1 %d %d", len(long)-1, len(long)-1) || all[want-1] != "2 0 -2" {
		t.Errorf("got %d rows, %q … %q, want %d in order", len(all), all[:2], all[len(all)-2:], want)
	}
	if got := slices.Concat(generated(t, "range(0, 150000)", nil, nil, nil)...); len(got) != 150000 || got[149999] != "149999" {
		t.Errorf("got %d numbers to %s, want 150000", len(got), got[len(got)-1])
	}
}

// TestGenerateStops checks that an error of what follows ends the generator, and that nothing is held.
func TestGenerateStops(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	in := arrow.NewSchema([]arrow.Field{{Name: "id", Type: schema.BigInt}}, nil)
	column := ids(alloc, 2)
	defer column.Release()
	stop := errors.New("stop")
	for _, call := range []string{"range(1000000000000)", "stack(2, id, id + 1)", "explode(array(id, id))", "variant_explode(to_variant_object(array(id, id)))"} {
		calls := 0
		w := generator(t, alloc, in, call, []int{0})
		err := w.Push(t.Context(), &exec.Batch{Columns: []arrow.Array{column}, N: 2}, func(*exec.Batch) error {
			calls++
			return stop
		})
		if !errors.Is(err, stop) || calls != 1 {
			t.Errorf("%s: got error %v after %d batches, want the first one's", call, err, calls)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := generator(t, alloc, in, "range(1000000000000)", []int{0})
	if err := w.Push(ctx, &exec.Batch{Columns: []arrow.Array{column}, N: 2}, func(*exec.Batch) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want that of the context", err)
	}
}
