package kernel

import (
	"fmt"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
)

// lambda is a compiled function argument: its body runs in a scope of its own, one row per element.
type lambda struct {
	body    node
	typ     arrow.DataType
	params  []int // slots
	columns []int // of the batch that the body reads
	outer   []int // slots of enclosing lambdas' parameters that the body reads
}

// lambda compiles a function; inside, columns may be gathered per element, so that no part is made a dictNode.
func (c *compiler) lambda(b expr.Bound) (*lambda, error) {
	bound, ok := b.(expr.BoundLambda)
	if !ok {
		return nil, fmt.Errorf("kernel: %s stands where a lambda is needed", b)
	}
	l := &lambda{typ: bound.Body.Type(), columns: expr.Columns(bound.Body)}
	for _, v := range freeVars(bound) {
		slot, ok := c.slots[v.ID]
		if !ok {
			return nil, fmt.Errorf("kernel: lambda parameter %s stands outside its lambda", v.Name)
		}
		l.outer = append(l.outer, slot)
	}
	enclosing := c.slots
	c.slots = maps.Clone(c.slots) // lambdas that were put together by a rewrite may use the same ID, each for its own parameter
	for _, p := range bound.Params {
		c.slots[p.ID] = c.vars
		l.params = append(l.params, c.vars)
		c.vars++
	}
	plain := c.plain
	c.plain = true
	body, err := c.compile(bound.Body)
	c.plain, c.slots = plain, enclosing
	if err != nil {
		return nil, err
	}
	l.body = body
	return l, nil
}

// freeVars are the parameters of enclosing lambdas that l reads, each once.
func freeVars(l expr.BoundLambda) []expr.BoundVar {
	var free []expr.BoundVar
	add := func(v expr.BoundVar) {
		same := func(o expr.BoundVar) bool { return o.ID == v.ID }
		if !slices.ContainsFunc(l.Params, same) && !slices.ContainsFunc(free, same) {
			free = append(free, v)
		}
	}
	expr.Walk(l.Body, func(b expr.Bound) bool {
		switch b := b.(type) {
		case expr.BoundVar:
			add(b)
		case expr.BoundLambda:
			for _, v := range freeVars(b) {
				add(v)
			}
			return false
		default: // only variables and lambdas matter
		}
		return true
	})
	return free
}

// elementwise is transform, filter, exists and forall.
type elementwise struct {
	name string
	list node
	fn   *lambda
	typ  arrow.DataType
}

func isHigherOrder(name string) bool {
	switch name {
	case "transform", "filter", "exists", "forall":
		return true
	}
	return false
}

// hasLambda tells whether the last argument is a function.
func hasLambda(b expr.BoundCall) bool {
	if len(b.Args) == 0 {
		return false
	}
	_, ok := b.Args[len(b.Args)-1].(expr.BoundLambda)
	return ok
}

func (c *compiler) elementwise(b expr.BoundCall) (node, error) {
	list, err := c.compile(b.Args[0])
	if err != nil {
		return nil, err
	}
	fn, err := c.lambda(b.Args[1])
	return &elementwise{name: b.Func, list: list, fn: fn, typ: b.Typ}, err
}

func (e *elementwise) fails() bool { return true }

func (e *elementwise) eval(s *scope, sel []int32) (vec, error) {
	mark := len(s.owned)
	v, err := e.list.eval(s, sel)
	if err != nil {
		return vec{}, err
	}
	if v.allNull() {
		return s.keep(mark, vec{arr: s.nullArray(e.typ, 1), one: true}), nil
	}
	if v.one { // the body may still depend on the row
		arr, err := s.take(v.arr, make([]int32, s.n))
		if err != nil {
			return vec{}, err
		}
		v = vec{arr: arr}
	}
	out, err := e.run(s, v, sel)
	if err != nil {
		return vec{}, err
	}
	return s.keep(mark, out), nil
}

// flattened are the elements of the rows to compute, laid end to end.
type flattened struct {
	k      *frame
	offset *listOut
	rows   []int32 // the row of each element
	at     []int32 // the position of each element among all elements of the array
	nth    []int32 // the position of each element within its row
}

