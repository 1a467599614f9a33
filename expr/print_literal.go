package expr

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/schema"
)

func appendLiteral(dst []byte, n Literal) []byte {
	switch v := n.Value.(type) {
	case nil:
		return appendNull(dst, n.Type)
	case bool:
		return append(dst, strings.ToUpper(strconv.FormatBool(v))...)
	case int8:
		return append(strconv.AppendInt(dst, int64(v), 10), 'Y')
	case int16:
		return append(strconv.AppendInt(dst, int64(v), 10), 'S')
	case int32:
		return strconv.AppendInt(dst, int64(v), 10)
	case int64:
		return append(strconv.AppendInt(dst, v, 10), 'L')
	case float32:
		return appendFloat(dst, float64(v), 32)
	case float64:
		return appendFloat(dst, v, 64)
	case decimal128.Num:
		return appendDecimal(dst, v, n.Type)
	case string:
		return appendQuoted(dst, v)
	case []byte:
		dst = append(dst, "X'"...)
		return append(append(dst, strings.ToUpper(hex.EncodeToString(v))...), '\'')
	case arrow.Date32:
		return append(datetime.AppendDate(append(dst, "DATE '"...), int32(v)), '\'')
	case arrow.Timestamp:
		return append(datetime.AppendTimestamp(append(dst, simpleTimestamp(n.Type)+" '"...), int64(v)), '\'')
	case arrow.MonthInterval:
		return schema.AppendInterval(dst, int64(v), n.Type)
	case arrow.Duration:
		return schema.AppendInterval(dst, int64(v), n.Type)
	}
	return dst
}

func appendNull(dst []byte, t arrow.DataType) []byte {
	if t == nil || t.ID() == arrow.NULL {
		return append(dst, "NULL"...)
	}
	return append(appendType(append(dst, "CAST(NULL AS "...), t), ')')
}

// appendFloat prints the shortest digits that read back as the same number. Infinities and NaN have no literal: they are casts.
func appendFloat(dst []byte, v float64, bits int) []byte {
	suffix, name := byte('D'), "DOUBLE"
	if bits == 32 {
		suffix, name = 'F', "FLOAT"
	}
	switch {
	case math.IsNaN(v):
		return append(dst, "CAST('NaN' AS "+name+")"...)
	case math.IsInf(v, 0):
		text := "Infinity"
		if v < 0 {
			text = "-Infinity"
		}
		return append(dst, "CAST('"+text+"' AS "+name+")"...)
	}
	if math.Abs(v) == math.MaxFloat32 {
		bits = 64 // the shortest digits that a FLOAT is read back from are beyond its range, where Spark refuses them
	}
	return append(strconv.AppendFloat(dst, v, 'G', -1, bits), suffix)
}

// appendDecimal prints exactly the digits that give the type back, in a CAST where the type has more digits than the value.
func appendDecimal(dst []byte, v decimal128.Num, t arrow.DataType) []byte {
	d, ok := t.(*arrow.Decimal128Type)
	if !ok {
		return append(dst, v.BigInt().String()...)
	}
	text := v.ToString(d.Scale)
	if d.Scale == 0 {
		text += "BD"
	}
	_, precision, _, _ := parseDecimal(strings.TrimSuffix(text, "BD"))
	if precision == d.Precision {
		return append(dst, text...)
	}
	return append(appendType(append(append(append(dst, "CAST("...), text...), " AS "...), t), ')')
}

func simpleTimestamp(t arrow.DataType) string {
	if ts, ok := t.(*arrow.TimestampType); ok && ts.TimeZone == "" {
		return "TIMESTAMP_NTZ"
	}
	return "TIMESTAMP"
}
