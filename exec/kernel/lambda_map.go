package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/expr"
)

// combining is what runs a lambda over several arrays or maps at once: zip_with, map_filter, transform_keys, transform_values, map_zip_with.
type combining struct {
	pos  expr.Pos
	name string
	args []node
	fn   *lambda
	typ  arrow.DataType
	run  func(c *combining, s *scope, args []vec, sel []int32) (vec, error)
}

// combiningFunctions are the functions by name.
func combiningFunctions() map[string]func(c *combining, s *scope, args []vec, sel []int32) (vec, error) {
	return map[string]func(c *combining, s *scope, args []vec, sel []int32) (vec, error){
		"zip_with": (*combining).zipWith, "map_filter": (*combining).overEntries, "transform_keys": (*combining).overEntries,
		"transform_values": (*combining).overEntries, "map_zip_with": (*combining).mapZipWith, "array_sort": (*combining).sortBy,
	}
}

func (c *compiler) combining(b expr.BoundCall) (node, error) {
	last := len(b.Args) - 1
	args, err := c.all(b.Args[:last])
	if err != nil {
		return nil, err
	}
	fn, err := c.lambda(b.Args[last])
	return &combining{pos: b.Pos, name: b.Func, args: args, fn: fn, typ: b.Typ, run: combiningFunctions()[b.Func]}, err
}

func (c *combining) fails() bool { return true }

func (c *combining) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	args := make([]vec, len(c.args))
	for i, a := range c.args {
		v, err := a.eval(s, sel)
		if err != nil {
			return vec{}, err
		}
		if v.allNull() {
			return s.keep(mark, vec{arr: s.nullArray(c.typ, 1), one: true}), nil
		}
		if v.one { // the body may still depend on the row
			if v.arr, err = s.take(v.arr, make([]int32, s.n)); err != nil {
				return vec{}, err
			}
		}
		args[i] = vec{arr: v.arr}
	}
	out, err := c.run(c, s, args, sel)
	if err != nil {
		return vec{}, err
	}
	return s.keep(mark, out), nil
}

// frame is what a result is made with, of which the rows are those where no argument is NULL.
func (c *combining) frame(s *scope, args []vec, sel []int32) *frame {
	k := &frame{scope: s, call: &call{pos: c.pos, name: c.name, typ: c.typ}, n: s.n, sel: sel}
	k.valid = k.present(args)
	return k
}

// body runs the lambda over rows, one for each entry.
func (c *combining) body(s *scope, rows []int32, params ...arrow.Array) (arrow.Array, error) {
	if len(rows) == 0 {
		return s.nullArray(c.fn.typ, 0), nil
	}
	v := make([]vec, len(params))
	for i, p := range params {
		v[i] = vec{arr: p}
	}
	return c.fn.over(s, rows, v[:len(c.fn.params)])
}

// zipWith goes along two arrays; where one is shorter, its elements are NULL.
func (c *combining) zipWith(s *scope, args []vec, sel []int32) (vec, error) {
	k := c.frame(s, args, sel)
	left, right, l := spansOf(args[0]), spansOf(args[1]), k.newList()
	var rows []int32
	var at [2][]int32
	for i := range k.rows() {
		l.row(i, len(rows))
		length := max(left.len(i), right.len(i))
		at[0], at[1] = appendSpan(at[0], left, i, length), appendSpan(at[1], right, i, length)
		for range length {
			rows = append(rows, int32(i))
		}
	}
	var params [2]arrow.Array
	for side, a := range args {
		var err error
		if params[side], err = s.take(elementsOf(a), at[side]); err != nil {
			return vec{}, err
		}
	}
	out, err := c.body(s, rows, params[:]...)
	if err != nil {
		return vec{}, err
	}
	return l.done(out)
}

