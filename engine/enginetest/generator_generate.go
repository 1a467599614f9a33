package enginetest

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// generate takes apart an array or a map of the input, or an array of one of its columns, or stacks columns.
func (g *generator) generate(in plan.Node) plan.Node {
	gen, err := expr.BindGenerator(g.rows(variables(in.Schema())), expr.NewScope(in.Schema()))
	if err != nil || slices.ContainsFunc(gen.Args, plan.MayFail) {
		return g.project(in)
	}
	names := make([]string, len(gen.Columns))
	for i := range names {
		names[i] = g.name()
	}
	return must(plan.NewGenerate(in, gen, names))
}

// rows is a call of a generator.
func (g *generator) rows(vars []variable) expr.Call {
	v, other := pick(g, vars), pick(g, vars)
	if g.chance(30) {
		null := expr.Literal{Type: arrow.Null}
		two := expr.Literal{Value: int32(2), Type: schema.Int}
		return expr.Call{Func: "stack", Args: []expr.Node{two, column(v.name), column(other.name), null, column(other.name)}}
	}
	collections := slices.DeleteFunc(slices.Clone(vars), func(v variable) bool { return v.typ.ID() != arrow.LIST && v.typ.ID() != arrow.MAP })
	arg := expr.Node(expr.Call{Func: "array", Args: []expr.Node{column(v.name), column(v.name)}})
	if len(collections) > 0 && g.chance(80) {
		arg = column(pick(g, collections).name)
	}
	return expr.Call{Func: pick(g, []string{"explode", "explode_outer", "posexplode", "posexplode_outer"}), Args: []expr.Node{arg}}
}
