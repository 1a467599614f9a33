package warehouse

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// unbind writes an expression. A CAST to a nested type does not ask for fields that are NOT NULL: what the plan has proven, the server may not have. The
// fields of arrays_zip, which are called as its arguments are written, get the plan's names.
func unbind(e expr.Bound, column func(expr.BoundColumn) expr.Node) expr.Node {
	if asksForNames(e) {
		e = expr.Rewrite(e, func(part expr.Bound) expr.Bound {
			if c, ok := part.(expr.BoundCast); ok {
				c.Typ = schema.Nullable(c.Typ)
				return c
			}
			if zips(part) {
				return expr.BoundCast{Arg: part, Typ: schema.Nullable(part.Type())}
			}
			return part
		})
	}
	return expr.UnbindOver(e, column)
}

// asksForNames tells whether e has a cast to a nested type or an arrays_zip.
func asksForNames(e expr.Bound) bool {
	found := false
	expr.Walk(e, func(part expr.Bound) bool {
		c, casts := part.(expr.BoundCast)
		found = found || casts && nested(c.Typ) || zips(part)
		return !found
	})
	return found
}

func zips(e expr.Bound) bool {
	c, ok := e.(expr.BoundCall)
	return ok && c.Func == "arrays_zip"
}

func nested(t arrow.DataType) bool {
	_, ok := t.(arrow.NestedType)
	return ok
}

// typed converts a computed interval, of which Spark has several types, to the one of the plan.
func typed(n expr.Node, t arrow.DataType) expr.Node {
	if _, column := n.(expr.Column); column || t.ID() != arrow.DURATION && t.ID() != arrow.INTERVAL_MONTHS {
		return n
	}
	return expr.Cast{Arg: n, Type: t}
}

// aggregate writes an aggregate over b's outputs.
func (b *block) aggregate(a expr.BoundAggregate) expr.Node {
	c := b.call(a.Func, a.Args)
	c.Distinct = a.Distinct
	if a.Filter != nil {
		c.Filter = b.node(a.Filter)
	}
	return typed(c, a.Typ)
}

func (b *block) call(function string, args []expr.Bound) expr.Call {
	c := expr.Call{Func: function, Args: b.nodes(args)}
	if function == "count" && len(args) == 0 {
		c.Args = []expr.Node{expr.Star{}}
	}
	return c
}

// window writes a window function over b's outputs. A frame that is the default one is left out: some functions take no other.
func (b *block) window(f expr.BoundWindow) expr.Node {
	w := expr.Window{PartitionBy: b.nodes(f.PartitionBy)}
	for _, s := range f.OrderBy {
		w.OrderBy = append(w.OrderBy, b.sort(s))
	}
	if !defaultFrame(f) {
		w.Frame = expr.Frame{Unit: f.Frame.Unit, Start: frameEnd(f.Frame.Unit, f.Frame.Start), End: frameEnd(f.Frame.Unit, f.Frame.End)}
	}
	return typed(expr.Over{Call: b.call(f.Func, f.Args), Window: w}, f.Typ)
}

func (b *block) sort(s expr.BoundSort) expr.Sort {
	return expr.Sort{Arg: b.node(s.Arg), Descending: s.Descending, NullsFirst: s.NullsFirst}
}

func defaultFrame(f expr.BoundWindow) bool {
	if expr.Ranking(f.Func) {
		return true
	}
	end, unit := expr.UnboundedFollowing, expr.FrameRows
	if len(f.OrderBy) > 0 {
		end, unit = expr.CurrentRow, expr.FrameRange
	}
	return f.Frame.Unit == unit && f.Frame.Start.Kind == expr.UnboundedPreceding && f.Frame.End.Kind == end
}

// frameEnd writes numbers of rows as INT, which alone Spark takes.
func frameEnd(unit expr.FrameUnit, end expr.BoundFrameEnd) expr.FrameBound {
	if end.Offset == nil {
		return expr.FrameBound{Kind: end.Kind}
	}
	if n, ok := end.Offset.Value.(int64); ok && unit == expr.FrameRows && n <= math.MaxInt32 {
		return expr.FrameBound{Kind: end.Kind, Offset: expr.Literal{Value: int32(n), Type: schema.Int}}
	}
	return expr.FrameBound{Kind: end.Kind, Offset: expr.Unbind(*end.Offset)}
}

// sorts are the expressions of sort keys.
func sorts(keys []expr.BoundSort) []expr.Bound {
	list := make([]expr.Bound, len(keys))
	for i, k := range keys {
		list[i] = k.Arg
	}
	return list
}
