package expr

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// BindWindow resolves a window function or an aggregate over a window. The window must be spelled out: a Name is for the query to replace. FILTER becomes
// a CASE around the argument.
func BindWindow(n Over, s Scope) (BoundWindow, error) {
	f, err := lookup(n.Call)
	if err != nil {
		return BoundWindow{}, err
	}
	if err := checkOver(n, f); err != nil {
		return BoundWindow{}, err
	}
	b := binder{scope: s, aggregate: f.Name}
	w := BoundWindow{Pos: n.Pos, Func: windowName(f.Name), User: n.Call.User}
	if w.PartitionBy, err = b.bindAll(n.Window.PartitionBy); err != nil {
		return w, err
	}
	if w.OrderBy, err = b.bindSorts(n.Window.OrderBy); err != nil {
		return w, err
	}
	c, err := b.bindAggregate(n.Call, f)
	if err != nil {
		return w, err
	}
	if w.Typ, err = f.aggregate(c); err != nil {
		return w, err
	}
	w.Func, w.Args, w.Null = windowName(c.name), c.args, c.null
	if n.Call.Filter != nil {
		if w.Args, err = b.filterArgs(n.Call, f, c.args); err != nil {
			return w, err
		}
	}
	w.Frame, err = b.bindFrame(n, w.OrderBy)
	return w, err
}

// BindSorts resolves the keys of an ORDER BY; each must be of a type that can be ordered.
func BindSorts(sorts []Sort, s Scope) ([]BoundSort, error) {
	b := binder{scope: s}
	return b.bindSorts(sorts)
}

func (b *binder) bindSorts(sorts []Sort) ([]BoundSort, error) {
	var bound []BoundSort
	for _, s := range sorts {
		arg, err := b.bind(s.Arg)
		if err != nil {
			return nil, err
		}
		if !isOrderable(arg.Type()) {
			return nil, misplaced(s.Arg.Position(), "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09",
				fmt.Sprintf("%s is %s, which cannot be ordered", sketch(arg), TypeSQL(arg.Type())))
		}
		bound = append(bound, BoundSort{Arg: arg, Descending: s.Descending, NullsFirst: s.NullsFirst})
	}
	return bound, nil
}

func checkOver(n Over, f *Function) error {
	switch {
	case n.Window.Name != "":
		return misplaced(n.Pos, "MISSING_WINDOW_SPECIFICATION", "42P20", "the window "+Quote(n.Window.Name)+" is not defined")
	case f.Kind == ScalarFunction, f.Kind == GeneratorFunction:
		return misplaced(n.Pos, "UNSUPPORTED_EXPR_FOR_WINDOW", "42P20", f.Name+" is neither a window function nor an aggregate")
	case n.Call.Distinct:
		return misplaced(n.Pos, "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED", "0A000", "DISTINCT is not supported in a window function")
	case f.Name == "cume_dist" && len(n.Window.OrderBy) == 0:
		return misplaced(n.Pos, "WINDOW_FUNCTION_FRAME_NOT_ORDERED", "42601", "the window function cume_dist needs an ordered window")
	case Ranking(f.Name) && len(n.Window.OrderBy) == 0:
		e := misplaced(n.Pos, "WINDOW_FUNCTION_WITHOUT_ORDER", "42601", "the window function "+f.Name+" needs an ordered window")
		e.Hint = "add ORDER BY inside OVER (…)"
		return e
	case wholePartition(f.Name) && (len(n.Window.OrderBy) > 0 || n.Window.Frame.Unit != FrameDefault):
		e := misplaced(n.Pos, "INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC", "42601", f.Name+" takes neither ORDER BY nor a frame: it looks at the whole partition")
		if f.Name != "listagg" {
			e.Hint = "write percentile(…, 0.5) for a running median"
		}
		return e
	case Ranking(f.Name) && n.Window.Frame.Unit != FrameDefault:
		return misplaced(n.Pos, "WINDOW_FUNCTION_AND_FRAME_MISMATCH", "42K0E", f.Name+" takes no frame: it looks at the whole partition")
	}
	return nil
}

// wholePartition tells of aggregates that look at all rows of a partition, as window functions too.
func wholePartition(function string) bool {
	return function == "median" || function == "percentile_cont" || function == "percentile_disc" || function == "listagg"
}

// windowName tells first and last apart from the aggregates, which know no order.
func windowName(function string) string {
	switch function {
	case "first", "any_value":
		return "first_value"
	case "last":
		return "last_value"
	}
	return function
}

