package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// TagKey is the struct tag that names a field's column and, where Go cannot tell it, its type: `delta:"amount,decimal(18,2)"`. A dash leaves the field
// out.
const TagKey = "delta"

// Of derives the columns from the exported fields of the struct R, by the table in the package's doc. Fields without a name in their tag are called by
// their Go name in snake case; embedded structs without a tag are flattened. A pointer is a nullable column, anything else is NOT NULL: a nil slice is
// an empty array. All faults are *TypeError or *NameError.
func Of[R any]() (*arrow.Schema, error) {
	t := reflect.TypeFor[R]()
	if t == reflect.TypeFor[Row]() {
		return nil, &TypeError{Type: "schema.Row", Reason: "its columns are known only at run time: give a schema"}
	}
	if t.Kind() != reflect.Struct || isScalarStruct(t) {
		return nil, &TypeError{Type: t.String(), Reason: "a row must be a struct"}
	}
	fields, err := new(deriver).fields(t, nil)
	if err != nil {
		return nil, err
	}
	s := arrow.NewSchema(fields, nil)
	if err := Check(s); err != nil {
		return nil, err
	}
	return s, nil
}

// member is one field of a struct that is a column.
type member struct {
	index    []int // as reflect.Value.FieldByIndex takes it; more than one for fields of embedded structs
	name     string
	typeText string // from the tag; often empty
	typ      reflect.Type
}

// membersOf lists the columns of struct t, those of embedded structs in their place.
func membersOf(t reflect.Type) ([]member, error) {
	var members []member
	for i := range t.NumField() {
		m, err := membersOfField(t.Field(i))
		if err != nil {
			return nil, err
		}
		members = append(members, m...)
	}
	if len(members) == 0 {
		return nil, &TypeError{Type: t.String(), Reason: "it has no exported field"}
	}
	return members, nil
}

func membersOfField(f reflect.StructField) ([]member, error) {
	tag, tagged := f.Tag.Lookup(TagKey)
	if tag == "-" {
		return nil, nil
	}
	if f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct && !isScalarStruct(f.Type) {
		inner, err := membersOf(f.Type)
		for i := range inner {
			inner[i].index = append([]int{f.Index[0]}, inner[i].index...)
		}
		return inner, err
	}
	if !f.IsExported() {
		if tagged {
			return nil, &TypeError{Column: f.Name, Type: f.Type.String(), Reason: "the field has a tag but is not exported"}
		}
		return nil, nil
	}
	name, typeText, _ := strings.Cut(tag, ",")
	if name = strings.TrimSpace(name); name == "" {
		name = SnakeCase(f.Name)
	}
	return []member{{index: f.Index, name: name, typeText: strings.TrimSpace(typeText), typ: f.Type}}, nil
}

// deriver turns Go types into Arrow types. open holds the structs it is inside of, to find recursion.
type deriver struct {
	open []reflect.Type
}

// fields are the columns of struct t. want holds the fields that a tag above asks for, or nil.
func (d *deriver) fields(t reflect.Type, want *arrow.StructType) ([]arrow.Field, error) {
	if slices.Contains(d.open, t) {
		return nil, &TypeError{Type: t.String(), Reason: "it contains itself, a column cannot"}
	}
	d.open = append(d.open, t)
	defer func() { d.open = d.open[:len(d.open)-1] }()
	members, err := membersOf(t)
	if err != nil {
		return nil, err
	}
	fields := make([]arrow.Field, len(members))
	for i, m := range members {
		tagType, err := m.wanted(want)
		if err != nil {
			return nil, inColumn(m.name, err)
		}
		if fields[i], err = d.field(m.name, m.typ, tagType); err != nil {
			return nil, inColumn(m.name, err)
		}
	}
	return fields, nil
}

// wanted is the type that the field's own tag or one above it asks for, or nil.
func (m member) wanted(above *arrow.StructType) (arrow.DataType, error) {
	if m.typeText != "" {
		t, err := ParseType(m.typeText)
		if err != nil {
			return nil, &TypeError{Type: m.typeText, Reason: fmt.Sprintf("in the tag: %v", err)}
		}
		return t, nil
	}
	if above != nil {
		if i := Find(above.Fields(), m.name); i >= 0 {
			return above.Field(i).Type, nil
		}
	}
	return nil, nil
}

