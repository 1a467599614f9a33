package plan

import "github.com/medallion-go/medallion/expr"

// foldValues makes constant rows of what is computed from constant rows alone, and leaves out the inputs of unions that have no rows.
func foldValues(n Node) (Node, bool) {
	switch n := n.(type) {
	case Project:
		if in, ok := n.Input.(Values); ok {
			return projectedValues(n, in)
		}
	case Union:
		return unitedValues(n), true
	default: // only projections and unions of constants fold
	}
	return n, false
}

func projectedValues(p Project, in Values) (Node, bool) {
	rows := make([][]expr.BoundLiteral, len(in.Rows))
	for i, row := range in.Rows {
		computed, ok := projectedRow(p.Exprs, row)
		if !ok {
			return p, false
		}
		rows[i] = computed
	}
	return Values{Rows: rows, schema: p.schema}, true
}

// projectedRow is false where an expression over the row does not come down to a constant.
func projectedRow(exprs []expr.Bound, row []expr.BoundLiteral) ([]expr.BoundLiteral, bool) {
	out := make([]expr.BoundLiteral, len(exprs))
	for i, e := range exprs {
		value, ok := substitute(e, func(c expr.BoundColumn) expr.Bound { return row[c.Index] })
		if !ok {
			return nil, false
		}
		if out[i], ok = folded(value).(expr.BoundLiteral); !ok {
			return nil, false
		}
	}
	return out, true
}

// unitedValues puts the rows of neighbouring constant inputs together.
func unitedValues(u Union) Node {
	var inputs []Node
	for _, in := range u.Inputs {
		v, constant := in.(Values)
		if constant && len(v.Rows) == 0 {
			continue
		}
		if n := len(inputs); constant && n > 0 {
			if last, ok := inputs[n-1].(Values); ok {
				rows := append(append([][]expr.BoundLiteral(nil), last.Rows...), v.Rows...)
				inputs[n-1] = Values{Rows: rows, schema: u.schema}
				continue
			}
		}
		inputs = append(inputs, in)
	}
	switch len(inputs) {
	case 0:
		return Values{schema: u.schema}
	case 1:
		return onlyInput(inputs[0], u)
	}
	u.Inputs = inputs
	return u
}

// onlyInput is in with the names of the union.
func onlyInput(in Node, u Union) Node {
	if v, ok := in.(Values); ok {
		return Values{Rows: v.Rows, schema: u.schema}
	}
	return Project{Input: in, Exprs: ColumnsOf(in), schema: tightest(u.schema, in.Schema())}
}
