package sql

import (
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// FillDefaults puts values in the place of DEFAULT in the rows of an INSERT … VALUES: value gives that of the column at a position. Where it gives nil the
// table itself has the values; then every row must say DEFAULT there, and the column is left out. kept are the positions of the columns that are left; nil: all.
func (s Insert) FillDefaults(value func(position int) (expr.Node, error)) (filled Insert, kept []int, err error) {
	v, ok := s.Query.root.body.(valuesBody)
	ragged := func(row []expr.Node) bool { return len(row) != len(v.rows[0]) } // which is a fault of its own
	if !ok || slices.ContainsFunc(v.rows, ragged) || !slices.ContainsFunc(v.rows, func(row []expr.Node) bool { return slices.ContainsFunc(row, isDefault) }) {
		return s, nil, nil
	}
	kept = []int{}
	rows := make([][]expr.Node, len(v.rows))
	for i := range v.rows[0] {
		column := make([]expr.Node, len(v.rows))
		for r, row := range v.rows {
			column[r] = row[i]
		}
		left, err := fillColumn(column, i, value)
		if err != nil {
			return s, nil, err
		}
		if left {
			continue
		}
		kept = append(kept, i)
		for r := range rows {
			rows[r] = append(rows[r], column[r])
		}
	}
	if len(kept) == 0 {
		return s, nil, fault("UNSUPPORTED_FEATURE", "0A000", v.Pos, "rows of nothing but values that the table gives are not supported: give one column a value")
	}
	v.rows = rows
	root := s.Query.root
	root.body = v
	s.Query = &Query{root: root}
	return s, kept, nil
}

// fillColumn fills one column in; left tells that the table has its values.
func fillColumn(column []expr.Node, position int, value func(int) (expr.Node, error)) (left bool, err error) {
	asked := slices.IndexFunc(column, isDefault)
	if asked < 0 {
		return false, nil
	}
	given, err := value(position)
	if err != nil {
		return false, err
	}
	if given == nil {
		if i := slices.IndexFunc(column, func(n expr.Node) bool { return !isDefault(n) }); i >= 0 {
			return false, fault("UNSUPPORTED_FEATURE", "0A000", column[asked].Position(), "DEFAULT in some rows and values in others is not supported for a column whose values the table gives")
		}
		return true, nil
	}
	for i, n := range column {
		if isDefault(n) {
			column[i] = given
		}
	}
	return false, nil
}

func isDefault(n expr.Node) bool {
	c, ok := n.(expr.Column)
	return ok && len(c.Path) == 1 && strings.EqualFold(c.Path[0], "DEFAULT")
}