// filterArgs makes the rows that FILTER leaves out NULL, which the aggregates named here pass over.
func (b *binder) filterArgs(n Call, f *Function, args []Bound) ([]Bound, error) {
	if n.User != nil {
		return nil, misplaced(n.Filter.Position(), "UNSUPPORTED_FEATURE", "0A000", "FILTER for the user's function "+f.Name+" over a window is not supported")
	}
	leaving := 0 // the argument that is NULL in rows left out
	switch f.Name {
	case "max_by", "min_by":
		leaving = 1
	case "first", "last", "any_value":
		return nil, misplaced(n.Filter.Position(), "UNSUPPORTED_FEATURE", "0A000", "FILTER for the window function "+f.Name+" is not supported")
	}
	if f.Kind == WindowFunction {
		return nil, misplaced(n.Filter.Position(), "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", f.Name+" takes no FILTER")
	}
	filter, err := b.bind(n.Filter)
	if err != nil {
		return nil, err
	}
	if filter, err = predicate(filter, n.Filter.Position()); err != nil {
		return nil, err
	}
	if len(args) == 0 {
		args = []Bound{literal(int32(1), typeInt)}
	}
	args = slices.Clone(args)
	whole := args[leaving]
	args[leaving] = BoundCase{Whens: []BoundWhen{{Cond: filter, Result: whole}}, Else: literal(nil, whole.Type()), Typ: whole.Type(), Null: true}
	return args, nil
}

// bindFrame resolves the default frame: up to the current row's peers where there is an order, else the whole partition.
func (b *binder) bindFrame(n Over, order []BoundSort) (BoundFrame, error) {
	f := n.Window.Frame
	switch {
	case f.Unit == FrameDefault && len(order) > 0:
		return BoundFrame{Unit: FrameRange, Start: BoundFrameEnd{Kind: UnboundedPreceding}, End: BoundFrameEnd{Kind: CurrentRow}}, nil
	case f.Unit == FrameDefault:
		return BoundFrame{Unit: FrameRows, Start: BoundFrameEnd{Kind: UnboundedPreceding}, End: BoundFrameEnd{Kind: UnboundedFollowing}}, nil
	case f.Unit == FrameRange && len(order) == 0:
		return BoundFrame{}, misplaced(n.Pos, "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER", "42K09", "a RANGE frame needs ORDER BY")
	}
	start, err := b.bindFrameEnd(f.Unit, f.Start, order)
	if err != nil {
		return BoundFrame{}, err
	}
	end, err := b.bindFrameEnd(f.Unit, f.End, order)
	return BoundFrame{Unit: f.Unit, Start: start, End: end}, err
}

func (b *binder) bindFrameEnd(u FrameUnit, end FrameBound, order []BoundSort) (BoundFrameEnd, error) {
	if end.Offset == nil {
		return BoundFrameEnd{Kind: end.Kind}, nil
	}
	offset, err := b.bind(end.Offset)
	if err != nil {
		return BoundFrameEnd{}, err
	}
	at := end.Offset.Position()
	to, err := offsetType(u, offset, order, at)
	if err != nil {
		return BoundFrameEnd{}, err
	}
	l, ok := Convert(offset, to).(BoundLiteral)
	if !ok || l.Value == nil || negative(l) {
		return BoundFrameEnd{}, misplaced(at, "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND", "42K09",
			fmt.Sprintf("the frame bound %s must be a constant that is not negative", sketch(offset)))
	}
	return BoundFrameEnd{Kind: end.Kind, Offset: &l}, nil
}

// offsetType is BIGINT for rows. For a range it is the type of the one key: a number, a DATE moved by days or an interval, a TIMESTAMP by an interval.
func offsetType(u FrameUnit, offset Bound, order []BoundSort, at Pos) (arrow.DataType, error) {
	t := offset.Type()
	if u == FrameRows && isIntegral(t) {
		return typeBigInt, nil
	}
	if u == FrameRange && len(order) != 1 {
		return nil, misplaced(at, "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER", "42K09", "a RANGE frame with an offset needs exactly one ORDER BY key")
	}
	if u == FrameRange {
		switch key := order[0].Arg.Type(); {
		case isNumeric(key) && isNumeric(t):
			return key, nil
		case isDate(key) && isIntegral(t):
			return typeInt, nil
		case isDatetime(key) && isInterval(t):
			return t, nil
		}
	}
	return nil, misplaced(at, "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE", "42K09",
		fmt.Sprintf("the frame bound %s of type %s does not fit the window", sketch(offset), TypeSQL(t)))
}

func negative(l BoundLiteral) bool {
	switch v := l.Value.(type) {
	case float32:
		return v < 0
	case float64:
		return v < 0
	case interface{ Sign() int }:
		return v.Sign() < 0
	case arrow.Duration:
		return v < 0
	case arrow.MonthInterval:
		return v < 0
	}
	n, _ := integerOf(l.Value)
	return n < 0
}
