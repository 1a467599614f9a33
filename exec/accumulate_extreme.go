package exec

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// newExtremes returns min or max (bool_and and bool_or are these over BOOLEAN), by the type of the argument.
func newExtremes(env *Env, a expr.BoundAggregate, greatest bool) (accumulator, error) {
	switch t := a.Args[0].Type(); {
	case fitsWord(t):
		return &extremes{env: env, typ: t, greatest: greatest}, nil
	case t.ID() == arrow.STRING || t.ID() == arrow.BINARY:
		return &stringExtremes{env: env, typ: t, greatest: greatest}, nil
	default:
		return &picker{env: env, typ: t, ordered: true, greatest: greatest}, nil
	}
}

// extremes is min and max over values that one word orders.
type extremes struct {
	env      *Env
	typ      arrow.DataType
	greatest bool
	best     []uint64 // order words
	seen     []bool
	scratch  []uint64
}

func (x *extremes) grow(n int) { x.best, x.seen = growTo(x.best, n), growTo(x.seen, n) }

func (x *extremes) update(groups []uint32, rows []int32, args []arrow.Array) error {
	x.scratch = resize(x.scratch, len(groups))
	if err := orderWords(args[0], rows, x.scratch); err != nil {
		return err
	}
	null := vector.RowNulls(args[0])
	for i, g := range groups {
		if null != nil && null(at(rows, i)) {
			continue
		}
		x.see(g, x.scratch[i])
	}
	return nil
}

func (x *extremes) see(g uint32, w uint64) {
	if !x.seen[g] {
		x.seen[g], x.best[g] = true, w
	} else if (w > x.best[g]) == x.greatest {
		x.best[g] = w
	}
}

func (x *extremes) merge(groups, picked []uint32, from accumulator) error {
	for i, g := range groups {
		if f, p := from.(*extremes), pick(picked, i); f.seen[p] {
			x.see(g, f.best[p])
		}
	}
	return nil
}

func (x *extremes) absorb(groups []uint32, state []arrow.Array) error {
	return x.update(groups, nil, state)
}

func (x *extremes) state(picked []uint32) ([]arrow.Array, error) {
	a, err := x.result(picked)
	return []arrow.Array{a}, err
}

func (x *extremes) stateTypes() []arrow.DataType { return []arrow.DataType{x.typ} }

func (x *extremes) result(picked []uint32) (arrow.Array, error) {
	b := vector.NewBuilder(x.env.Alloc, x.typ)
	defer b.Release()
	n := pickedLen(picked, len(x.best))
	b.Reserve(n)
	for i := range n {
		if g := pick(picked, i); x.seen[g] {
			appendOrderWord(b, x.best[g])
		} else {
			b.AppendNull()
		}
	}
	return vector.Built(b, x.typ), nil
}

func (x *extremes) size() int64 { return 9*int64(cap(x.best)) + 8*int64(cap(x.scratch)) }
func (x *extremes) release()    {}

// stringExtremes is min and max over STRING and BINARY. A group's value is kept in memory of its own that is written over by a better one.
type stringExtremes struct {
	env      *Env
	typ      arrow.DataType
	greatest bool
	best     [][]byte // nil: no value yet
	bytes    int64
}

func (x *stringExtremes) grow(n int) { x.best = growTo(x.best, n) }

func (x *stringExtremes) update(groups []uint32, rows []int32, args []arrow.Array) error {
	flat, err := vector.Flat(x.env.Alloc, args[0])
	if err != nil {
		return err
	}
	defer flat.Release()
	offs, data := vector.Strings(flat)
	null := vector.RowNulls(flat)
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		v, old := data[offs[r]:offs[r+1]], x.best[g]
		if old == nil || (bytes.Compare(v, old) > 0) == x.greatest && !bytes.Equal(v, old) {
			x.set(g, v)
		}
	}
	return nil
}

func (x *stringExtremes) set(g uint32, v []byte) {
	before := cap(x.best[g])
	if x.best[g] == nil {
		x.best[g] = make([]byte, 0, len(v))
	}
	x.best[g] = append(x.best[g][:0], v...)
	x.bytes += int64(cap(x.best[g]) - before)
}

func (x *stringExtremes) absorb(groups []uint32, state []arrow.Array) error {
	return x.update(groups, nil, state)
}

func (x *stringExtremes) state(picked []uint32) ([]arrow.Array, error) {
	a, err := x.result(picked)
	return []arrow.Array{a}, err
}

func (x *stringExtremes) stateTypes() []arrow.DataType { return []arrow.DataType{x.typ} }

func (x *stringExtremes) result(picked []uint32) (arrow.Array, error) {
	b := array.NewBuilder(x.env.Alloc, x.typ)
	defer b.Release()
	n := pickedLen(picked, len(x.best))
	b.Reserve(n)
	for i := range n {
		if v := x.best[pick(picked, i)]; v != nil {
			appendBytes(b, v)
		} else {
			b.AppendNull()
		}
	}
	return b.NewArray(), nil
}

func (x *stringExtremes) size() int64 { return 24*int64(cap(x.best)) + x.bytes }
func (x *stringExtremes) release()    {}

// appendBytes appends to a builder of STRING or BINARY.
func appendBytes(b array.Builder, v []byte) {
	switch b := b.(type) {
	case *array.StringBuilder:
		b.BinaryBuilder.Append(v)
	case *array.BinaryBuilder:
		b.Append(v)
	}
}
