package delta

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// SchemaError says that rows do not fit a table's columns.
type SchemaError struct {
	Column string // dotted path
	Reason string
}

// Error names the column, what is wrong with it and what to do.
func (e *SchemaError) Error() string { return "column " + schema.Quote(e.Column) + ": " + e.Reason }

// conversion turns an array into one of another type, without loss. The result belongs to the caller.
type conversion interface {
	apply(env *kernel.Env, a arrow.Array, sel []int32) (arrow.Array, error)
}

type (
	asIs         struct{}
	allNull      struct{ typ arrow.DataType }
	relabel      struct{ typ arrow.DataType }
	castWith     struct{ expr *kernel.Expr }
	structFields struct {
		typ     *arrow.StructType
		sources []int // -1: NULL
		fields  []conversion
	}
	listElements struct {
		typ     arrow.DataType
		element conversion
	}
	mapEntries struct {
		typ        *arrow.MapType
		key, value conversion
	}
)

// newConversion compiles the way from one type to the other.
func newConversion(path string, from, to arrow.DataType, by matching) (conversion, error) {
	if arrow.TypeEqual(from, to) && (by == writing || by == reading || !arrow.IsNested(to.ID())) {
		return asIs{}, nil
	}
	switch t := to.(type) { // nested types are built anew even where only the nullability of their parts differs: arrays carry their types
	case *arrow.StructType:
		if f, ok := from.(*arrow.StructType); ok {
			return newStructConversion(path, f, t, by)
		}
	case *arrow.ListType:
		if f, ok := from.(*arrow.ListType); ok {
			element, err := newConversion(path+".element", f.Elem(), t.Elem(), by)
			return listElements{t, element}, err
		}
	case *arrow.MapType:
		if f, ok := from.(*arrow.MapType); ok {
			key, err := newConversion(path+".key", f.KeyType(), t.KeyType(), by)
			if err != nil {
				return nil, err
			}
			value, err := newConversion(path+".value", f.ItemType(), t.ItemType(), by)
			return mapEntries{t, key, value}, err
		}
	}
	switch {
	case schema.Equal(from, to):
		return asIs{}, nil
	case schema.Equal(to, schema.VariantType) && isVariantGroup(from):
		return groupedVariant{path}, nil
	case from.ID() == arrow.NULL:
		return allNull{to}, nil
	case by != writing && sameBytes(from, to):
		return relabel{to}, nil
	case widens(from, to):
		e, err := kernel.Compile(expr.BoundCast{Arg: expr.BoundColumn{Typ: from, Name: path, Null: true}, Typ: to})
		return castWith{e}, err
	default:
		return nil, &SchemaError{path, fmt.Sprintf("%s does not fit into %s without loss: cast it", schema.Name(from), schema.Name(to))}
	}
}

func newStructConversion(path string, from, to *arrow.StructType, by matching) (conversion, error) {
	c := structFields{typ: to}
	used := 0
	for _, f := range to.Fields() {
		source := by.find(from.Fields(), f)
		c.sources = append(c.sources, source)
		if source < 0 {
			if !f.Nullable && by == writing {
				return nil, &SchemaError{path + "." + f.Name, "it is NOT NULL, but the rows do not have it"}
			}
			c.fields = append(c.fields, allNull{f.Type})
			continue
		}
		used++
		inner, err := newConversion(path+"."+f.Name, from.Field(source).Type, f.Type, by)
		if err != nil {
			return nil, err
		}
		c.fields = append(c.fields, inner)
	}
	if by == writing && used < from.NumFields() {
		for _, f := range from.Fields() {
			if schema.Find(to.Fields(), f.Name) < 0 {
				return nil, &SchemaError{path + "." + f.Name, "the table does not have it: leave it out, or set MergeSchema"}
			}
		}
	}
	return c, nil
}

// sameBytes tells types whose values are the same in memory: other writers leave out the annotation of text, or say little of zones.
func sameBytes(from, to arrow.DataType) bool {
	switch from.ID() {
	case arrow.BINARY:
		return to.ID() == arrow.STRING
	case arrow.STRING:
		return to.ID() == arrow.BINARY
	case arrow.TIMESTAMP:
		return to.ID() == arrow.TIMESTAMP
	default:
		return false
	}
}

// widens tells whether every value of one type is one of the other's (Delta protocol: Type Widening).
func widens(from, to arrow.DataType) bool {
	switch t := to.(type) {
	case *arrow.Decimal128Type:
		if f, ok := from.(*arrow.Decimal128Type); ok {
			return t.Scale >= f.Scale && t.Precision-t.Scale >= f.Precision-f.Scale
		}
		return skipping.IsInteger(from) && t.Precision-t.Scale >= integerDigits(from)
	case *arrow.Float64Type:
		return from.ID() == arrow.FLOAT32 || skipping.IsInteger(from) && from.ID() != arrow.INT64
	case *arrow.TimestampType:
		return from.ID() == arrow.DATE32 && t.TimeZone == ""
	default:
		return skipping.IsInteger(from) && skipping.IsInteger(to) && bitWidth(from) <= bitWidth(to)
	}
}

