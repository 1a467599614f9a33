package sql

import (
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// compared resolves INTERSECT and EXCEPT, whose rows are distinct and whose NULLs are equal: the rows of both sides are marked with their side, 0 and 1,
// and grouped; a group is in both sides if it has both marks, and in the left one alone if it has no other.
func compared(b setBody, left, right plan.Node) (scope, error) {
	marked, err := markedSides(left, right, b.Pos)
	if err != nil {
		return scope{}, err
	}
	width := left.Schema().NumFields()
	marks := scope{node: marked, labels: []label{{name: "side", column: width}}}
	var aggs []expr.BoundAggregate
	for _, function := range []string{"min", "max"} {
		a, err := marks.aggregate(expr.Call{Pos: b.Pos, Func: function, Args: []expr.Node{expr.Column{Pos: b.Pos, Path: []string{"side"}}}})
		if err != nil {
			return scope{}, err
		}
		aggs = append(aggs, a)
	}
	names := namesOf(left)
	grouped, err := plan.NewAggregate(marked, plan.ColumnsOf(marked)[:width], names, aggs, []string{"first_side", "last_side"})
	if err != nil {
		return scope{}, at(err, b.Pos)
	}
	sides := scope{node: grouped, labels: []label{{name: "first", column: width}, {name: "last", column: width + 1}}}
	wanted, err := sides.filtered(sideCondition(b))
	if err != nil {
		return scope{}, err
	}
	p, err := plan.NewProject(wanted.node, plan.ColumnsOf(wanted.node)[:width], names)
	return named(p, "", nil), at(err, b.Pos)
}

func sideCondition(b setBody) expr.Node {
	first, last := expr.Column{Pos: b.Pos, Path: []string{"first"}}, expr.Column{Pos: b.Pos, Path: []string{"last"}}
	if b.word == intersect {
		return expr.Call{Pos: b.Pos, Func: "<", Args: []expr.Node{first, last}}
	}
	return expr.Call{Pos: b.Pos, Func: "=", Args: []expr.Node{last, expr.Literal{Pos: b.Pos, Value: int32(0), Type: schema.Int}}}
}

// markedSides is the union of left, with 0 behind its columns, and right, with 1.
func markedSides(left, right plan.Node, pos expr.Pos) (plan.Node, error) {
	types, err := commonTypes([]plan.Node{left, right}, pos)
	if err != nil {
		return nil, err
	}
	sides := []plan.Node{left, right}
	for i, n := range sides {
		if n, err = converted(n, types); err != nil {
			return nil, at(err, pos)
		}
		exprs := append(plan.ColumnsOf(n), expr.BoundLiteral{Value: int32(i), Typ: schema.Int})
		if sides[i], err = plan.NewProject(n, exprs, append(namesOf(n), "side")); err != nil {
			return nil, at(err, pos)
		}
	}
	return united(sides, pos)
}
