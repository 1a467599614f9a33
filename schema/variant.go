package schema

import (
	"fmt"
	"reflect"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/variant"
)

// VariantType is VARIANT: Arrow's canonical extension type arrow.parquet.variant over a struct of the binary fields metadata and value. Arrays of it are
// *VariantArray. A NULL of SQL is a null struct; the null of JSON is a value.
var VariantType arrow.DataType = &variantType{arrow.ExtensionBase{Storage: variant.Storage()}}

type variantType struct{ arrow.ExtensionBase }

// ArrayType is the type of its arrays.
func (*variantType) ArrayType() reflect.Type { return reflect.TypeFor[VariantArray]() }

// ExtensionName is the name that Arrow gives the type.
func (*variantType) ExtensionName() string { return "arrow.parquet.variant" }

// String is the type's name in Spark.
func (*variantType) String() string { return "variant" }

// Serialize is empty: the type has no parameters.
func (*variantType) Serialize() string { return "" }

// Deserialize gives the type for a struct of metadata and value.
func (t *variantType) Deserialize(storage arrow.DataType, _ string) (arrow.ExtensionType, error) {
	if !arrow.TypeEqual(storage, t.Storage) {
		return nil, fmt.Errorf("schema: %s does not hold variants", storage)
	}
	return t, nil
}

// ExtensionEquals says whether the other type is VARIANT too.
func (*variantType) ExtensionEquals(other arrow.ExtensionType) bool {
	_, ok := other.(*variantType)
	return ok
}

// Variant is one value of VARIANT: the names of its fields, and the value itself, in the encoding of the Parquet format.
type Variant struct {
	Metadata, Value []byte
}

// String is the value as Spark's to_json writes it, or what is wrong with its bytes.
func (v Variant) String() string {
	text, err := v.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// MarshalJSON writes the value as Spark's to_json does. The error tells of bytes that are no variant.
func (v Variant) MarshalJSON() ([]byte, error) { return AppendVariantJSON(nil, v.Metadata, v.Value) }

// VariantArray is a column of VARIANT.
type VariantArray struct{ array.ExtensionArrayBase }

// NewVariantArray makes a column of VARIANT of structs of metadata and value.
func NewVariantArray(storage *array.Struct) *VariantArray {
	return array.NewExtensionArrayWithStorage(VariantType.(*variantType), storage).(*VariantArray)
}

// At is a row's value, which is not NULL. Its bytes are borrowed from the array.
func (a *VariantArray) At(row int) Variant {
	s := a.Storage().(*array.Struct)
	return Variant{s.Field(0).(*array.Binary).Value(row), s.Field(1).(*array.Binary).Value(row)}
}

// ValueStr is a row as text.
func (a *VariantArray) ValueStr(row int) string {
	if a.IsNull(row) {
		return array.NullValueStr
	}
	return a.At(row).String()
}

// GetOneForMarshal is a row as JSON is made of it.
func (a *VariantArray) GetOneForMarshal(row int) any {
	if a.IsNull(row) {
		return nil
	}
	return a.At(row)
}

// appendVariantQuoted appends a row's JSON as a JSON string; of bytes that are no variant, these.
func appendVariantQuoted(dst []byte, v Variant) []byte {
	text, err := v.MarshalJSON()
	if err == nil {
		return AppendQuoted(dst, string(text))
	}
	dst = appendHexJSON(append(dst, `{"metadata":`...), v.Metadata)
	return append(appendHexJSON(append(dst, `,"value":`...), v.Value), '}')
}

// appendVariantTo appends a value to a builder of VARIANT; false where it is none.
func appendVariantTo(b array.Builder, v Variant) bool {
	e, ok := b.(*array.ExtensionBuilder)
	if !ok {
		return false
	}
	s, ok := e.StorageBuilder().(*array.StructBuilder)
	if !ok {
		return false
	}
	s.Append(true)
	s.FieldBuilder(0).(*array.BinaryBuilder).Append(v.Metadata)
	s.FieldBuilder(1).(*array.BinaryBuilder).Append(v.Value)
	return true
}
