package kernel_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// now is the instant of every test's statement.
var now = time.Date(2024, 2, 29, 13, 14, 15, 678_901_000, time.UTC)

// column is an input: its type and its values as JSON.
type column struct {
	typ  arrow.DataType
	json string
}

// build makes the columns' arrays; dictionary encodes those of type STRING.
func build(t *testing.T, mem memory.Allocator, columns []column, dictionary bool) []arrow.Array {
	t.Helper()
	out := make([]arrow.Array, len(columns))
	for i, c := range columns {
		a, _, err := array.FromJSON(mem, c.typ, strings.NewReader(c.json))
		if err != nil {
			t.Fatalf("column %d: %v", i, err)
		}
		if dictionary && c.typ.ID() == arrow.STRING {
			plain := a
			a = encode(t, mem, plain.(*array.String))
			plain.Release()
		}
		out[i] = a
	}
	return out
}

// encode turns strings into a dictionary with int32 codes and nulls in the codes.
func encode(t *testing.T, mem memory.Allocator, a *array.String) arrow.Array {
	t.Helper()
	b := array.NewDictionaryBuilder(mem, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String})
	defer b.Release()
	for i := range a.Len() {
		if a.IsNull(i) {
			b.AppendNull()
			continue
		}
		if err := b.(*array.BinaryDictionaryBuilder).AppendString(a.Value(i)); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewArray()
}

// evaluate compiles b and gives its value for the rows of sel as text, NULL as NULL.
func evaluate(t *testing.T, b expr.Bound, sel []int32, dictionary bool, columns ...column) ([]string, error) {
	t.Helper()
	mem := memory.NewCheckedAllocator(pool.NewChecked())
	defer mem.AssertSize(t, 0)
	cols := build(t, mem, columns, dictionary)
	defer func() {
		for _, c := range cols {
			c.Release()
		}
	}()
	n := 1
	if len(cols) > 0 {
		n = cols[0].Len()
	}
	e, err := kernel.Compile(b)
	if err != nil {
		return nil, err
	}
	env := &kernel.Env{Alloc: mem, Now: now}
	out, err := e.Eval(env, cols, n, sel)
	if err != nil {
		return nil, err
	}
	defer out.Release()
	if out.Len() != n {
		t.Fatalf("the result has %d rows, want %d", out.Len(), n)
	}
	checkSelect(t, e, env, cols, n, sel, out)
	return text(t, mem, out, sel), nil
}

// checkSelect holds Select against Eval.
func checkSelect(t *testing.T, e *kernel.Expr, env *kernel.Env, cols []arrow.Array, n int, sel []int32, out arrow.Array) {
	t.Helper()
	truth, ok := out.(*array.Boolean)
	if !ok {
		return
	}
	want := []int32{-7}
	for _, i := range rowsOf(n, sel) {
		if truth.IsValid(int(i)) && truth.Value(int(i)) {
			want = append(want, i)
		}
	}
	got, err := e.Select(env, cols, n, sel, []int32{-7})
	if err != nil {
		t.Fatalf("Select: %v", err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("Select differs from Eval (-got +want):\n%s", diff)
	}
	if sel == nil {
		return
	}
	inPlace := slices.Clone(sel)
	if got, err = e.Select(env, cols, n, inPlace, inPlace[:0]); err != nil {
		t.Fatalf("Select in place: %v", err)
	}
	if diff := cmp.Diff(got, want[1:], cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Select in place differs from Eval (-got +want):\n%s", diff)
	}
}

func rowsOf(n int, sel []int32) []int32 {
	if sel != nil {
		return sel
	}
	for i := range int32(n) {
		sel = append(sel, i)
	}
	return sel
}

// text prints rows as CAST(… AS STRING) does, NULL as NULL.
func text(t *testing.T, mem memory.Allocator, a arrow.Array, sel []int32) []string {
	t.Helper()
	if a.DataType().ID() == arrow.NULL {
		return slices.Repeat([]string{"NULL"}, len(rowsOf(a.Len(), sel)))
	}
	flat, err := vector.Flat(mem, a)
	if err != nil {
		t.Fatal(err)
	}
	defer flat.Release()
	printer, err := kernel.Compile(cast(col(0, flat.DataType()), schema.String))
	if err != nil {
		t.Fatal(err)
	}
	printed, err := printer.Eval(&kernel.Env{Alloc: mem}, []arrow.Array{flat}, flat.Len(), sel)
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Release()
	var out []string
	for _, i := range rowsOf(a.Len(), sel) {
		if printed.IsNull(int(i)) {
			out = append(out, "NULL")
			continue
		}
		out = append(out, strings.Clone(printed.(*array.String).Value(int(i))))
	}
	return out
}

// class is an error's class, or "" for none.
func class(err error) string {
	var e *expr.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Class
	default:
		return "not an expr.Error: " + err.Error()
	}
}

func col(i int, t arrow.DataType) expr.Bound {
	return expr.BoundColumn{Index: i, Name: string(rune('a' + i)), Typ: t, Null: true}
}

func lit(v any, t arrow.DataType) expr.Bound { return expr.BoundLiteral{Value: v, Typ: t} }

func call(name string, t arrow.DataType, args ...expr.Bound) expr.Bound {
	return expr.BoundCall{Func: name, Args: args, Typ: t, Null: true}
}

func cast(b expr.Bound, t arrow.DataType) expr.Bound { return expr.BoundCast{Arg: b, Typ: t} }

func tryCast(b expr.Bound, t arrow.DataType) expr.Bound {
	return expr.BoundCast{Arg: b, Typ: t, Try: true}
}

var (
	booleanT = schema.Boolean
	bigint   = schema.BigInt
	double   = schema.Double
	stringT  = schema.String
)

func itoa(v int64) string { return strconv.FormatInt(v, 10) }
