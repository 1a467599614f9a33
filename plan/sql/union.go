package sql

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// union resolves UNION: names are the left side's, types the least that hold both sides'.
func (r *resolver) union(u unionBody, with *withScope) (scope, error) {
	left, err := r.body(u.left, with)
	if err != nil {
		return scope{}, err
	}
	right, err := r.body(u.right, with)
	if err != nil {
		return scope{}, err
	}
	inputs := []plan.Node{left.node, right.node}
	if l, ok := left.node.(plan.Union); ok && u.all {
		inputs = append(l.Children(), right.node)
	}
	node, err := united(inputs, u.Pos)
	if err != nil {
		return scope{}, err
	}
	if !u.all {
		if node, err = distinct(node, u.Pos); err != nil {
			return scope{}, err
		}
	}
	return named(node, "", nil), nil
}

// distinct keeps one of equal rows.
func distinct(n plan.Node, pos expr.Pos) (plan.Node, error) {
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
		if inputs[i], err = converted(in, types); err != nil {
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
			return nil, fault("NUM_COLUMNS_MISMATCH", "42826", pos, "UNION needs equally many columns: the first query has %d, query %d has %d",
				len(types), n+2, in.Schema().NumFields())
		}
		for i, f := range in.Schema().Fields() {
			t, ok := commonType(types[i], f.Type)
			if !ok {
				return nil, fault("INCOMPATIBLE_COLUMN_TYPE", "42825", pos, "column %d of UNION is %s in the first query and %s in query %d",
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
func converted(n plan.Node, types []arrow.DataType) (plan.Node, error) {
	columns, changed := plan.ColumnsOf(n), false
	for i, c := range columns {
		if !arrow.TypeEqual(c.Type(), types[i]) {
			columns[i], changed = expr.Convert(c, types[i]), true
		}
	}
	if !changed {
		return n, nil
	}
	return plan.NewProject(n, columns, namesOf(n))
}

// values resolves VALUES; its columns are col1, col2, ….
func (r *resolver) values(v valuesBody) (scope, error) {
	width := len(v.rows[0])
	names := make([]string, width)
	for i := range names {
		names[i] = "col" + strconv.Itoa(i+1)
	}
	inputs := make([]plan.Node, len(v.rows))
	for i, row := range v.rows {
		if len(row) != width {
			return scope{}, fault("INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "42000", row[0].Position(), "row %d of VALUES has %d columns, the first has %d",
				i+1, len(row), width)
		}
		exprs := make([]expr.Bound, width)
		for k, n := range row {
			cell, err := oneRow().bind(n)
			if err != nil {
				return scope{}, err
			}
			exprs[k] = cell
		}
		p, err := plan.NewProject(oneRow().node, exprs, names)
		if err != nil {
			return scope{}, at(err, v.Pos)
		}
		inputs[i] = p
	}
	node, err := united(inputs, v.Pos)
	if err != nil {
		return scope{}, err
	}
	return named(node, "", nil), nil
}

// oneRow is what a query without FROM reads.
func oneRow() scope { return scope{node: plan.OneRow()} }
