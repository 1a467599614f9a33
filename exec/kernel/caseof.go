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

type whenNode struct{ cond, result node }

func (c *compiler) caseOf(b expr.BoundCase) (node, error) {
	n := &caseNode{typ: b.Typ, whens: make([]whenNode, len(b.Whens))}
	for i, w := range b.Whens {
		var err error
		if n.whens[i].cond, err = c.compile(w.Cond); err != nil {
			return nil, err
		}
		if n.whens[i].result, err = c.compile(w.Result); err != nil {
			return nil, err
		}
	}
	var err error
	n.other, err = c.compile(b.Else)
	return n, err
}

func (c *caseNode) fails() bool {
	for _, w := range c.whens {
		if w.cond.fails() || w.result.fails() {
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
		hit, err := filter(w.cond, s, rest, nil)
		if err != nil {
			return vec{}, err
		}
		if len(hit) == 0 {
			continue
		}
		if len(hit) == left {
			hit = rest
		}
		if parts, err = addPart(s, parts, w.result, hit); err != nil {
			return vec{}, err
		}
		if left -= count(s.n, hit); left == 0 {
			break
		}
		rest = minus(s.n, rest, hit)
	}
	if left > 0 {
		var err error
		if parts, err = addPart(s, parts, c.other, rest); err != nil {
			return vec{}, err
		}
	}
	v, err := s.combine(c.typ, parts)
	if err != nil {
		return vec{}, err
	}
	return s.keep(mark, v), nil
}

func addPart(s *scope, parts []part, n node, rows []int32) ([]part, error) {
	v, err := n.eval(s, rows)
	return append(parts, part{rows: rows, v: v}), err
}
