package sql

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// timeWindow computes the call of window or session_window that a SELECT with GROUP BY holds as a column of its rows, and puts the column in the call's place.
// Rows without a time are in no window.
func (s scope) timeWindow(found *expr.Call, b selectBody, q query) (scope, selectBody, query, error) {
	if found == nil {
		return s, b, q, nil
	}
	s, err := s.filteredBy(expr.Call{Pos: found.Pos, Func: "isnotnull", Args: found.Args[:1]})
	if err != nil {
		return scope{}, b, q, err
	}
	windows, err := s.windows(*found)
	if err != nil {
		return scope{}, b, q, err
	}
	names, column := namesOf(s.node), strings.ToLower(found.Func)
	width, used := len(names), takenBy(named(s.node, "", nil))
	node, err := windowRows(s.node, windows, used.fresh(column))
	if err != nil {
		return scope{}, b, q, at(err, found.Pos)
	}
	before := s
	s = s.over(node).with(column, width)
	if len(windows) > 1 || isSession(*found) { // not all are windows of the row: sessions may end before they begin
		end := expr.Field{Arg: expr.Column{Path: []string{column}}, Name: "end"}
		if s, err = s.filteredBy(expr.Call{Pos: found.Pos, Func: "<", Args: []expr.Node{found.Args[0], end}}); err != nil {
			return scope{}, b, q, err
		}
	}
	b, q, err = before.withWindow(windows, b, q)
	return s, b, q, err
}

// windows are those that a call of window may put a row into.
func (s scope) windows(c expr.Call) ([]expr.Bound, error) {
	c, _ = s.canonical(c).(expr.Call)
	windows, err := expr.BindTimeWindows(c, s.words())
	return s.plainAll(windows), err
}

// windowRows gives each row of n once for each of the windows, with the window behind its columns.
func windowRows(n plan.Node, windows []expr.Bound, name string) (plan.Node, error) {
	if len(windows) == 1 {
		return plan.NewProject(n, append(plan.ColumnsOf(n), windows[0]), append(namesOf(n), name))
	}
	column := arrow.Field{Name: name, Type: windows[0].Type(), Nullable: windows[0].Nullable()}
	return plan.NewGenerate(n, expr.BoundGenerator{Func: "stack", Args: windows, Columns: []arrow.Field{column}}, []string{name})
}

// windowIn is the first call of window or session_window in GROUP BY, or in an item of the select list that it may refer to.
func windowIn(b selectBody) (found *expr.Call) {
	if !b.group.present {
		return nil
	}
	nodes := slices.Clone(b.group.exprs)
	for _, it := range b.items {
		nodes = append(nodes, it.node)
	}
	for _, n := range nodes {
		expr.WalkNode(n, func(part expr.Node) bool {
			if c, ok := part.(expr.Call); ok && isTimeWindow(c) && found == nil {
				found = &c
			}
			return found == nil
		})
	}
	return found
}

func isTimeWindow(c expr.Call) bool {
	return strings.EqualFold(c.Func, "window") && len(c.Args) > 1 || isSession(c) && len(c.Args) == 2
}

// withWindow puts the column in the place of the calls of window, which must all be the same.
func (s scope) withWindow(windows []expr.Bound, b selectBody, q query) (selectBody, query, error) {
	var wrong error
	m := childMapper{f: func(n expr.Node) (expr.Node, error) {
		changed := expr.RewriteNode(n, func(part expr.Node) expr.Node {
			c, ok := part.(expr.Call)
			if !ok || !isTimeWindow(c) {
				return part
			}
			if others, err := s.windows(c); err != nil {
				wrong = err
			} else if !slices.EqualFunc(others, windows, expr.Equal) {
				wrong = fault("UNSUPPORTED_FEATURE", "0A000", c.Pos, "a SELECT groups by one window only, and %s is another", c)
			}
			return expr.Column{Pos: c.Pos, Path: []string{strings.ToLower(c.Func)}}
		})
		return changed, wrong
	}}
	b.items, q.order = slices.Clone(b.items), slices.Clone(q.order)
	for i := range b.items {
		b.items[i].node = m.node(b.items[i].node)
	}
	b.group.exprs = m.nodes(b.group.exprs)
	b.having, b.qualify = m.node(b.having), m.node(b.qualify)
	for i := range q.order {
		q.order[i].Arg = m.node(q.order[i].Arg)
	}
	return b, q, m.err
}
