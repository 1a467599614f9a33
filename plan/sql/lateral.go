package sql

import (
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// lateral joins each row of left with what the query gives for it.
func (r *resolver) lateral(j join, left scope, d derived, with *withScope) (scope, error) {
	if j.natural || len(j.using) > 0 {
		return scope{}, fault("UNSUPPORTED_FEATURE.LATERAL_JOIN_USING", "0A000", d.Pos, "a LATERAL join takes ON, not USING or NATURAL")
	}
	if j.kind != plan.Inner && j.kind != plan.Cross && j.kind != plan.LeftOuter {
		return scope{}, fault("INVALID_LATERAL_JOIN_TYPE", "42613", d.Pos, "a %s join cannot have LATERAL", j.kind)
	}
	a := &around{rows: left, count: r.count, single: true}
	inner := &resolver{tables: r.tables, count: r.count, outer: a}
	found, err := inner.query(d.query, with)
	if err != nil {
		return scope{}, err
	}
	right, err := renamed(found, d.alias, d.columns, d.Pos)
	if err != nil {
		return scope{}, err
	}
	q := plan.Subquery{Pos: d.Pos, Name: r.count.name("lateral"), Query: found.node, Vars: map[int]expr.Bound{}}
	columns := plan.ColumnsOf(left.node)
	for _, u := range a.used {
		q.Vars[u.ID] = columns[u.column]
	}
	var cond expr.Bound
	if j.on != nil {
		// The pairs' columns have the types that they will have; what they hold is not of interest yet.
		pairs, err := plan.NewProject(left.node, append(columns, nothing(found.node)...), append(namesOf(left.node), namesOf(found.node)...))
		if err != nil {
			return scope{}, at(err, d.Pos)
		}
		if cond, err = left.beside(right, pairs).predicate(j.on); err != nil {
			return scope{}, err
		}
	}
	node, err := q.Lateral(j.kind, left.node, cond)
	if err != nil {
		return scope{}, at(err, d.Pos)
	}
	return left.beside(right, node), nil
}

// nothing is a NULL of the type of each of n's columns.
func nothing(n plan.Node) []expr.Bound {
	values := make([]expr.Bound, n.Schema().NumFields())
	for i, f := range n.Schema().Fields() {
		values[i] = expr.BoundLiteral{Typ: f.Type}
	}
	return values
}
