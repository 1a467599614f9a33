package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// aggregateNode folds the elements of an array: position by position, over all rows that have one there at once.
type aggregateNode struct {
	list, start   node
	merge, finish *lambda // finish may be nil
	typ           arrow.DataType
}

func (c *compiler) aggregate(b expr.BoundCall) (node, error) {
	a := &aggregateNode{typ: b.Typ}
	var err error
	if a.list, err = c.compile(b.Args[0]); err != nil {
		return nil, err
	}
	if a.start, err = c.compile(b.Args[1]); err != nil {
		return nil, err
	}
	if a.merge, err = c.lambda(b.Args[2]); err != nil {
		return nil, err
	}
	if len(b.Args) == 4 {
		a.finish, err = c.lambda(b.Args[3])
	}
	return a, err
}

func (a *aggregateNode) fails() bool { return true }

func (a *aggregateNode) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	list, err := a.list.eval(s, sel)
	if err != nil {
		return vec{}, err
	}
	if list.allNull() {
		return s.keep(mark, vec{arr: s.nullArray(a.typ, 1), one: true}), nil
	}
	k := &frame{scope: s, n: s.n, sel: sel}
	k.valid = k.present([]vec{list})
	live := selected(k)
	if len(live) == 0 {
		return s.keep(mark, vec{arr: s.nullArray(a.typ, 1), one: true}), nil
	}
	acc, err := a.start.eval(s, live)
	if err != nil {
		return vec{}, err
	}
	if acc, err = a.fold(s, list, acc, live); err != nil {
		return vec{}, err
	}
	if acc, err = a.end(s, acc, live); err != nil {
		return vec{}, err
	}
	if len(live) < count(s.n, sel) {
		null := vec{arr: s.nullArray(a.typ, 1), one: true}
		parts := []part{{rows: live, v: acc}, {rows: minus(s.n, sel, live), v: null}}
		if acc, err = s.combine(a.typ, s.n, parts); err != nil {
			return vec{}, err
		}
	}
	return s.keep(mark, acc), nil
}

// fold merges the elements into the accumulator.
func (a *aggregateNode) fold(s *scope, list, acc vec, live []int32) (vec, error) {
	spans := spansOf(list)
	index := make([]int32, s.n)
	rest := live
	for p := int32(0); ; p++ {
		mark := len(s.owned)
		var reached []int32
		for _, i := range rest {
			if start, end := spans.at(int(i)); start+p < end {
				index[i] = start + p
				reached = append(reached, i)
			}
		}
		if len(reached) == 0 {
			return acc, nil
		}
		next, err := a.step(s, list, acc, index, reached)
		if err != nil {
			return vec{}, err
		}
		if left := minus(s.n, live, reached); len(left) > 0 {
			if next, err = s.combine(a.merge.typ, s.n, []part{{rows: reached, v: next}, {rows: left, v: acc}}); err != nil {
				return vec{}, err
			}
		}
		acc, rest = s.keep(mark, next), reached
	}
}

// step merges one element per reached row.
func (a *aggregateNode) step(s *scope, list, acc vec, index, reached []int32) (vec, error) {
	element, err := s.take(elementsOf(list), index)
	if err != nil {
		return vec{}, err
	}
	return a.merge.here(s, reached, []vec{acc, {arr: element}})
}

// end applies the finishing lambda, if there is one.
func (a *aggregateNode) end(s *scope, acc vec, live []int32) (vec, error) {
	if a.finish == nil {
		return acc, nil
	}
	return a.finish.here(s, live, []vec{acc})
}

// here runs the body over the scope's own rows.
func (l *lambda) here(s *scope, sel []int32, params []vec) (vec, error) {
	for i, slot := range l.params {
		s.vars[slot] = params[i]
	}
	return l.body.eval(s, sel)
}
