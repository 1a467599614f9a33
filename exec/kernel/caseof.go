package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// caseNode evaluates each condition on the rows that no earlier one took, and each result on the rows that its condition took.
type caseNode struct {
	whens []whenNode
	other node
	typ   arrow.DataType
}

// whenNode is one branch. With no condition, it takes the rows where its result is not NULL: a value of coalesce.
type whenNode struct{ cond, result node }

func (c *compiler) caseOf(b expr.BoundCase) (node, error) {
	n := &caseNode{typ: b.Typ, whens: make([]whenNode, len(b.Whens))}
	for i, w := range b.Whens {
		var err error
		if n.whens[i].result, err = c.compile(w.Result); err != nil {
			return nil, err
		}
		if cond, ok := w.Cond.(expr.BoundCall); ok && cond.Func == "isnotnull" && expr.Equal(cond.Args[0], w.Result) {
			continue
		}
		if n.whens[i].cond, err = c.compile(w.Cond); err != nil {
			return nil, err
		}
	}
	var err error
	n.other, err = c.compile(b.Else)
	return n, err
}

func (c *caseNode) fails() bool {
	for _, w := range c.whens {
		if w.cond != nil && w.cond.fails() || w.result.fails() {
			return true
		}
	}
	return c.other.fails()
}

func (c *caseNode) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	var parts []part
	rest, left := sel, count(s.n, sel)
	for _, w := range c.whens {
		p, err := w.take(s, rest)
		if err != nil {
			return vec{}, err
		}
		taken := count(s.n, p.rows)
		if taken == 0 {
			continue
		}
		parts = append(parts, p)
		if left -= taken; left == 0 {
			break
		}
		rest = minus(s.n, rest, p.rows)
	}
	if left > 0 {
		v, err := c.other.eval(s, rest)
		if err != nil {
			return vec{}, err
		}
		parts = append(parts, part{rows: rest, v: v})
	}
	v, err := s.combine(c.typ, s.n, parts)
	if err != nil {
		return vec{}, err
	}
	return s.keep(mark, v), nil
}

// take finds the branch's rows among rest and computes their results.
func (w whenNode) take(s *scope, rest []int32) (part, error) {
	if w.cond == nil {
		v, err := w.result.eval(s, rest)
		if err != nil {
			return part{}, err
		}
		return part{rows: presentRows(v, s.n, rest), v: v}, nil
	}
	rows, err := filter(w.cond, s, rest, room(s.n, rest))
	if err != nil || len(rows) == 0 {
		return part{rows: rows}, err
	}
	if len(rows) == count(s.n, rest) {
		rows = rest
	}
	v, err := w.result.eval(s, rows)
	return part{rows: rows, v: v}, err
}

// presentRows are the rows of sel (nil: all n) that have a value.
func presentRows(v vec, n int, sel []int32) []int32 {
	switch {
	case v.allNull():
		return []int32{}
	case v.one || v.arr.NullN() == 0:
		return sel
	}
	return v.nulls().filter(n, sel, []int32{})
}
