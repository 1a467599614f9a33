package schema

import (
	"bytes"
	"encoding/hex"
	"math"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/datetime"
)

// AppendJSON appends one value of an array in medallion's exact JSON: integers with all digits; float and double as numbers, or "NaN", "Infinity",
// "-Infinity" and "-0.0"; decimals as text with all digits of their scale; binary as lower-case hex; date "YYYY-MM-DD"; timestamp
// "YYYY-MM-DDTHH:MM:SS.ffffffZ", timestamp_ntz without the Z; an array as a list; a map as a list of [key, value] in the order of the keys; a struct as
// an object; a variant as a string of Spark's JSON of it; an interval as CAST to STRING writes it.
func AppendJSON(dst []byte, a arrow.Array, row int) []byte {
	if isNull(a, row) {
		return append(dst, "null"...)
	}
	switch a := a.(type) {
	case *array.Null:
		return append(dst, "null"...)
	case *array.Boolean:
		return strconv.AppendBool(dst, a.Value(row))
	case *array.Int8:
		return strconv.AppendInt(dst, int64(a.Value(row)), 10)
	case *array.Int16:
		return strconv.AppendInt(dst, int64(a.Value(row)), 10)
	case *array.Int32:
		return strconv.AppendInt(dst, int64(a.Value(row)), 10)
	case *array.Int64:
		return strconv.AppendInt(dst, a.Value(row), 10)
	case *array.Float32:
		return appendFloatJSON(dst, float64(a.Value(row)), 32)
	case *array.Float64:
		return appendFloatJSON(dst, a.Value(row), 64)
	case *array.String:
		return AppendQuoted(dst, a.Value(row))
	case *array.Binary:
		return appendHexJSON(dst, a.Value(row))
	case *array.Dictionary:
		return AppendJSON(dst, a.Dictionary(), a.GetValueIndex(row))
	case *array.List:
		return appendListJSON(dst, a, row)
	case *array.Map:
		return appendMapJSON(dst, a, row)
	case *array.Struct:
		return appendStructJSON(dst, a, row)
	case *VariantArray:
		return appendVariantQuoted(dst, a.At(row))
	}
	return append(appendText(append(dst, '"'), a, row), '"')
}

// AppendRowJSON appends one row of a batch as an object in column order.
func AppendRowJSON(dst []byte, batch arrow.RecordBatch, row int) []byte {
	dst = append(dst, '{')
	for i := range int(batch.NumCols()) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendQuoted(dst, batch.ColumnName(i)), ':')
		dst = AppendJSON(dst, batch.Column(i), row)
	}
	return append(dst, '}')
}

// appendText appends a value that is text in JSON and needs no escapes.
func appendText(dst []byte, a arrow.Array, row int) []byte {
	switch a := a.(type) {
	case *array.Decimal128:
		return appendDecimalText(dst, a.Value(row), a.DataType().(*arrow.Decimal128Type).Scale)
	case *array.Date32:
		return datetime.AppendDate(dst, int32(a.Value(row)))
	case *array.Timestamp:
		dst = datetime.AppendISO(dst, int64(a.Value(row)), 6)
		if a.DataType().(*arrow.TimestampType).TimeZone == "" {
			return dst
		}
		return append(dst, 'Z')
	case *array.MonthInterval:
		return AppendInterval(dst, int64(a.Value(row)), a.DataType())
	case *array.Duration:
		return AppendInterval(dst, int64(a.Value(row)), a.DataType())
	case *array.MonthDayNanoInterval:
		return AppendCalendar(dst, a.Value(row))
	}
	quoted := AppendQuoted(nil, a.ValueStr(row))
	return append(dst, quoted[1:len(quoted)-1]...)
}

func appendFloatJSON(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	case f == 0 && math.Signbit(f):
		return append(dst, `"-0.0"`...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, bits)
	if !bytes.ContainsAny(dst[start:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

func appendHexJSON(dst, v []byte) []byte {
	return append(hex.AppendEncode(append(dst, '"'), v), '"')
}

func appendListJSON(dst []byte, a *array.List, row int) []byte {
	start, end := a.ValueOffsets(row)
	dst = append(dst, '[')
	for i := start; i < end; i++ {
		if i > start {
			dst = append(dst, ',')
		}
		dst = AppendJSON(dst, a.ListValues(), int(i))
	}
	return append(dst, ']')
}

func appendMapJSON(dst []byte, a *array.Map, row int) []byte {
	start, end := a.ValueOffsets(row)
	order := make([]int, 0, end-start)
	for i := start; i < end; i++ {
		order = append(order, int(i))
	}
	keys := a.Keys()
	slices.SortFunc(order, func(i, j int) int { return compareValues(Value(keys, i), Value(keys, j)) })
	dst = append(dst, '[')
	for n, i := range order {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendJSON(append(dst, '['), keys, i), ',')
		dst = append(AppendJSON(dst, a.Items(), i), ']')
	}
	return append(dst, ']')
}

func appendStructJSON(dst []byte, a *array.Struct, row int) []byte {
	dst = append(dst, '{')
	for i, f := range a.DataType().(*arrow.StructType).Fields() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendJSON(append(AppendQuoted(dst, f.Name), ':'), a.Field(i), row)
	}
	return append(dst, '}')
}
