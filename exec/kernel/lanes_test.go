package kernel_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

// FuzzDecimalExpressions holds expressions of several decimal operations, which are computed together, against the same ones with every operation by itself.
func FuzzDecimalExpressions(f *testing.F) {
	for seed := range uint64(80) {
		f.Add(seed)
	}
	sc := schematest.DDL(f, "a DECIMAL(15,2), b DECIMAL(12,2), c DECIMAL(18,0), d DECIMAL(20,4), e DECIMAL(38,6), f DECIMAL(4,4)")
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		text := decimalText(r, 2+r.IntN(3))
		n, err := expr.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		together, err := expr.Bind(n, expr.NewScope(sc))
		if err != nil {
			t.Fatal(err)
		}
		mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
		defer mem.AssertSize(t, 0)
		rows := 1 + r.IntN(3000)
		cols := decimalColumns(mem, r, sc, rows)
		defer func() {
			for _, c := range cols {
				c.Release()
			}
		}()
		sel := randomRows(r, rows)
		got, gotErr := evaluated(t, mem, together, cols, rows, sel)
		want, wantErr := evaluated(t, mem, apart(together), cols, rows, sel)
		if diff := cmp.Diff(got, want); diff != "" || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
			t.Errorf("%s: errors %v and %v; together -, apart +\n%s", text, gotErr, wantErr, diff)
		}
	})
}

// decimalText is an expression of nested operations.
func decimalText(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(6) == 0 {
		leaves := []string{"a", "a", "b", "b", "c", "d", "e", "f", "1", "0.25", "0", "123456789012345678901.5", "-9223372036854775808", "d / 7"}
		return leaves[r.IntN(len(leaves))]
	}
	op := []string{" + ", " - ", " * "}[r.IntN(3)]
	return "(" + decimalText(r, depth-1) + op + decimalText(r, depth-1) + ")"
}

// apart keeps the operations from each other by a CASE around each.
func apart(b expr.Bound) expr.Bound {
	c, ok := b.(expr.BoundCall)
	if !ok {
		return b
	}
	args := make([]expr.Bound, len(c.Args))
	for i, a := range c.Args {
		args[i] = apart(a)
		if _, ok := a.(expr.BoundCall); ok {
			args[i] = expr.BoundCase{Whens: []expr.BoundWhen{{Cond: lit(true, schema.Boolean), Result: args[i]}}, Else: lit(nil, a.Type()), Typ: a.Type()}
		}
	}
	c.Args = args
	return c
}

// decimalColumns are of numbers that are mostly short in some columns and of all lengths in others, so that strides differ.
func decimalColumns(mem memory.Allocator, r *rand.Rand, sc *arrow.Schema, rows int) []arrow.Array {
	cols := make([]arrow.Array, sc.NumFields())
	for k, f := range sc.Fields() {
		t := f.Type.(*arrow.Decimal128Type)
		b := array.NewDecimal128Builder(mem, t)
		digits, nulls, long := 1+r.IntN(int(t.Precision)), r.IntN(3) == 0, r.IntN(2) == 0
		for range rows {
			size := min(digits, 9)
			if long && r.IntN(500) == 0 {
				size = digits
			}
			if nulls && r.IntN(4) == 0 {
				b.AppendNull()
				continue
			}
			b.Append(decimalOf(r, size))
		}
		cols[k] = b.NewArray()
		b.Release()
	}
	return cols
}

func decimalOf(r *rand.Rand, digits int) decimal128.Num {
	text := strings.Repeat("9", digits)
	if r.IntN(3) > 0 {
		text = ""
		for range digits {
			text += fmt.Sprint(r.IntN(10))
		}
	}
	n, err := decimal128.FromString(text, int32(digits), 0)
	if err != nil {
		panic(err)
	}
	if r.IntN(2) == 0 {
		return n.Negate()
	}
	return n
}

// randomRows is nil, or some rows: most, or few.
func randomRows(r *rand.Rand, n int) []int32 {
	in := []int{0, 10, 9, 1}[r.IntN(4)]
	if in == 0 {
		return nil
	}
	sel := make([]int32, 0, n)
	for i := range int32(n) {
		if r.IntN(10) < in {
			sel = append(sel, i)
		}
	}
	return sel
}

func evaluated(t *testing.T, mem memory.Allocator, b expr.Bound, cols []arrow.Array, n int, sel []int32) ([]string, error) {
	t.Helper()
	e, err := kernel.Compile(b)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Eval(&kernel.Env{Alloc: mem, Now: now}, cols, n, sel)
	if err != nil {
		return nil, err
	}
	defer out.Release()
	return text(t, mem, out, sel), nil
}
