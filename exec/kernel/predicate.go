package kernel

import (
	"math/bits"

	"github.com/medallion-go/medallion/internal/simd"
)

// predicate is a BOOLEAN function of the row, for rows where no strict argument is NULL. At least test is set.
type predicate struct {
	test func(i int) bool
	word func(i, m int) uint64 // the results of rows i to i+m, m ≤ 64, as bits; it may be run for rows that are NULL or not selected
	few  int                   // so many rows of a word are rather tested one by one
}

// bits are the results of rows i to i+m, m ≤ 64, by the test.
func (p predicate) bits(i, m int) (w uint64) {
	for j := range m {
		w |= b2u(p.test(i+j)) << (j & 63)
	}
	return w
}

// boolean is the predicate as a BOOLEAN array.
func (p predicate) boolean(k *frame) vec {
	if p.word == nil {
		return k.test(p.test)
	}
	buf := k.buffer(bitmapSize(k.n))
	b := buf.Bytes()
	for i := 0; i < k.n; i += 64 {
		store(b, i, p.word(i, min(64, k.n-i)))
	}
	return k.fixed(buf)
}

// filter appends the selected rows that have a value and pass.
func (p predicate) filter(k *frame, dst []int32) []int32 {
	if k.sel == nil {
		return p.scan(k, dst)
	}
	valid := k.valid.bitmap()
	const sparse = 8 // looking at every row of a word pays while one in so many is selected
	if p.word != nil && len(k.sel)*sparse >= k.n {
		return p.pick(k, valid, dst)
	}
	dst, at := grow(dst, len(k.sel))
	for _, i := range k.sel {
		dst[at] = i
		if (valid.all() || valid.get(int(i))) && p.test(int(i)) {
			at++
		}
	}
	return dst[:at]
}

// scan goes over all rows, a word of the bitmap at a time.
func (p predicate) scan(k *frame, dst []int32) []int32 {
	valid := k.valid.bitmap()
	for i := 0; i < k.n; i += 64 {
		w := valid.word(i, k.n)
		if p.word != nil {
			dst = simd.AppendPositions(dst, int32(i), w&p.word(i, min(64, k.n-i)))
			continue
		}
		for ; w != 0; w &= w - 1 {
			if j := i + bits.TrailingZeros64(w); p.test(j) {
				dst = append(dst, int32(j))
			}
		}
	}
	return dst
}

// pick computes each word once and looks up the selected rows in it.
func (p predicate) pick(k *frame, valid bitmap, dst []int32) []int32 {
	dst, at := grow(dst, len(k.sel))
	base, w := -64, uint64(0)
	for _, i := range k.sel {
		if int(i)-base >= 64 {
			base = int(i) &^ 63
			w = valid.word(base, k.n) & p.word(base, min(64, k.n-base))
		}
		dst[at] = i
		at += int(w >> (uint(i) & 63) & 1)
	}
	return dst[:at]
}

// always is the predicate with one answer.
func always(answer bool) predicate {
	return predicate{
		test: func(int) bool { return answer },
		word: func(_, m int) uint64 {
			if !answer {
				return 0
			}
			return ^uint64(0) >> (64 - m)
		},
	}
}

// not turns a predicate around.
func (p predicate) not() predicate {
	q := predicate{test: func(i int) bool { return !p.test(i) }, few: p.few}
	if p.word != nil {
		q.word = func(i, m int) uint64 { return p.word(i, m) ^ ^uint64(0)>>(64-m) }
	}
	return q
}

// filter finds the rows for which a BOOLEAN node is TRUE.
func filter(n node, s *scope, sel, dst []int32) ([]int32, error) {
	if f, ok := n.(selector); ok {
		return f.filter(s, sel, dst)
	}
	mark := len(s.owned)
	v, err := n.eval(s, sel)
	if err != nil {
		return nil, err
	}
	dst = trueRows(v, s.n, sel, dst)
	s.releaseTo(mark)
	return dst, nil
}

// trueRows appends the rows of sel (nil: all n) where a BOOLEAN vector is TRUE.
func trueRows(v vec, n int, sel, dst []int32) []int32 {
	if v.one {
		if v.allNull() || !booleansOf(v).at(0) {
			return dst
		}
		return bitmap{}.filter(n, sel, dst)
	}
	truth, valid := booleansOf(v), v.nulls()
	if valid.all() {
		return truth.filter(n, sel, dst)
	}
	return predicate{
		test: func(i int) bool { return truth.get(i) && valid.get(i) },
		word: func(i, m int) uint64 { return truth.word(i, i+m) & valid.word(i, i+m) },
	}.filter(&frame{n: n, sel: sel}, dst)
}

// truths gives a node's TRUE rows as a predicate that sees NULLs too. ok is false where it may fail, or has no way to compute a word of the bitmap: then
// the node is better run for no more rows than needed. What the predicate reads is kept until the scope is released.
func truths(n node, s *scope, sel []int32) (p predicate, ok bool, err error) {
	t, ok := n.(interface {
		truths(s *scope, sel []int32) (predicate, bool, error)
	})
	if !ok || n.fails() {
		return p, false, nil
	}
	return t.truths(s, sel)
}

func (c *call) truths(s *scope, sel []int32) (p predicate, ok bool, err error) {
	if c.pred == nil {
		return p, false, nil
	}
	args, one, err := c.arguments(s, sel)
	if err != nil || one {
		return p, false, err
	}
	k, none := c.frame(s, args, sel, false)
	if none {
		return always(false), true, nil
	}
	if p, err = c.pred(k, args); err != nil || p.word == nil {
		return p, false, err
	}
	return p.where(k.valid.bitmap(), s.n), true, nil
}

// where narrows a predicate to rows that have a value.
func (p predicate) where(valid bitmap, n int) predicate {
	if valid.all() {
		return p
	}
	return predicate{
		test: func(i int) bool { return valid.get(i) && p.test(i) },
		word: func(i, m int) uint64 { return valid.word(i, n) & p.word(i, m) },
		few:  p.few,
	}
}

// filter finds the TRUE rows of a call, without an array where its kernel is a predicate.
func (c *call) filter(s *scope, sel, dst []int32) ([]int32, error) {
	mark := len(s.owned)
	defer s.releaseTo(mark)
	args, one, err := c.arguments(s, sel)
	if err != nil {
		return nil, err
	}
	if c.pred == nil || one {
		v, err := c.apply(s, args, sel, one)
		if err != nil {
			return nil, err
		}
		return trueRows(v, s.n, sel, dst), nil
	}
	k, none := c.frame(s, args, sel, false)
	if none {
		return dst, nil
	}
	p, err := c.pred(k, args)
	if err != nil {
		return nil, err
	}
	return p.filter(k, dst), nil
}
