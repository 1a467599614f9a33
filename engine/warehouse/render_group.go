package warehouse

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// aggregate groups.
func (r *renderer) aggregate(n plan.Aggregate, b *block) *block {
	if isSingle(n) {
		return r.single(n, b)
	}
	parts := slices.Clone(n.Groups)
	for _, a := range n.Aggs {
		parts = append(parts, a.Args...)
		if a.Filter != nil {
			parts = append(parts, a.Filter)
		}
	}
	if !b.plainRows() || !b.simple(parts...) {
		b = r.wrap(b)
	}
	b, groups := r.groupable(b, n.Groups)
	var outputs []*output
	for _, g := range groups {
		node := typed(b.node(g), g.Type())
		b.groups = append(b.groups, node)
		outputs = append(outputs, &output{node: node})
	}
	for _, a := range n.Aggs {
		outputs = append(outputs, &output{node: b.aggregate(a)})
	}
	b.outputs, b.shape, b.called = outputs, grouped, "grouped"
	return b
}

// groupable computes what GROUP BY cannot repeat in a sub-query: a constant would be a position there, and no two lambdas are the same.
func (r *renderer) groupable(b *block, groups []expr.Bound) (*block, []expr.Bound) {
	outputs, fields, groups := slices.Clone(b.outputs), slices.Clone(b.fields), slices.Clone(groups)
	for i, g := range groups {
		node := b.node(g)
		if _, constant := node.(expr.Literal); !constant && !hasLambda(g) {
			continue
		}
		groups[i] = expr.BoundColumn{Index: len(outputs), Name: "key", Typ: g.Type(), Null: g.Nullable()}
		outputs = append(outputs, &output{node: typed(node, g.Type())})
		fields = append(fields, arrow.Field{Name: "key", Type: g.Type(), Nullable: g.Nullable()})
	}
	if len(outputs) == len(b.outputs) {
		return b, groups
	}
	b.outputs, b.fields, b.called = outputs, fields, "computed"
	return r.wrap(b), groups
}

func hasLambda(e expr.Bound) bool {
	found := false
	expr.Walk(e, func(part expr.Bound) bool {
		_, lambda := part.(expr.BoundLambda)
		found = found || lambda
		return !found
	})
	return found
}

// window appends window functions.
func (r *renderer) window(n plan.Window, b *block) *block {
	var parts []expr.Bound
	for _, f := range n.Funcs {
		parts = slices.Concat(parts, f.Args, f.PartitionBy, sorts(f.OrderBy))
	}
	b = r.windowable(b, parts)
	b.outputs = slices.Clone(b.outputs)
	for _, f := range n.Funcs {
		b.outputs = append(b.outputs, &output{node: b.window(f)})
	}
	b.shape, b.called = windowed, "windowed"
	return b
}

// windowable is b where its select list can have window functions over the expressions.
func (r *renderer) windowable(b *block, parts []expr.Bound) *block {
	if b.shape == grouped || len(b.order) > 0 || b.limited() || b.union != nil || !b.simple(parts...) {
		return r.wrap(b)
	}
	return b
}

// latest numbers the rows of each key in a sub-query and keeps the first.
func (r *renderer) latest(n plan.Latest, b *block) *block {
	b = r.windowable(b, slices.Concat(n.Keys, sorts(n.By)))
	number := b.window(expr.BoundWindow{Func: "row_number", PartitionBy: n.Keys, OrderBy: n.By, Typ: schema.Int})
	width := len(b.outputs)
	b.outputs = append(slices.Clone(b.outputs), &output{node: number})
	b.fields = append(slices.Clone(b.fields), arrow.Field{Name: "row_number", Type: schema.Int})
	b.shape, b.called = windowed, "numbered"
	outer := r.wrap(b)
	one := expr.Literal{Value: int32(1), Type: schema.Int}
	outer.where = []expr.Node{expr.Call{Func: "=", Args: []expr.Node{outer.outputs[width].node, one}}}
	outer.outputs, outer.called = outer.outputs[:width], "latest"
	return outer
}
