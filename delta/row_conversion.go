package delta

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/schema"
)

// rowConversion turns batches of one schema into columns of another. It is immutable.
type rowConversion struct {
	columns []columnConversion // one per target column
}

type columnConversion struct {
	source  int // -1: the rows do not have it
	typ     arrow.DataType
	convert conversion
	value   columnValue // what the table gives
}

// newRowConversion matches columns by name without regard to case. Every source column must have its place, and every NOT NULL target column a source or a
// value that the table gives; values are the target's.
func newRowConversion(from, to *arrow.Schema, values []columnValue) (*rowConversion, error) {
	used := make([]bool, from.NumFields())
	r := &rowConversion{}
	for i, f := range to.Fields() {
		c := columnConversion{source: schema.Find(from.Fields(), f.Name), typ: f.Type, value: values[i]}
		switch {
		case c.source >= 0:
			used[c.source] = true
			var err error
			if c.convert, err = newConversion(f.Name, from.Field(c.source).Type, f.Type, writing); err != nil {
				return nil, err
			}
		case c.value.fault != nil:
			return nil, &SchemaError{f.Name, fmt.Sprintf("the rows do not have it, and its default value cannot be computed: give the column: %v", c.value.fault)}
		case !f.Nullable && !c.value.gives():
			return nil, &SchemaError{f.Name, "it is NOT NULL, but the rows do not have it"}
		}
		r.columns = append(r.columns, c)
	}
	for i, ok := range used {
		if !ok {
			return nil, &SchemaError{from.Field(i).Name, "the table does not have it (or has it once, and the rows twice): leave it out, or set MergeSchema"}
		}
	}
	return r, nil
}

// apply appends the target's columns, which the caller releases also after an error.
func (r *rowConversion) apply(env *kernel.Env, cols []arrow.Array, n int, sel []int32, dst []arrow.Array) ([]arrow.Array, error) {
	first := len(dst)
	for _, c := range r.columns {
		a, err := c.apply(env, cols, n, sel)
		if err != nil {
			return dst, err
		}
		dst = append(dst, a)
	}
	for i, c := range r.columns {
		if c.source >= 0 || c.value.generated == nil {
			continue
		}
		a, err := c.value.generated.Eval(env, dst[first:], n, sel)
		if err != nil {
			return dst, err
		}
		dst[first+i].Release()
		dst[first+i] = a
	}
	return dst, nil
}

// apply gives a column of the rows, or what the table has in its place; a generated one that the rows do not have is NULL until its expression can be computed.
func (c *columnConversion) apply(env *kernel.Env, cols []arrow.Array, n int, sel []int32) (arrow.Array, error) {
	if c.source < 0 {
		return c.value.instead(env, c.typ, n, sel)
	}
	a, err := c.convert.apply(env, cols[c.source], sel)
	if err != nil {
		return nil, err
	}
	if c.value.identity == nil && c.value.char == nil {
		return a, nil
	}
	defer a.Release()
	if c.value.identity != nil {
		return c.value.identity.fill(env, a, n, sel)
	}
	return c.value.char.Eval(env, []arrow.Array{a}, n, sel)
}
