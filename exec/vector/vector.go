// Package vector is the ground floor of execution: taking, joining, hashing, comparing and measuring Arrow arrays by position, without knowing what
// their values mean to a query. It serves every type of package schema, nested ones too, and dictionaries of strings over int32 or uint32 indices.
//
// Positions are int32 within one array; a negative position stands for NULL. Results are allocated from the caller's allocator and belong to the
// caller. Arrays are only read, so one array may serve many goroutines.
package vector

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// layout is how a type's values lie in memory; most of this package needs to know no more about a type.
type layout uint8

const (
	unknown layout = iota
	void           // no buffers: every row is NULL
	bit            // a bitmap
	fixed1         // one byte a value
	fixed2         // two, and so on
	fixed4
	fixed8
	fixed16
	varying    // int32 offsets into bytes
	lists      // int32 offsets into a child; maps too
	structs    // children of the same length
	dictionary // indices into another array
)

// width is the bytes of one value of a fixed layout.
func (l layout) width() int { return 1 << (l - fixed1) }

func layoutOf(t arrow.DataType) layout {
	switch t.ID() {
	case arrow.NULL:
		return void
	case arrow.BOOL:
		return bit
	case arrow.INT8, arrow.UINT8:
		return fixed1
	case arrow.INT16, arrow.UINT16:
		return fixed2
	case arrow.INT32, arrow.UINT32, arrow.FLOAT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		return fixed4
	case arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.TIMESTAMP, arrow.DURATION:
		return fixed8
	case arrow.DECIMAL128, arrow.INTERVAL_MONTH_DAY_NANO:
		return fixed16
	case arrow.STRING, arrow.BINARY:
		return varying
	case arrow.LIST, arrow.MAP:
		return lists
	case arrow.STRUCT:
		return structs
	case arrow.DICTIONARY:
		return dictionary
	case arrow.EXTENSION:
		return layoutOf(t.(arrow.ExtensionType).StorageType())
	default:
		return unknown
	}
}

func errType(op string, t arrow.DataType) error {
	return fmt.Errorf("vector: %s: no support for Arrow type %s", op, t)
}

// errTooLong says that an array would need offsets beyond int32. Batches of at most 64k rows stay far below that unless single values are huge.
func errTooLong(op string, size int64) error {
	return fmt.Errorf("vector: %s: %d bytes or elements do not fit into one array of at most %d: use smaller batches", op, size, math.MaxInt32)
}

// word is a fixed-width value as it is moved, whatever it means.
type word interface {
	uint8 | uint16 | uint32 | uint64 | decimal128.Num
}

// Nulls is an array's validity, read without the lazy null count of arrow.Array (which is written on first use and so would race).
type Nulls struct {
	bits   []byte // nil: no NULLs
	offset int
}

// NullsOf returns the validity of a. A NULL-typed array, which has no bitmap, is not served: all its rows are NULL.
func NullsOf(a arrow.Array) Nulls {
	d := a.Data()
	if d.NullN() == 0 || d.Len() == 0 || len(d.Buffers()) == 0 || d.Buffers()[0] == nil {
		return Nulls{}
	}
	return Nulls{bits: d.Buffers()[0].Bytes(), offset: d.Offset()}
}

// None tells that no row is NULL. False does not promise that one is.
func (v Nulls) None() bool { return v.bits == nil }

// At tells whether row i is NULL.
func (v Nulls) At(i int) bool {
	return v.bits != nil && !bitutil.BitIsSet(v.bits, v.offset+i)
}

// Valid tells whether row i is not NULL.
func (v Nulls) Valid(i int) bool {
	return v.bits == nil || bitutil.BitIsSet(v.bits, v.offset+i)
}

// offsets are the n+1 offsets of a varying or lists array.
func offsets(a arrow.Array) []int32 {
	if a.Len() == 0 {
		return []int32{0}
	}
	return arrow.GetOffsets[int32](a.Data(), 1)
}

// content is the value bytes of a varying array, which its offsets point into.
func content(a arrow.Array) []byte {
	b := a.Data().Buffers()
	if len(b) < 3 || b[2] == nil {
		return nil
	}
	return b[2].Bytes()
}

// elements is the child that the offsets of a lists array point into. It is borrowed from a.
func elements(a arrow.Array) arrow.Array {
	switch l := a.(type) {
	case *array.Map:
		return l.ListValues()
	case *array.List:
		return l.ListValues()
	default:
		return nil
	}
}

// fieldsOf is a structs array as a struct, also where it is one of an extension type. It is borrowed from a.
func fieldsOf(a arrow.Array) *array.Struct {
	if e, ok := a.(array.ExtensionArray); ok {
		a = e.Storage()
	}
	return a.(*array.Struct)
}

// structTypeOf is a structs type as a struct; see fieldsOf.
func structTypeOf(t arrow.DataType) *arrow.StructType {
	if e, ok := t.(arrow.ExtensionType); ok {
		t = e.StorageType()
	}
	return t.(*arrow.StructType)
}

func newBuffer(alloc memory.Allocator, size int) *memory.Buffer {
	b := memory.NewResizableBuffer(alloc)
	b.Resize(size)
	return b
}

// build makes an array of its parts and gives up the caller's hold on them.
func build(t arrow.DataType, n, nulls int, children []arrow.Array, buffers ...*memory.Buffer) arrow.Array {
	data := make([]arrow.ArrayData, len(children))
	for i, c := range children {
		data[i] = c.Data()
	}
	d := array.NewData(t, n, buffers, data, nulls, 0)
	defer d.Release()
	release(children)
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	return array.MakeFromData(d)
}

func release(arrs []arrow.Array) {
	for _, a := range arrs {
		if a != nil {
			a.Release()
		}
	}
}
