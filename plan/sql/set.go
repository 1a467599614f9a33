package sql

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// set resolves UNION, INTERSECT and EXCEPT: names are the left side's, types the least that hold both sides'.
func (r *resolver) set(b setBody, with *withScope) (scope, error) {
	left, err := r.body(b.left, with)
	if err != nil {
		return scope{}, err
	}
	right, err := r.body(b.right, with)
	if err != nil {
		return scope{}, err
	}
	if b.word != union {
		return compared(b, left.node, right.node)
	}
	inputs := []plan.Node{left.node, right.node}
	if l, ok := left.node.(plan.Union); ok && b.all {
		inputs = append(l.Children(), right.node)
	}
	node, err := united(inputs, b.Pos)
	if err != nil {
		return scope{}, err
	}
	if !b.all {
		if node, err = distinct(node, b.Pos); err != nil {
			return scope{}, err
		}
	}
	return named(node, "", nil), nil
}

// distinct keeps one of equal rows.
func distinct(n plan.Node, pos expr.Pos) (plan.Node, error) {
	for _, f := range n.Schema().Fields() {
		if f.Type.ID() == arrow.MAP {
			return nil, fault("UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "0A000", pos, "rows cannot be compared by %s, which is a MAP", expr.Quote(f.Name))
		}
	}
	a, err := plan.NewAggregate(n, plan.ColumnsOf(n), namesOf(n), nil, nil)
	if err != nil {
		return nil, at(err, pos)
	}
	return a, nil
}

func namesOf(n plan.Node) []string {
	names := make([]string, n.Schema().NumFields())
	for i, f := range n.Schema().Fields() {
		names[i] = f.Name
	}
	return names
}

// united is the union of inputs, or the only one. Columns are converted to the type that holds all inputs' columns.
func united(inputs []plan.Node, pos expr.Pos) (plan.Node, error) {
	if len(inputs) == 1 {
		return inputs[0], nil
	}
	types, err := commonTypes(inputs, pos)
	if err != nil {
		return nil, err
	}
	for i, in := range inputs {
		if inputs[i], err = converted(in, types, pos); err != nil {
			return nil, at(err, pos)
		}
	}
	u, err := plan.NewUnion(inputs...)
	if err != nil {
		return nil, at(err, pos)
	}
	return u, nil
}

func commonTypes(inputs []plan.Node, pos expr.Pos) ([]arrow.DataType, error) {
	types := make([]arrow.DataType, inputs[0].Schema().NumFields())
	for i, f := range inputs[0].Schema().Fields() {
		types[i] = f.Type
	}
	for n, in := range inputs[1:] {
		if in.Schema().NumFields() != len(types) {
			return nil, fault("NUM_COLUMNS_MISMATCH", "42826", pos,
				"UNION, INTERSECT and EXCEPT need equally many columns: the first query has %d, query %d has %d", len(types), n+2, in.Schema().NumFields())
		}
		for i, f := range in.Schema().Fields() {
			t, ok := commonType(types[i], f.Type)
			if !ok {
				return nil, fault("INCOMPATIBLE_COLUMN_TYPE", "42825", pos, "column %d of the queries is %s in the first query and %s in query %d",
					i+1, expr.TypeSQL(types[i]), expr.TypeSQL(f.Type), n+2)
			}
			types[i] = t
		}
	}
	return types, nil
}

// commonType is the least type that holds both, which is the type of coalesce over the two.
func commonType(a, b arrow.DataType) (arrow.DataType, bool) {
	if arrow.TypeEqual(a, b) {
		return a, true
	}
	words := expr.Scope{Columns: []expr.ScopeColumn{{Name: "a", Type: a, Nullable: true}, {Name: "b", Type: b, Nullable: true, Index: 1}}}
	call := expr.Call{Func: "coalesce", Args: []expr.Node{expr.Column{Path: []string{"a"}}, expr.Column{Path: []string{"b"}}}}
	bound, err := expr.Bind(call, words)
	if err != nil {
		return nil, false
	}
	return bound.Type(), true
}

// converted is n with its columns cast to types where they are not of them.
func converted(n plan.Node, types []arrow.DataType, pos expr.Pos) (plan.Node, error) {
	columns, changed := plan.ColumnsOf(n), false
	for i, c := range columns {
		if !arrow.TypeEqual(c.Type(), types[i]) {
			columns[i], changed = expr.ConvertAt(c, types[i], pos), true
		}
	}
	if !changed {
		return n, nil
	}
	return plan.NewProject(n, columns, namesOf(n))
}
