package sql

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// sessionColumn is what queries call the column that a call of session_window in GROUP BY gives.
const sessionColumn = "session_window"

func isSession(c expr.Call) bool { return strings.EqualFold(c.Func, sessionColumn) }

// sessions is an aggregation by session_window. Each row has the time from its own until a gap behind it; a session is what a run of them covers, among rows
// that are alike in the other keys. The latest row that no time before it reaches begins a row's session, and its group's last end is the session's.
type sessions struct {
	groups *groups
	key    int        // which is the session
	start  expr.Bound // of a row's own time
	end    expr.Bound
}

// sessions gives what aggregates by the session's key; nil where there is none.
func (s *selection) sessions() *sessions {
	if !s.session || s.groups.sets != nil {
		return nil
	}
	b, err := s.in.bind(expr.Column{Path: []string{sessionColumn}})
	if err != nil {
		return nil
	}
	key := s.groups.find(b)
	if key < 0 {
		return nil
	}
	t := b.Type().(*arrow.StructType)
	part := func(i int) expr.Bound {
		return expr.BoundField{Arg: b, Index: i, Name: t.Field(i).Name, Typ: t.Field(i).Type, Null: true}
	}
	return &sessions{groups: s.groups, key: key, start: part(0), end: part(1)}
}

// over aggregates in, and gives the keys and aggregates as they were asked for.
func (x *sessions) over(in plan.Node) (plan.Node, error) {
	width := in.Schema().NumFields()
	open, err := plan.NewWindow(in, []expr.BoundWindow{x.greatest(x.end, expr.BoundFrame{
		Unit: expr.FrameRows, End: expr.BoundFrameEnd{Kind: expr.Preceding, Offset: &expr.BoundLiteral{Value: int64(1), Typ: schema.BigInt}},
	})}, []string{"_reached"})
	if err != nil {
		return nil, err
	}
	reached := expr.BoundCall{Func: "<=", Args: []expr.Bound{x.start, plan.ColumnsOf(open)[width]}, Typ: schema.Boolean, Null: true}
	first := expr.BoundCase{
		Whens: []expr.BoundWhen{{Cond: reached, Result: expr.BoundLiteral{Typ: x.start.Type()}}}, Else: x.start, Typ: x.start.Type(), Null: true,
	}
	begun, err := plan.NewWindow(open, []expr.BoundWindow{x.greatest(first, expr.BoundFrame{
		Unit: expr.FrameRange, End: expr.BoundFrameEnd{Kind: expr.CurrentRow},
	})}, []string{"_begun"})
	if err != nil {
		return nil, err
	}
	keys := slices.Clone(x.groups.keys)
	keys[x.key] = plan.ColumnsOf(begun)[width+1]
	until := expr.BoundAggregate{Func: "max", Args: []expr.Bound{x.end}, Typ: x.end.Type(), Null: true}
	a, err := plan.NewAggregate(begun, keys, x.groups.keyNames, append(slices.Clip(x.groups.aggs), until), append(slices.Clip(x.groups.aggNames), "_until"))
	if err != nil {
		return nil, err
	}
	return x.asAsked(a)
}

// greatest is max of b over the rows so far, in the order of their times.
func (x *sessions) greatest(b expr.Bound, frame expr.BoundFrame) expr.BoundWindow {
	return expr.BoundWindow{
		Func: "max", Args: []expr.Bound{b}, PartitionBy: slices.Delete(slices.Clone(x.groups.keys), x.key, x.key+1),
		OrderBy: []expr.BoundSort{{Arg: x.start, NullsFirst: true}}, Frame: frame, Typ: b.Type(), Null: true,
	}
}

// asAsked makes the session of its start and its end, which is a's last column.
func (x *sessions) asAsked(a plan.Node) (plan.Node, error) {
	columns, names := plan.ColumnsOf(a), namesOf(a)
	last := len(columns) - 1
	text := func(name string) expr.Bound { return expr.BoundLiteral{Value: name, Typ: schema.String} }
	columns[x.key] = expr.BoundCall{
		Func: "named_struct", Args: []expr.Bound{text("start"), columns[x.key], text("end"), columns[last]}, Typ: x.groups.keys[x.key].Type(),
	}
	return plan.NewProject(a, columns[:last], names[:last])
}
