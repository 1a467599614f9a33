package plan

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewWindow appends one column per function, called names, to in's columns.
func NewWindow(in Node, funcs []expr.BoundWindow, names []string) (Window, error) {
	if err := counted("window functions", len(funcs), len(names)); err != nil {
		return Window{}, err
	}
	for _, f := range funcs {
		if err := windowFits(f, in.Schema()); err != nil {
			return Window{}, err
		}
	}
	fields := appendOuter(make([]arrow.Field, 0, in.Schema().NumFields()+len(funcs)), in.Schema(), false)
	for i, f := range funcs {
		fields = append(fields, column(names[i], f.Typ, f.Null))
	}
	return Window{Input: in, Funcs: funcs, schema: arrow.NewSchema(fields, nil)}, nil
}

func windowFits(f expr.BoundWindow, in *arrow.Schema) error {
	if f.Frame.Unit == expr.FrameDefault {
		return misuse("the frame of %s is not resolved", f.Func)
	}
	if err := allFit(f.Args, in); err != nil {
		return err
	}
	for _, p := range f.PartitionBy {
		if !orderable(p.Type()) {
			return fault("EXPRESSION_TYPE_IS_NOT_ORDERABLE", "42822", positionOf(p), "rows cannot be partitioned by %s, which is %s", p, expr.TypeSQL(p.Type()))
		}
	}
	if err := groupsFit(f.PartitionBy, in); err != nil {
		return err
	}
	return sortsFit(f.OrderBy, in)
}

// Schema has the input's columns, then the functions.
func (w Window) Schema() *arrow.Schema { return w.schema }

// Children is the input.
func (w Window) Children() []Node { return appendInputs(nil, w) }

// windowParts are the expressions that f is computed from.
func windowParts(f expr.BoundWindow) []expr.Bound {
	parts := append(slices.Clone(f.Args), f.PartitionBy...)
	return append(parts, sortArgs(f.OrderBy)...)
}

// NewLatest keeps, of the rows of in with equal keys, the one that is first in the order of by.
func NewLatest(in Node, keys []expr.Bound, by []expr.BoundSort) (Latest, error) {
	if len(keys) == 0 || len(by) == 0 {
		return Latest{}, misuse("the latest rows need a key and an order, got %d keys and %d orders", len(keys), len(by))
	}
	if err := groupsFit(keys, in.Schema()); err != nil {
		return Latest{}, err
	}
	if err := sortsFit(by, in.Schema()); err != nil {
		return Latest{}, err
	}
	return Latest{Input: in, Keys: keys, By: by}, nil
}

// Schema is the input's.
func (l Latest) Schema() *arrow.Schema { return l.Input.Schema() }

// Children is the input.
func (l Latest) Children() []Node { return appendInputs(nil, l) }
