package delta

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

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
			b := make([]skipping.Bounds, len(p.leaves))
			p.fileBounds(&File{Stats: tt.stats}, b)
			if got := p.MayKeep(b); got != tt.keeps {
				t.Errorf("a %s %s over %s keeps = %v, want %v (bounds %+v)", tt.op, tt.value, tt.stats, got, tt.keeps, b)
			}
		})
	}
}

// literalOfAny is literalOf for floats too.
func literalOfAny(v skipping.Scalar, t arrow.DataType) expr.Bound {
	if v.Kind == skipping.KindFloat {
		return expr.BoundLiteral{Value: v.Float, Typ: t}
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
		b := make([]skipping.Bounds, len(p.leaves))
		p.fileBounds(&File{Stats: stats}, b)
		if got := p.MayKeep(b); got != want {
			t.Errorf("a.b > 5 over %s keeps = %v, want %v", stats, got, want)
		}
	}
}
