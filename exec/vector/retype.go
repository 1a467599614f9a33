package vector

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// NewBuilder is a builder for columns of type t. Narrow intervals are built as the types of Arrow that have their layout; Built gives them their type.
func NewBuilder(alloc memory.Allocator, t arrow.DataType) array.Builder {
	return array.NewBuilder(alloc, schema.Plain(t))
}

// Built is what NewBuilder's builder holds, as an array of type t. The builder is empty then.
func Built(b array.Builder, t arrow.DataType) arrow.Array {
	return Retyped(b.NewArray(), t)
}

// AllNull is n NULLs of a type, which may have VOID within.
func AllNull(alloc memory.Allocator, t arrow.DataType, n int) arrow.Array {
	if !holdsVoid(t) {
		return pool.Nulls(alloc, t, n)
	}
	b := NewBuilder(alloc, t)
	defer b.Release()
	for range n {
		b.AppendNull()
	}
	return Built(b, t)
}

// holdsVoid tells of a nested type with VOID inside, of which Arrow makes no array of NULLs.
func holdsVoid(t arrow.DataType) bool {
	nested, ok := t.(arrow.NestedType)
	return ok && slices.ContainsFunc(nested.Fields(), func(f arrow.Field) bool { return f.Type.ID() == arrow.NULL || holdsVoid(f.Type) })
}

// Retyped is a with another type of the same layout, which may differ in the names and nullability of its parts and in the fields of intervals. It takes
// a over.
func Retyped(a arrow.Array, t arrow.DataType) arrow.Array {
	if arrow.TypeEqual(a.DataType(), t) {
		return a
	}
	defer a.Release()
	d := retype(a.Data(), t)
	defer d.Release()
	return array.MakeFromData(d)
}

// retype is d with another type of the same layout.
func retype(d arrow.ArrayData, t arrow.DataType) arrow.ArrayData {
	var types []arrow.DataType
	switch t := t.(type) {
	case *arrow.MapType:
		types = []arrow.DataType{t.Elem()}
	case *arrow.ListType:
		types = []arrow.DataType{t.Elem()}
	case *arrow.StructType, arrow.ExtensionType:
		for _, f := range structTypeOf(t).Fields() {
			types = append(types, f.Type)
		}
	}
	children := make([]arrow.ArrayData, len(types))
	for i, part := range types {
		children[i] = retype(d.Children()[i], part)
		defer children[i].Release()
	}
	return array.NewData(t, d.Len(), d.Buffers(), children, d.NullN(), d.Offset())
}
