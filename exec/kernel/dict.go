package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/expr"
)

// dictNode is a part of an expression that reads one STRING or BINARY column and nothing else. Where the column comes as a dictionary, the part is
// computed once per distinct value, and once for NULL, and the rows look their result up.
type dictNode struct {
	inner node
	index int
	typ   arrow.DataType
}

// overText tells that b reads exactly one column, of type STRING or BINARY, and does something with it.
func overText(b expr.Bound) (index int, ok bool) {
	switch b.(type) {
	case expr.BoundColumn, expr.BoundLiteral, expr.BoundVar, expr.BoundLambda:
		return 0, false
	default: // what follows looks inside
	}
	index, ok = -1, true
	expr.Walk(b, func(b expr.Bound) bool {
		if c, isColumn := b.(expr.BoundColumn); isColumn {
			ok = ok && isText(c.Typ) && (index < 0 || index == c.Index)
			index = c.Index
		}
		return ok
	})
	return index, ok && index >= 0 && !expr.Volatile(b)
}

func (d *dictNode) fails() bool { return d.inner.fails() }

// table is the part's value for every code of a dictionary, and for NULL where the column has NULLs.
type table struct {
	codes  []int32
	nulls  bitmap      // of the column
	values arrow.Array // by code
	null   arrow.Array // the value for NULL, one row; nil where the column has none
}

// lookup computes the table; ok is false where the rows had better be computed one by one.
func (d *dictNode) lookup(s *scope, sel []int32) (t table, ok bool) {
	col, isDict := s.cols[d.index].(*array.Dictionary)
	if !isDict {
		return t, false
	}
	distinct := col.Dictionary().Len()
	if isText(d.typ) {
		distinct *= 4 // the results are made distinct
	}
	if distinct == 0 || distinct > count(s.n, sel) {
		return t, false
	}
	t.codes, t.nulls = codesOf(col), vec{arr: col}.nulls()
	// An error for some value may belong to rows that are not selected: then the rows decide.
	var err error
	if t.values, err = d.over(s, col.Dictionary()); err != nil {
		return t, false
	}
	if col.NullN() > 0 {
		if t.null, err = d.over(s, s.nullArray(col.Dictionary().DataType(), 1)); err != nil {
			return t, false
		}
	}
	return t, true
}

// over evaluates the part with values as its column.
func (d *dictNode) over(s *scope, values arrow.Array) (arrow.Array, error) {
	cols := make([]arrow.Array, len(s.cols))
	cols[d.index] = values
	inner := s.inner(cols, values.Len())
	defer inner.release()
	v, err := d.inner.eval(inner, nil)
	if err != nil {
		return nil, err
	}
	out, err := inner.spread(v)
	if err != nil {
		return nil, err
	}
	out.Retain()
	s.own(out)
	return out, nil
}

func (d *dictNode) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	t, ok := d.lookup(s, sel)
	if !ok {
		s.releaseTo(mark)
		return d.inner.eval(s, sel)
	}
	v, err := t.spread(s, d.typ)
	if err != nil {
		return vec{}, err
	}
	return s.keep(mark, v), nil
}

// spread gives every row its value.
func (t table) spread(s *scope, typ arrow.DataType) (vec, error) {
	if isText(typ) {
		return t.spreadText(s, typ)
	}
	all, index, err := t.index(s)
	if err != nil {
		return vec{}, err
	}
	out, err := s.take(all, index)
	return vec{arr: out}, err
}

// index is where each row finds its value in all.
func (t table) index(s *scope) (all arrow.Array, index []int32, err error) {
	if t.null == nil {
		return t.values, t.codes, nil
	}
	all, null := t.values, int32(-1)
	if t.null.IsValid(0) {
		null = int32(all.Len())
		if all, err = s.concat([]arrow.Array{t.values, t.null}); err != nil {
			return nil, nil, err
		}
	}
	index = make([]int32, s.n)
	for i := range index {
		index[i] = null
		if t.nulls.get(i) {
			index[i] = t.codes[i]
		}
	}
	return all, index, nil
}

// spreadText makes a dictionary of distinct values.
func (t table) spreadText(s *scope, typ arrow.DataType) (vec, error) {
	n := t.values.Len()
	d := distinct{seen: make(map[string]int32, n), code: make([]int32, 0, n+1)}
	d.add(t.values)
	if t.null != nil {
		d.add(t.null)
	}
	if len(d.values) == 0 {
		return vec{arr: s.nullArray(typ, 1), one: true}, nil
	}
	codes, valid := s.zeroed(4*s.n), s.zeroed(bitmapSize(s.n))
	out, b := arrow.GetData[int32](codes.Bytes()), valid.Bytes()
	for i := range out {
		code := d.code[len(d.code)-1] // that of NULL, last
		if t.nulls.all() || t.nulls.get(i) {
			code = d.code[t.codes[i]]
		}
		if code >= 0 {
			out[i] = code
			b[i>>3] |= 1 << (i & 7)
		}
	}
	return vec{arr: s.newDictionary(s.n, valid, codes, s.newTexts(typ, d.values))}, nil
}

// distinct numbers texts in order of their first occurrence.
type distinct struct {
	seen   map[string]int32
	values []string
	code   []int32 // of each text added; -1 for NULL
}

func (d *distinct) add(a arrow.Array) {
	in := textsOf(vec{arr: a})
	for i := range a.Len() {
		if a.IsNull(i) {
			d.code = append(d.code, -1)
			continue
		}
		text := in.at(i)
		code, ok := d.seen[string(text)]
		if !ok {
			code = int32(len(d.values))
			value := string(text)
			d.seen[value], d.values = code, append(d.values, value)
		}
		d.code = append(d.code, code)
	}
}

// filter finds the TRUE rows.
func (d *dictNode) filter(s *scope, sel, dst []int32) ([]int32, error) {
	mark := len(s.owned)
	defer s.releaseTo(mark)
	t, ok := d.lookup(s, sel)
	if !ok {
		return filter(d.inner, s, sel, dst)
	}
	return t.predicate().filter(&frame{n: s.n, sel: sel}, dst), nil
}

func (d *dictNode) truths(s *scope, sel []int32) (predicate, bool, error) {
	t, ok := d.lookup(s, sel)
	if !ok {
		return truths(d.inner, s, sel)
	}
	return t.predicate(), true, nil
}

// predicate looks rows up in the TRUE values.
func (t table) predicate() predicate {
	truth := t.truths()
	null := uint8(b2u(t.null != nil && len(trueRows(vec{arr: t.null}, 1, nil, nil)) > 0))
	p := predicate{test: func(i int) bool {
		if t.nulls.all() || t.nulls.get(i) {
			return truth[t.codes[i]] != 0
		}
		return null != 0
	}}
	if t.nulls.all() {
		p.word = func(i, m int) (w uint64) {
			for j, c := range t.codes[i : i+m] {
				w |= uint64(truth[c]) << (j & 63)
			}
			return w
		}
	} else {
		p.word = func(i, m int) (w uint64) {
			valid := t.nulls.word(i, i+m)
			for j, c := range t.codes[i : i+m] {
				bit := null
				if valid>>(j&63)&1 != 0 {
					bit = truth[c]
				}
				w |= uint64(bit) << (j & 63)
			}
			return w
		}
	}
	return p
}

// truths is 1 for every code whose value is TRUE.
func (t table) truths() []uint8 {
	out := make([]uint8, t.values.Len())
	for _, i := range trueRows(vec{arr: t.values}, t.values.Len(), nil, nil) {
		out[i] = 1
	}
	return out
}
