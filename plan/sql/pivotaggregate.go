package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// gathered is the aggregates of expressions, each under a name of its own by which the expressions refer to it.
type gathered struct {
	in    scope
	aggs  []expr.BoundAggregate
	names []string
}

// add puts references in the place of the aggregates in n; change, where given, is made to each of them first.
func (g *gathered) add(n expr.Node, change func(expr.Call) expr.Call) (expr.Node, error) {
	var walk func(n expr.Node) (expr.Node, error)
	walk = func(n expr.Node) (expr.Node, error) {
		c, ok := n.(expr.Call)
		if !ok || !c.IsAggregate() {
			return mapChildren(n, walk)
		}
		if change != nil {
			c = change(c)
		}
		a, err := g.in.aggregate(c)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("aggregate %d", len(g.aggs))
		g.aggs, g.names = append(g.aggs, a), append(g.names, name)
		return expr.Column{Pos: c.Pos, Path: []string{name}}, nil
	}
	return walk(n)
}

// over aggregates by keys, columns of the input; the scope's labels are the aggregates' names.
func (g *gathered) over(keys []expr.Bound, names []string, pos expr.Pos) (scope, error) {
	a, err := plan.NewAggregate(g.in.node, keys, names, g.aggs, g.names)
	if err != nil {
		return scope{}, at(err, pos)
	}
	s := scope{node: a}
	for i, name := range g.names {
		s.labels = append(s.labels, label{name: name, column: len(keys) + i})
	}
	return s, nil
}

// bindAggregates gives the aggregates over one group, to see their types.
func (p *pivoting) bindAggregates() ([]expr.Bound, error) {
	rows, nodes, err := p.aggregated(nil, nil)
	if err != nil {
		return nil, err
	}
	exprs := make([]expr.Bound, len(nodes))
	for i, n := range nodes {
		if exprs[i], err = rows.bind(n); err != nil {
			return nil, err
		}
	}
	return exprs, nil
}

// aggregated aggregates by keys, and gives the expressions over the result.
func (p *pivoting) aggregated(keys []expr.Bound, names []string) (scope, []expr.Node, error) {
	g := gathered{in: p.in}
	nodes := make([]expr.Node, len(p.aggs))
	for i, it := range p.aggs {
		var err error
		if nodes[i], err = g.add(it.node, nil); err != nil {
			return scope{}, nil, err
		}
	}
	rows, err := g.over(keys, names, p.Pos)
	return rows, nodes, err
}

// groupColumns are the columns that rows are grouped by, and their names.
func (p *pivoting) groupColumns() (keys []expr.Bound, names []string) {
	columns := plan.ColumnsOf(p.in.node)
	for _, l := range p.groups {
		keys, names = append(keys, columns[l.column]), append(names, l.name)
	}
	return keys, names
}

// picked aggregates by the groups and the pivot's columns, and then picks of each group's results the one of each value.
func (p *pivoting) picked() (scope, error) {
	keys, names := p.groupColumns()
	width := len(keys)
	for i, k := range p.keys {
		keys, names = append(keys, k), append(names, fmt.Sprintf("key %d", i))
	}
	rows, nodes, err := p.aggregated(keys, names)
	if err != nil {
		return scope{}, err
	}
	exprs := plan.ColumnsOf(rows.node)[:len(keys)]
	for i, n := range nodes {
		b, err := rows.bind(n)
		if err != nil {
			return scope{}, err
		}
		exprs, names = append(exprs, b), append(names, fmt.Sprintf("result %d", i))
	}
	results, err := plan.NewProject(rows.node, exprs, names)
	if err != nil {
		return scope{}, at(err, p.Pos)
	}
	g := gathered{in: named(results, "", nil)}
	pick := func(agg int) expr.Node {
		return expr.Call{Pos: p.aggs[agg].node.Position(), Func: "any_value", Args: []expr.Node{columnNamed(fmt.Sprintf("result %d", agg))}}
	}
	at := make([]int, len(p.keys))
	for i := range at {
		at[i] = width + i
	}
	return p.columnsOf(&g, plan.ColumnsOf(results)[:width], at, pick)
}

// filtered aggregates, for each value, the rows with that value.
func (p *pivoting) filtered() (scope, error) {
	keys, _ := p.groupColumns()
	at := make([]int, len(p.keys))
	for i, k := range p.keys {
		at[i] = k.Index
	}
	return p.columnsOf(&gathered{in: p.in}, keys, at, func(agg int) expr.Node { return p.aggs[agg].node })
}

// columnsOf aggregates by groups what of gives for each aggregate, over the rows in which the columns at are equal to each value.
func (p *pivoting) columnsOf(g *gathered, groups []expr.Bound, at []int, of func(agg int) expr.Node) (scope, error) {
	_, names := p.groupColumns()
	for i, c := range at {
		g.in = g.in.with(pivotColumn(i), c)
	}
	var nodes []expr.Node
	for v := range p.values {
		only := p.only(v)
		for agg := range p.aggs {
			n, err := g.add(of(agg), only)
			if err != nil {
				return scope{}, err
			}
			name, err := p.columnName(v, agg)
			if err != nil {
				return scope{}, err
			}
			nodes, names = append(nodes, n), append(names, name)
		}
	}
	rows, err := g.over(groups, names[:len(groups)], p.Pos)
	if err != nil {
		return scope{}, err
	}
	exprs := plan.ColumnsOf(rows.node)[:len(groups)]
	for _, n := range nodes {
		b, err := rows.bind(n)
		if err != nil {
			return scope{}, err
		}
		exprs = append(exprs, b)
	}
	return p.labelled(rows, exprs, names)
}

// labelled is the result. The groups keep their qualifiers.
func (p *pivoting) labelled(rows scope, exprs []expr.Bound, names []string) (scope, error) {
	n, err := plan.NewProject(rows.node, exprs, names)
	if err != nil {
		return scope{}, at(err, p.Pos)
	}
	s := named(n, "", nil)
	for i, l := range p.groups {
		s.labels[i].qualifier = l.qualifier
	}
	return s, nil
}

// only is the change to an aggregate by which it takes only the rows with a value. First and last values are then among those that are not NULL.
func (p *pivoting) only(v int) func(expr.Call) expr.Call {
	var cond expr.Node
	for i, part := range p.values[v] {
		value := expr.Cast{Pos: part.Position(), Arg: part, Type: p.keys[i].Typ}
		cond = and(cond, expr.Call{Pos: part.Position(), Func: "<=>", Args: []expr.Node{columnNamed(pivotColumn(i)), value}})
	}
	return func(c expr.Call) expr.Call {
		c.Filter = and(c.Filter, cond)
		switch strings.ToLower(c.Func) {
		case "first", "first_value", "last", "last_value", "any_value":
			c.Args = append(slices.Clip(c.Args[:1]), expr.Literal{Pos: c.Pos, Value: true, Type: schema.Boolean})
		}
		return c
	}
}

// pivotColumn names a column of the pivot for the conditions of aggregates.
func pivotColumn(i int) string { return fmt.Sprintf("pivot %d", i) }

func and(a, b expr.Node) expr.Node {
	if a == nil {
		return b
	}
	return expr.Call{Pos: b.Position(), Func: "and", Args: []expr.Node{a, b}}
}

// columnNamed is a column by its name.
func columnNamed(name string) expr.Node { return expr.Column{Path: []string{name}} }
