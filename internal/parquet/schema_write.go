package parquet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// fieldIDKey is the field metadata that carries Parquet field ids, as arrow-go and Arrow C++ name it.
const fieldIDKey = "PARQUET:field_id"

// maxNesting bounds the depth of a schema; each level of it adds at most two definition levels, so levels fit into a byte.
const maxNesting = 64

// stepKind is what a step on the way to a leaf does.
type stepKind uint8

const (
	stepLeaf   stepKind = iota
	stepStruct          // goes into a child of a struct
	stepList            // goes into the elements of a list or the entries of a map
)

// step is one node on the way from a column to a leaf.
type step struct {
	kind     stepKind
	nullable bool
	child    int   // stepStruct
	rep      uint8 // stepList: repetition level of the second and later elements
}

// valueKind is how the values of a leaf lie in Arrow and become Parquet's.
type valueKind uint8

const (
	kindNull      valueKind = iota // no values at all
	kindBool                       // bits
	kindInt8                       // widened to INT32
	kindInt16                      // widened to INT32
	kindInt32                      // as it is
	kindInt64                      // as it is
	kindFloat                      // as it is
	kindDouble                     // as it is
	kindDecimal32                  // DECIMAL(≤ 9) as INT32
	kindDecimal64                  // DECIMAL(≤ 18) as INT64
	kindDecimal                    // DECIMAL as 16 bytes, big endian
	kindBytes                      // STRING and BINARY
)

// leafPlan is a leaf of the schema to be written.
type leafPlan struct {
	column         int // of the schema
	path           []string
	steps          []step
	typ            arrow.DataType
	kind           valueKind
	phys           meta.Type
	maxDef, maxRep uint8
}

// flat says that entries are rows: the leaf is a column by itself.
func (l *leafPlan) flat() bool { return len(l.steps) == 1 }

func (l *leafPlan) name() string { return strings.Join(l.path, ".") }

// planner turns an Arrow schema into Parquet's elements and leaves.
type planner struct {
	elements []meta.SchemaElement
	leaves   []*leafPlan
}