func flattenRows(s *scope, v vec, sel []int32, typ arrow.DataType) *flattened {
	k := &frame{scope: s, call: &call{name: "lambda", typ: typ}, n: s.n, sel: sel}
	k.valid = k.present([]vec{v})
	f := &flattened{k: k, offset: k.newList()}
	spans := spansOf(v)
	for i := range k.rows() {
		f.offset.row(i, len(f.at))
		start, end := spans.at(i)
		for j := start; j < end; j++ {
			f.rows, f.at, f.nth = append(f.rows, int32(i)), append(f.at, j), append(f.nth, j-start)
		}
	}
	f.offset.row(s.n, len(f.at))
	return f
}

func (e *elementwise) run(s *scope, v vec, sel []int32) (vec, error) {
	f := flattenRows(s, v, sel, e.typ)
	elements, err := s.take(elementsOf(v), f.at)
	if err != nil {
		return vec{}, err
	}
	if len(f.at) == 0 {
		return e.finish(f, elements, s.nullArray(e.fn.typ, 0))
	}
	params := []vec{{arr: elements}, {arr: s.ints(f.nth)}}
	body, err := e.fn.over(s, f.rows, params)
	if err != nil {
		return vec{}, err
	}
	return e.finish(f, elements, body)
}

// over runs the body for rows, which says for each of its rows the row of the scope that captured columns and variables come from.
func (l *lambda) over(s *scope, rows []int32, params []vec) (arrow.Array, error) {
	inner := s.inner(make([]arrow.Array, len(s.cols)), len(rows))
	defer inner.release()
	for _, c := range l.columns {
		col, err := inner.take(s.cols[c], rows)
		if err != nil {
			return nil, err
		}
		inner.cols[c] = col
	}
	for _, slot := range l.outer {
		v := s.vars[slot]
		if v.one {
			continue
		}
		arr, err := inner.take(v.arr, rows)
		if err != nil {
			return nil, err
		}
		inner.vars[slot] = vec{arr: arr}
	}
	for i, slot := range l.params {
		inner.vars[slot] = params[i]
	}
	v, err := l.body.eval(inner, nil)
	if err != nil {
		return nil, err
	}
	out, err := inner.flat(v)
	if err != nil {
		return nil, err
	}
	out.Retain()
	s.own(out)
	return out, nil
}

// ints is an INT array of positions.
func (s *scope) ints(v []int32) arrow.Array {
	buf := s.buffer(4 * len(v))
	copy(arrow.GetData[int32](buf.Bytes()), v)
	return s.newArray(arrow.PrimitiveTypes.Int32, len(v), nil, []*memory.Buffer{buf})
}

// finish makes the result of the bodies' values, one per element.
func (e *elementwise) finish(f *flattened, elements, body arrow.Array) (vec, error) {
	switch e.name {
	case "transform":
		return f.offset.done(body)
	case "filter":
		return e.filtered(f, elements, body)
	default:
		return e.quantified(f, body.(*array.Boolean)), nil
	}
}

// filtered keeps the elements whose body is TRUE.
func (e *elementwise) filtered(f *flattened, elements, body arrow.Array) (vec, error) {
	kept := trueRows(vec{arr: body}, body.Len(), nil, nil)
	l, k := f.k.newList(), 0
	for i := range f.k.n {
		for k < len(kept) && kept[k] < f.offset.offsets[i] {
			k++
		}
		l.row(i, k)
	}
	out, err := f.k.take(elements, kept)
	if err != nil {
		return vec{}, err
	}
	return l.done(out)
}

// quantified is exists (a TRUE decides, else a NULL) or forall (a FALSE decides, else a NULL).
func (e *elementwise) quantified(f *flattened, body *array.Boolean) vec {
	k, decisive := f.k, e.name == "exists"
	buf := k.zeroed(bitmapSize(k.n))
	out := buf.Bytes()
	for i := range k.rows() {
		decided, null := false, false
		for j := f.offset.offsets[i]; j < f.offset.offsets[i+1] && !decided; j++ {
			if body.IsNull(int(j)) {
				null = true
				continue
			}
			decided = body.Value(int(j)) == decisive
		}
		switch {
		case !decided && null:
			k.setNull(i)
		case decided == decisive:
			out[i>>3] |= 1 << (i & 7)
		}
	}
	return k.fixed(buf)
}
