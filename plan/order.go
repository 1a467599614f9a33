package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewOrder sorts in by keys (none: its order as it comes), skips offset rows and keeps limit rows; -1 keeps all.
func NewOrder(in Node, keys []expr.BoundSort, limit, offset int64) (Order, error) {
	if limit < -1 || offset < 0 {
		return Order{}, fault("INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "42K0E", expr.Pos{}, "LIMIT %d OFFSET %d must not be negative", limit, offset)
	}
	if err := sortsFit(keys, in.Schema()); err != nil {
		return Order{}, err
	}
	return Order{Input: in, Keys: keys, Limit: limit, Offset: offset}, nil
}

// Schema is the input's.
func (o Order) Schema() *arrow.Schema { return o.Input.Schema() }

// Children is the input.
func (o Order) Children() []Node { return appendInputs(nil, o) }

func sortArgs(keys []expr.BoundSort) []expr.Bound {
	args := make([]expr.Bound, len(keys))
	for i, k := range keys {
		args[i] = k.Arg
	}
	return args
}
