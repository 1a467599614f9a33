package sql

import (
	"math"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/expr"
)

// literalText prints a constant without quotes and suffixes; other constants as SQL.
func literalText(l expr.Literal) string {
	switch v := l.Value.(type) {
	case nil:
		return "NULL"
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int8:
		return strconv.Itoa(int(v))
	case int16:
		return strconv.Itoa(int(v))
	case int32:
		return strconv.Itoa(int(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case float32:
		return javaFloat(float64(v), 32)
	case float64:
		return javaFloat(v, 64)
	case decimal128.Num:
		if d, ok := l.Type.(*arrow.Decimal128Type); ok {
			return v.ToString(d.Scale)
		}
	}
	return l.String()
}

// javaFloat prints a number as Java's Double.toString does: 1.0, 1.0E10.
func javaFloat(v float64, bits int) string {
	if abs := math.Abs(v); abs != 0 && (abs < 1e-3 || abs >= 1e7) && !math.IsInf(v, 0) {
		s := strconv.FormatFloat(v, 'E', -1, bits)
		mantissa, exponent, _ := strings.Cut(s, "E")
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		e, _ := strconv.Atoi(exponent)
		return mantissa + "E" + strconv.Itoa(e)
	}
	s := strconv.FormatFloat(v, 'f', -1, bits)
	if !strings.Contains(s, ".") && !math.IsInf(v, 0) && !math.IsNaN(v) {
		s += ".0"
	}
	return s
}
