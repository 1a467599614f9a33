package kernel

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// mightContain compiles a MightContain.
func (c *compiler) mightContain(b expr.BoundCall) (node, error) {
	lit, ok := b.Args[0].(expr.BoundLiteral)
	name, isText := lit.Value.(string)
	if !ok || !isText {
		return nil, fmt.Errorf("kernel: %s needs the name of a set, got %s", MightContain, b.Args[0])
	}
	key, err := c.compile(b.Args[1])
	if err != nil {
		return nil, err
	}
	return &call{pos: b.Pos, name: b.Func, typ: b.Typ, args: []node{key}, kernel: kernel{now: true, pred: func(k *frame, args []vec) (predicate, error) {
		set := k.env.KeySets.get(name)
		if set == nil {
			return always(true), nil
		}
		return set.predicate(args[0])
	}}}, nil
}

func (s *KeySet) predicate(v vec) (predicate, error) {
	if s.keys == 0 {
		return always(false), nil
	}
	switch t := v.arr.DataType(); {
	case !isInteger(t):
		return s.textPredicate(v)
	case t.ID() == arrow.INT8:
		return lookup[int8](s, v), nil
	case t.ID() == arrow.INT16:
		return lookup[int16](s, v), nil
	case t.ID() == arrow.INT32, t.ID() == arrow.DATE32:
		return lookup[int32](s, v), nil
	default:
		return lookup[int64](s, v), nil
	}
}

func lookup[T signed](s *KeySet, v vec) predicate {
	a := valuesOf[T](v)
	p := predicate{test: func(i int) bool { return s.hasInteger(int64(a.at(i))) }}
	if s.dense == nil || a.mask == 0 {
		return p
	}
	low, span, set := uint64(s.low), uint64(s.high)-uint64(s.low), s.dense
	p.word = func(i, m int) (w uint64) {
		for j, x := range a.v[i : i+m] {
			if d := uint64(int64(x)) - low; d <= span { // foreseeable: keys are mostly in range
				w |= set[d/64] >> (d % 64) & 1 << (j & 63)
			}
		}
		return w
	}
	return p
}

func (s *KeySet) textPredicate(v vec) (predicate, error) {
	hashes := make([]uint64, v.arr.Len())
	if err := vector.Hash([]arrow.Array{v.arr}, nil, 0, hashes); err != nil {
		return predicate{}, err
	}
	if v.one {
		return always(s.hasHash(hashes[0])), nil
	}
	return predicate{test: func(i int) bool { return s.hasHash(hashes[i]) }}, nil
}
