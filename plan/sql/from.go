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
		one := oneRow()
		if rel.lateral {
			one.outer = r.outer
		}
		return one.tableFunction(rel)
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
	if w := with.find(t.String()); w != nil {
		if err := w.self.use(r, t.Pos); err != nil {
			return scope{}, err
		}
		return renamed(w.rows, t.alias, t.columns, t.Pos)
	}
	for name, n := range r.tables {
		if sameTable(name, t.String()) {
			return renamed(named(n, "", nil), t.alias, t.columns, t.Pos)
		}
	}
	return scope{}, tableNotFound(t, r.tables, with)
}

func (r *resolver) join(j join, with *withScope) (scope, error) {
	before := with.selfReferences()
	left, err := r.relation(j.left, with)
	if err != nil {
		return scope{}, err
	}
	if err := with.refuseSince(before, j.kind == plan.RightOuter || j.kind == plan.FullOuter); err != nil {
		return scope{}, err
	}
	if d, ok := j.right.(derived); ok && d.lateral {
		return r.lateral(j, left, d, with)
	}
	if f, ok := j.right.(tableFunction); ok && f.lateral {
		return lateralJoin(left, j, f)
	}
	before = with.selfReferences()
	right, err := r.relation(j.right, with)
	if err != nil {
		return scope{}, err
	}
	if err := with.refuseSince(before, j.kind != plan.Inner && j.kind != plan.Cross && j.kind != plan.RightOuter); err != nil {
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
