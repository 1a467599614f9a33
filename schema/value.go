package schema

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Value is one value of an array as it stands in a Row: nil for NULL, else the Go type in the package's table, []any for ARRAY, Map for MAP, Row for
// STRUCT. It shares no memory with the array. Types outside the table give what Arrow makes of them.
func Value(a arrow.Array, row int) any {
	if isNull(a, row) {
		return nil
	}
	switch a := a.(type) {
	case *array.Null:
		return nil
	case *array.Boolean:
		return a.Value(row)
	case *array.Int8:
		return a.Value(row)
	case *array.Int16:
		return a.Value(row)
	case *array.Int32:
		return a.Value(row)
	case *array.Int64:
		return a.Value(row)
	case *array.Float32:
		return a.Value(row)
	case *array.Float64:
		return a.Value(row)
	case *array.Decimal128:
		return Decimal{a.Value(row), a.DataType().(*arrow.Decimal128Type).Scale}
	case *array.String:
		return string([]byte(a.Value(row)))
	case *array.Binary:
		return bytes.Clone(a.Value(row))
	case *array.Date32:
		return Date(a.Value(row))
	case *array.Timestamp:
		return timestampValue(a, row)
	case *array.Dictionary:
		return Value(a.Dictionary(), a.GetValueIndex(row))
	}
	return nestedValue(a, row)
}

func timestampValue(a *array.Timestamp, row int) any {
	if a.DataType().(*arrow.TimestampType).TimeZone == "" {
		return TimestampNTZ(a.Value(row))
	}
	return time.UnixMicro(int64(a.Value(row))).UTC()
}

func nestedValue(a arrow.Array, row int) any {
	switch a := a.(type) {
	case *array.List:
		start, end := a.ValueOffsets(row)
		values := make([]any, 0, end-start)
		for i := start; i < end; i++ {
			values = append(values, Value(a.ListValues(), int(i)))
		}
		return values
	case *array.Map:
		start, end := a.ValueOffsets(row)
		entries := make(Map, 0, end-start)
		for i := int(start); i < int(end); i++ {
			entries = append(entries, Entry{Key: Value(a.Keys(), i), Value: Value(a.Items(), i)})
		}
		return entries
	case *array.Struct:
		fields := a.DataType().(*arrow.StructType).Fields()
		values := make([]any, len(fields))
		for i := range values {
			values[i] = Value(a.Field(i), row)
		}
		return Row{Fields: fields, Values: values}
	case *VariantArray:
		v := a.At(row)
		return Variant{bytes.Clone(v.Metadata), bytes.Clone(v.Value)}
	}
	return a.GetOneForMarshal(row)
}

// appendValue appends a value of a Row to the builder of column f.
func appendValue(b array.Builder, f arrow.Field, v any) error {
	if v == nil {
		if !f.Nullable {
			return &ValueError{Reason: "nil has no place in a NOT NULL column"}
		}
		b.AppendNull()
		return nil
	}
	ok, err := appendScalar(b, v)
	if err != nil || ok {
		return err
	}
	return appendNested(b, f, v)
}

// appendScalar appends v if the builder is of its type.
func appendScalar(b array.Builder, v any) (bool, error) {
	switch v := v.(type) {
	case bool:
		return appendTo(b, v, (*array.BooleanBuilder).Append)
	case int8:
		return appendTo(b, v, (*array.Int8Builder).Append)
	case int16:
		return appendTo(b, v, (*array.Int16Builder).Append)
	case int32:
		return appendTo(b, v, (*array.Int32Builder).Append)
	case int64:
		return appendTo(b, v, (*array.Int64Builder).Append)
	case int:
		return appendTo(b, int64(v), (*array.Int64Builder).Append)
	case float32:
		return appendTo(b, v, (*array.Float32Builder).Append)
	case float64:
		return appendTo(b, v, (*array.Float64Builder).Append)
	case Date:
		return appendTo(b, arrow.Date32(v), (*array.Date32Builder).Append)
	case string:
		return appendVector(b, v, arrow.STRING, vector[string](&texts{}))
	case []byte:
		return appendVector(b, v, arrow.BINARY, vector[[]byte](binaries{}))
	case TimestampNTZ:
		if Equal(b.Type(), TimestampNTZType) {
			return appendTo(b, arrow.Timestamp(v), (*array.TimestampBuilder).Append)
		}
	case time.Time:
		if Equal(b.Type(), Timestamp) {
			return appendVector(b, v, arrow.TIMESTAMP, vector[time.Time](&times{}))
		}
	case Decimal:
		if t, ok := b.Type().(*arrow.Decimal128Type); ok {
			return appendVector(b, v, arrow.DECIMAL128, vector[Decimal](&decimals{typ: t}))
		}
	case Variant:
		return appendVariantTo(b, v), nil
	}
	return false, nil
}

func appendTo[B array.Builder, T any](b array.Builder, v T, add func(B, T)) (bool, error) {
	typed, ok := b.(B)
	if ok {
		add(typed, v)
	}
	return ok, nil
}

func appendVector[T any](b array.Builder, v T, id arrow.Type, to vector[T]) (bool, error) {
	if b.Type().ID() != id {
		return false, nil
	}
	return true, to.write(b, []T{v}, nil)
}

func appendNested(b array.Builder, f arrow.Field, v any) error {
	switch t := f.Type.(type) {
	case *arrow.ListType:
		if values, ok := v.([]any); ok {
			return appendList(b.(*array.ListBuilder), t, values)
		}
	case *arrow.MapType:
		if entries, ok := v.(Map); ok {
			return appendMap(b.(*array.MapBuilder), t, entries)
		}
	case *arrow.StructType:
		if row, ok := v.(Row); ok {
			return appendStruct(b.(*array.StructBuilder), t, row)
		}
	}
	return &ValueError{Reason: fmt.Sprintf("a Go value of type %T is no %s", v, Name(f.Type))}
}

func appendList(b *array.ListBuilder, t *arrow.ListType, values []any) error {
	if b.ValueBuilder().Len() > math.MaxInt32-len(values) {
		return &ValueError{Reason: "one batch holds at most 2^31 elements in a column: use fewer rows"}
	}
	b.Append(true)
	for _, v := range values {
		if err := appendValue(b.ValueBuilder(), t.ElemField(), v); err != nil {
			return inColumnRow("element", err)
		}
	}
	return nil
}

func appendMap(b *array.MapBuilder, t *arrow.MapType, entries Map) error {
	b.Append(true)
	for _, e := range entries {
		if err := appendValue(b.KeyBuilder(), t.KeyField(), e.Key); err != nil {
			return inColumnRow("key", err)
		}
		if err := appendValue(b.ItemBuilder(), t.ItemField(), e.Value); err != nil {
			return inColumnRow("value", err)
		}
	}
	return nil
}

// appendStruct appends a row whose fields are found by name; those it lacks are NULL.
func appendStruct(b *array.StructBuilder, t *arrow.StructType, row Row) error {
	b.Append(true)
	for i, f := range t.Fields() {
		v, _ := row.Get(f.Name)
		if err := appendValue(b.FieldBuilder(i), f, v); err != nil {
			return inColumnRow(f.Name, err)
		}
	}
	return nil
}
