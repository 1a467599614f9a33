package sql

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// groupingSet is the keys of one grouping set: bit i is set where rows are grouped by key i.
type groupingSet []bool

// groupingSets takes over the sets of GROUP BY; at are the keys that its expressions are.
func (s *selection) groupingSets(at []int) {
	g := s.groups
	if len(s.body.group.sets) == 1 && len(g.keys) == 0 {
		return // one group of everything, also where there are no rows
	}
	for _, positions := range s.body.group.sets {
		set := make(groupingSet, len(g.keys))
		for _, p := range positions {
			set[at[p]] = true
		}
		g.sets = append(g.sets, set)
	}
	if g.sets != nil {
		g.setName = s.taken.fresh("grouping_id")
	}
}

// id is what grouping_id() gives: a bit for each key, the first the highest, set where rows are not grouped by it.
func (s groupingSet) id() int64 {
	id := int64(0)
	for _, in := range s {
		id <<= 1
		if !in {
			id |= 1
		}
	}
	return id
}

// expanded gives each row of in once per grouping set, with the keys that rows are not grouped by in that set NULL, and the set's id. Sets that are there
// twice, which have one id, are told apart by their number.
func (g *groups) expanded(in plan.Node) (plan.Node, []expr.Bound, []string, error) {
	names := append(slices.Clone(g.keyNames), g.setName)
	gen := expr.BoundGenerator{Func: "stack"}
	for i, k := range g.keys {
		absent := slices.ContainsFunc(g.sets, func(s groupingSet) bool { return !s[i] })
		gen.Columns = append(gen.Columns, arrow.Field{Name: names[i], Type: k.Type(), Nullable: k.Nullable() || absent})
	}
	gen.Columns = append(gen.Columns, arrow.Field{Name: g.setName, Type: schema.BigInt})
	repeated := g.repeated()
	if repeated {
		names = append(names, g.setName+" number")
		gen.Columns = append(gen.Columns, arrow.Field{Name: names[len(names)-1], Type: schema.Int})
	}
	for number, s := range g.sets {
		for i, k := range g.keys {
			if !s[i] {
				k = expr.BoundLiteral{Typ: k.Type()}
			}
			gen.Args = append(gen.Args, k)
		}
		gen.Args = append(gen.Args, expr.BoundLiteral{Value: s.id(), Typ: schema.BigInt})
		if repeated {
			gen.Args = append(gen.Args, expr.BoundLiteral{Value: int32(number), Typ: schema.Int})
		}
	}
	n, err := plan.NewGenerate(in, gen, names)
	if err != nil {
		return nil, nil, nil, err
	}
	return n, plan.ColumnsOf(n)[in.Schema().NumFields():], names, nil
}

// repeated tells whether a set is there twice.
func (g *groups) repeated() bool {
	seen := map[int64]bool{}
	for _, s := range g.sets {
		if seen[s.id()] {
			return true
		}
		seen[s.id()] = true
	}
	return false
}

func isGrouping(c expr.Call) bool {
	return strings.EqualFold(c.Func, "grouping") || strings.EqualFold(c.Func, "grouping_id")
}

// groupingIn is the first call of grouping or grouping_id in n.
func groupingIn(n expr.Node) (found expr.Node) {
	expr.WalkNode(n, func(part expr.Node) bool {
		if c, ok := part.(expr.Call); ok && found == nil && isGrouping(c) {
			found = c
		}
		return found == nil
	})
	return found
}

// grouping resolves grouping(key) and grouping_id([keys]), which only grouping sets give a meaning.
func (s *selection) grouping(c expr.Call) (expr.Node, error) {
	g := s.groups
	if g == nil || g.sets == nil {
		return nil, fault("UNSUPPORTED_GROUPING_EXPRESSION", "42K0E", c.Pos, "%s needs GROUP BY with ROLLUP, CUBE or GROUPING SETS", c)
	}
	keys := make([]int, len(c.Args))
	for i, a := range c.Args {
		if keys[i] = g.match(a, s.in); keys[i] < 0 {
			return nil, notGrouped(c, a)
		}
	}
	id := expr.Column{Pos: c.Pos, Path: []string{g.setName}}
	if strings.EqualFold(c.Func, "grouping_id") {
		if len(keys) > 0 && (len(keys) != len(g.keys) || !slices.IsSorted(keys)) {
			return nil, notGrouped(c, c)
		}
		return id, nil
	}
	if len(keys) != 1 {
		return nil, fault("WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605", c.Pos, "grouping takes 1 argument, not %d", len(keys))
	}
	without := []expr.Node{id}
	for _, set := range g.sets {
		if !set[keys[0]] {
			without = append(without, expr.Literal{Pos: c.Pos, Value: set.id(), Type: schema.BigInt})
		}
	}
	if len(without) == 1 {
		return tinyInt(0, c.Pos), nil
	}
	when := expr.When{Cond: expr.Call{Pos: c.Pos, Func: "in", Args: without}, Result: tinyInt(1, c.Pos)}
	return expr.Case{Pos: c.Pos, Whens: []expr.When{when}, Else: tinyInt(0, c.Pos)}, nil
}

func tinyInt(v int8, pos expr.Pos) expr.Node {
	return expr.Literal{Pos: pos, Value: v, Type: schema.TinyInt}
}

func notGrouped(c expr.Call, n expr.Node) error {
	class := "GROUPING_COLUMN_MISMATCH"
	if strings.EqualFold(c.Func, "grouping_id") {
		class = "GROUPING_ID_COLUMN_MISMATCH"
	}
	err := fault(class, "42803", n.Position(), "%s is not what GROUP BY groups by", n)
	if class == "GROUPING_ID_COLUMN_MISMATCH" {
		err.Message = "the arguments of " + c.String() + " are not those of GROUP BY"
	}
	return err
}
