package plan

import (
	"math"
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// What is taken for granted where statistics say nothing. Only the order of magnitude matters: estimates compare plans with each other.
const (
	unknownRows    = 1e6  // of a relation
	unknownEqual   = 0.1  // the share of rows that equal a constant
	unknownRange   = 0.3  // the share of rows below or above a constant
	unknownPattern = 0.1  // the share of rows that match a pattern
	unknownShare   = 0.25 // the share of rows that satisfy any other condition

	unknownElements = 4 // of an array
)

// estimate is what is guessed of the rows that a node yields. Three assumptions carry it:
//   - Values are spread evenly over their range, and conditions are independent of each other.
//   - A column keeps its values when rows are filtered by other columns: distinct counts the values that the column draws from, of which few rows hold few.
//   - Of two columns that are joined the one with fewer values is the key, and the other refers to it: each of its values within the key's range is there.
type estimate struct {
	rows    float64
	source  float64 // rows before anything was filtered out: what joins on several keys have at most, as combinations
	columns []columnEstimate
}

// columnEstimate is what is guessed of a column.
type columnEstimate struct {
	distinct float64 // 0: unknown
	bounded  bool
	min, max float64
	nulls    float64 // share of the rows
}

// estimator guesses what nodes yield.
type estimator struct{ statistics Statistics }

// EstimateRows guesses how many rows n yields, by what is known of its relations.
func EstimateRows(n Node, s Statistics) float64 { return estimator{s}.node(n).rows }

// KeyCoverage guesses the share of n's rows whose key is one of so many values.
func KeyCoverage(n Node, key expr.Bound, values float64, s Statistics) float64 {
	e := estimator{s}.node(n)
	if d := e.of(key).distinct; d > 0 {
		return min(values/d, 1)
	}
	return min(values/max(e.rows, 1), 1)
}

// node estimates n from the scans up.
func (e estimator) node(n Node) estimate {
	var room [2]Node
	var estimates [2]estimate
	inputs := estimates[:0]
	for _, in := range appendInputs(room[:0], n) {
		inputs = append(inputs, e.node(in))
	}
	return e.over(n, inputs)
}

// over estimates n, whose inputs have been estimated.
func (e estimator) over(n Node, inputs []estimate) estimate {
	switch n := n.(type) {
	case Scan:
		return e.scan(n)
	case Values:
		return unknownColumns(n, float64(len(n.Rows)))
	case Project:
		return projectedEstimate(n.Exprs, inputs[0])
	case Filter:
		return inputs[0].where(n.Cond)
	case Aggregate:
		return aggregatedEstimate(n, inputs[0])
	case Join:
		return joinedEstimate(n, inputs[0], inputs[1])
	case Window:
		return inputs[0].widened(n.Schema().NumFields())
	case Latest:
		return latestEstimate(n, inputs[0])
	case Check:
		return inputs[0] // rules are expected to hold
	case Order:
		return limitedEstimate(n, inputs[0])
	case Union:
		return unitedEstimate(n, inputs)
	case Generate:
		return generatedEstimate(n, inputs[0])
	case Map:
		return unknownColumns(n, inputs[0].rows)
	}
	return unknownColumns(n, unknownRows)
}

// unknownColumns is an estimate of nothing but the rows.
func unknownColumns(n Node, rows float64) estimate {
	return estimate{rows: rows, source: rows, columns: make([]columnEstimate, n.Schema().NumFields())}
}

func (e estimator) scan(n Scan) estimate {
	if v, ok := n.Relation.(*View); ok {
		return e.view(v, n)
	}
	rows, known := e.statistics.Rows(n.Relation)
	if !known {
		rows = unknownRows
	}
	out := unknownColumns(n, max(rows, 1))
	for i := range out.columns {
		c := e.statistics.Column(n.Relation, n.Position(i))
		estimated := columnEstimate{c.Distinct, c.Bounded, c.Min, c.Max, c.Nulls}
		if c.Bounded && c.Distinct == 0 {
			estimated.distinct = min(spaced(n.schema.Field(i).Type, c.Min, c.Max), out.rows)
		}
		out.columns[i] = estimated
	}
	return out.where(n.Filter)
}

func (e estimator) view(v *View, n Scan) estimate {
	whole := e.node(v.Query)
	out := estimate{rows: whole.rows, source: whole.source, columns: make([]columnEstimate, n.schema.NumFields())}
	for i := range out.columns {
		out.columns[i] = whole.columns[n.Position(i)]
	}
	return out.where(n.Filter)
}

func projectedEstimate(exprs []expr.Bound, in estimate) estimate {
	out := estimate{rows: in.rows, source: in.source, columns: make([]columnEstimate, len(exprs))}
	for i, b := range exprs {
		out.columns[i] = in.of(b)
	}
	return out
}

// of is what is known of an expression's values: those of a column, as it is or merely converted to a wider type.
func (e estimate) of(b expr.Bound) columnEstimate {
	switch b := b.(type) {
	case expr.BoundColumn:
		return e.columns[b.Index]
	case expr.BoundCast:
		if b.Arg.Type().ID() == b.Typ.ID() || schema.IntegerDigits(b.Arg.Type()) > 0 && (schema.IntegerDigits(b.Typ) > 0 || isFloating(b.Typ)) {
			return e.of(b.Arg)
		}
	case expr.BoundLiteral:
		if p, ok := Position(b); ok {
			return columnEstimate{distinct: 1, bounded: true, min: p, max: p}
		}
		return columnEstimate{distinct: 1}
	case expr.BoundCall, expr.BoundCase, expr.BoundField, expr.BoundLambda, expr.BoundVar:
	}
	return columnEstimate{}
}

// present is how many of the column's values the rows can hold.
func (c columnEstimate) present(rows float64) float64 {
	if c.distinct == 0 {
		return math.Sqrt(rows)
	}
	return min(c.distinct, rows)
}

// groups is how many different keys the rows have.
func (e estimate) groups(keys []expr.Bound) float64 {
	n := 1.0
	for _, k := range keys {
		n *= max(e.of(k).present(e.rows), 1)
	}
	return min(n, max(e.rows, 1))
}

func aggregatedEstimate(n Aggregate, in estimate) estimate {
	out := unknownColumns(n, in.groups(n.Groups))
	for i, g := range n.Groups {
		out.columns[i] = in.of(g)
	}
	return out
}

// latestEstimate takes keys of which nothing is known for unique: few rows are expected to come again.
func latestEstimate(n Latest, in estimate) estimate {
	unknown := func(k expr.Bound) bool { return in.of(k).distinct == 0 }
	if !slices.ContainsFunc(n.Keys, unknown) {
		in.rows = in.groups(n.Keys)
	}
	return in
}

func generatedEstimate(n Generate, in estimate) estimate {
	out := unknownColumns(n, in.rows*unknownElements)
	for i, c := range n.Keep {
		out.columns[i] = in.columns[c]
	}
	return out
}

func limitedEstimate(n Order, in estimate) estimate {
	in.rows = max(in.rows-float64(n.Offset), 0)
	if n.Limit >= 0 {
		in.rows = min(in.rows, float64(n.Limit))
	}
	return in
}

func unitedEstimate(n Union, inputs []estimate) estimate {
	out := unknownColumns(n, 0)
	for _, in := range inputs {
		out.rows += in.rows
		out.source += in.source
	}
	return out
}

// widened adds columns of which nothing is known.
func (e estimate) widened(columns int) estimate {
	e.columns = append(slices.Clone(e.columns), make([]columnEstimate, columns-len(e.columns))...)
	return e
}
