package plan

import "github.com/medallion-go/medallion/expr"

// answerAggregates computes COUNT, MIN and MAX over a whole scan from statistics, where these are exact and tell everything that is asked for.
func answerAggregates(n Node, s Statistics) Node {
	exact, ok := s.(ExactStatistics)
	if !ok {
		return n
	}
	return rewrite(n, func(n Node) (Node, bool) {
		a, ok := n.(Aggregate)
		if !ok || len(a.Groups) > 0 {
			return n, false
		}
		scan, ok := a.Input.(Scan)
		if !ok {
			return n, false
		}
		row, ok := answers(a, scan, exact)
		if !ok {
			return n, false
		}
		return Values{Rows: [][]expr.BoundLiteral{row}, schema: a.schema}, true
	})
}

// answers is the one row of a; ok is false where statistics do not tell all of it.
func answers(a Aggregate, scan Scan, s ExactStatistics) (row []expr.BoundLiteral, ok bool) {
	if len(a.Aggs) == 0 {
		return nil, false
	}
	rows, ok := s.Count(scan)
	if !ok {
		return nil, false
	}
	for _, g := range a.Aggs {
		value, ok := answer(g, scan, rows, s)
		if !ok {
			return nil, false
		}
		row = append(row, value)
	}
	return row, true
}

// answerable tells of an aggregate that statistics may tell.
func answerable(g expr.BoundAggregate) bool {
	return g.Filter == nil && g.User == nil && !g.Distinct && (g.Func == "count" || g.Func == "min" || g.Func == "max")
}

func answer(g expr.BoundAggregate, scan Scan, rows int64, s ExactStatistics) (value expr.BoundLiteral, ok bool) {
	if g.Filter != nil || g.User != nil {
		return value, false
	}
	if g.Func == "count" && !g.Distinct && len(g.Args) == 0 {
		return integer(rows, g.Typ), true
	}
	if len(g.Args) != 1 {
		return value, false
	}
	column, ok := g.Args[0].(expr.BoundColumn)
	if !ok {
		return value, false
	}
	least, greatest, nulls, ok := s.Extremes(scan, column.Index)
	switch g.Func {
	case "count":
		if !column.Null {
			nulls = 0
		}
		return integer(rows-nulls, g.Typ), !g.Distinct && nulls >= 0
	case "min":
		return least, ok
	case "max":
		return greatest, ok
	}
	return value, false
}
