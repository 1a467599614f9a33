package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

// castVariant is CAST(variant AS …).
func castVariant(c conversion) (kernel, error) {
	return kernel{unsafe: !c.try, run: func(k *frame, args []vec) (vec, error) {
		return variantTo{pos: c.pos, to: c.to, try: c.try}.run(k, args[0], func(_ int, v variant.Value) (variant.Value, bool, error) { return v, true, nil })
	}}, nil
}

// variantTo gives values of VARIANT another type, as CAST gives it to what they are.
type variantTo struct {
	pos expr.Pos
	to  arrow.DataType
	try bool
}

// variantGroup is the values of one type among the rows.
type variantGroup struct {
	typ  arrow.DataType
	rows []int
	b    array.Builder
}

// run converts what find takes out of each row; false is NULL.
func (c variantTo) run(k *frame, v vec, find func(i int, v variant.Value) (variant.Value, bool, error)) (vec, error) {
	a, mask := v.arr.(*schema.VariantArray), v.mask()
	if c.to.ID() == arrow.EXTENSION {
		return c.whole(k, a, mask, find)
	}
	var groups []*variantGroup
	defer func() {
		for _, g := range groups {
			g.b.Release()
		}
	}()
	for i := range k.rows() {
		whole, err := variantAt(a, i&mask)
		if err != nil {
			return vec{}, malformedVariant(c.pos)
		}
		value, ok, err := find(i, whole)
		if err != nil {
			return vec{}, err
		}
		if ok {
			if groups, ok, err = c.add(k, groups, i, value); err != nil {
				return vec{}, err
			}
		}
		if !ok {
			k.setNull(i)
		}
	}
	return c.merge(k, groups)
}

// whole gives the values as VARIANT.
func (c variantTo) whole(k *frame, a *schema.VariantArray, mask int, find func(i int, v variant.Value) (variant.Value, bool, error)) (vec, error) {
	out := k.newVariants()
	for i := range k.rows() {
		out.row(i)
		v, err := variantAt(a, i&mask)
		if err != nil {
			return vec{}, malformedVariant(c.pos)
		}
		v, ok, err := find(i, v)
		switch {
		case err != nil:
			return vec{}, err
		case !ok:
			k.setNull(i)
			continue
		}
		if err := out.Copy(v); err != nil {
			return vec{}, malformedVariant(c.pos)
		}
		out.end()
	}
	return out.done()
}

// add puts a value to those of its type; ok is false where it is null, or has no such type and try takes that for NULL.
func (c variantTo) add(k *frame, groups []*variantGroup, i int, v variant.Value) (_ []*variantGroup, ok bool, err error) {
	value, typ, err := variantScalar(v)
	switch {
	case err != nil:
		return groups, false, malformedVariant(c.pos)
	case value == nil:
		return groups, false, nil
	case typ == nil && c.to.ID() == arrow.STRING: // an object or an array
		text, err := schemaJSON(v)
		if err != nil {
			return groups, false, malformedVariant(c.pos)
		}
		value, typ = text, schema.String
	case typ == nil || !expr.CanCast(typ, c.to):
		if c.try {
			return groups, false, nil
		}
		return groups, false, c.invalid(v)
	}
	for _, g := range groups {
		if arrow.TypeEqual(g.typ, typ) {
			g.rows = append(g.rows, i)
			appendValue(g.b, value)
			return groups, true, nil
		}
	}
	g := &variantGroup{typ: typ, rows: []int{i}, b: vector.NewBuilder(k.env.Alloc, typ)}
	appendValue(g.b, value)
	return append(groups, g), true, nil
}

func (c variantTo) invalid(v variant.Value) error {
	text, err := schemaJSON(v)
	if err != nil {
		return malformedVariant(c.pos)
	}
	return fault(c.pos, "INVALID_VARIANT_CAST", "22023", "use try_variant_get to get NULL instead", "the value %s cannot be cast into %s", text, expr.TypeSQL(c.to))
}

// merge converts each group, and puts the rows together.
func (c variantTo) merge(k *frame, groups []*variantGroup) (vec, error) {
	if len(groups) == 0 {
		return k.nothing(), nil
	}
	index := make([]int32, k.n)
	for i := range index {
		index[i] = -1
	}
	var parts []arrow.Array
	at := int32(0)
	for _, g := range groups {
		a := g.b.NewArray()
		k.own(a)
		out, err := c.convert(k, a)
		if err != nil {
			return vec{}, err
		}
		for j, i := range g.rows {
			if out.IsNull(j) && !c.try {
				return vec{}, fault(c.pos, "INVALID_VARIANT_CAST", "22023", "use try_variant_get to get NULL instead",
					"the value %s cannot be cast into %s", schema.AppendJSON(nil, a, j), expr.TypeSQL(c.to))
			}
			index[i] = at + int32(j)
		}
		parts = append(parts, out)
		at += int32(a.Len())
	}
	all, err := k.concat(parts)
	if err != nil {
		return vec{}, err
	}
	out, err := k.take(all, index)
	return vec{arr: out}, err
}

// convert casts the values of one type; what does not fit is NULL.
func (c variantTo) convert(k *frame, a arrow.Array) (arrow.Array, error) {
	if arrow.TypeEqual(a.DataType(), c.to) {
		return a, nil
	}
	cast, err := conversion{pos: c.pos, from: a.DataType(), to: c.to, try: true}.kernel()
	if err != nil {
		return nil, err
	}
	e := element{call: &call{pos: c.pos, name: "CAST", typ: c.to, kernel: cast}}
	return e.apply(k.scope, a, func() []int32 {
		rows := make([]int32, a.Len())
		for i := range rows {
			rows[i] = int32(i)
		}
		return rows
	})
}
