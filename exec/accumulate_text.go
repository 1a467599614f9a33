package exec

import (
	"bytes"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// joinedTexts is listagg: values and, where they are ordered, their keys, encoded so that bytes compare as the keys do.
type joinedTexts struct {
	env       *Env
	typ       arrow.DataType
	separator []byte
	keys      []expr.BoundSort
	keyAt     int // the argument that the first key is
	groups    int
	of        []uint32
	values    arena
	by        arena
	sorted    grouping
}

// arena is byte strings, end to end.
type arena struct {
	data []byte
	ends []int64
}

func (a *arena) add(v []byte) {
	a.data = append(a.data, v...)
	a.close()
}

// close ends the string that was appended to data.
func (a *arena) close() { a.ends = append(a.ends, int64(len(a.data))) }

func (a *arena) at(i int32) []byte {
	if i == 0 {
		return a.data[:a.ends[0]]
	}
	return a.data[a.ends[i-1]:a.ends[i]]
}

func (a *arena) size() int64 { return int64(cap(a.data)) + 8*int64(cap(a.ends)) }

func newTexts(env *Env, a expr.BoundAggregate) (accumulator, error) {
	x := &joinedTexts{env: env, typ: a.Typ}
	x.keys, x.keyAt = a.WithinKeys()
	if l, ok := a.Args[1].(expr.BoundLiteral); ok {
		switch v := l.Value.(type) {
		case string:
			x.separator = []byte(v)
		case []byte:
			x.separator = v
		}
	}
	return x, nil
}

func (x *joinedTexts) grow(n int) { x.groups = max(x.groups, n) }

func (x *joinedTexts) update(groups []uint32, rows []int32, args []arrow.Array) error {
	flat, err := vector.Flat(x.env.Alloc, args[0])
	if err != nil {
		return err
	}
	defer flat.Release()
	writers := make([]rowWriter, len(x.keys))
	for i, k := range x.keys {
		if writers[i], err = newOrderWriter(sortColumn{args[x.keyAt+2*i], k.Descending, k.NullsFirst}); err != nil {
			return err
		}
	}
	offs, data := vector.Strings(flat)
	null := vector.RowNulls(flat)
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		x.of = append(x.of, g)
		x.values.add(data[offs[r]:offs[r+1]])
		for _, write := range writers {
			x.by.data = write(x.by.data, r)
		}
		x.by.close()
	}
	return nil
}

// The state is the list of a group's values and that of their keys.
func (x *joinedTexts) stateTypes() []arrow.DataType {
	t := arrow.ListOfNonNullable(arrow.BinaryTypes.Binary)
	return []arrow.DataType{t, t}
}

func (x *joinedTexts) grouped() (order, ends []int32) {
	order, ends, _ = x.sorted.of(len(x.of), x.groups, func(*keys) []uint32 { return x.of })
	return order, ends
}

func (x *joinedTexts) state(picked []uint32) ([]arrow.Array, error) {
	order, ends := x.grouped()
	column := func(a *arena) arrow.Array {
		return listsOf(x.env, arrow.BinaryTypes.Binary, picked, x.groups, order, ends, func(b array.Builder, e int32) {
			b.(*array.BinaryBuilder).Append(a.at(e))
		})
	}
	return []arrow.Array{column(&x.values), column(&x.by)}, nil
}

func (x *joinedTexts) absorb(groups []uint32, state []arrow.Array) error {
	for s, into := range []*arena{&x.values, &x.by} {
		offs, child := vector.Lists(state[s])
		pos, data := vector.Strings(child)
		for i, g := range groups {
			for e := offs[i]; e < offs[i+1]; e++ {
				into.add(data[pos[e]:pos[e+1]])
				if s == 0 {
					x.of = append(x.of, g)
				}
			}
		}
	}
	return nil
}

// result is NULL for a group without values.
func (x *joinedTexts) result(picked []uint32) (arrow.Array, error) {
	order, ends := x.grouped()
	b := array.NewBuilder(x.env.Alloc, x.typ)
	defer b.Release()
	var joined []byte
	for i := range pickedLen(picked, x.groups) {
		g := pick(picked, i)
		entries := order[ends[g]:ends[g+1]]
		if len(entries) == 0 {
			b.AppendNull()
			continue
		}
		if len(x.keys) > 0 {
			entries = slices.Clone(entries)
			slices.SortStableFunc(entries, func(p, q int32) int { return bytes.Compare(x.by.at(p), x.by.at(q)) })
		}
		joined = joined[:0]
		for k, e := range entries {
			if k > 0 {
				joined = append(joined, x.separator...)
			}
			joined = append(joined, x.values.at(e)...)
		}
		appendBytes(b, joined)
	}
	return b.NewArray(), nil
}

func (x *joinedTexts) size() int64 { return 4*int64(cap(x.of)) + x.values.size() + x.by.size() }
func (x *joinedTexts) release()    {}
