package kernel

import (
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// junction is AND or OR in three-valued logic. The right side is run for no row that the left decides when it may fail.
type junction struct {
	left, right node
	or          bool
	typ         arrow.DataType
}

func (j *junction) fails() bool { return j.left.fails() || j.right.fails() }

func (j *junction) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	l, err := j.left.eval(s, sel)
	if err != nil {
		return vec{}, err
	}
	open := sel
	if j.right.fails() {
		decided := truthOf(l, s.n).is(j.or).filter(&frame{n: s.n, sel: sel}, nil)
		if len(decided) == count(s.n, sel) {
			return l, nil
		}
		if len(decided) > 0 {
			open = minus(s.n, sel, decided)
		}
	}
	r, err := j.right.eval(s, open)
	if err != nil {
		return vec{}, err
	}
	return s.keep(mark, j.combine(s, l, r)), nil
}

// combine relies on a decided left side to outweigh whatever the right side holds there.
func (j *junction) combine(s *scope, l, r vec) vec {
	n, one := s.n, l.one && r.one
	if one {
		n = 1
	}
	a, b := truthOf(l, n), truthOf(r, n)
	values, valid := s.buffer(bitmapSize(n)), s.buffer(bitmapSize(n))
	v, p := values.Bytes(), valid.Bytes()
	for i := 0; i < n; i += 64 {
		at, af := a.words(i)
		bt, bf := b.words(i)
		t, f := at&bt, af|bf
		if j.or {
			t, f = at|bt, af&bf
		}
		store(v, i, t)
		store(p, i, t|f)
	}
	return vec{arr: s.newArray(j.typ, n, valid, []*memory.Buffer{values}), one: one}
}

// truths joins the sides word by word; where the left side decides a whole word, the right one is not run.
func (j *junction) truths(s *scope, sel []int32) (p predicate, ok bool, err error) {
	a, ok, err := truths(j.left, s, sel)
	if err != nil || !ok {
		return p, false, err
	}
	b, ok, err := truths(j.right, s, sel)
	if err != nil || !ok {
		return p, false, err
	}
	if j.or {
		return predicate{
			test: func(i int) bool { return a.test(i) || b.test(i) },
			word: func(i, m int) uint64 { return a.word(i, m) | b.word(i, m) },
		}, true, nil
	}
	return predicate{test: func(i int) bool { return a.test(i) && b.test(i) }, word: func(i, m int) uint64 { return b.among(a.word(i, m), i, m) }}, true, nil
}

// among is w without the rows that do not pass.
func (p predicate) among(w uint64, i, m int) uint64 {
	if bits.OnesCount64(w) > p.few {
		return w & p.word(i, m)
	}
	for left := w; left != 0; left &= left - 1 {
		if j := bits.TrailingZeros64(left); !p.test(i + j) {
			w &^= 1 << j
		}
	}
	return w
}

// filter finds the TRUE rows: AND narrows the selection side by side; OR adds what the right side finds among the rest.
func (j *junction) filter(s *scope, sel, dst []int32) ([]int32, error) {
	mark := len(s.owned)
	defer s.releaseTo(mark)
	if p, ok, err := truths(j, s, sel); err != nil {
		return nil, err
	} else if ok {
		return p.filter(&frame{n: s.n, sel: sel}, dst), nil
	}
	left, err := filter(j.left, s, sel, room(s.n, sel))
	if err != nil {
		return nil, err
	}
	if !j.or {
		if len(left) == 0 {
			return dst, nil
		}
		return filter(j.right, s, left, dst)
	}
	if len(left) == count(s.n, sel) {
		return append(dst, left...), nil
	}
	rest := sel
	if len(left) > 0 {
		rest = minus(s.n, sel, left)
	}
	right, err := filter(j.right, s, rest, room(s.n, rest))
	if err != nil {
		return nil, err
	}
	return merge(dst, left, right), nil
}

// truth reads a BOOLEAN vector in three-valued logic.
type truth struct {
	n           int
	value, here bitmap
	fixed       bool // one value for all rows:
	isT, isF    bool
}

func truthOf(v vec, n int) truth {
	t := truth{n: n}
	switch {
	case v.allNull():
		t.fixed = true
	case v.one:
		t.fixed, t.isT = true, booleansOf(v).at(0)
		t.isF = !t.isT
	default:
		t.value, t.here = booleansOf(v).bitmap, v.nulls()
	}
	return t
}

// words are the rows from i on that are TRUE, and those that are FALSE.
func (t truth) words(i int) (isTrue, isFalse uint64) {
	if t.fixed {
		return -b2u(t.isT), -b2u(t.isF)
	}
	v, p := t.value.word(i, t.n), t.here.word(i, t.n)
	return v & p, p &^ v
}

// is tests for TRUE or for FALSE.
func (t truth) is(want bool) predicate {
	p := predicate{word: func(i, m int) uint64 {
		isTrue, w := t.words(i)
		if want {
			w = isTrue
		}
		return w & (^uint64(0) >> (64 - m))
	}}
	p.test = func(i int) bool { return p.word(i&^63, min(64, t.n-i&^63))>>(i&63)&1 != 0 }
	return p
}

// logic are not, isnull and isnotnull; AND and OR are nodes of their own.
func logic() map[string]builder {
	return map[string]builder{
		"not":       func(*site) (kernel, error) { return kernel{pred: notTrue}, nil },
		"isnull":    func(*site) (kernel, error) { return kernel{null: true, pred: isNull(true)}, nil },
		"isnotnull": func(*site) (kernel, error) { return kernel{null: true, pred: isNull(false)}, nil },
	}
}

func notTrue(k *frame, args []vec) (predicate, error) {
	b := booleansOf(args[0])
	return predicate{
		test: func(i int) bool { return !b.at(i) },
		word: func(i, m int) uint64 { return ^b.word(i, i+m) & (^uint64(0) >> (64 - m)) },
	}, nil
}

func isNull(want bool) func(k *frame, args []vec) (predicate, error) {
	return func(k *frame, args []vec) (predicate, error) {
		v := args[0]
		if v.arr.DataType().ID() == arrow.NULL {
			return always(want), nil
		}
		valid := v.nulls()
		if valid.all() {
			return always(!want), nil
		}
		p := predicate{
			test: func(i int) bool { return valid.get(i) },
			word: func(i, m int) uint64 { return valid.word(i, i+m) },
		}
		if want {
			return p.not(), nil
		}
		return p, nil
	}
}
