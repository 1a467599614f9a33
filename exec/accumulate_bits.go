package exec

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
)

// bitTotals is bit_and, bit_or and bit_xor.
type bitTotals struct {
	env  *Env
	name string
	typ  arrow.DataType
	of   []bitTotal
}

type bitTotal struct {
	v    int64
	seen bool
}

func (t *bitTotals) grow(n int) { t.of = growTo(t.of, n) }

func (t *bitTotals) update(groups []uint32, rows []int32, args []arrow.Array) error {
	d, null := args[0].Data(), vector.RowNulls(args[0])
	switch args[0].DataType().ID() {
	case arrow.INT8:
		addBits(t, arrow.GetValues[int8](d, 1), groups, rows, null)
	case arrow.INT16:
		addBits(t, arrow.GetValues[int16](d, 1), groups, rows, null)
	case arrow.INT32:
		addBits(t, arrow.GetValues[int32](d, 1), groups, rows, null)
	case arrow.INT64:
		addBits(t, arrow.GetValues[int64](d, 1), groups, rows, null)
	default:
		return fmt.Errorf("exec: %s of Arrow type %s", t.name, args[0].DataType())
	}
	return nil
}

func addBits[T arrow.IntType](t *bitTotals, src []T, groups []uint32, rows []int32, null func(int) bool) {
	and, or := t.name == "bit_and", t.name == "bit_or"
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		t.of[g].add(int64(src[r]), and, or)
	}
}

func (x *bitTotal) add(v int64, and, or bool) {
	switch {
	case !x.seen:
		x.v, x.seen = v, true
	case and:
		x.v &= v
	case or:
		x.v |= v
	default:
		x.v ^= v
	}
}

func (t *bitTotals) absorb(groups []uint32, state []arrow.Array) error {
	return t.update(groups, nil, state)
}

func (t *bitTotals) merge(groups, picked []uint32, from accumulator) error {
	and, or := t.name == "bit_and", t.name == "bit_or"
	for i, g := range groups {
		if x := from.(*bitTotals).of[pick(picked, i)]; x.seen {
			t.of[g].add(x.v, and, or)
		}
	}
	return nil
}

func (t *bitTotals) state(picked []uint32) ([]arrow.Array, error) {
	a, err := t.result(picked)
	return []arrow.Array{a}, err
}

func (t *bitTotals) stateTypes() []arrow.DataType { return []arrow.DataType{t.typ} }

func (t *bitTotals) result(picked []uint32) (arrow.Array, error) {
	b := array.NewBuilder(t.env.Alloc, t.typ)
	defer b.Release()
	n := pickedLen(picked, len(t.of))
	b.Reserve(n)
	for i := range n {
		x := t.of[pick(picked, i)]
		if !x.seen {
			b.AppendNull()
			continue
		}
		appendWord(b, uint64(x.v))
	}
	return b.NewArray(), nil
}

func (t *bitTotals) size() int64 { return 16 * int64(cap(t.of)) }
func (t *bitTotals) release()    {}
