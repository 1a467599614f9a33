package schema

import (
	"encoding/json"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
)

// MarshalDelta writes the columns as the schemaString of Delta's metaData action (Delta protocol: Schema Serialization Format).
//
// Metadata values are strings in Arrow and JSON in Delta. A value that is JSON is written as it is; any other, and every value of a key that the
// protocol defines as text (comment, delta.generationExpression and the like), is written as a JSON string. UnmarshalDelta is the exact inverse: where
// it meets a string that would be taken for JSON under an unknown key, it keeps the quotes.
func MarshalDelta(s *arrow.Schema) (string, error) {
	dst, err := appendDeltaStruct(nil, s.Fields())
	return string(dst), err
}

func appendDeltaStruct(dst []byte, fields []arrow.Field) ([]byte, error) {
	dst = append(dst, `{"type":"struct","fields":[`...)
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendQuoted(append(dst, `{"name":`...), f.Name)
		var err error
		if dst, err = appendDeltaType(append(dst, `,"type":`...), f.Type); err != nil {
			return nil, inColumn(f.Name, err)
		}
		dst = strconv.AppendBool(append(dst, `,"nullable":`...), f.Nullable)
		dst = appendDeltaMetadata(append(dst, `,"metadata":`...), f.Metadata)
		dst = append(dst, '}')
	}
	return append(dst, `]}`...), nil
}

func appendDeltaType(dst []byte, t arrow.DataType) ([]byte, error) {
	var err error
	switch t := t.(type) {
	case *arrow.ListType:
		if dst, err = appendDeltaType(append(dst, `{"type":"array","elementType":`...), t.Elem()); err != nil {
			return nil, inColumn("element", err)
		}
		dst = append(dst, `,"containsNull":`...)
		return append(strconv.AppendBool(dst, t.ElemField().Nullable), '}'), nil
	case *arrow.MapType:
		if dst, err = appendDeltaType(append(dst, `{"type":"map","keyType":`...), t.KeyType()); err != nil {
			return nil, inColumn("key", err)
		}
		if dst, err = appendDeltaType(append(dst, `,"valueType":`...), t.ItemType()); err != nil {
			return nil, inColumn("value", err)
		}
		dst = append(dst, `,"valueContainsNull":`...)
		return append(strconv.AppendBool(dst, t.ItemField().Nullable), '}'), nil
	case *arrow.StructType:
		return appendDeltaStruct(dst, t.Fields())
	}
	if err := Supported(t); err != nil {
		return nil, err
	}
	return append(append(append(dst, '"'), DeltaName(t)...), '"'), nil
}

// DeltaName is the Delta protocol's name of a primitive type: Spark's, but for the integers.
func DeltaName(t arrow.DataType) string {
	switch t.ID() {
	case arrow.INT8:
		return "byte"
	case arrow.INT16:
		return "short"
	case arrow.INT32:
		return "integer"
	case arrow.INT64:
		return "long"
	}
	return Name(t)
}

func appendDeltaMetadata(dst []byte, m arrow.Metadata) []byte {
	dst = append(dst, '{')
	for i, k := range m.Keys() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendQuoted(dst, k), ':')
		if v := m.Values()[i]; isTextKey(k) || !json.Valid([]byte(v)) {
			dst = AppendQuoted(dst, v)
		} else {
			dst = append(dst, v...)
		}
	}
	return append(dst, '}')
}

// isTextKey says that the value of a metadata key is text in the protocol and in Spark, whatever it looks like.
func isTextKey(key string) bool {
	switch key {
	case CommentKey, "delta.invariants", "delta.generationExpression", "delta.columnMapping.physicalName", "CURRENT_DEFAULT", "EXISTS_DEFAULT",
		"__CHAR_VARCHAR_TYPE_STRING":
		return true
	}
	return false
}
