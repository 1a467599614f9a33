package warehouse

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// generate is a LATERAL VIEW or, of a table function, a LATERAL join behind the sources, whose columns it reads as they are.
func (r *renderer) generate(n plan.Generate, b *block) *block {
	fields := n.Schema().Fields()
	names := uniqueNames(newBlock(fields[len(n.Keep):]))
	joined := n.Gen.Func == "variant_explode"
	if isOneRow(n.Input) && (joined || n.Gen.Func == "range" && !n.Gen.Outer) {
		return over(source{text: b.tableFunction(n.Gen), alias: r.alias("generated"), aliased: true, columns: names}, fields, names)
	}
	if !b.bare() || joined && slices.ContainsFunc(b.from, source.isLateral) { // no join may stand behind a LATERAL VIEW
		b = r.wrap(b)
	}
	b.qualify()
	s := source{alias: r.alias("generated"), columns: names}
	if joined {
		s.join, s.text, s.aliased = "CROSS JOIN LATERAL", b.tableFunction(n.Gen), true
	} else {
		s.lateral = b.generator(n.Gen)
	}
	outputs := make([]*output, 0, len(fields))
	for _, k := range n.Keep {
		outputs = append(outputs, b.outputs[k])
	}
	for _, name := range names {
		outputs = append(outputs, &output{node: expr.Column{Path: []string{s.alias, name}}, simple: true})
	}
	b.from, b.outputs, b.called = append(slices.Clip(b.from), s), outputs, "generated"
	return b
}

func isOneRow(n plan.Node) bool {
	v, ok := n.(plan.Values)
	return ok && len(v.Rows) == 1 && len(v.Rows[0]) == 0
}

func (s source) isLateral() bool { return s.lateral != "" }

func (s source) lateralView() string {
	return "LATERAL VIEW " + s.lateral + " " + identifiers([]string{s.alias}) + " AS " + identifiers(s.columns)
}

// tableFunction writes the call of one over b's outputs.
func (b *block) tableFunction(g expr.BoundGenerator) string {
	c := expr.Call{Func: g.Func, Args: b.nodes(g.Args)}
	if g.Outer {
		c.Func += "_outer"
	}
	return c.String()
}

// generator writes a generator's call over b's outputs, behind OUTER where it is one.
func (b *block) generator(g expr.BoundGenerator) string {
	c := expr.Call{Func: g.Func, Args: b.nodes(g.Args)}
	switch g.Func {
	case "stack":
		c.Args = append([]expr.Node{expr.Literal{Value: int32(g.Rows()), Type: schema.Int}}, c.Args...)
	case "range":
		c = expr.Call{Func: "explode", Args: []expr.Node{sequence(c.Args[0], c.Args[1], c.Args[2], g.Args[2])}}
	}
	if g.Outer {
		return "OUTER " + c.String()
	}
	return c.String()
}

// sequence is range as an array: Spark's sequence ends with its end, and turns round where that comes before the start.
func sequence(start, end, step expr.Node, bound expr.Bound) expr.Node {
	one, before, last := expr.Literal{Value: int64(1), Type: schema.BigInt}, "<", "-"
	if l, ok := bound.(expr.BoundLiteral); ok && l.Value != nil && l.Value.(int64) < 0 {
		before, last = ">", "+"
	}
	numbers := expr.Call{Func: "sequence", Args: []expr.Node{start, expr.Call{Func: last, Args: []expr.Node{end, one}}, step}}
	none := expr.Cast{Arg: expr.Call{Func: "array"}, Type: schema.ArrayOf(schema.BigInt, true)}
	return expr.Call{Func: "if", Args: []expr.Node{expr.Call{Func: before, Args: []expr.Node{start, end}}, numbers, none}}
}
