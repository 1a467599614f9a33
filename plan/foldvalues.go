package plan

import "github.com/medallion-go/medallion/expr"

// foldValues makes constant rows of literals computed over constant rows, and of unions of constant rows.
func foldValues(n Node) Node {
	switch n := n.(type) {
	case Project:
		if in, ok := n.Input.(Values); ok {
			return projectedValues(n, in)
		}
	case Union:
		return unitedValues(n)
	}
	return n
}

func projectedValues(p Project, in Values) Node {
	row := make([]expr.BoundLiteral, len(p.Exprs))
	for i, e := range p.Exprs {
		lit, ok := e.(expr.BoundLiteral)
		if !ok {
			return p
		}
		row[i] = lit
	}
	rows := make([][]expr.BoundLiteral, len(in.Rows))
	for i := range rows {
		rows[i] = row
	}
	return Values{Rows: rows, schema: p.schema}
}

func unitedValues(u Union) Node {
	var rows [][]expr.BoundLiteral
	for _, in := range u.Inputs {
		v, ok := in.(Values)
		if !ok {
			return u
		}
		rows = append(rows, v.Rows...)
	}
	return Values{Rows: rows, schema: u.schema}
}
