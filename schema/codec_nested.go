package schema

import (
	"math"
	"reflect"
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// structCells hold a struct: a NOT NULL STRUCT, or the columns of a row. children[i] is nil where the Go struct lacks the field.
type structCells struct {
	fields   []arrow.Field
	children []cells
}

func (c *structCells) decode(a arrow.Array, from, to, n int) error {
	if err := noNulls(a, from, n); err != nil {
		return err
	}
	return c.decodeColumns(fieldArrays(a.(*array.Struct)), from, to, n)
}

func fieldArrays(s *array.Struct) []arrow.Array {
	arrays := make([]arrow.Array, s.NumField())
	for i := range arrays {
		arrays[i] = s.Field(i)
	}
	return arrays
}

func (c *structCells) decodeColumns(arrays []arrow.Array, from, to, n int) error {
	for i, child := range c.children {
		if child == nil {
			continue
		}
		if err := child.decode(arrays[i], from, to, n); err != nil {
			return inColumnRow(c.fields[i].Name, err)
		}
	}
	return nil
}

func (c *structCells) encode(b array.Builder, from, n int) error {
	sb := b.(*array.StructBuilder)
	sb.AppendValues(allTrue(n))
	return c.encodeColumns(fieldBuilders(sb), from, n)
}

func allTrue(n int) []bool {
	valid := make([]bool, n)
	for i := range valid {
		valid[i] = true
	}
	return valid
}

func fieldBuilders(sb *array.StructBuilder) []array.Builder {
	builders := make([]array.Builder, sb.NumField())
	for i := range builders {
		builders[i] = sb.FieldBuilder(i)
	}
	return builders
}

func (c *structCells) encodeColumns(builders []array.Builder, from, n int) error {
	for i, child := range c.children {
		if child != nil {
			if err := child.encode(builders[i], from, n); err != nil {
				return inColumnRow(c.fields[i].Name, err)
			}
			continue
		}
		if !c.fields[i].Nullable {
			return &ValueError{Column: c.fields[i].Name, Row: from, Reason: "the column is NOT NULL and the Go struct has no field for it"}
		}
		builders[i].AppendNulls(n)
	}
	return nil
}

func (c *structCells) reset() {
	for _, child := range c.children {
		if child != nil {
			child.reset()
		}
	}
}

// scratch is a slice of values that cells are bound to: the stop on the way to and from values that live elsewhere.
type scratch struct {
	rows  reflect.Value // []T
	cells cells
}

func (s scratch) reset() {
	s.rows.Clear()
	s.cells.reset()
}

// optionalCells hold *T where T is nested or a defined type: a nullable value.
type optionalCells struct {
	places  []reflect.Value
	elem    reflect.Type
	notNull bool
	inner   scratch
}

func (c *optionalCells) decode(a arrow.Array, from, to, n int) error {
	return runs(n, func(i int) bool { return !isNull(a, from+i) }, func(start, length int, valid bool) error {
		if !valid {
			for _, p := range c.places[to+start:][:length] {
				p.SetZero()
			}
			return nil
		}
		if err := c.inner.cells.decode(a, from+start, 0, length); err != nil {
			return err
		}
		values := reflect.MakeSlice(reflect.SliceOf(c.elem), length, length)
		reflect.Copy(values, c.inner.rows)
		for i, p := range c.places[to+start:][:length] {
			p.Set(values.Index(i).Addr())
		}
		return nil
	})
}

func (c *optionalCells) encode(b array.Builder, from, n int) error {
	return runs(n, func(i int) bool { return !c.places[from+i].IsNil() }, func(start, length int, valid bool) error {
		if !valid {
			if c.notNull {
				return nilInNotNull(from + start)
			}
			b.AppendNulls(length)
			return nil
		}
		for i, p := range c.places[from+start:][:length] {
			c.inner.rows.Index(i).Set(p.Elem())
		}
		return shiftRow(c.inner.cells.encode(b, 0, length), from+start)
	})
}

func (c *optionalCells) reset() { c.inner.reset() }

// runs calls do for each longest run of positions below n on which is agrees.
func runs(n int, is func(int) bool, do func(start, length int, value bool) error) error {
	for start := 0; start < n; {
		value, end := is(start), start+1
		for end < n && is(end) == value {
			end++
		}
		if err := do(start, end-start, value); err != nil {
			return err
		}
		start = end
	}
	return nil
}

// listCells hold []T where T is nested, a pointer or a defined type: a NOT NULL ARRAY.
type listCells struct {
	places []reflect.Value
	slice  reflect.Type
	inner  scratch
}

func (c *listCells) decode(a arrow.Array, from, to, n int) error {
	if err := noNulls(a, from, n); err != nil {
		return err
	}
	list := a.(*array.List)
	start, end := elementRange(list, from, n)
	values := reflect.MakeSlice(c.slice, end-start, end-start)
	for done := start; done < end; {
		m := min(end-done, c.inner.rows.Len())
		if err := c.inner.cells.decode(list.ListValues(), done, 0, m); err != nil {
			return inColumnRow("element", rowOfElement(list, from, err))
		}
		reflect.Copy(values.Slice(done-start, done-start+m), c.inner.rows)
		done += m
	}
	for i, p := range c.places[to : to+n] {
		s, e := list.ValueOffsets(from + i)
		p.Set(values.Slice3(int(s)-start, int(e)-start, int(e)-start))
	}
	return nil
}

func (c *listCells) encode(b array.Builder, from, n int) error {
	lb := b.(*array.ListBuilder)
	offsets := newOffsets(lb.ValueBuilder().Len(), n)
	for _, p := range c.places[from : from+n] {
		if err := offsets.add(p.Len()); err != nil {
			return shiftRow(err, from)
		}
	}
	lb.AppendValues(offsets.starts, offsets.valid)
	return inColumnRow("element", shiftRow(offsets.rowOf(c.encodeElements(lb.ValueBuilder(), from, n)), from))
}

// encodeElements appends the elements of all cells, a full scratch at a time. A *ValueError counts elements.
func (c *listCells) encodeElements(b array.Builder, from, n int) error {
	filled, done := 0, 0
	flush := func() error {
		err := c.inner.cells.encode(b, 0, filled)
		filled, done = 0, done+filled
		return shiftRow(err, done-filled)
	}
	for _, p := range c.places[from : from+n] {
		for taken := 0; taken < p.Len(); {
			m := reflect.Copy(c.inner.rows.Slice(filled, c.inner.rows.Len()), p.Slice(taken, p.Len()))
			taken, filled = taken+m, filled+m
			if filled < c.inner.rows.Len() {
				continue
			}
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if filled == 0 {
		return nil
	}
	return flush()
}

func (c *listCells) reset() { c.inner.reset() }

// elementRange is where the elements of list rows from … from+n-1 lie.
func elementRange(list array.ListLike, from, n int) (start, end int) {
	s, _ := list.ValueOffsets(from)
	_, e := list.ValueOffsets(from + n - 1)
	return int(s), int(e)
}

// rowOfElement turns the element's position in a *ValueError into the row of its list.
func rowOfElement(list array.ListLike, from int, err error) error {
	return changeRow(err, func(element int) int {
		return from + sort.Search(list.Len()-from-1, func(i int) bool {
			_, end := list.ValueOffsets(from + i)
			return int(end) > element
		})
	})
}

// offsets are the starts of lists that are being appended.
type offsets struct {
	starts []int32
	valid  []bool
	first  int
	next   int
}

func newOffsets(first, n int) *offsets {
	return &offsets{starts: make([]int32, 0, n), valid: allTrue(n), first: first, next: first}
}

func (o *offsets) add(length int) error {
	o.starts = append(o.starts, int32(o.next))
	if o.next += length; o.next > math.MaxInt32 {
		return &ValueError{Row: len(o.starts) - 1, Reason: "one batch holds at most 2^31 elements in a column: use fewer rows"}
	}
	return nil
}

// rowOf turns the element's position in a *ValueError, counted from the first appended, into the list's.
func (o *offsets) rowOf(err error) error {
	return changeRow(err, func(element int) int {
		return sort.Search(len(o.starts)-1, func(i int) bool { return int(o.starts[i+1])-o.first > element })
	})
}
