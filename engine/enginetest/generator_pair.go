package enginetest

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// pair is a join or a union of two relations. Their columns have different names, as every column of a relation gets a new one.
func (g *generator) pair(depth int) plan.Node {
	left, right := g.relation(depth-1), g.leaf()
	if g.chance(30) && spelt(left.Schema()) {
		return g.union(left, right)
	}
	return g.join(left, right)
}

// spelt tells whether SQL has words for the types, as it has none for arrays that hold no NULL.
func spelt(s *arrow.Schema) bool {
	return !slices.ContainsFunc(s.Fields(), func(f arrow.Field) bool {
		t, err := schema.ParseType(schema.Name(f.Type))
		return err != nil || !arrow.TypeEqual(t, f.Type)
	})
}

// join pairs by columns of one type, or where there are none crosses the rows.
func (g *generator) join(left, right plan.Node) plan.Node {
	var keys [][2]expr.Bound
	for _, l := range plan.ColumnsOf(left) {
		for _, r := range plan.ColumnsOf(right) {
			if arrow.TypeEqual(l.Type(), r.Type()) && orderable(l.Type()) {
				keys = append(keys, [2]expr.Bound{l, r})
			}
		}
	}
	kind := pick(g, joinKinds)
	var residual expr.Bound
	if g.chance(40) && kind != plan.Cross {
		both := append(append([]arrow.Field(nil), left.Schema().Fields()...), right.Schema().Fields()...)
		residual = g.totalOf(arrow.NewSchema(both, nil), typeBoolean)
	}
	var lefts, rights []expr.Bound
	if kind != plan.Cross && len(keys) > 0 && (residual == nil || g.chance(80)) {
		for range 1 + g.rng.IntN(2) {
			k := pick(g, keys)
			lefts, rights = append(lefts, k[0]), append(rights, k[1])
		}
	}
	if len(lefts) == 0 && residual == nil {
		kind = plan.Cross
	}
	return g.distinct(must(plan.NewJoin(kind, left, right, lefts, rights, residual)))
}

// distinct renames the columns of a join that another join above it would find twice.
func (g *generator) distinct(n plan.Node) plan.Node {
	if g.chance(50) {
		return n
	}
	return g.renamed(n)
}

// union puts under left's rows those of right, column by column one of the same type, or NULL.
func (g *generator) union(left, right plan.Node) plan.Node {
	columns := plan.ColumnsOf(right)
	exprs := make([]expr.Bound, left.Schema().NumFields())
	names := make([]string, len(exprs))
	for i, f := range left.Schema().Fields() {
		exprs[i], names[i] = expr.BoundLiteral{Typ: f.Type}, g.name()
		for _, at := range g.rng.Perm(len(columns)) {
			if arrow.TypeEqual(columns[at].Type(), f.Type) {
				exprs[i] = columns[at]
				break
			}
		}
	}
	return must(plan.NewUnion(left, must(plan.NewProject(right, exprs, names))))
}
