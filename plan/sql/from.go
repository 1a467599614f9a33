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
		return oneRow(), nil
	}
	rows, err := r.relation(relations[0], with)
	if err != nil {
		return scope{}, err
	}
	for _, next := range relations[1:] {
		right, err := r.relation(next, with)
		if err != nil {
			return scope{}, err
		}
		if rows, err = joined(plan.Cross, rows, right, nil); err != nil {
			return scope{}, err
		}
	}
	return rows, nil
}

func (r *resolver) relation(rel relation, with *withScope) (scope, error) {
	switch rel := rel.(type) {
	case tableName:
		return r.table(rel, with)
	case derived:
		rows, err := r.query(rel.query, with)
		if err != nil {
			return scope{}, err
		}
		return renamed(rows, rel.alias, rel.columns, rel.Pos)
	case join:
		return r.join(rel, with)
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
	var cond expr.Bound
	if j.on != nil {
		both, err := joined(plan.Cross, left, right, nil)
		if err != nil {
			return scope{}, at(err, j.Pos)
		}
		if cond, err = both.predicate(j.on); err != nil {
			return scope{}, err
		}
	}
	rows, err := joined(j.kind, left, right, cond)
	return rows, at(err, j.Pos)
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
