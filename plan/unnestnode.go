package plan

import (
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// filter carries the conditions with variables up and filters by the others.
func (u *unnester) filter(n Filter) dependent {
	d := u.unnest(n.Input)
	if d.empty != nil {
		passes, ok := folded(u.over(n.Cond, d.empty)).(expr.BoundLiteral)
		if !ok || passes.Value == true {
			d = u.settled(d)
		}
		d.empty = nil
	}
	var own []expr.Bound
	for _, c := range expr.Conjuncts(u.over(n.Cond, d.outs)) {
		if len(u.free(c)) > 0 {
			d.conds = append(slices.Clip(d.conds), c)
		} else {
			own = append(own, c)
		}
	}
	d.node = keep(d.node, own)
	return d
}

// project leaves what variables are in to be computed after the join with the rows around.
func (u *unnester) project(n Project) dependent {
	d := u.unnest(n.Input)
	if d.empty != nil {
		d.empty = u.allOver(n.Exprs, d.empty)
	}
	d.outs = u.allOver(n.Exprs, d.outs)
	return u.computed(d)
}

// aggregate groups by the keys too. Without groups of its own the query has a row also where there is no group.
func (u *unnester) aggregate(n Aggregate) dependent {
	parts := slices.Clone(n.Groups)
	for _, a := range n.Aggs {
		parts = append(parts, aggregateParts(a)...)
	}
	d := u.keyed(u.unnest(n.Input), parts...)
	aggs := make([]expr.BoundAggregate, len(n.Aggs))
	for i, a := range n.Aggs {
		a.Args = u.within(d, a.Args...)
		if a.Filter != nil {
			a.Filter = u.within(d, a.Filter)[0]
		}
		aggs[i] = a
	}
	groups, keys := u.within(d, n.Groups...), u.keys(d)
	names := fieldNames(n)
	groupNames := slices.Clone(names[:len(groups)])
	for _, k := range keys {
		groupNames = append(groupNames, k.String())
	}
	node, err := NewAggregate(d.node, slices.Concat(groups, keys), groupNames, aggs, names[len(groups):])
	if err != nil {
		u.fail(err)
		return d
	}
	columns := ColumnsOf(node)
	result := dependent{
		node: node, outs: slices.Concat(columns[:len(groups)], columns[len(groups)+len(keys):]), conds: u.rekeyed(d, keys, node, len(groups)),
	}
	if len(groups) == 0 && len(result.conds) > 0 {
		result.empty = u.overNothing(aggs)
	}
	return result
}

// overNothing are the aggregates over no rows: NULL, or for what is never NULL nothing, counted or collected.
func (u *unnester) overNothing(aggs []expr.BoundAggregate) []expr.Bound {
	values := make([]expr.Bound, len(aggs))
	for i, a := range aggs {
		if a.Null {
			values[i] = nullOf(a.Typ)
			continue
		}
		v, ok := zeroOf(a.Typ)
		if list, isList := a.Typ.(*arrow.ListType); isList {
			var err error
			v, err = expr.Bind(expr.Cast{Arg: expr.Call{Func: "array"}, Type: list}, expr.Scope{})
			ok = err == nil
		}
		if !ok {
			u.fail(fault("UNSUPPORTED_FEATURE", "0A000", a.Pos, "%s in a correlated sub-query", a))
			v = nullOf(a.Typ)
		}
		values[i] = v
	}
	return values
}

// window partitions by the keys too.
func (u *unnester) window(n Window) dependent {
	var parts []expr.Bound
	for _, f := range n.Funcs {
		parts = append(parts, windowParts(f)...)
	}
	d := u.keyed(u.unnest(n.Input), parts...)
	keys, funcs := u.keys(d), make([]expr.BoundWindow, len(n.Funcs))
	for i, f := range n.Funcs {
		f.Args, f.OrderBy = u.within(d, f.Args...), u.sortsWithin(d, f.OrderBy)
		f.PartitionBy = append(u.within(d, f.PartitionBy...), keys...)
		funcs[i] = f
	}
	return u.withWindow(d, funcs, fieldNames(n)[n.Input.Schema().NumFields():])
}

// withWindow computes window functions behind d's columns.
func (u *unnester) withWindow(d dependent, funcs []expr.BoundWindow, names []string) dependent {
	width := d.node.Schema().NumFields()
	w, err := NewWindow(d.node, funcs, names)
	if err != nil {
		u.fail(err)
		return d
	}
	d.node, d.outs = w, append(slices.Clip(d.outs), ColumnsOf(w)[width:]...)
	return d
}

// generate gives a row's rows to each of the values that its conditions are about.
func (u *unnester) generate(n Generate) dependent {
	d := u.knowing(u.settled(u.unnest(n.Input)), n.Gen.Args...)
	gen := n.Gen
	gen.Args = u.within(d, n.Gen.Args...)
	width := d.node.Schema().NumFields()
	g, err := NewGenerate(d.node, gen, fieldNames(n)[len(n.Keep):])
	if err != nil {
		u.fail(err)
		return d
	}
	outs := make([]expr.Bound, len(n.Keep))
	for i, c := range n.Keep {
		outs[i] = d.outs[c]
	}
	d.node, d.outs = g, append(outs, ColumnsOf(g)[width:]...)
	return d
}

func (u *unnester) latest(n Latest) dependent {
	d := u.keyed(u.unnest(n.Input), append(slices.Clone(n.Keys), sortArgs(n.By)...)...)
	l, err := NewLatest(d.node, append(u.within(d, n.Keys...), u.keys(d)...), u.sortsWithin(d, n.By))
	if err != nil {
		u.fail(err)
		return d
	}
	d.node = l
	return d
}

// order numbers the rows of each key where it is to keep some of them. The order itself is that of no rows in particular.
func (u *unnester) order(n Order) dependent {
	d := u.unnest(n.Input)
	if n.Limit < 0 && n.Offset == 0 || d.empty != nil && n.Limit != 0 && n.Offset == 0 {
		return d
	}
	d = u.keyed(d, sortArgs(n.Keys)...)
	by, keys := u.sortsWithin(d, n.Keys), u.keys(d)
	if len(keys) == 0 {
		o, err := NewOrder(d.node, by, n.Limit, n.Offset)
		u.fail(err)
		d.node = o
		return d
	}
	if len(by) == 0 {
		by = []expr.BoundSort{{Arg: keys[0], NullsFirst: true}}
	}
	number := expr.BoundWindow{
		Func: "row_number", PartitionBy: keys, OrderBy: by, Typ: schema.Int,
		Frame: expr.BoundFrame{Unit: expr.FrameRows, Start: expr.BoundFrameEnd{Kind: expr.UnboundedPreceding}, End: expr.BoundFrameEnd{Kind: expr.CurrentRow}},
	}
	width := len(d.outs)
	d = u.withWindow(d, []expr.BoundWindow{number}, []string{"row_number"})
	position := d.outs[width]
	d.outs = d.outs[:width]
	d.node = keep(d.node, between(position, n.Offset, n.Limit))
	return d
}

// between keeps the positions after offset, limit of them (-1: all).
func between(position expr.Bound, offset, limit int64) []expr.Bound {
	var conds []expr.Bound
	if offset > 0 {
		conds = append(conds, comparison(">", position, expr.BoundLiteral{Value: int32(min(offset, math.MaxInt32)), Typ: schema.Int}))
	}
	if limit >= 0 && offset+limit < math.MaxInt32 {
		conds = append(conds, comparison("<=", position, expr.BoundLiteral{Value: int32(offset + limit), Typ: schema.Int}))
	}
	return conds
}

// union unites what the inputs have for the same keys, or where they do not have the same ones, for the same variables.
func (u *unnester) union(n Union) dependent {
	inputs := make([]dependent, len(n.Inputs))
	var all []expr.Bound
	for i, in := range n.Inputs {
		inputs[i] = u.settled(u.unnest(in))
		all = append(all, slices.Concat(inputs[i].outs, inputs[i].conds)...)
	}
	if !u.alike(inputs) {
		for i, d := range inputs {
			inputs[i] = u.ground(d, all...)
		}
	}
	keys := make([]Node, len(inputs))
	width := len(n.schema.Fields())
	for i, d := range inputs {
		exprs, names := slices.Clone(d.outs), fieldNames(n)
		for _, c := range d.conds {
			_, inside, _ := u.key(c)
			exprs, names = append(exprs, inside), append(names, inside.String())
		}
		p, err := NewProject(d.node, exprs, names)
		u.fail(err)
		keys[i] = p
	}
	if u.err != nil {
		return inputs[0]
	}
	united, err := NewUnion(keys...)
	u.fail(err)
	columns := ColumnsOf(united)
	result := dependent{node: united, outs: columns[:width]}
	for i, c := range inputs[0].conds {
		outside, _, _ := u.key(c)
		result.conds = append(result.conds, comparison(c.(expr.BoundCall).Func, outside, columns[width+i]))
	}
	return result
}

// alike tells whether all of the inputs' conditions are keys, and the same in every input.
func (u *unnester) alike(inputs []dependent) bool {
	for _, d := range inputs {
		if len(u.free(d.outs...)) > 0 || len(d.conds) != len(inputs[0].conds) {
			return false
		}
		for i, c := range d.conds {
			outside, inside, ok := u.key(c)
			first, other, firstOK := u.key(inputs[0].conds[i])
			if !ok || !firstOK || c.(expr.BoundCall).Func != inputs[0].conds[i].(expr.BoundCall).Func || !expr.Equal(outside, first) ||
				!arrow.TypeEqual(inside.Type(), other.Type()) {
				return false
			}
		}
	}
	return true
}