// overEntries runs the lambda over the keys and values of one map: it gives new ones of either, or tells which entries stay.
func (c *combining) overEntries(s *scope, args []vec, sel []int32) (vec, error) {
	k := c.frame(s, args, sel)
	m, spans, l := args[0].arr.(*array.Map), spansOf(args[0]), k.newList()
	var rows, at []int32
	for i := range k.rows() {
		l.row(i, len(at))
		at = appendSpan(at, spans, i, spans.len(i))
		for range spans.len(i) {
			rows = append(rows, int32(i))
		}
	}
	l.row(k.n, len(at))
	keys, err := s.take(m.Keys(), at)
	if err != nil {
		return vec{}, err
	}
	values, err := s.take(m.Items(), at)
	if err != nil {
		return vec{}, err
	}
	out, err := c.body(s, rows, keys, values)
	if err != nil {
		return vec{}, err
	}
	t := c.typ.(*arrow.MapType)
	switch c.name {
	case "transform_keys":
		return l.keyed(c.pos, t, out, values)
	case "transform_values":
		return l.entries(t, keys, out)
	default:
		return c.filtered(l, keys, values, out)
	}
}

// filtered keeps the entries for which the body is TRUE.
func (c *combining) filtered(l *listOut, keys, values, body arrow.Array) (vec, error) {
	kept := trueRows(vec{arr: body}, body.Len(), nil, nil)
	k, fewer, next := l.k, l.k.newList(), 0
	for i := range k.n {
		for next < len(kept) && kept[next] < l.offsets[i] {
			next++
		}
		fewer.row(i, next)
	}
	keys, err := k.take(keys, kept)
	if err != nil {
		return vec{}, err
	}
	if values, err = k.take(values, kept); err != nil {
		return vec{}, err
	}
	return fewer.entries(c.typ.(*arrow.MapType), keys, values)
}

// mapZipWith goes through the keys of the first map and then those that only the second has; the value that a map lacks is NULL.
func (c *combining) mapZipWith(s *scope, args []vec, sel []int32) (vec, error) {
	k := c.frame(s, args, sel)
	m := [2]*array.Map{args[0].arr.(*array.Map), args[1].arr.(*array.Map)}
	all, base, err := k.laid([]vec{{arr: m[0].Keys()}, {arr: m[1].Keys()}})
	if err != nil {
		return vec{}, err
	}
	p := pairing{left: spansOf(args[0]), right: spansOf(args[1]), base: base[1], same: orderingOf(all, all)}
	l := k.newList()
	for i := range k.rows() {
		l.row(i, len(p.rows))
		p.add(i)
	}
	keys, err := s.take(all, p.key)
	if err != nil {
		return vec{}, err
	}
	keys = s.positiveZeros(keys)
	var values [2]arrow.Array
	for side := range values {
		if values[side], err = s.take(m[side].Items(), p.at[side]); err != nil {
			return vec{}, err
		}
	}
	out, err := c.body(s, p.rows, keys, values[0], values[1])
	if err != nil {
		return vec{}, err
	}
	l.row(k.n, len(p.rows))
	return l.entries(c.typ.(*arrow.MapType), keys, out)
}

// pairing lists the keys of two maps, each once, with where either has its value.
type pairing struct {
	left, right spans
	base        int32 // of the right map's keys among all keys
	same        order

	rows, key []int32
	at        [2][]int32
}

func (p *pairing) add(i int) {
	start, end := p.left.at(i)
	other, stop := p.right.at(i)
	for j := start; j < end; j++ {
		p.append(i, j, j, p.find(j, other, stop))
	}
	for j := other; j < stop; j++ {
		if p.findLeft(p.base+j, start, end) < 0 {
			p.append(i, p.base+j, -1, j)
		}
	}
}

func (p *pairing) append(i int, key, left, right int32) {
	p.rows, p.key = append(p.rows, int32(i)), append(p.key, key)
	p.at[0], p.at[1] = append(p.at[0], left), append(p.at[1], right)
}

// find looks for a key among those of the right map from start to end.
func (p *pairing) find(key, start, end int32) int32 {
	for j := start; j < end; j++ {
		if p.same(int(key), int(p.base+j)) == 0 {
			return j
		}
	}
	return -1
}

func (p *pairing) findLeft(key, start, end int32) int32 {
	for j := start; j < end; j++ {
		if p.same(int(key), int(j)) == 0 {
			return j
		}
	}
	return -1
}
