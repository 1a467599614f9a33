package schema

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// cells are the places in scratch rows that hold one column's values. Positions count cells; an array's rows are given where they begin.
// An error is a *ValueError whose Row is the array's row (decode) or the cell (encode).
type cells interface {
	// decode sets cells to, to+1 … to+n-1 from the array's rows from, from+1 …
	decode(a arrow.Array, from, to, n int) error
	// encode appends cells from … from+n-1.
	encode(b array.Builder, from, n int) error
	// reset forgets every value, so that none outlives the call.
	reset()
}

// columns are the cells of all columns of some rows.
type columns interface {
	decodeColumns(arrays []arrow.Array, from, to, n int) error
	encodeColumns(builders []array.Builder, from, n int) error
	reset()
}

// binder makes cells of addressable values. open holds the structs it is inside of, to find recursion.
type binder struct {
	open []reflect.Type
}

func (b *binder) bind(t reflect.Type, f arrow.Field, values []reflect.Value) (cells, error) {
	if t.Kind() == reflect.Pointer {
		if c := bindLeaf(t.Elem(), f, values, pointerShape); c != nil {
			return c, nil
		}
		return b.optional(t, f, values)
	}
	if c := bindLeaf(t, f, values, valueShape); c != nil {
		return c, nil
	}
	switch t.Kind() {
	case reflect.Slice:
		if list, ok := f.Type.(*arrow.ListType); ok {
			return b.list(t, list, values)
		}
	case reflect.Map:
		if m, ok := f.Type.(*arrow.MapType); ok {
			return b.mapOf(t, m, values)
		}
	case reflect.Struct:
		if st, ok := f.Type.(*arrow.StructType); ok && !isScalarStruct(t) {
			return b.structOf(t, st.Fields(), values)
		}
	}
	if leafType(t) == nil && !isScalarStruct(t) && t.Kind() != reflect.Slice && t.Kind() != reflect.Map && t.Kind() != reflect.Struct {
		return nil, refusal(t)
	}
	return nil, &TypeError{Type: t.String(), Reason: fmt.Sprintf("the column is %s", Name(f.Type))}
}

func (b *binder) structOf(t reflect.Type, fields []arrow.Field, values []reflect.Value) (*structCells, error) {
	if slices.Contains(b.open, t) {
		return nil, &TypeError{Type: t.String(), Reason: "it contains itself, a column cannot"}
	}
	b.open = append(b.open, t)
	defer func() { b.open = b.open[:len(b.open)-1] }()
	members, err := membersOf(t)
	if err != nil {
		return nil, err
	}
	s := &structCells{fields: fields, children: make([]cells, len(fields))}
	inner := make([]reflect.Value, len(values))
	for _, m := range members {
		i := Find(fields, m.name)
		if i < 0 {
			return nil, &TypeError{Column: m.name, Type: m.typ.String(), Reason: "the schema has no such column"}
		}
		if s.children[i] != nil {
			return nil, &TypeError{Column: m.name, Type: m.typ.String(), Reason: "two fields have this name"}
		}
		for j, v := range values {
			inner[j] = v.FieldByIndex(m.index)
		}
		if s.children[i], err = b.bind(m.typ, fields[i], inner); err != nil {
			return nil, inColumn(m.name, err)
		}
	}
	return s, nil
}

// scratch makes n values of type t and the cells in them.
func (b *binder) scratch(t reflect.Type, f arrow.Field, n int) (scratch, error) {
	s := scratch{rows: reflect.MakeSlice(reflect.SliceOf(t), n, n)}
	values := make([]reflect.Value, n)
	for i := range values {
		values[i] = s.rows.Index(i)
	}
	var err error
	s.cells, err = b.bind(t, f, values)
	return s, err
}

func (b *binder) optional(t reflect.Type, f arrow.Field, values []reflect.Value) (cells, error) {
	if t.Elem().Kind() == reflect.Pointer {
		return nil, refusal(t)
	}
	inner, err := b.scratch(t.Elem(), f, len(values))
	if err != nil {
		return nil, err
	}
	return &optionalCells{places: slices.Clone(values), elem: t.Elem(), notNull: !f.Nullable, inner: inner}, nil
}

func (b *binder) list(t reflect.Type, list *arrow.ListType, values []reflect.Value) (cells, error) {
	if c := bindLeaf(t.Elem(), list.ElemField(), values, listShape(t)); c != nil {
		return c, nil
	}
	inner, err := b.scratch(t.Elem(), list.ElemField(), len(values))
	if err != nil {
		return nil, inColumn("element", err)
	}
	return &listCells{places: slices.Clone(values), slice: t, inner: inner}, nil
}

