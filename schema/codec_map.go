package schema

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// mapCells hold map[K]V: a NOT NULL MAP. Entries are written in the order of their keys, so that equal rows give equal bytes.
type mapCells struct {
	places      []reflect.Value
	typ         reflect.Type
	keys, items scratch
}

func (c *mapCells) decode(a arrow.Array, from, to, n int) error {
	if err := noNulls(a, from, n); err != nil {
		return err
	}
	m := a.(*array.Map)
	for i, p := range c.places[to : to+n] {
		start, end := m.ValueOffsets(from + i)
		entries := reflect.MakeMapWithSize(c.typ, int(end-start))
		if err := c.decodeEntries(m, entries, int(start), int(end)); err != nil {
			return changeRow(err, func(int) int { return from + i })
		}
		if entries.Len() != int(end-start) {
			return &ValueError{Row: from + i, Reason: fmt.Sprintf("the map has %d entries but %d keys", end-start, entries.Len())}
		}
		p.Set(entries)
	}
	return nil
}

func (c *mapCells) decodeEntries(m *array.Map, entries reflect.Value, start, end int) error {
	for start < end {
		n := min(end-start, c.keys.rows.Len())
		if err := c.keys.cells.decode(m.Keys(), start, 0, n); err != nil {
			return inColumnRow("key", err)
		}
		if err := c.items.cells.decode(m.Items(), start, 0, n); err != nil {
			return inColumnRow("value", err)
		}
		for j := range n {
			entries.SetMapIndex(c.keys.rows.Index(j), c.items.rows.Index(j))
		}
		start += n
	}
	return nil
}

func (c *mapCells) encode(b array.Builder, from, n int) error {
	mb := b.(*array.MapBuilder)
	for i, p := range c.places[from : from+n] {
		mb.Append(true)
		if err := c.encodeEntries(mb, p); err != nil {
			return changeRow(err, func(int) int { return from + i })
		}
	}
	return nil
}

func (c *mapCells) encodeEntries(mb *array.MapBuilder, entries reflect.Value) error {
	keys := entries.MapKeys()
	slices.SortFunc(keys, compareKeys)
	for len(keys) > 0 {
		n := min(len(keys), c.keys.rows.Len())
		for j, k := range keys[:n] {
			c.keys.rows.Index(j).Set(k)
			c.items.rows.Index(j).Set(entries.MapIndex(k))
		}
		if err := c.keys.cells.encode(mb.KeyBuilder(), 0, n); err != nil {
			return inColumnRow("key", err)
		}
		if err := c.items.cells.encode(mb.ItemBuilder(), 0, n); err != nil {
			return inColumnRow("value", err)
		}
		keys = keys[n:]
	}
	return nil
}

func (c *mapCells) reset() {
	c.keys.reset()
	c.items.reset()
}

func compareKeys(a, b reflect.Value) int {
	switch x := a.Interface().(type) {
	case Decimal:
		return x.Cmp(b.Interface().(Decimal))
	case time.Time:
		return x.Compare(b.Interface().(time.Time))
	}
	switch {
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.Bool && a.Bool() != b.Bool():
		if a.Bool() {
			return 1
		}
		return -1
	}
	return 0
}
