package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// counts is count(*), count(x, …), which counts rows without a NULL among the arguments, and count_if.
type counts struct {
	alloc    memory.Allocator
	n        []int64
	whenTrue bool
	tally    *tally // may be nil
}

func (c *counts) grow(n int) { c.n = growTo(c.n, n) }

func (c *counts) update(groups []uint32, rows []int32, args []arrow.Array) error {
	if c.whenTrue {
		c.updateTrue(groups, rows, args[0])
		return nil
	}
	null := anyNull(args)
	switch {
	case null != nil:
		for i, g := range groups {
			if !null(at(rows, i)) {
				c.n[g]++
			}
		}
	case len(c.n) == 1:
		c.n[0] += int64(len(groups))
	case len(c.n) <= shortGroups:
		n := c.tally.of(groups)
		for g := range c.n {
			c.n[g] += n[g]
		}
	default:
		for _, g := range groups {
			c.n[g]++
		}
	}
	return nil
}

func (c *counts) updateTrue(groups []uint32, rows []int32, arg arrow.Array) {
	null := vector.RowNulls(arg)
	bits, offset := vector.Bits(arg)
	for i, g := range groups {
		r := at(rows, i)
		if j := offset + r; bits[j/8]>>(j%8)&1 == 1 && (null == nil || !null(r)) {
			c.n[g]++
		}
	}
}

func (c *counts) absorb(groups []uint32, state []arrow.Array) error {
	for i, v := range arrow.GetValues[int64](state[0].Data(), 1) {
		c.n[groups[i]] += v
	}
	return nil
}

func (c *counts) merge(groups, picked []uint32, from accumulator) error {
	for i, g := range groups {
		c.n[g] += from.(*counts).n[pick(picked, i)]
	}
	return nil
}

func (c *counts) state(picked []uint32) ([]arrow.Array, error) {
	a, err := c.result(picked)
	return []arrow.Array{a}, err
}

func (c *counts) stateTypes() []arrow.DataType { return []arrow.DataType{arrow.PrimitiveTypes.Int64} }

func (c *counts) result(picked []uint32) (arrow.Array, error) {
	n := pickedLen(picked, len(c.n))
	return vector.NewFixed(c.alloc, arrow.PrimitiveTypes.Int64, n, func(dst []int64) []int32 {
		for i := range dst {
			dst[i] = c.n[pick(picked, i)]
		}
		return nil
	}), nil
}

func (c *counts) size() int64 { return 8 * int64(cap(c.n)) }
func (c *counts) release()    {}

// anyNull tells which rows have a NULL in any of the columns; nil: none.
func anyNull(cols []arrow.Array) func(row int) bool {
	var all []func(int) bool
	for _, c := range cols {
		if null := vector.RowNulls(c); null != nil {
			all = append(all, null)
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return func(r int) bool {
		for _, null := range all {
			if null(r) {
				return true
			}
		}
		return false
	}
}