func (b *binder) mapOf(t reflect.Type, m *arrow.MapType, values []reflect.Value) (cells, error) {
	keys, err := b.scratch(t.Key(), m.KeyField(), len(values))
	if err != nil {
		return nil, inColumn("key", err)
	}
	items, err := b.scratch(t.Elem(), m.ItemField(), len(values))
	if err != nil {
		return nil, inColumn("value", err)
	}
	return &mapCells{places: slices.Clone(values), typ: t, keys: keys, items: items}, nil
}

// shape is how a leaf's Go value stands in its row.
type shape uint8

const (
	valueShape   shape = iota // T
	pointerShape              // *T
	sliceShape                // []T
	namedShape                // a defined type of the last: reflection has to set it
)

// listShape is sliceShape if t has no name of its own.
func listShape(t reflect.Type) shape {
	if t.Name() != "" {
		return namedShape
	}
	return sliceShape
}

// bindLeaf makes the cells of a scalar Go type t and the Arrow type that it stands for, or nil where they do not fit or need reflection.
func bindLeaf(t reflect.Type, f arrow.Field, values []reflect.Value, s shape) cells {
	if s == namedShape {
		return nil
	}
	if t == reflect.TypeFor[Decimal]() {
		if dt, ok := f.Type.(*arrow.Decimal128Type); ok {
			return leafCells(values, s, f, vector[Decimal](&decimals{typ: dt}))
		}
		return nil
	}
	leaf := leafType(t)
	if leaf == nil || !Equal(leaf, f.Type) {
		return nil
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return leafCells(values, s, f, vector[time.Time](&times{}))
	case reflect.TypeFor[Date]():
		return leafCells(values, s, f, vector[Date](&numbers[Date, arrow.Date32]{}))
	case reflect.TypeFor[TimestampNTZ]():
		return leafCells(values, s, f, vector[TimestampNTZ](&numbers[TimestampNTZ, arrow.Timestamp]{}))
	}
	switch t.Kind() {
	case reflect.Bool:
		return namedLeaf(t, values, s, f, vector[bool](&booleans{}))
	case reflect.Int8:
		return namedLeaf(t, values, s, f, vector[int8](&numbers[int8, int8]{}))
	case reflect.Int16:
		return namedLeaf(t, values, s, f, vector[int16](&numbers[int16, int16]{}))
	case reflect.Int32:
		return namedLeaf(t, values, s, f, vector[int32](&numbers[int32, int32]{}))
	case reflect.Int64:
		return namedLeaf(t, values, s, f, vector[int64](&numbers[int64, int64]{}))
	case reflect.Int:
		return namedLeaf(t, values, s, f, vector[int](&numbers[int, int64]{}))
	case reflect.Float32:
		return namedLeaf(t, values, s, f, vector[float32](&numbers[float32, float32]{}))
	case reflect.Float64:
		return namedLeaf(t, values, s, f, vector[float64](&numbers[float64, float64]{}))
	case reflect.String:
		return namedLeaf(t, values, s, f, vector[string](&texts{}))
	case reflect.Slice:
		return namedLeaf(t, values, s, f, vector[[]byte](&binaries{}))
	}
	return nil
}

// namedLeaf is leafCells for types of the kind of T. A pointer to a defined type converts to *T, a pointer to such a pointer or a slice of them does not.
func namedLeaf[T any](t reflect.Type, values []reflect.Value, s shape, f arrow.Field, v vector[T]) cells {
	if s != valueShape && t != reflect.TypeFor[T]() {
		return nil
	}
	return leafCells(values, s, f, v)
}

func leafCells[T any](values []reflect.Value, s shape, f arrow.Field, v vector[T]) cells {
	switch s {
	case valueShape:
		return &valueCells[T]{places: places[T](values), vector: v, buf: make([]T, len(values))}
	case pointerShape:
		return &pointerCells[T]{places: places[*T](values), vector: v, notNull: !f.Nullable}
	case sliceShape:
		return &sliceCells[T]{places: places[[]T](values), vector: v}
	default:
		return nil
	}
}

// places are typed pointers to addressable values of a type that T underlies.
func places[T any](values []reflect.Value) []*T {
	p := make([]*T, len(values))
	for i, v := range values {
		p[i] = v.Addr().Convert(reflect.TypeFor[*T]()).Interface().(*T)
	}
	return p
}
