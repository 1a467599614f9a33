package sql

import (
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// from resolves a FROM clause: its relations joined crosswise, one row without columns where there is none.
func (r *resolver) from(relations []relation, with *withScope) (scope, error) {
	if len(relations) == 0 {
		rows := oneRow()
		rows.outer = r.outer
		return rows, nil
	}
	rows, err := r.relation(relations[0], with)
	if err != nil {
		return scope{}, err
	}
	for _, next := range relations[1:] {
		if rows, err = r.beside(rows, next, with); err != nil {
			return scope{}, err
		}
	}
	return rows, nil
}

// beside joins rows crosswise with one more relation.
func (r *resolver) beside(rows scope, next relation, with *withScope) (scope, error) {
	cross := join{kind: plan.Cross}
	if f, ok := next.(tableFunction); ok && f.lateral {
		return lateralJoin(rows, cross, f)
	}
	if d, ok := next.(derived); ok && d.lateral {
		return r.lateral(cross, rows, d, with)
	}
	right, err := r.relation(next, with)
	if err != nil {
		return scope{}, err
	}
	return joined(plan.Cross, rows, right, nil)
}

// relation resolves one relation of FROM.
func (r *resolver) relation(rel relation, with *withScope) (scope, error) {
	rows, err := r.rows(rel, with)
	rows.outer = r.outer
	return rows, err
}

func (r *resolver) rows(rel relation, with *withScope) (scope, error) {
	switch rel := rel.(type) {
	case tableName:
		return r.table(rel, with)
	case derived:
		rows, err := r.query(rel.query, with)
		if err != nil {
			return scope{}, err
		}
		return renamed(rows, rel.alias, rel.columns, rel.Pos)
	case tableFunction:
		return oneRow().tableFunction(rel)
	case join:
		return r.join(rel, with)
	case pivot:
		return r.pivot(rel, with)
	case unpivot:
		return r.unpivot(rel, with)
	}
	return scope{}, fault("INTERNAL_ERROR", "XX000", expr.Pos{}, "plan/sql: a relation of type %T", rel)
}

// table looks a name up among the queries of WITH, then among the tables.
func (r *resolver) table(t tableName, with *withScope) (scope, error) {
	if rows, ok := with.find(t.name); ok {
		return renamed(rows, t.alias, t.columns, t.Pos)
	}
	for name, n := range r.tables {
		if sameTable(name, t.name) {
			return renamed(named(n, "", nil), t.alias, t.columns, t.Pos)
		}
	}
	return scope{}, tableNotFound(t, r.tables, with)
}

func (r *resolver) join(j join, with *withScope) (scope, error) {
	left, err := r.relation(j.left, with)
	if err != nil {
		return scope{}, err
	}
	if d, ok := j.right.(derived); ok && d.lateral {
		return r.lateral(j, left, d, with)
	}
	if f, ok := j.right.(tableFunction); ok && f.lateral {
		return lateralJoin(left, j, f)
	}
	right, err := r.relation(j.right, with)
	if err != nil {
		return scope{}, err
	}
	if j.natural {
		j.using = commonColumns(left, right, j.Pos)
	}
	if len(j.using) > 0 {
		return joinUsing(j, left, right)
	}
	return r.joinOn(j, left, right, with)
}

// joinOn joins on a condition. An inner join with sub-queries in it is the pairs of rows, filtered; for other kinds they are columns of one side.
func (r *resolver) joinOn(j join, left, right scope, with *withScope) (scope, error) {
	if j.on == nil {
		rows, err := joined(j.kind, left, right, nil)
		return rows, at(err, j.Pos)
	}
	both, err := joined(plan.Cross, left, right, nil)
	if err != nil {
		return scope{}, at(err, j.Pos)
	}
	if j.on, err = r.nest(j.on, both, with); err != nil {
		return scope{}, err
	}
	if hasSubquery(j.on) {
		if j.kind == plan.Inner || j.kind == plan.Cross {
			return both.filtered(j.on)
		}
		if left, right, both, err = attachSides(j, left, right); err != nil {
			return scope{}, err
		}
	}
	cond, err := both.predicate(j.on)
	if err != nil {
		return scope{}, err
	}
	rows, err := joined(j.kind, left, right, cond)
	return rows, at(err, j.Pos)
}

// attachSides computes each sub-query of a join's condition on the side whose columns it reads.
func attachSides(j join, left, right scope) (l, r, both scope, err error) {
	for _, sub := range subqueriesIn(j.on) {
		switch {
		case left.holds(sub):
			left, err = left.attach(sub)
		case right.holds(sub):
			right, err = right.attach(sub)
		default:
			err = fault("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_EXPRESSION_IN_JOIN_CONDITION", "0A000", sub.Pos,
				"a sub-query in the condition of a %s join that reads columns of both sides", j.kind)
		}
		if err != nil {
			return left, right, both, err
		}
	}
	both, err = joined(plan.Cross, left, right, nil)
	return left, right, both, at(err, j.Pos)
}

// holds tells whether all columns that n reads are columns of s.
func (s scope) holds(n expr.Node) bool {
	all := true
	expr.WalkNode(n, func(part expr.Node) bool {
		c, ok := part.(expr.Column)
		all = all && (!ok || s.has(c))
		return all
	})
	return all
}

// lateral joins each row of left with what the query gives for it.
func (r *resolver) lateral(j join, left scope, d derived, with *withScope) (scope, error) {
	if j.natural || len(j.using) > 0 {
		return scope{}, fault("UNSUPPORTED_FEATURE.LATERAL_JOIN_USING", "0A000", d.Pos, "a LATERAL join takes ON, not USING or NATURAL")
	}
	if j.kind != plan.Inner && j.kind != plan.Cross && j.kind != plan.LeftOuter {
		return scope{}, fault("INVALID_LATERAL_JOIN_TYPE", "42613", d.Pos, "a %s join cannot have LATERAL", j.kind)
	}
	a := &around{rows: left, count: r.count}
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

// joined joins two scopes on a condition over the columns of both.
func joined(kind plan.JoinKind, left, right scope, cond expr.Bound) (scope, error) {
	n, err := plan.JoinOn(kind, left.node, right.node, cond)
	if err != nil {
		return scope{}, err
	}
	if kind == plan.LeftSemi || kind == plan.LeftAnti {
		return left.over(n), nil
	}
	return left.beside(right, n), nil
}

// commonColumns are the columns of a NATURAL join.
func commonColumns(left, right scope, pos expr.Pos) []columnName {
	var common []columnName
	for _, v := range left.visible {
		name := left.labels[v].name
		if slices.ContainsFunc(right.visible, func(i int) bool { return strings.EqualFold(right.labels[i].name, name) }) {
			common = append(common, columnName{pos, name})
		}
	}
	return common
}
