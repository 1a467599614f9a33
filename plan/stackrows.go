package plan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// stackRows leaves out the rows of a stack that a filter above it rules out whatever row they are of: grouping sets by their grouping_id, columns of UNPIVOT by
// their names. A stack of one row is a projection.
func stackRows(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		f, ok := n.(Filter)
		if !ok {
			return n, false
		}
		g, ok := f.Input.(Generate)
		if !ok || g.Gen.Func != "stack" || g.Gen.Outer {
			return n, false
		}
		return stackChoice{stack: g, conds: expr.Conjuncts(f.Cond)}.filtered(f)
	})
}

// stackChoice is a stack and conditions over its rows.
type stackChoice struct {
	stack Generate
	conds []expr.Bound
}

func (s stackChoice) filtered(f Filter) (Node, bool) {
	width := len(s.stack.Gen.Columns)
	var args, stay []expr.Bound
	known := make([]bool, len(s.conds)) // that a condition is TRUE for all rows so far
	for i := range known {
		known[i] = true
	}
	for from := 0; from < len(s.stack.Gen.Args); from += width {
		row := s.stack.Gen.Args[from : from+width]
		verdicts, out := s.verdicts(row)
		if out {
			continue
		}
		args = append(args, row...)
		for i, always := range verdicts {
			known[i] = known[i] && always
		}
	}
	for i, c := range s.conds {
		if !known[i] {
			stay = append(stay, c)
		}
	}
	switch {
	case len(args) == len(s.stack.Gen.Args) && len(stay) == len(s.conds), len(args) == 0 && counts(s.stack.Input):
		return f, false
	case len(args) == 0:
		return Values{schema: f.Schema()}, true
	}
	return keep(s.of(args), stay), true
}

// verdicts tells which conditions are TRUE for a row of the stack beside any row of the input, and whether one is never TRUE.
func (s stackChoice) verdicts(row []expr.Bound) (always []bool, out bool) {
	always = make([]bool, len(s.conds))
	for i, c := range s.conds {
		value, ok := substitute(c, func(c expr.BoundColumn) expr.Bound {
			if c.Index < len(s.stack.Keep) {
				return c
			}
			return row[c.Index-len(s.stack.Keep)]
		})
		l, constant := folded(value).(expr.BoundLiteral)
		if !ok || !constant || expr.Volatile(c) {
			continue
		}
		always[i] = l.Value == true
		out = out || !always[i]
	}
	return always, out
}

// of is the stack of some of its rows.
func (s stackChoice) of(args []expr.Bound) Node {
	g, width := s.stack, len(s.stack.Gen.Columns)
	if len(args) == width {
		columns := ColumnsOf(g.Input)
		exprs := make([]expr.Bound, len(g.Keep), len(g.Keep)+width)
		for i, c := range g.Keep {
			exprs[i] = columns[c]
		}
		return project(g.Input, append(exprs, args...), fieldNames(g))
	}
	fields := slices.Clone(g.schema.Fields())
	g.Gen.Args, g.Gen.Columns = args, slices.Clone(g.Gen.Columns)
	for i := range g.Gen.Columns {
		null := false
		for at := i; at < len(args); at += width {
			null = null || args[at].Nullable()
		}
		g.Gen.Columns[i].Nullable = null
		fields[len(g.Keep)+i].Nullable = null
	}
	g.schema = arrow.NewSchema(fields, nil)
	return g
}
