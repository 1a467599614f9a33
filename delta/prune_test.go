package delta

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
		p := newPruner(e, columns, &Metadata{})
		rows := make([][]value3, 1+random.IntN(3))
		for i := range rows {
			rows[i] = make([]value3, 2)
			for c := range rows[i] {
				if random.IntN(4) > 0 {
					rows[i][c] = &pool[random.IntN(len(pool))]
				}
			}
		}
		b := make([]bounds, len(p.leaves))
		for i, l := range p.leaves {
			b[i] = modelBounds(rows, l.column)
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

func modelBounds(rows [][]value3, column int) bounds {
	var b bounds
	for _, r := range rows {
		switch v := r[column]; {
		case v == nil:
			b.mayNull = true
		case math.IsNaN(*v):
			b.mayNaN = true
		default:
			s := floatScalar(*v)
			if !b.mayNonNaN || s.compare(b.min) < 0 {
				b.min = s
			}
			if !b.mayNonNaN || s.compare(b.max) > 0 {
				b.max = s
			}
			b.mayNonNaN = true
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
	switch f := []string{"=", "<=>", "<", "<=", ">", ">=", "isnull", "isnotnull", "in"}[r.IntN(9)]; f {
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
	between := func(lo, hi string) []bounds {
		return []bounds{{min: textScalar(lo), max: textScalar(hi), mayNonNaN: true}}
	}
	tests := []struct {
		predicate expr.Bound
		piece     []bounds
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
		if got := newPruner(tt.predicate, []arrow.Field{{Name: "a", Type: schema.String}}, &Metadata{}).mayKeep(tt.piece); got != tt.keeps {
			t.Errorf("%v over %v keeps = %v, want %v", tt.predicate, tt.piece, got, tt.keeps)
		}
	}
}

// TestStatisticsOfOthers reads statistics as other writers are known to write them.
func TestStatisticsOfOthers(t *testing.T) {
	t.Parallel()
	decimal := schema.DecimalOf(38, 3)
	literal := func(text string, typ arrow.DataType) expr.Bound {
		v, ok := parseScalar(text, typ)
		if !ok {
			t.Fatalf("%s is no %s", text, typ)
		}
		return literalOfAny(v, typ)
	}
	tests := []struct {
		name  string
		stats string
		typ   arrow.DataType
		op    string
		value string
		keeps bool
	}{
		{"timestamps are cut to milliseconds", `{"maxValues":{"a":"2020-01-01T00:00:00.123Z"}}`, schema.Timestamp, ">=", "2020-01-01T00:00:00.123999Z", true},
		{"but no further", `{"maxValues":{"a":"2020-01-01T00:00:00.123Z"}}`, schema.Timestamp, ">=", "2020-01-01T00:00:00.124Z", false},
		{"zone offsets are cut to minutes", `{"maxValues":{"a":"1850-01-01T00:00:00.000-07:52"}}`, schema.Timestamp, ">=", "1850-01-01T07:52:30Z", true},
		{"timestamps without zone", `{"minValues":{"a":"2020-01-01T00:00:00"}}`, schema.TimestampNTZType, "<", "2019-12-31T23:59:59.999", false},
		{"timestamps are rounded to milliseconds", `{"minValues":{"a":"2020-01-01T00:00:00.014Z"}}`, schema.Timestamp, "<=", "2020-01-01T00:00:00.013902Z", true},
		{"NaN is not in the maximum", `{"maxValues":{"a":1.0}}`, schema.Double, ">", "5", true},
		{"NaN equals no number", `{"maxValues":{"a":1.0}}`, schema.Double, "=", "5", false},
		{"NaN as text", `{"minValues":{"a":1.0},"maxValues":{"a":"NaN"}}`, schema.Double, "=", "5", true},
		{"infinity as text", `{"minValues":{"a":1.0},"maxValues":{"a":"Infinity"}}`, schema.Double, "=", "5", true},
		{"infinity as null", `{"minValues":{"a":null},"maxValues":{"a":null}}`, schema.Double, "=", "5", true},
		{"negative zero", `{"minValues":{"a":0.0},"maxValues":{"a":1.0}}`, schema.Double, "=", "-0.0", true},
		{"decimals with an exponent", `{"minValues":{"a":-1E-2},"maxValues":{"a":1E-2}}`, decimal, "=", "0.011", true},
		{"decimals as exact numbers", `{"maxValues":{"a":12345678901234567890123456789012345.678}}`, decimal, ">", "12345678901234567890123456789012345.678", false},
		{"decimals through a double", `{"maxValues":{"a":1.2345678901234567e+34}}`, decimal, ">", "12345678901234567000000000000000001.000", true},
		{"integers beyond 2^53", `{"minValues":{"a":9007199254740993},"maxValues":{"a":9007199254740993}}`, schema.BigInt, "=", "9007199254740992", false},
		{"statistics of a narrower type", `{"minValues":{"a":1},"maxValues":{"a":2}}`, schema.Double, "=", "3", false},
		{"statistics of a FLOAT that became a DOUBLE", `{"maxValues":{"a":0.1}}`, schema.Double, "=", "0.10000000149011612", true},
		{"statistics of another type", `{"minValues":{"a":"x"},"maxValues":{"a":"y"}}`, schema.BigInt, "=", "3", true},
		{"text as it is", `{"minValues":{"a":"b"},"maxValues":{"a":"c"}}`, schema.String, "=", "a", false},
		{"binary has none", `{"minValues":{"a":"b"},"maxValues":{"a":"c"}}`, schema.Binary, "=", "a", true},
		{"only NULL", `{"numRecords":3,"nullCount":{"a":3}}`, schema.BigInt, "=", "3", false},
		{"null count with a deletion vector", `{"numRecords":3,"nullCount":{"a":2},"tightBounds":false}`, schema.BigInt, "=", "3", true},
		{"malformed", `{"numRecords":3,"minValues":{"a":5`, schema.BigInt, "=", "3", true},
		{"no object", `[]`, schema.BigInt, "=", "3", true},
		{"empty", ``, schema.BigInt, "=", "3", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPruner(expr.BoundCall{Func: tt.op, Typ: schema.Boolean, Args: []expr.Bound{
				expr.BoundColumn{Name: "a", Typ: tt.typ, Null: true}, literal(tt.value, tt.typ),
			}}, []arrow.Field{{Name: "a", Type: tt.typ}}, &Metadata{})
			b := make([]bounds, len(p.leaves))
			p.fileBounds(&File{Stats: tt.stats}, b)
			if got := p.mayKeep(b); got != tt.keeps {
				t.Errorf("a %s %s over %s keeps = %v, want %v (bounds %+v)", tt.op, tt.value, tt.stats, got, tt.keeps, b)
			}
		})
	}
}

// literalOfAny is literalOf for floats too.
func literalOfAny(v scalar, t arrow.DataType) expr.Bound {
	if v.kind == scalarFloat {
		return expr.BoundLiteral{Value: v.float, Typ: t}
	}
	return literalOf(v, t)
}

func TestNestedStatistics(t *testing.T) {
	t.Parallel()
	inner := arrow.StructOf(arrow.Field{Name: "b", Type: schema.BigInt, Nullable: true})
	field := expr.BoundField{Arg: expr.BoundColumn{Name: "a", Typ: inner}, Name: "b", Typ: schema.BigInt, Null: true}
	p := newPruner(expr.BoundCall{Func: ">", Typ: schema.Boolean, Args: []expr.Bound{field, expr.BoundLiteral{Value: int64(5), Typ: schema.BigInt}}}, []arrow.Field{{Name: "a", Type: inner}}, &Metadata{})
	for stats, want := range map[string]bool{
		`{"maxValues":{"a":{"b":4,"c":9}}}`: false,
		`{"maxValues":{"a":{"b":6}}}`:       true,
		`{"maxValues":{"a":{"c":1}}}`:       true,
		`{"maxValues":{"b":1}}`:             true,
	} {
		b := make([]bounds, len(p.leaves))
		p.fileBounds(&File{Stats: stats}, b)
		if got := p.mayKeep(b); got != want {
			t.Errorf("a.b > 5 over %s keeps = %v, want %v", stats, got, want)
		}
	}
}