func bitWidth(t arrow.DataType) int { return t.(arrow.FixedWidthDataType).BitWidth() }

// integerDigits is the decimal digits that Spark reserves for an integer type.
func integerDigits(t arrow.DataType) int32 {
	switch t.ID() {
	case arrow.INT8:
		return 3
	case arrow.INT16:
		return 5
	case arrow.INT32:
		return 10
	default:
		return 20
	}
}

func (asIs) apply(_ *kernel.Env, a arrow.Array, _ []int32) (arrow.Array, error) {
	a.Retain()
	return a, nil
}

func (c allNull) apply(env *kernel.Env, a arrow.Array, _ []int32) (arrow.Array, error) {
	return pool.Nulls(env.Alloc, c.typ, a.Len()), nil
}

func (c relabel) apply(env *kernel.Env, a arrow.Array, _ []int32) (arrow.Array, error) {
	typ := c.typ
	if d, ok := a.DataType().(*arrow.DictionaryType); ok {
		return relabelDictionary(a.(*array.Dictionary), d, typ), nil
	}
	d := a.Data()
	data := array.NewData(typ, d.Len(), d.Buffers(), d.Children(), d.NullN(), d.Offset())
	defer data.Release()
	return array.MakeFromData(data), nil
}

func relabelDictionary(a *array.Dictionary, d *arrow.DictionaryType, typ arrow.DataType) arrow.Array {
	v := a.Dictionary().Data()
	values := array.NewData(typ, v.Len(), v.Buffers(), nil, v.NullN(), v.Offset())
	defer values.Release()
	data := array.NewDataWithDictionary(&arrow.DictionaryType{IndexType: d.IndexType, ValueType: typ}, a.Len(), a.Data().Buffers(), a.NullN(), a.Data().Offset(), values)
	defer data.Release()
	return array.NewDictionaryData(data)
}

func (c castWith) apply(env *kernel.Env, a arrow.Array, sel []int32) (arrow.Array, error) {
	return c.expr.Eval(env, []arrow.Array{a}, a.Len(), sel)
}

func (c structFields) apply(env *kernel.Env, a arrow.Array, _ []int32) (arrow.Array, error) {
	s := a.(*array.Struct)
	children := make([]arrow.ArrayData, 0, len(c.fields))
	defer func() {
		for _, d := range children {
			d.Release()
		}
	}()
	for i, f := range c.fields {
		input := arrow.Array(s)
		if c.sources[i] >= 0 {
			input = s.Field(c.sources[i])
		}
		out, err := f.apply(env, input, nil)
		if err != nil {
			return nil, err
		}
		out.Data().Retain()
		children = append(children, out.Data())
		out.Release()
	}
	bits := validity(env.Alloc, a)
	if bits != nil {
		defer bits.Release()
	}
	data := array.NewData(c.typ, a.Len(), []*memory.Buffer{bits}, children, a.NullN(), 0)
	defer data.Release()
	return array.NewStructData(data), nil
}

func (c listElements) apply(env *kernel.Env, a arrow.Array, _ []int32) (arrow.Array, error) {
	out, err := c.element.apply(env, a.(*array.List).ListValues(), nil)
	if err != nil {
		return nil, err
	}
	defer out.Release()
	d := a.Data()
	data := array.NewData(c.typ, d.Len(), d.Buffers(), []arrow.ArrayData{out.Data()}, d.NullN(), d.Offset())
	defer data.Release()
	return array.NewListData(data), nil
}

func (c mapEntries) apply(env *kernel.Env, a arrow.Array, _ []int32) (arrow.Array, error) {
	m := a.(*array.Map)
	keys, err := c.key.apply(env, m.Keys(), nil)
	if err != nil {
		return nil, err
	}
	defer keys.Release()
	values, err := c.value.apply(env, m.Items(), nil)
	if err != nil {
		return nil, err
	}
	defer values.Release()
	entries := array.NewData(c.typ.Elem(), keys.Len(), []*memory.Buffer{nil}, []arrow.ArrayData{keys.Data(), values.Data()}, 0, 0)
	defer entries.Release()
	d := a.Data()
	data := array.NewData(c.typ, d.Len(), d.Buffers(), []arrow.ArrayData{entries}, d.NullN(), d.Offset())
	defer data.Release()
	return array.NewMapData(data), nil
}

// validity is the array's bitmap from its first row on; nil where no row is NULL.
func validity(alloc memory.Allocator, a arrow.Array) *memory.Buffer {
	if a.NullN() == 0 {
		return nil
	}
	d := a.Data()
	if d.Offset() == 0 {
		d.Buffers()[0].Retain()
		return d.Buffers()[0]
	}
	bits := memory.NewResizableBuffer(alloc)
	bits.Resize(int(bitutil.BytesForBits(int64(a.Len()))))
	bitutil.CopyBitmap(d.Buffers()[0].Bytes(), d.Offset(), a.Len(), bits.Bytes(), 0)
	return bits
}
