package sql

import (
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
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
		return string(schema.AppendDouble(nil, float64(v), 32))
	case float64:
		return string(schema.AppendDouble(nil, v, 64))
	case decimal128.Num:
		if d, ok := l.Type.(*arrow.Decimal128Type); ok {
			return v.ToString(d.Scale)
		}
	}
	return l.String()
}
