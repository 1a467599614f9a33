package kernel

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// laneBits is how long numbers in lanes may be, so that sums of two of them still fit 64 bits.
const laneBits = 62

// laneOp is a decimal operation as lanes do it: x·y, or x·fx + y·fy. Its result, wherever it fits 64 bits, has no more digits than its type.
type laneOp struct {
	product bool
	fx, fy  int64
}

// lanes is an expression of several decimal operations that is computed in 64 bits, a stride at a time, so that its steps need no columns. The values of a
// stride decide whether 64 bits are enough: where they are not, the operations are done one by one.
type lanes struct {
	*call
	leaves []node
	steps  []laneStep
}

// laneStep takes operands off a stack of lanes and puts its result there.
type laneStep struct {
	leaf     int // ≥ 0: the leaf to put there; the rest is for -1
	binary   bool
	op       laneOp // of the topmost two, or of the topmost one and nothing: x·fx + constant
	constant int64
}

// fuse makes lanes of a decimal operation that has another one as its operand.
func fuse(n node) node {
	c := laneCall(n)
	if c == nil || laneCall(c.args[0]) == nil && laneCall(c.args[1]) == nil {
		return n
	}
	l := &lanes{call: c}
	if !l.add(c) {
		return n
	}
	return l
}

// laneCall is a node as a decimal operation; nil: it is none.
func laneCall(n node) *call {
	switch n := n.(type) {
	case *lanes:
		return n.call
	case *call:
		if n.lane != nil {
			return n
		}
	}
	return nil
}

// add appends the steps of a node. It reports false for one that cannot be computed so.
func (l *lanes) add(n node) bool {
	c := laneCall(n)
	if c == nil {
		l.steps = append(l.steps, laneStep{leaf: len(l.leaves)})
		l.leaves = append(l.leaves, n)
		return !n.fails()
	}
	x, y, op := c.args[0], c.args[1], *c.lane
	if _, ok := x.(constant); ok {
		x, y, op.fx, op.fy = y, x, op.fy, op.fx
	}
	if !l.add(x) {
		return false
	}
	if k, ok := y.(constant); ok {
		return l.addConstant(op, k)
	}
	ok := l.add(y)
	l.steps = append(l.steps, laneStep{leaf: -1, binary: true, op: op})
	return ok
}

// addConstant turns x·c into x·c + 0, and x·fx + c·fy into x·fx + constant.
func (l *lanes) addConstant(op laneOp, c constant) bool {
	v := valuesOf[num](vec{arr: c.value, one: true}).at(0)
	if c.value.IsNull(0) || !isLong(v) {
		return false
	}
	s := laneStep{leaf: -1, op: laneOp{fx: toLong(v)}}
	if !op.product {
		hi, lo := mul64(toLong(v), op.fy)
		if hi != lo>>63 {
			return false
		}
		s.op.fx, s.constant = op.fx, lo
	}
	l.steps = append(l.steps, s)
	return true
}

func (l *lanes) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	args := make([]vec, len(l.leaves))
	one := true
	for i, leaf := range l.leaves {
		var err error
		if args[i], err = leaf.eval(s, sel); err != nil {
			return vec{}, err
		}
		one = one && args[i].one
	}
	if k, none := l.frame(s, args, sel, false); !none && !one {
		if buf := l.compute(k, args); buf != nil {
			return s.keep(mark, k.fixed(buf)), nil
		}
	}
	s.releaseTo(mark)
	return l.call.eval(s, sel)
}

// compute runs the steps over the rows to compute. It is nil where 64 bits are not enough.
func (l *lanes) compute(k *frame, args []vec) *memory.Buffer {
	r := laneRun{steps: l.steps, in: make([]operand[num], len(args)), stack: make([]lane, len(args))}
	for i, a := range args {
		r.in[i] = operandOf[num](k, a)
	}
	buf, out := newValues[num](k)
	enough := true
	eachStride(k, out, func(out []num, i, m int) {
		if enough = enough && r.run(i, m); enough {
			for j, x := range r.stack[0].v[:m] {
				out[j] = decimal128.FromI64(x)
			}
		}
	})
	if !enough {
		return nil
	}
	return buf
}

// laneRun is what a run has at hand.
type laneRun struct {
	steps []laneStep
	in    []operand[num]
	stack []lane
}

// lane is a value of every row of a stride, from -2^bits to 2^bits.
type lane struct {
	v    [stride]int64
	bits int
}

// run leaves the result for the m values from the i-th row on at the bottom of the stack. It reports false where 64 bits are not enough.
func (r *laneRun) run(i, m int) bool {
	top := -1
	for _, s := range r.steps {
		switch {
		case s.leaf >= 0:
			top++
			r.stack[top].load(r.in[s.leaf].at(i, m))
		case !s.binary:
			r.stack[top].scale(m, s.op.fx, s.constant)
		case s.op.product:
			top--
			r.stack[top].multiply(m, &r.stack[top+1])
		default:
			top--
			r.stack[top].add(m, s.op, &r.stack[top+1])
		}
		if r.stack[top].bits > laneBits {
			return false
		}
	}
	return true
}

func (a *lane) load(src []num) {
	high, low := int64(0), int64(0) // bits that some number has besides its sign's
	v := a.v[:len(src)]
	for i := range src {
		x := toLong(src[i])
		v[i] = x
		high |= src[i].HighBits() ^ x>>63
		low |= x ^ x>>63
	}
	a.bits = bits.Len64(uint64(low))
	if high != 0 {
		a.bits = laneBits + 1
	}
}

// scale makes x·f + c.
func (a *lane) scale(m int, f, c int64) {
	for i, x := range a.v[:m] {
		a.v[i] = x*f + c
	}
	a.bits += laneLength(f)
	if c != 0 {
		a.bits = max(a.bits, laneLength(c)) + 1
	}
}

func (a *lane) multiply(m int, b *lane) {
	for i, x := range a.v[:m] {
		a.v[i] = x * b.v[i]
	}
	a.bits += b.bits
}

// add makes x·fx + y·fy.
func (a *lane) add(m int, op laneOp, b *lane) {
	for i, x := range a.v[:m] {
		a.v[i] = x*op.fx + b.v[i]*op.fy
	}
	a.bits = max(a.bits+laneLength(op.fx), b.bits+laneLength(op.fy)) + 1
}

// laneLength is such that x is from -2^length to 2^length.
func laneLength(x int64) int { return bits.Len64(uint64(x ^ x>>63)) }
