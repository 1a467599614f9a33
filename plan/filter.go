package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewFilter keeps the rows of in for which cond, a BOOLEAN over in's columns, is TRUE.
func NewFilter(in Node, cond expr.Bound) (Filter, error) {
	if err := predicateFits(cond, in.Schema(), "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"); err != nil {
		return Filter{}, err
	}
	return filtered(in, cond), nil
}

func filtered(in Node, cond expr.Bound) Filter {
	return Filter{Input: in, Cond: cond, schema: proven(in.Schema(), cond)}
}

// Schema is the input's; columns that Cond proves NOT NULL are not nullable.
func (f Filter) Schema() *arrow.Schema { return f.schema }

// Children is the input.
func (f Filter) Children() []Node { return appendInputs(nil, f) }
