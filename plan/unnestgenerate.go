package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// generate joins the domain in where the generator reads variables; its rows then stand beside all columns of what it is over.
func (u *unnester) generate(n Generate) dependent {
	d := u.settled(u.unnest(n.Input))
	gen := n.Gen
	gen.Args = u.allOver(gen.Args, d.outs)
	if len(u.free(gen.Args...)) > 0 {
		ids := u.free(slices.Concat(d.conds, d.outs, gen.Args)...)
		domain := u.domain(ids)
		values, conds := u.valuesAt(ids, domain, d.node.Schema().NumFields())
		node := u.joined(Inner, d.node, domain, allKnown(d.conds, values))
		d = dependent{node: node, outs: allKnown(d.outs, values), conds: conds}
		gen.Args = allKnown(gen.Args, values)
	}
	width := d.node.Schema().NumFields()
	g, err := NewGenerate(d.node, loosened(gen), fieldNames(n)[len(n.Keep):])
	if err != nil {
		u.fail(err)
		return d
	}
	outs := make([]expr.Bound, len(n.Keep))
	for i, k := range n.Keep {
		outs[i] = d.outs[k]
	}
	return dependent{node: g, outs: append(outs, ColumnsOf(g)[width:]...), conds: d.conds}
}

// loosened is a stack whose columns may be NULL where its values may be.
func loosened(gen expr.BoundGenerator) expr.BoundGenerator {
	if gen.Func != "stack" {
		return gen
	}
	gen.Columns = slices.Clone(gen.Columns)
	for i, a := range gen.Args {
		f := &gen.Columns[i%len(gen.Columns)]
		f.Nullable = f.Nullable || a.Nullable()
	}
	return gen
}
