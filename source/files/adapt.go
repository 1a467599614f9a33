package files

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// An adapter makes data of the schema's type from data of a file's type. The caller releases what it returns.
type adapter func(alloc memory.Allocator, d arrow.ArrayData) arrow.ArrayData

// newAdapter finds the way from one type to another that loses nothing: wider numbers, timestamps without a zone taken as UTC, struct fields matched by
// name. ok is false if there is none. whole is false if fields of the file's structs have no place in the schema's.
func newAdapter(from, to arrow.DataType) (a adapter, whole, ok bool) {
	if schema.Equal(from, to, schema.Decoded) {
		return func(_ memory.Allocator, d arrow.ArrayData) arrow.ArrayData { return retype(d, to) }, true, true
	}
	switch to := to.(type) {
	case *arrow.ListType:
		if from, isList := from.(*arrow.ListType); isList {
			return adaptChildren(to, []arrow.DataType{from.Elem()}, []arrow.DataType{to.Elem()})
		}
	case *arrow.MapType:
		if from, isMap := from.(*arrow.MapType); isMap {
			return adaptChildren(to, []arrow.DataType{entries(from)}, []arrow.DataType{entries(to)})
		}
	case *arrow.StructType:
		if from, isStruct := from.(*arrow.StructType); isStruct {
			return adaptStruct(from, to)
		}
	}
	if widen := wideningOf(from, to); widen != nil {
		return widen, true, true
	}
	return nil, false, false
}

// entries is the struct of key and value that a map holds, under names that do not depend on the file's.
func entries(m *arrow.MapType) arrow.DataType {
	return arrow.StructOf(arrow.Field{Name: "key", Type: m.KeyType()}, arrow.Field{Name: "value", Type: m.ItemType(), Nullable: true})
}

// retype keeps the buffers and gives them a type that differs in nullability and names of elements only. A dictionary stays one.
func retype(d arrow.ArrayData, to arrow.DataType) arrow.ArrayData {
	if d.DataType().ID() == arrow.DICTIONARY || arrow.TypeEqual(d.DataType(), to) {
		d.Retain()
		return d
	}
	types := childTypes(to)
	children := make([]arrow.ArrayData, len(types))
	for i, c := range d.Children() {
		children[i] = retype(c, types[i])
	}
	return rebuild(d, to, children)
}

func childTypes(t arrow.DataType) []arrow.DataType {
	nested, ok := t.(arrow.NestedType)
	if !ok {
		return nil
	}
	types := make([]arrow.DataType, nested.NumFields())
	for i, f := range nested.Fields() {
		types[i] = f.Type
	}
	return types
}

// rebuild is the data with new children, which it takes over.
func rebuild(d arrow.ArrayData, to arrow.DataType, children []arrow.ArrayData) arrow.ArrayData {
	out := array.NewData(to, d.Len(), d.Buffers(), children, d.NullN(), d.Offset())
	for _, c := range children {
		c.Release()
	}
	return out
}

func adaptChildren(to arrow.DataType, from, into []arrow.DataType) (adapter, bool, bool) {
	adapters := make([]adapter, len(from))
	whole := true
	for i := range from {
		a, w, ok := newAdapter(from[i], into[i])
		if !ok {
			return nil, false, false
		}
		adapters[i], whole = a, whole && w
	}
	types := childTypes(to)
	return func(alloc memory.Allocator, d arrow.ArrayData) arrow.ArrayData {
		children := make([]arrow.ArrayData, len(adapters))
		for i, a := range adapters {
			adapted := a(alloc, d.Children()[i])
			children[i] = retype(adapted, types[i])
			adapted.Release()
		}
		return rebuild(d, to, children)
	}, whole, true
}

// adaptStruct fills fields that the file lacks with NULL.
func adaptStruct(from, to *arrow.StructType) (adapter, bool, bool) {
	at := make([]int, to.NumFields())
	adapters := make([]adapter, to.NumFields())
	used, whole := 0, true
	for i, f := range to.Fields() {
		if at[i] = schema.Find(from.Fields(), f.Name); at[i] < 0 {
			continue
		}
		a, w, ok := newAdapter(from.Field(at[i]).Type, f.Type)
		if !ok {
			return nil, false, false
		}
		adapters[i], whole = a, whole && w
		used++
	}
	return func(alloc memory.Allocator, d arrow.ArrayData) arrow.ArrayData {
		children := make([]arrow.ArrayData, len(adapters))
		for i, a := range adapters {
			if a == nil {
				nulls := pool.Nulls(alloc, to.Field(i).Type, d.Offset()+d.Len())
				children[i] = nulls.Data()
				children[i].Retain()
				nulls.Release()
				continue
			}
			children[i] = a(alloc, d.Children()[at[i]])
		}
		return rebuild(d, to, children)
	}, whole && used == from.NumFields(), true
}