func (d *deriver) field(name string, t reflect.Type, want arrow.DataType) (arrow.Field, error) {
	nullable := t.Kind() == reflect.Pointer
	if nullable {
		t = t.Elem()
	}
	typ, err := d.dataType(t, want)
	if err != nil {
		return arrow.Field{}, err
	}
	if want != nil && !Equal(typ, want) {
		return arrow.Field{}, &TypeError{Type: t.String(), Reason: fmt.Sprintf("the tag asks for %s, the Go type is %s", Name(want), Name(typ))}
	}
	return arrow.Field{Name: name, Type: typ, Nullable: nullable}, nil
}

func (d *deriver) dataType(t reflect.Type, want arrow.DataType) (arrow.DataType, error) {
	if t == reflect.TypeFor[Decimal]() {
		if dt, ok := want.(*arrow.Decimal128Type); ok {
			return dt, nil
		}
		return nil, &TypeError{Type: t.String(), Reason: "it needs its precision and scale in a tag: `delta:\",decimal(18,2)\"`"}
	}
	if leaf := leafType(t); leaf != nil {
		return leaf, nil
	}
	switch t.Kind() {
	case reflect.Slice:
		return d.slice(t, want)
	case reflect.Map:
		return d.mapType(t, want)
	case reflect.Struct:
		st, _ := want.(*arrow.StructType)
		fields, err := d.fields(t, st)
		if err != nil {
			return nil, err
		}
		return arrow.StructOf(fields...), nil
	}
	return nil, refusal(t)
}

func refusal(t reflect.Type) error {
	reason := "it has no column type"
	switch t.Kind() {
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		reason = "Delta has no unsigned integers: use the next larger signed type"
	case reflect.Pointer:
		reason = "a pointer to a pointer has no meaning in a table"
	case reflect.Array:
		reason = "use a slice"
	case reflect.Interface:
		reason = "a column needs one type: use schema.Row for rows of run-time types"
	}
	return &TypeError{Type: t.String(), Reason: reason}
}

func (d *deriver) slice(t reflect.Type, want arrow.DataType) (arrow.DataType, error) {
	var wantElem arrow.DataType
	if l, ok := want.(*arrow.ListType); ok {
		wantElem = l.Elem()
	}
	elem, err := d.field("element", t.Elem(), wantElem)
	if err != nil {
		return nil, inColumn("element", err)
	}
	return ArrayOf(elem.Type, elem.Nullable), nil
}

func (d *deriver) mapType(t reflect.Type, want arrow.DataType) (arrow.DataType, error) {
	var wantKey, wantValue arrow.DataType
	if m, ok := want.(*arrow.MapType); ok {
		wantKey, wantValue = m.KeyType(), m.ItemType()
	}
	if t.Key() != reflect.TypeFor[Decimal]() && leafType(t.Key()) == nil {
		return nil, inColumn("key", &TypeError{Type: t.Key().String(), Reason: "a map's key must be a scalar"})
	}
	key, err := d.field("key", t.Key(), wantKey)
	if err != nil {
		return nil, inColumn("key", err)
	}
	value, err := d.field("value", t.Elem(), wantValue)
	if err != nil {
		return nil, inColumn("value", err)
	}
	return MapOf(key.Type, value.Type, value.Nullable), nil
}

// leafType is the Arrow type of a Go type without parts, or nil.
func leafType(t reflect.Type) arrow.DataType {
	switch t {
	case reflect.TypeFor[time.Time]():
		return Timestamp
	case reflect.TypeFor[Date]():
		return DateType
	case reflect.TypeFor[TimestampNTZ]():
		return TimestampNTZType
	}
	switch t.Kind() {
	case reflect.Bool:
		return Boolean
	case reflect.Int8:
		return TinyInt
	case reflect.Int16:
		return SmallInt
	case reflect.Int32:
		return Int
	case reflect.Int, reflect.Int64:
		return BigInt
	case reflect.Float32:
		return Float
	case reflect.Float64:
		return Double
	case reflect.String:
		return String
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return Binary
		}
	}
	return nil
}

// isScalarStruct says that a struct type stands for one value.
func isScalarStruct(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[Decimal]()
}