func planSchema(s *arrow.Schema) (*planner, error) {
	root := meta.SchemaElement{Type: meta.NoType, Repetition: meta.NoRepetition, Converted: meta.NoConverted, Name: "schema", NumChildren: int32(s.NumFields())}
	p := &planner{elements: []meta.SchemaElement{root}}
	for i, f := range s.Fields() {
		if err := p.field(f, f.Name, leafPlan{column: i}); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// field adds the field f and everything below it; up is the way so far.
func (p *planner) field(f arrow.Field, name string, up leafPlan) error {
	e := meta.SchemaElement{Type: meta.NoType, Converted: meta.NoConverted, Name: name}
	if f.Nullable {
		e.Repetition = meta.Optional
		up.maxDef++
	}
	up.path = append(up.path[:len(up.path):len(up.path)], name)
	if len(up.path) > maxNesting {
		return &UnsupportedError{Column: up.name(), What: fmt.Sprintf("nesting deeper than %d", maxNesting)}
	}
	if err := setFieldID(&e, f, &up); err != nil {
		return err
	}
	switch t := f.Type.(type) {
	case *arrow.StructType:
		return p.structure(e, t, f.Nullable, up)
	case arrow.ExtensionType:
		if st, ok := t.StorageType().(*arrow.StructType); ok {
			if t.ExtensionName() == "arrow.parquet.variant" { // parquet-format, LogicalTypes.md, VARIANT
				e.Logical.Kind = meta.LogicalVariant
			}
			return p.structure(e, st, f.Nullable, up)
		}
	case *arrow.ListType:
		e.Converted, e.Logical.Kind = meta.ConvList, meta.LogicalList
		in := p.repeated(e, "list", 1, f.Nullable, up)
		return p.field(t.ElemField(), "element", in)
	case *arrow.MapType:
		e.Converted, e.Logical.Kind = meta.ConvMap, meta.LogicalMap
		in := p.repeated(e, "key_value", 2, f.Nullable, up)
		key := t.KeyField()
		key.Nullable = false
		if err := p.field(key, "key", in.into(step{kind: stepStruct, child: 0})); err != nil {
			return err
		}
		return p.field(t.ItemField(), "value", in.into(step{kind: stepStruct, child: 1}))
	}
	return p.leaf(e, f, up)
}

// into is the way one step further.
func (l leafPlan) into(s step, path ...string) leafPlan {
	l.steps = append(l.steps[:len(l.steps):len(l.steps)], s)
	l.path = append(l.path[:len(l.path):len(l.path)], path...)
	return l
}

func (p *planner) structure(e meta.SchemaElement, t *arrow.StructType, nullable bool, up leafPlan) error {
	if t.NumFields() == 0 {
		return &UnsupportedError{Column: up.name(), What: "a struct without fields"}
	}
	e.NumChildren = int32(t.NumFields())
	p.elements = append(p.elements, e)
	for k, c := range t.Fields() {
		if err := p.field(c, c.Name, up.into(step{kind: stepStruct, nullable: nullable, child: k})); err != nil {
			return err
		}
	}
	return nil
}

// repeated adds the two outer levels of a list or map and gives the way to what is inside.
func (p *planner) repeated(e meta.SchemaElement, middle string, children int32, nullable bool, up leafPlan) leafPlan {
	e.NumChildren = 1
	m := meta.SchemaElement{Type: meta.NoType, Repetition: meta.Repeated, Converted: meta.NoConverted, Name: middle, NumChildren: children}
	p.elements = append(p.elements, e, m)
	up.maxDef++
	up.maxRep++
	return up.into(step{kind: stepList, nullable: nullable, rep: up.maxRep}, middle)
}

func (p *planner) leaf(e meta.SchemaElement, f arrow.Field, up leafPlan) error {
	if !annotate(&e, &up, f.Type) {
		return &UnsupportedError{Column: up.name(), What: fmt.Sprintf("writing the Arrow type %s", f.Type)}
	}
	if up.kind == kindNull && !f.Nullable {
		return &UnsupportedError{Column: up.name(), What: "a NULL type that is not nullable"}
	}
	e.Type, up.typ = up.phys, f.Type
	l := up.into(step{kind: stepLeaf, nullable: f.Nullable})
	p.elements = append(p.elements, e)
	p.leaves = append(p.leaves, &l)
	return nil
}

// annotate sets the physical, converted and logical type (parquet-format, LogicalTypes.md) for t. It is false for types that are not written.
func annotate(e *meta.SchemaElement, l *leafPlan, t arrow.DataType) bool {
	set := func(k valueKind, p meta.Type, c meta.Converted, lt meta.LogicalType) {
		l.kind, l.phys, e.Converted, e.Logical = k, p, c, lt
	}
	none := meta.LogicalType{}
	switch t := t.(type) {
	case *arrow.NullType:
		set(kindNull, meta.Int32, meta.NoConverted, meta.LogicalType{Kind: meta.LogicalUnknown})
	case *arrow.BooleanType:
		set(kindBool, meta.Boolean, meta.NoConverted, none)
	case *arrow.Int8Type:
		set(kindInt8, meta.Int32, meta.ConvInt8, meta.LogicalType{Kind: meta.LogicalInt, Bits: 8, Signed: true})
	case *arrow.Int16Type:
		set(kindInt16, meta.Int32, meta.ConvInt16, meta.LogicalType{Kind: meta.LogicalInt, Bits: 16, Signed: true})
	case *arrow.Int32Type:
		set(kindInt32, meta.Int32, meta.NoConverted, none)
	case *arrow.Int64Type:
		set(kindInt64, meta.Int64, meta.NoConverted, none)
	case *arrow.Float32Type:
		set(kindFloat, meta.Float, meta.NoConverted, none)
	case *arrow.Float64Type:
		set(kindDouble, meta.Double, meta.NoConverted, none)
	case *arrow.Date32Type:
		set(kindInt32, meta.Int32, meta.ConvDate, meta.LogicalType{Kind: meta.LogicalDate})
	case *arrow.StringType:
		set(kindBytes, meta.ByteArray, meta.ConvUTF8, meta.LogicalType{Kind: meta.LogicalString})
	case *arrow.BinaryType:
		set(kindBytes, meta.ByteArray, meta.NoConverted, none)
	case *arrow.TimestampType:
		set(kindInt64, meta.Int64, meta.NoConverted, meta.LogicalType{Kind: meta.LogicalTimestamp, UTC: t.TimeZone != "", Unit: meta.Micros})
		if t.TimeZone != "" {
			e.Converted = meta.ConvMicros
		}
		return t.Unit == arrow.Microsecond
	case *arrow.Decimal128Type:
		e.Scale, e.Precision = t.Scale, t.Precision
		lt := meta.LogicalType{Kind: meta.LogicalDecimal, Scale: t.Scale, Precision: t.Precision}
		switch {
		case t.Precision <= 9:
			set(kindDecimal32, meta.Int32, meta.ConvDecimal, lt)
		case t.Precision <= 18:
			set(kindDecimal64, meta.Int64, meta.ConvDecimal, lt)
		default:
			set(kindDecimal, meta.FixedLenByteArray, meta.ConvDecimal, lt)
			e.TypeLength = 16
		}
		return t.Precision >= 1 && t.Precision <= 38 && t.Scale >= 0 && t.Scale <= t.Precision
	default:
		return false
	}
	return true
}

func setFieldID(e *meta.SchemaElement, f arrow.Field, l *leafPlan) error {
	i := f.Metadata.FindKey(fieldIDKey)
	if i < 0 {
		return nil
	}
	id, err := strconv.ParseInt(f.Metadata.Values()[i], 10, 32)
	if err != nil {
		return fmt.Errorf("parquet: column %s: %s is no 32-bit number: %w", l.name(), fieldIDKey, err)
	}
	e.FieldID, e.HasFieldID = int32(id), true
	return nil
}

// fits says that an array of type have may be written where the schema says want: the same values, whatever the names of elements are.
func fits(have, want arrow.DataType) bool {
	switch w := want.(type) {
	case *arrow.StructType:
		h, ok := have.(*arrow.StructType)
		if !ok || h.NumFields() != w.NumFields() {
			return false
		}
		for i := range w.NumFields() {
			if !fits(h.Field(i).Type, w.Field(i).Type) {
				return false
			}
		}
		return true
	case *arrow.ListType:
		h, ok := have.(*arrow.ListType)
		return ok && fits(h.Elem(), w.Elem())
	case *arrow.MapType:
		h, ok := have.(*arrow.MapType)
		return ok && fits(h.KeyType(), w.KeyType()) && fits(h.ItemType(), w.ItemType())
	case *arrow.StringType, *arrow.BinaryType:
		if d, ok := have.(*arrow.DictionaryType); ok {
			return d.ValueType.ID() == want.ID()
		}
		return have.ID() == want.ID()
	case *arrow.TimestampType:
		h, ok := have.(*arrow.TimestampType)
		return ok && h.Unit == w.Unit && (h.TimeZone == "") == (w.TimeZone == "")
	}
	return arrow.TypeEqual(have, want)
}
