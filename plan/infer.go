package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// inferred are the conditions on the other side's keys that follow from conds on this side's: rows that pass both and are equal in their keys pass the
// one exactly when they pass the other. Only what cannot fail is inferred, and only from columns that are keys as they are.
func inferred(conds []expr.Bound, from, to []expr.Bound) []expr.Bound {
	partner := map[int]expr.Bound{}
	for i, k := range from {
		if c, ok := k.(expr.BoundColumn); ok && cheap(to[i]) && identifies(c.Typ) {
			partner[c.Index] = to[i]
		}
	}
	onKeys := func(columns []int) bool {
		for _, c := range columns {
			if partner[c] == nil {
				return false
			}
		}
		return len(columns) > 0
	}
	return sift(conds, passage{onKeys, func(c expr.BoundColumn) expr.Bound { return partner[c.Index] }, false}).down
}

// identifies tells whether equal values of t are the same in every respect: 0.0 and -0.0 are not.
func identifies(t arrow.DataType) bool {
	_, nested := t.(arrow.NestedType)
	return !nested && !isFloating(t)
}

// missingFrom are the conditions of list that conds do not hold already.
func missingFrom(conds, list []expr.Bound) []expr.Bound {
	var missing []expr.Bound
	for _, b := range list {
		known := false
		for _, c := range conds {
			known = known || expr.Equal(b, c)
		}
		if !known {
			missing = append(missing, b)
		}
	}
	return missing
}
