package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// topRows tells windows whose rows are ranked, and of which a filter keeps the first few per partition, that they need not keep the others until the end.
func topRows(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		f, ok := n.(Filter)
		if !ok {
			return n, false
		}
		w, ok := f.Input.(Window)
		if !ok || !ranksAlone(w.Funcs) {
			return n, false
		}
		width := w.Input.Schema().NumFields()
		for i := range w.Funcs {
			for _, c := range expr.Conjuncts(f.Cond) {
				if most, ok := atMost(c, width+i); ok && most > 0 && (w.Top == 0 || most < w.Top) {
					w.Top, w.TopBy = most, i
				}
			}
		}
		f.Input = w
		return f, true
	})
}

// ranksAlone tells whether all functions rank the same partitions in the same order: the numbers of rows do not depend on the rows behind them.
func ranksAlone(funcs []expr.BoundWindow) bool {
	return !slices.ContainsFunc(funcs, func(f expr.BoundWindow) bool {
		ranks := f.Func == "row_number" || f.Func == "rank" || f.Func == "dense_rank"
		return !ranks || !equalExprs(f.PartitionBy, funcs[0].PartitionBy) || !slices.EqualFunc(f.OrderBy, funcs[0].OrderBy, equalSort)
	})
}

// atMost is the greatest value that cond lets column i have, which counts from 1.
func atMost(cond expr.Bound, i int) (most int64, ok bool) {
	c, ok := cond.(expr.BoundCall)
	if !ok || len(c.Args) != 2 {
		return 0, false
	}
	column, value, op := c.Args[0], c.Args[1], c.Func
	if _, swapped := column.(expr.BoundLiteral); swapped {
		column, value = value, column
		op = map[string]string{"=": "=", "<=>": "<=>", ">=": "<=", ">": "<"}[op]
	}
	n, ok := integerValue(value)
	if !ok || !isColumn(column, i) {
		return 0, false
	}
	switch op {
	case "=", "<=>", "<=":
		return n, true
	case "<":
		return n - 1, true
	}
	return 0, false
}
