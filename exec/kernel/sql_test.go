package kernel_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

func TestNamesAreTheCatalogue(t *testing.T) {
	t.Parallel()
	var want []string
	for _, f := range expr.Functions() {
		if f.Kind == expr.ScalarFunction && !f.Rewritten {
			want = append(want, f.Name)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(kernel.Names(), want); diff != "" {
		t.Errorf("kernels beside the catalogue (-kernels +catalogue):\n%s", diff)
	}
}

// sqlCase is an expression without columns and what CAST(… AS STRING) of its value gives, or ! and the class of its error.
type sqlCase struct{ sql, want string }

// runSQL evaluates every case three times: folded at Compile; with its literals as columns, of which the row between is NULL and not selected; and
// with those columns of type STRING as dictionaries.
func runSQL(t *testing.T, tests []sqlCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.sql, func(t *testing.T) {
			t.Parallel()
			b, err := bindSQL(t, tt.sql)
			if err != nil {
				if got := "!" + class(err); got != tt.want {
					t.Fatalf("Bind: %v, want %s", err, tt.want)
				}
				return
			}
			if got := folded(t, b); got != tt.want {
				t.Errorf("folded: %s, want %s", got, tt.want)
			}
			for _, dictionary := range []bool{false, true} {
				if got, ok := overColumns(t, b, dictionary); ok && got != tt.want {
					t.Errorf("over columns, dictionaries %t: %s, want %s", dictionary, got, tt.want)
				}
			}
		})
	}
}

var wholeCast = regexp.MustCompile(`(?i)^(try_)?cast\((.*) as ([a-z0-9_(),<>: ]+)\)$`)

// bindSQL binds text; a cast around everything is left as it is, where Bind would convert a constant by itself.
func bindSQL(t *testing.T, text string) (expr.Bound, error) {
	t.Helper()
	m := wholeCast.FindStringSubmatch(text)
	if m != nil && (!balanced(m[2]) || !balanced(m[3])) {
		m = nil
	}
	if m != nil {
		text = m[2]
	}
	n, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	b, err := expr.Bind(n, expr.Scope{})
	if err != nil || m == nil {
		return b, err
	}
	typ, err := schema.ParseType(m[3])
	if err != nil {
		t.Fatal(err)
	}
	return expr.BoundCast{Arg: b, Typ: typ, Try: m[1] != ""}, nil
}

// balanced tells that every parenthesis of s is closed in s.
func balanced(s string) bool {
	open := 0
	for _, c := range s {
		switch c {
		case '(':
			open++
		case ')':
			open--
		}
		if open < 0 {
			return false
		}
	}
	return open == 0
}

func folded(t *testing.T, b expr.Bound) string {
	t.Helper()
	got, err := evaluate(t, b, nil, false)
	if err != nil {
		return "!" + class(err)
	}
	return got[0]
}

// overColumns is the value with every literal read from a column; ok is false for functions that want a constant.
func overColumns(t *testing.T, b expr.Bound, dictionary bool) (value string, ok bool) {
	t.Helper()
	mem := memory.NewCheckedAllocator(pool.NewChecked())
	defer mem.AssertSize(t, 0)
	var cols []arrow.Array
	defer func() {
		for _, c := range cols {
			c.Release()
		}
	}()
	b = expr.Rewrite(b, func(b expr.Bound) expr.Bound {
		l, isLiteral := b.(expr.BoundLiteral)
		if !isLiteral || l.Typ.ID() == arrow.NULL {
			return b
		}
		cols = append(cols, repeated(t, mem, l, dictionary))
		return expr.BoundColumn{Index: len(cols) - 1, Name: "c", Typ: l.Typ, Null: true}
	})
	e, err := kernel.Compile(b)
	if err != nil {
		if !strings.Contains(err.Error(), "constant") {
			t.Fatalf("Compile over columns: %v", err)
		}
		return "", false
	}
	sel := []int32{0, 2}
	out, err := e.Eval(&kernel.Env{Alloc: mem, Now: now}, cols, 3, sel)
	if err != nil {
		return "!" + class(err), true
	}
	defer out.Release()
	checkSelect(t, e, &kernel.Env{Alloc: mem, Now: now}, cols, 3, sel, out)
	values := text(t, mem, out, sel)
	if values[0] != values[1] {
		t.Errorf("equal rows give %s and %s", values[0], values[1])
	}
	return values[0], true
}

// repeated is the literal, NULL and the literal again, cut out of a longer array.
func repeated(t *testing.T, mem memory.Allocator, l expr.BoundLiteral, dictionary bool) arrow.Array {
	t.Helper()
	e, err := kernel.Compile(l)
	if err != nil {
		t.Fatal(err)
	}
	one, err := e.Eval(&kernel.Env{Alloc: mem}, nil, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Release()
	if !dictionary {
		flat, err := vector.Flat(mem, one)
		if err != nil {
			t.Fatal(err)
		}
		defer flat.Release()
		one = flat
	}
	rows, err := vector.Take(mem, one, []int32{-1, 0, -1, 0, -1})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Release()
	return array.NewSlice(rows, 1, 4)
}
