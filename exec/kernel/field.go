package kernel

import (
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/expr"
)

// fieldNode takes a field out of a struct; a NULL struct gives NULL.
type fieldNode struct {
	arg   node
	index int
}

func (c *compiler) field(b expr.BoundField) (node, error) {
	arg, err := c.compile(b.Arg)
	return &fieldNode{arg: arg, index: b.Index}, err
}

func (f *fieldNode) fails() bool { return f.arg.fails() }

func (f *fieldNode) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	v, err := f.arg.eval(s, sel)
	if err != nil {
		return vec{}, err
	}
	st, ok := v.arr.(*array.Struct)
	if !ok {
		return vec{}, mismatch("STRUCT", v.arr.DataType())
	}
	child := st.Field(f.index)
	if st.NullN() == 0 {
		return s.keep(mark, vec{arr: child, one: v.one}), nil
	}
	return s.keep(mark, vec{arr: s.masked(child, st), one: v.one}), nil
}
