package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// sameTree tells whether two plans are the same: names may stand for different columns. Plans with checks and Go code are not.
func sameTree(a, b Node) bool {
	if !a.Schema().Equal(b.Schema()) || !sameOperator(a, b) {
		return false
	}
	var roomA, roomB [2]Node
	return slices.EqualFunc(appendInputs(roomA[:0], a), appendInputs(roomB[:0], b), sameTree)
}

func sameOperator(a, b Node) bool {
	switch a := a.(type) {
	case Scan:
		b, ok := b.(Scan)
		return ok && a.Relation == b.Relation && slices.Equal(a.Columns, b.Columns) && expr.Equal(a.Filter, b.Filter) && a.Paths == nil && b.Paths == nil
	case Project:
		b, ok := b.(Project)
		return ok && equalExprs(a.Exprs, b.Exprs)
	case Filter:
		b, ok := b.(Filter)
		return ok && expr.Equal(a.Cond, b.Cond)
	case Aggregate:
		b, ok := b.(Aggregate)
		return ok && equalExprs(a.Groups, b.Groups) && slices.EqualFunc(a.Aggs, b.Aggs, equalAggregate)
	case Join:
		b, ok := b.(Join)
		return ok && a.Kind == b.Kind && equalExprs(a.LeftKeys, b.LeftKeys) && equalExprs(a.RightKeys, b.RightKeys) && expr.Equal(a.Residual, b.Residual)
	case Window:
		b, ok := b.(Window)
		return ok && slices.EqualFunc(a.Funcs, b.Funcs, equalWindow) && a.Top == b.Top && a.TopBy == b.TopBy
	case Latest:
		b, ok := b.(Latest)
		return ok && equalExprs(a.Keys, b.Keys) && slices.EqualFunc(a.By, b.By, equalSort)
	case Order:
		b, ok := b.(Order)
		return ok && slices.EqualFunc(a.Keys, b.Keys, equalSort) && a.Limit == b.Limit && a.Offset == b.Offset
	case Union:
		_, ok := b.(Union)
		return ok
	case Values:
		b, ok := b.(Values)
		return ok && slices.EqualFunc(a.Rows, b.Rows, equalRow)
	case Generate:
		b, ok := b.(Generate)
		return ok && slices.Equal(a.Keep, b.Keep) && a.Gen.String() == b.Gen.String() && equalExprs(a.Gen.Args, b.Gen.Args)
	case Check, Map:
	}
	return false
}

func equalExprs(a, b []expr.Bound) bool { return slices.EqualFunc(a, b, expr.Equal) }

func equalAggregate(a, b expr.BoundAggregate) bool {
	return a.User == b.User && a.Func == b.Func && a.Distinct == b.Distinct && equalExprs(a.Args, b.Args) && expr.Equal(a.Filter, b.Filter)
}

func equalWindow(a, b expr.BoundWindow) bool {
	return a.User == b.User && a.Func == b.Func && equalFrame(a.Frame, b.Frame) && equalExprs(a.Args, b.Args) && equalExprs(a.PartitionBy, b.PartitionBy) &&
		slices.EqualFunc(a.OrderBy, b.OrderBy, equalSort)
}

func equalFrame(a, b expr.BoundFrame) bool {
	return a.Unit == b.Unit && equalFrameEnd(a.Start, b.Start) && equalFrameEnd(a.End, b.End)
}

func equalFrameEnd(a, b expr.BoundFrameEnd) bool {
	if a.Offset == nil || b.Offset == nil {
		return a.Kind == b.Kind && a.Offset == b.Offset
	}
	return a.Kind == b.Kind && expr.Equal(*a.Offset, *b.Offset)
}

func equalSort(a, b expr.BoundSort) bool {
	return expr.Equal(a.Arg, b.Arg) && a.Descending == b.Descending && a.NullsFirst == b.NullsFirst
}

func equalRow(a, b []expr.BoundLiteral) bool {
	return slices.EqualFunc(a, b, func(x, y expr.BoundLiteral) bool { return expr.Equal(x, y) })
}
