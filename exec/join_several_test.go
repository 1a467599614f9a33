package exec_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// newIntegers is a side of four integer columns of different types, in which values lie some width apart around from. NULLs fall on each column by itself.
func newIntegers(t testing.TB, alloc memory.Allocator, prefix string, n int, from, width int64, seed uint64) side {
	s := columns(prefix+"i", schema.Int, prefix+"b", schema.BigInt, prefix+"d", schema.DecimalOf(18, 2), prefix+"t", schema.DateType)
	r := rand.New(rand.NewPCG(seed, 5))
	i, b, t4 := array.NewInt32Builder(alloc), array.NewInt64Builder(alloc), array.NewDate32Builder(alloc)
	d := array.NewDecimal128Builder(alloc, s.Field(2).Type.(*arrow.Decimal128Type))
	var cols []arrow.Array
	value := func(null func(), use func(int64)) {
		if r.IntN(20) == 0 {
			null()
			return
		}
		use(from + r.Int64N(7) - 3)
	}
	for range n {
		value(i.AppendNull, func(v int64) { i.Append(int32(v)) })
		value(b.AppendNull, func(v int64) { b.Append(v * width) })
		value(d.AppendNull, func(v int64) { d.Append(decimal128.FromI64(v * 100)) })
		value(t4.AppendNull, func(v int64) { t4.Append(arrow.Date32(v)) })
	}
	for _, x := range []array.Builder{i, b, d, t4} {
		cols = append(cols, x.NewArray())
		x.Release()
	}
	rec := batch(t, s, cols)
	out := side{schema: s}
	for at := int64(0); at < rec.NumRows(); at += 40 {
		part := rec.NewSlice(at, min(at+40, rec.NumRows()))
		t.Cleanup(part.Release)
		out.recs = append(out.recs, part)
	}
	for row := range n {
		var cells []string
		for _, c := range rec.Columns() {
			cells = append(cells, text(c, row))
		}
		out.rows = append(out.rows, cells)
	}
	return out
}

// TestJoinOfSeveralIntegers holds joins on several integer keys against nested loops: of keys that lie close together, that are hashed as one word, and that
// do not fit into one. Half of the probe side's values lie outside of the build side's range.
func TestJoinOfSeveralIntegers(t *testing.T) {
	t.Parallel()
	for name, width := range map[string]int64{"close": 1, "far": 1_000_000_000_039, "too far": math.MaxInt64 / 10} {
		for _, keys := range [][]int{{0, 1}, {1, 2}, {3, 1, 0}} {
			t.Run(fmt.Sprint(name, keys), func(t *testing.T) {
				t.Parallel()
				alloc := checked(t)
				l, r := newIntegers(t, alloc, "l", 120, 0, width, 1), newIntegers(t, alloc, "r", 90, 3, width, 2)
				on := func(a, b []string) bool {
					for _, k := range keys {
						if a[k] != b[k] || a[k] == "NULL" {
							return false
						}
					}
					return true
				}
				for kindName, kind := range joinKinds {
					want := nestedLoop(kind, l, r, on)
					for _, c := range []joinCase{{workers: 1}, {workers: 3, buildLeft: true}, {workers: 3, limit: 1000}, {workers: 1, limit: 1000, buildLeft: true}} {
						c.kind, c.keys = kind, keys
						if d := cmp.Diff(want, c.run(t, alloc, l, r)); d != "" {
							t.Fatalf("%s, %+v: -want +got:\n%.1500s", kindName, c, d)
						}
					}
				}
			})
		}
	}
}

// TestJoinGivesCodesOfFewRows checks that strings of a small build side come as codes, of a dictionary without repetition, and those of a larger one do not.
func TestJoinGivesCodesOfFewRows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rows  int
		codes bool
	}{{256, true}, {257, false}} {
		alloc := checked(t)
		l, r := newSide(t, alloc, "l", 100, 40, 1), newSide(t, alloc, "r", tt.rows, 40, 2)
		env := &exec.Env{Alloc: alloc, Workers: 1}
		j, err := exec.NewJoin(env, exec.JoinConfig{
			Kind: exec.Inner, Left: l.schema, Right: r.schema, LeftKeys: []expr.Bound{col(l.schema, 0)}, RightKeys: []expr.Bound{col(r.schema, 0)},
			Out: arrow.NewSchema(append(l.schema.Fields(), r.schema.Fields()...), nil),
		})
		if err != nil {
			t.Fatal(err)
		}
		into(t, env, j, exec.NewBatches(r.schema, r.recs...))
		var p printer
		check := exec.SinkFunc(func(ctx context.Context, b *exec.Batch) error {
			d, ok := b.Columns[6].(*array.Dictionary)
			if ok != tt.codes || ok && d.Dictionary().Len() > 40 {
				return fmt.Errorf("strings of %d rows come as %s", tt.rows, b.Columns[6].DataType())
			}
			return p.sink()(ctx, b)
		})
		if err := (exec.Pipeline{Source: exec.NewBatches(l.schema, l.recs...), Steps: []exec.Step{j.Probe()}}).Run(t.Context(), env, check); err != nil {
			t.Fatal(err)
		}
		want := nestedLoop(exec.Inner, l, r, func(a, b []string) bool { return a[0] == b[0] && a[0] != "NULL" })
		if d := cmp.Diff(want, p.sorted()); d != "" {
			t.Errorf("%d rows: -want +got:\n%.1500s", tt.rows, d)
		}
	}
}
