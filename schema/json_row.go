package schema

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/medallion-go/medallion/internal/datetime"
)

// appendValueJSON is AppendJSON for a value of a Row.
func appendValueJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int8:
		return strconv.AppendInt(dst, int64(v), 10)
	case int16:
		return strconv.AppendInt(dst, int64(v), 10)
	case int32:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case float32:
		return appendFloatJSON(dst, float64(v), 32)
	case float64:
		return appendFloatJSON(dst, v, 64)
	case string:
		return AppendQuoted(dst, v)
	case []byte:
		return appendHexJSON(dst, v)
	case Date:
		return append(datetime.AppendDate(append(dst, '"'), int32(v)), '"')
	case TimestampNTZ:
		return append(datetime.AppendISO(append(dst, '"'), int64(v), 6), '"')
	case time.Time:
		return append(datetime.AppendISO(append(dst, '"'), v.UnixMicro(), 6), `Z"`...)
	case Decimal:
		return append(appendDecimalText(append(dst, '"'), v.unscaled, v.scale), '"')
	case Variant:
		return appendVariantQuoted(dst, v)
	}
	return appendNestedJSON(dst, v)
}

func appendNestedJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValueJSON(dst, e)
		}
		return append(dst, ']')
	case Map:
		sorted := slices.Clone(v)
		slices.SortFunc(sorted, func(a, b Entry) int { return compareValues(a.Key, b.Key) })
		dst = append(dst, '[')
		for i, e := range sorted {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendValueJSON(append(dst, '['), e.Key), ',')
			dst = append(appendValueJSON(dst, e.Value), ']')
		}
		return append(dst, ']')
	case Row:
		dst = append(dst, '{')
		for i, f := range v.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(AppendQuoted(dst, f.Name), ':')
			if i < len(v.Values) {
				dst = appendValueJSON(dst, v.Values[i])
			} else {
				dst = append(dst, "null"...)
			}
		}
		return append(dst, '}')
	}
	return AppendQuoted(dst, fmt.Sprint(v))
}

// compareValues orders two values of one type, as keys of a map: numbers by size, everything else as its JSON's bytes.
func compareValues(a, b any) int {
	switch x := a.(type) {
	case int8:
		return compareAs(x, b)
	case int16:
		return compareAs(x, b)
	case int32:
		return compareAs(x, b)
	case int64:
		return compareAs(x, b)
	case float32:
		return compareAs(x, b)
	case float64:
		return compareAs(x, b)
	case string:
		return compareAs(x, b)
	case Date:
		return compareAs(x, b)
	case TimestampNTZ:
		return compareAs(x, b)
	case Decimal:
		if y, ok := b.(Decimal); ok {
			return x.Cmp(y)
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y)
		}
	}
	return bytes.Compare(appendValueJSON(nil, a), appendValueJSON(nil, b))
}

func compareAs[T cmp.Ordered](a T, b any) int {
	y, _ := b.(T)
	return cmp.Compare(a, y)
}
