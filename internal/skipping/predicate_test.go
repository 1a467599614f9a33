package skipping

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// value3 is a row's value in the model: nil, or a float64 that may be NaN.
type value3 *float64

// outcome is the verdict of one row, by the rules of SQL.
func outcome(e expr.Bound, row []value3) verdict {
	call, ok := e.(expr.BoundCall)
	if !ok {
		panic(fmt.Sprintf("%T", e))
	}
	switch call.Func {
	case "and", "or", "not":
		a := outcome(call.Args[0], row)
		if call.Func == "not" {
			return negated(a)
		}
		b := outcome(call.Args[1], row)
		stop := mayFalse
		if call.Func == "or" {
			stop = mayTrue
		}
		switch {
		case a == stop || b == stop:
			return stop
		case a == mayNull || b == mayNull:
			return mayNull
		default:
			return a
		}
	}
	values := make([]value3, len(call.Args))
	for i, a := range call.Args {
		switch a := a.(type) {
		case expr.BoundColumn:
			values[i] = row[a.Index]
		case expr.BoundLiteral:
			if f, ok := a.Value.(float64); ok {
				values[i] = &f
			}
		}
	}
	truth := func(b bool) verdict {
		if b {
			return mayTrue
		}
		return mayFalse
	}
	switch call.Func {
	case "isnull":
		return truth(values[0] == nil)
	case "isnotnull":
		return truth(values[0] != nil)
	case "<=>":
		if values[0] == nil || values[1] == nil {
			return truth(values[0] == nil && values[1] == nil)
		}
	case "in":
		result := mayFalse
		for _, v := range values[1:] {
			switch {
			case values[0] == nil || v == nil:
				result = mayNull
			case compareFloats(*values[0], *v) == 0:
				return mayTrue
			}
		}
		return result
	}
	if values[0] == nil || values[1] == nil {
		return mayNull
	}
	c := compareFloats(*values[0], *values[1])
	o := map[int]orders{-1: less, 0: equal, 1: greater}[c]
	return truth(o&comparisons[call.Func] != 0)
}

// TestVerdictIsSound compares random predicates over random pieces with the outcome of each of their rows: the verdict misses none.
func TestVerdictIsSound(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	pool := []float64{-2, -1, math.Copysign(0, -1), 0, 1, 2, math.Inf(1), math.Inf(-1), math.NaN()}
	columns := []arrow.Field{{Name: "a", Type: schema.Double}, {Name: "b", Type: schema.Double}}
	prunedPieces := 0
	for range 20_000 {
		e := randomPredicate(random, pool, 3)
		p := New(e, columns)
		rows := make([][]value3, 1+random.IntN(3))
		for i := range rows {
			rows[i] = make([]value3, 2)
			for c := range rows[i] {
				if random.IntN(4) > 0 {
					rows[i][c] = &pool[random.IntN(len(pool))]
				}
			}
		}
		b := make([]Bounds, len(p.leaves))
		for i, l := range p.leaves {
			b[i] = modelBounds(rows, l.Column)
		}
		got := p.root.verdict(b)
		if got&mayTrue == 0 {
			prunedPieces++
		}
		for _, row := range rows {
			if want := outcome(e, row); got&want == 0 {
				t.Fatalf("%v: verdict %03b over bounds %+v misses outcome %03b", e, got, b, want)
			}
		}
	}
	if prunedPieces < 1000 {
		t.Errorf("only %d pieces were pruned: the test shows little", prunedPieces)
	}
}

func modelBounds(rows [][]value3, column int) Bounds {
	var b Bounds
	for _, r := range rows {
		switch v := r[column]; {
		case v == nil:
			b.MayNull = true
		case math.IsNaN(*v):
			b.MayNaN = true
		default:
			s := Float(*v)
			if !b.MayNonNaN || s.Compare(b.Min) < 0 {
				b.Min = s
			}
			if !b.MayNonNaN || s.Compare(b.Max) > 0 {
				b.Max = s
			}
			b.MayNonNaN = true
		}
	}
	return b
}

func randomPredicate(r *rand.Rand, pool []float64, depth int) expr.Bound {
	boolean := func(f string, args ...expr.Bound) expr.Bound {
		return expr.BoundCall{Func: f, Args: args, Typ: schema.Boolean, Null: true}
	}
	if depth > 0 && r.IntN(2) == 0 {
		switch a := randomPredicate(r, pool, depth-1); r.IntN(3) {
		case 0:
			return boolean("not", a)
		case 1:
			return boolean("and", a, randomPredicate(r, pool, depth-1))
		default:
			return boolean("or", a, randomPredicate(r, pool, depth-1))
		}
	}
	column := func() expr.Bound {
		i := r.IntN(2)
		return expr.BoundColumn{Index: i, Name: []string{"a", "b"}[i], Typ: schema.Double, Null: true}
	}
	operand := func() expr.Bound {
		switch r.IntN(8) {
		case 0:
			return expr.BoundLiteral{Typ: schema.Double}
		case 1:
			return column()
		default:
			return expr.BoundLiteral{Value: pool[r.IntN(len(pool))], Typ: schema.Double}
		}
	}
	switch f := []string{"=", "<=>", "<>", "<", "<=", ">", ">=", "isnull", "isnotnull", "in"}[r.IntN(10)]; f {
	case "isnull", "isnotnull":
		return boolean(f, column())
	case "in":
		return boolean(f, column(), operand(), operand())
	default:
		if r.IntN(2) == 0 {
			return boolean(f, operand(), column())
		}
		return boolean(f, column(), operand())
	}
}

func TestPrefixPredicates(t *testing.T) {
	t.Parallel()
	like := func(f, pattern string) expr.Bound {
		return expr.BoundCall{Func: f, Typ: schema.Boolean, Args: []expr.Bound{
			expr.BoundColumn{Name: "a", Typ: schema.String}, expr.BoundLiteral{Value: pattern, Typ: schema.String},
		}}
	}
	between := func(lo, hi string) []Bounds {
		return []Bounds{{Min: Text(lo), Max: Text(hi), MayNonNaN: true}}
	}
	tests := []struct {
		predicate expr.Bound
		piece     []Bounds
		keeps     bool
	}{
		{like("like", "abc%"), between("abd", "z"), false},
		{like("like", "abc%"), between("a", "abb"), false},
		{like("like", "abc%"), between("abc\U0010FFFF", "b"), true},
		{like("like", "a_c"), between("b", "c"), false},
		{like("like", "%c"), between("a", "b"), true},
		{like("like", `a\%c`), between("a%c", "a%c"), true},
		{like("startswith", "ab"), between("ac", "b"), false},
		{like("startswith", "ab"), between("aa", "ac"), true},
		{like("startswith", "a%"), between("ab", "ac"), false},
	}
	for _, tt := range tests {
		if got := New(tt.predicate, []arrow.Field{{Name: "a", Type: schema.String}}).MayKeep(tt.piece); got != tt.keeps {
			t.Errorf("%v over %v keeps = %v, want %v", tt.predicate, tt.piece, got, tt.keeps)
		}
	}
}
