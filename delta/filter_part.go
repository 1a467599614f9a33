package delta

import (
	"slices"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
)

// filterPart is a part of a filter that can be evaluated by itself: a row passes the filter if it passes all parts.
type filterPart struct {
	columns []int // that it reads
	filter  *kernel.Expr
}

// filterParts takes a filter apart at its ANDs: what reads a single column that nothing else reads comes first, a part a column, then the rest as one. The filter
// is one part where some of it may fail, as it may do so only for rows that have passed what stands in front of it.
func filterParts(filter expr.Bound) ([]filterPart, error) {
	all := expr.Conjuncts(filter)
	shared := map[int]bool{} // columns that are read beside others
	for _, e := range all {
		if columns := expr.Columns(e); len(columns) != 1 {
			for _, c := range columns {
				shared[c] = true
			}
		}
	}
	var order []int
	single := map[int][]expr.Bound{}
	var rest []expr.Bound
	for _, e := range all {
		columns := expr.Columns(e)
		if len(columns) != 1 || shared[columns[0]] {
			rest = append(rest, e)
			continue
		}
		if single[columns[0]] == nil {
			order = append(order, columns[0])
		}
		single[columns[0]] = append(single[columns[0]], e)
	}
	groups := make([][]expr.Bound, 0, len(order)+1)
	for _, c := range order {
		groups = append(groups, single[c])
	}
	if len(rest) > 0 {
		groups = append(groups, rest)
	}
	parts := make([]filterPart, len(groups))
	for i, g := range groups {
		p, err := newFilterPart(expr.And(g...))
		if err != nil {
			return nil, err
		}
		parts[i] = p
	}
	if len(parts) == 0 || slices.ContainsFunc(parts, func(p filterPart) bool { return p.filter.MayFail() }) || expr.Volatile(filter) {
		whole, err := newFilterPart(filter)
		return []filterPart{whole}, err
	}
	return parts, nil
}

func newFilterPart(e expr.Bound) (filterPart, error) {
	compiled, err := kernel.Compile(e)
	return filterPart{columns: expr.Columns(e), filter: compiled}, err
}
