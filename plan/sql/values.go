package sql

import (
	"strconv"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// values resolves VALUES; its columns are col1, col2, ….
func (r *resolver) values(v valuesBody) (scope, error) {
	width := len(v.rows[0])
	names := make([]string, width)
	for i := range names {
		names[i] = "col" + strconv.Itoa(i+1)
	}
	inputs := make([]plan.Node, len(v.rows))
	for i, row := range v.rows {
		if len(row) != width {
			return scope{}, fault("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "42000", row[0].Position(), "row %d of VALUES has %d columns, the first has %d",
				i+1, len(row), width)
		}
		exprs := make([]expr.Bound, width)
		for k, n := range row {
			cell, err := oneRow().bind(n)
			if err != nil {
				return scope{}, err
			}
			exprs[k] = cell
		}
		p, err := plan.NewProject(oneRow().node, exprs, names)
		if err != nil {
			return scope{}, at(err, v.Pos)
		}
		inputs[i] = p
	}
	node, err := united(inputs, v.Pos)
	if err != nil {
		return scope{}, err
	}
	return named(node, "", nil), nil
}

// oneRow is what a query without FROM reads.
func oneRow() scope { return scope{node: plan.OneRow()} }
