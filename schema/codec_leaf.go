package schema

import (
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// valueCells hold T: a NOT NULL value.
type valueCells[T any] struct {
	places []*T
	vector vector[T]
	buf    []T
}

func (c *valueCells[T]) decode(a arrow.Array, from, to, n int) error {
	if err := noNulls(a, from, n); err != nil {
		return err
	}
	buf := c.buf[:n]
	c.vector.read(a, from, buf)
	for i, p := range c.places[to : to+n] {
		*p = buf[i]
	}
	return nil
}

func (c *valueCells[T]) encode(b array.Builder, from, n int) error {
	buf := c.buf[:n]
	for i, p := range c.places[from : from+n] {
		buf[i] = *p
	}
	return shiftRow(c.vector.write(b, buf, nil), from)
}

func (c *valueCells[T]) reset() {
	clear(c.buf)
	c.vector.reset()
}

// pointerCells hold *T: a nullable value.
type pointerCells[T any] struct {
	places  []**T
	vector  vector[T]
	notNull bool
	buf     []T
	valid   []bool
}

func (c *pointerCells[T]) decode(a arrow.Array, from, to, n int) error {
	places := c.places[to : to+n]
	nulls := countNulls(a, from, n)
	if nulls == n {
		for _, p := range places {
			*p = nil
		}
		return nil
	}
	values := make([]T, n)
	c.vector.read(a, from, values)
	for i, p := range places {
		*p = &values[i]
		if nulls > 0 && isNull(a, from+i) {
			*p = nil
		}
	}
	return nil
}

func (c *pointerCells[T]) encode(b array.Builder, from, n int) error {
	if c.buf == nil {
		c.buf, c.valid = make([]T, len(c.places)), make([]bool, len(c.places))
	}
	buf, valid := c.buf[:n], c.valid[:n]
	var zero T
	for i, p := range c.places[from : from+n] {
		if valid[i] = *p != nil; valid[i] {
			buf[i] = **p
			continue
		}
		if c.notNull {
			return nilInNotNull(from + i)
		}
		buf[i] = zero
	}
	return shiftRow(c.vector.write(b, buf, valid), from)
}

func (c *pointerCells[T]) reset() {
	clear(c.buf)
	c.vector.reset()
}

// sliceCells hold []T: a NOT NULL array of NOT NULL elements.
type sliceCells[T any] struct {
	places []*[]T
	vector vector[T]
	buf    []T
}

func (c *sliceCells[T]) decode(a arrow.Array, from, to, n int) error {
	if err := noNulls(a, from, n); err != nil {
		return err
	}
	list := a.(*array.List)
	start, end := elementRange(list, from, n)
	if err := noNulls(list.ListValues(), start, end-start); err != nil {
		return inColumnRow("element", rowOfElement(list, from, err))
	}
	values := make([]T, end-start)
	c.vector.read(list.ListValues(), start, values)
	for i, p := range c.places[to : to+n] {
		s, e := list.ValueOffsets(from + i)
		*p = values[int(s)-start : int(e)-start : int(e)-start]
	}
	return nil
}

func (c *sliceCells[T]) encode(b array.Builder, from, n int) error {
	lb := b.(*array.ListBuilder)
	offsets := newOffsets(lb.ValueBuilder().Len(), n)
	c.buf = c.buf[:0]
	for _, p := range c.places[from : from+n] {
		c.buf = append(c.buf, *p...)
		if err := offsets.add(len(*p)); err != nil {
			return shiftRow(err, from)
		}
	}
	lb.AppendValues(offsets.starts, offsets.valid)
	if len(c.buf) == 0 {
		return nil
	}
	return inColumnRow("element", shiftRow(offsets.rowOf(c.vector.write(lb.ValueBuilder(), c.buf, nil)), from))
}

func (c *sliceCells[T]) reset() {
	clear(c.buf[:cap(c.buf)])
	c.vector.reset()
}

// isNull also sees the nulls among a dictionary's values.
func isNull(a arrow.Array, i int) bool {
	if a.IsNull(i) {
		return true
	}
	d, ok := a.(*array.Dictionary)
	return ok && d.Dictionary().NullN() > 0 && d.Dictionary().IsNull(d.GetValueIndex(i))
}

// mayHaveNulls is false if no row of the array is null.
func mayHaveNulls(a arrow.Array) bool {
	if a.NullN() > 0 {
		return true
	}
	d, ok := a.(*array.Dictionary)
	return ok && d.Dictionary().NullN() > 0
}

func countNulls(a arrow.Array, from, n int) int {
	if !mayHaveNulls(a) {
		return 0
	}
	count := 0
	for i := from; i < from+n; i++ {
		if isNull(a, i) {
			count++
		}
	}
	return count
}

func noNulls(a arrow.Array, from, n int) error {
	if !mayHaveNulls(a) {
		return nil
	}
	for i := from; i < from+n; i++ {
		if isNull(a, i) {
			return &ValueError{Row: i, Reason: "NULL has no place in the Go field: make it a pointer"}
		}
	}
	return nil
}

func nilInNotNull(cell int) error {
	return &ValueError{Row: cell, Reason: "nil has no place in a NOT NULL column"}
}

// shiftRow adds to the row of a *ValueError.
func shiftRow(err error, by int) error {
	return changeRow(err, func(row int) int { return row + by })
}

func changeRow(err error, change func(int) int) error {
	var ve *ValueError
	if !errors.As(err, &ve) {
		return err
	}
	c := *ve
	c.Row = change(ve.Row)
	return &c
}

// inColumnRow puts name before the path of a *ValueError.
func inColumnRow(name string, err error) error {
	var ve *ValueError
	if !errors.As(err, &ve) {
		return err
	}
	c := *ve
	c.Column = joinPath(name, ve.Column)
	return &c
}
