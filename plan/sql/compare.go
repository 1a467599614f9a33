package sql

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// compared resolves INTERSECT and EXCEPT, whose NULLs are equal: the rows of both sides are marked with their side, 0 and 1, and grouped by all columns. Of
// a group there is one row where it is in both sides, or in the left one alone; with ALL there are as many as the sides have of it in common, or as the left
// one has more of it.
func compared(b setBody, left, right plan.Node) (scope, error) {
	marked, err := markedSides(left, right, b.Pos)
	if err != nil {
		return scope{}, err
	}
	width := left.Schema().NumFields()
	marks := scope{node: marked, labels: []label{{name: "side", column: width}}}
	side := expr.Column{Pos: b.Pos, Path: []string{"side"}}
	aggs := make([]expr.BoundAggregate, 2)
	for i := range aggs {
		of := expr.Call{Pos: b.Pos, Func: "=", Args: []expr.Node{side, expr.Literal{Pos: b.Pos, Value: int32(i), Type: schema.Int}}}
		if aggs[i], err = marks.aggregate(expr.Call{Pos: b.Pos, Func: "count", Args: []expr.Node{expr.Star{}}, Filter: of}); err != nil {
			return scope{}, err
		}
	}
	names := namesOf(left)
	grouped, err := plan.NewAggregate(marked, plan.ColumnsOf(marked)[:width], names, aggs, []string{"left_rows", "right_rows"})
	if err != nil {
		return scope{}, at(err, b.Pos)
	}
	sides := scope{node: grouped, labels: []label{{name: "left", column: width}, {name: "right", column: width + 1}}}
	wanted, err := sides.compare(b)
	if err != nil {
		return scope{}, err
	}
	p, err := plan.NewProject(wanted.node, plan.ColumnsOf(wanted.node)[:width], names)
	return named(p, "", nil), at(err, b.Pos)
}

// compare keeps of groups, with the numbers of their rows on each side, what b wants.
func (s scope) compare(b setBody) (scope, error) {
	call := func(function string, args ...expr.Node) expr.Node {
		return expr.Call{Pos: b.Pos, Func: function, Args: args}
	}
	left, right := expr.Column{Pos: b.Pos, Path: []string{"left"}}, expr.Column{Pos: b.Pos, Path: []string{"right"}}
	none := expr.Literal{Pos: b.Pos, Value: int64(0), Type: schema.BigInt}
	switch {
	case b.all && b.word == intersect:
		return s.repeated(call("least", left, right), b.Pos)
	case b.all:
		return s.repeated(call("-", left, right), b.Pos)
	case b.word == intersect:
		return s.filtered(call("and", call(">", left, none), call(">", right, none)))
	default:
		return s.filtered(call("=", right, none))
	}
}

// repeated gives each row as often as times says, which is a BIGINT.
func (s scope) repeated(times expr.Node, pos expr.Pos) (scope, error) {
	n, err := s.bind(times)
	if err != nil {
		return scope{}, err
	}
	first, step := expr.BoundLiteral{Value: int64(0), Typ: schema.BigInt}, expr.BoundLiteral{Value: int64(1), Typ: schema.BigInt}
	counted, err := plan.NewGenerate(s.node, expr.BoundGenerator{
		Pos: pos, Func: "range", Args: []expr.Bound{first, n, step}, Columns: []arrow.Field{{Name: "copy", Type: schema.BigInt}},
	}, []string{"copy"})
	if err != nil {
		return scope{}, at(err, pos)
	}
	return s.over(counted), nil
}

// markedSides is the union of left, with 0 behind its columns, and right, with 1.
func markedSides(left, right plan.Node, pos expr.Pos) (plan.Node, error) {
	types, err := commonTypes([]plan.Node{left, right}, pos)
	if err != nil {
		return nil, err
	}
	sides := []plan.Node{left, right}
	for i, n := range sides {
		if n, err = converted(n, types, pos); err != nil {
			return nil, at(err, pos)
		}
		exprs := append(plan.ColumnsOf(n), expr.BoundLiteral{Value: int32(i), Typ: schema.Int})
		if sides[i], err = plan.NewProject(n, exprs, append(namesOf(n), "side")); err != nil {
			return nil, at(err, pos)
		}
	}
	return united(sides, pos)
}
