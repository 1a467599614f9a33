package sql

import (
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// joinUsing joins where the columns called the same on both sides are equal. The plain name then means one column: the left side's, the right side's in
// a right join, whichever is there in a full join; * shows it once, before all others. With their qualifier both sides' columns can still be read.
func joinUsing(j join, left, right scope) (scope, error) {
	pairs, err := joined(plan.Cross, left, right, nil)
	if err != nil {
		return scope{}, at(err, j.Pos)
	}
	width := left.node.Schema().NumFields()
	var conds []expr.Bound
	keys := make([]usingKey, len(j.using))
	for i, u := range j.using {
		l, err := left.usingColumn(u, "left")
		if err != nil {
			return scope{}, err
		}
		r, err := right.usingColumn(u, "right")
		if err != nil {
			return scope{}, err
		}
		keys[i] = usingKey{name: u.name, left: l, right: width + r}
		cond, err := keys[i].call("=", u.Pos, pairs.node)
		if err != nil {
			return scope{}, err
		}
		conds = append(conds, cond)
	}
	rows, err := joined(j.kind, left, right, expr.And(conds...))
	if err != nil {
		return scope{}, at(err, j.Pos)
	}
	if j.kind == plan.LeftSemi || j.kind == plan.LeftAnti {
		return rows, nil
	}
	return merged(rows, j, keys)
}

// usingKey is a column of USING: where it is on both sides, among the columns of the join.
type usingKey struct {
	name        string
	left, right int
}

// call binds a function of the two columns over n.
func (k usingKey) call(function string, pos expr.Pos, n plan.Node) (expr.Bound, error) {
	words := scope{node: n, labels: []label{{name: "l", column: k.left}, {name: "r", column: k.right}}}
	l, r := expr.Column{Pos: pos, Path: []string{"l"}}, expr.Column{Pos: pos, Path: []string{"r"}}
	return words.bind(expr.Call{Pos: pos, Func: function, Args: []expr.Node{l, r}})
}

// usingColumn finds the one column of s that a name in USING means.
func (s scope) usingColumn(u columnName, side string) (int, error) {
	if l, ok := s.merged[strings.ToLower(u.name)]; ok {
		i := slices.IndexFunc(s.labels, func(x label) bool { return x.name == l })
		return s.labels[i].column, nil
	}
	found := -1
	for _, l := range s.labels {
		if !strings.EqualFold(l.name, u.name) {
			continue
		}
		if found >= 0 {
			return 0, fault("AMBIGUOUS_REFERENCE", "42704", u.Pos, "the %s side of the join has several columns %s", side, u.name)
		}
		found = l.column
	}
	if found < 0 {
		err := fault("UNRESOLVED_USING_COLUMN_FOR_JOIN", "42703", u.Pos, "the %s side of the join has no column %s", side, u.name)
		if near := nearest(u.name, s.columnNames()); near != "" {
			err.Hint = "did you mean " + near + "?"
		}
		return 0, err
	}
	return found, nil
}

func (s scope) columnNames() []string {
	names := make([]string, len(s.labels))
	for i, l := range s.labels {
		names[i] = l.name
	}
	return names
}

// merged makes the plain names of keys mean one column each.
func merged(rows scope, j join, keys []usingKey) (scope, error) {
	at, err := mergedColumns(&rows, j, keys)
	if err != nil {
		return scope{}, err
	}
	rows.memo = nil
	var first, hidden []int
	taken := takenBy(rows)
	for i, k := range keys {
		name := taken.fresh(k.name)
		first = append(first, len(rows.labels))
		rows.labels = append(rows.labels, label{name: name, column: at[i], shown: k.name})
		rows.merged[strings.ToLower(k.name)] = name
		hidden = append(hidden, k.left, k.right)
	}
	rows.visible = slices.DeleteFunc(rows.visible, func(v int) bool {
		return slices.Contains(hidden, rows.labels[v].column)
	})
	rows.visible = append(first, rows.visible...)
	return rows, nil
}

// mergedColumns lists the columns that keys mean. A full join computes them, behind its own columns.
func mergedColumns(rows *scope, j join, keys []usingKey) ([]int, error) {
	at := make([]int, len(keys))
	exprs, names := plan.ColumnsOf(rows.node), namesOf(rows.node)
	for i, k := range keys {
		switch j.kind {
		case plan.RightOuter:
			at[i] = k.right
		case plan.FullOuter:
			either, err := k.call("coalesce", j.Pos, rows.node)
			if err != nil {
				return nil, err
			}
			at[i] = len(exprs)
			exprs, names = append(exprs, either), append(names, k.name)
		case plan.Inner, plan.LeftOuter, plan.LeftSemi, plan.LeftAnti, plan.Cross:
			at[i] = k.left
		}
	}
	if j.kind != plan.FullOuter {
		return at, nil
	}
	p, err := plan.NewProject(rows.node, exprs, names)
	rows.node = p
	return at, err
}
