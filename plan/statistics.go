package plan

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// Statistics is what an engine knows of relations before it reads them. It decides how a plan runs, never what it yields: it may be wrong by any factor.
// It is asked often and by one goroutine at a time: answers are to be at hand.
type Statistics interface {
	// Rows is about how many rows the relation has; known is false where there is nothing to go by.
	Rows(r Relation) (rows float64, known bool)
	// Column is what is known of the column at position i of the relation's schema. The zero value says nothing.
	Column(r Relation, i int) ColumnStatistics
}

// ExactStatistics know some things for certain, so that queries need not read what they would count.
type ExactStatistics interface {
	Statistics
	// Count is how many rows the scan yields; ok is false where that is not certain.
	Count(n Scan) (rows int64, ok bool)
	// Extremes are the least and the greatest value of output column i, NULL where it has none, and in how many rows it is NULL. nulls is -1 where that is not
	// certain, and ok is false where the values are not.
	Extremes(n Scan, i int) (least, greatest expr.BoundLiteral, nulls int64, ok bool)
}

// ColumnStatistics is what is known of a column's values.
type ColumnStatistics struct {
	// Bounded tells that every value that is neither NULL nor NaN lies between Min and Max, which are what Position gives for values.
	Bounded  bool
	Min, Max float64
	// Nulls is the share of rows in which the column is NULL.
	Nulls float64
	// Distinct is how many values there are besides NULL; 0: unknown.
	Distinct float64
}

// Position is where on a line a literal lies among its type's values: a number's value, a date's days, a timestamp's microseconds, the first bytes of a text.
// It never puts two values in the wrong order, but may put neighbours in one place. Types without an order, and NULL, have none.
func Position(v expr.BoundLiteral) (position float64, ok bool) {
	switch x := v.Value.(type) {
	case int8:
		return float64(x), true
	case int16:
		return float64(x), true
	case int32:
		return float64(x), true
	case int64:
		return float64(x), true
	case float32:
		return float64(x), !math.IsNaN(float64(x))
	case float64:
		return x, !math.IsNaN(x)
	case arrow.Date32:
		return float64(x), true
	case arrow.Timestamp:
		return float64(x), true
	case decimal128.Num:
		return x.ToFloat64(v.Typ.(*arrow.Decimal128Type).Scale), true
	case string:
		return textPosition(x), true
	}
	return 0, false
}

func textPosition(s string) float64 {
	var first [8]byte
	copy(first[:], s)
	return float64(binary.BigEndian.Uint64(first[:]))
}

// spaced is how many values lie between two positions, both counted; 0 where values may lie as close as they like.
func spaced(t arrow.DataType, low, high float64) float64 {
	switch t := t.(type) {
	case *arrow.Decimal128Type:
		return (high-low)*math.Pow10(int(t.Scale)) + 1
	case *arrow.Date32Type:
		return high - low + 1
	}
	if schema.IntegerDigits(t) > 0 {
		return high - low + 1
	}
	return 0
}
