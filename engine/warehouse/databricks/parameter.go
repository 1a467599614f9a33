package databricks

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	dbsql "github.com/databricks/databricks-sql-go"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/schema"
)

// arguments are a statement's parameters as the driver takes them.
type arguments []driver.NamedValue

func argumentsOf(params []warehouse.Parameter) (arguments, error) {
	args := make(arguments, len(params))
	for i, p := range params {
		name := p.Name
		if name == "" {
			name = fmt.Sprintf("?%d", i+1)
		}
		if (p.Name == "") != (params[0].Name == "") {
			return nil, fmt.Errorf("databricks: parameter %s: a statement's parameters are all named or all positional", name)
		}
		kind, text, err := textOf(p.Value)
		if err != nil {
			return nil, fmt.Errorf("databricks: parameter %s: %w", name, err)
		}
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: dbsql.Parameter{Name: p.Name, Type: kind, Value: text}}
	}
	return args, nil
}

// textOf is a literal's SQL type and its text, the form in which the protocol sends parameters.
func textOf(value any) (dbsql.SqlType, any, error) {
	switch v := value.(type) {
	case nil:
		return dbsql.SqlVoid, nil, nil
	case bool:
		return dbsql.SqlBoolean, strconv.FormatBool(v), nil
	case int8:
		return dbsql.SqlTinyInt, strconv.FormatInt(int64(v), 10), nil
	case int16:
		return dbsql.SqlSmallInt, strconv.FormatInt(int64(v), 10), nil
	case int32:
		return dbsql.SqlInteger, strconv.FormatInt(int64(v), 10), nil
	case int64:
		return dbsql.SqlBigInt, strconv.FormatInt(v, 10), nil
	case int:
		return dbsql.SqlBigInt, strconv.Itoa(v), nil
	case float32:
		return dbsql.SqlFloat, floatText(float64(v), 32), nil
	case float64:
		return dbsql.SqlDouble, floatText(v, 64), nil
	case string:
		return dbsql.SqlString, v, nil
	case schema.Decimal:
		return decimalText(v)
	case schema.Date:
		return dateText(time.Unix(int64(v)*86400, 0))
	case arrow.Date32:
		return dateText(v.ToTime())
	case time.Time:
		return timestampText(v)
	case arrow.Timestamp:
		return timestampText(v.ToTime(arrow.Microsecond))
	case decimal128.Num:
		return 0, nil, fmt.Errorf("a decimal128.Num has no scale: give a schema.Decimal")
	case []byte:
		return 0, nil, fmt.Errorf("the protocol has no BINARY parameters: give the text of hexadecimal digits to unhex(…)")
	default:
		return 0, nil, fmt.Errorf("the protocol has no parameters of type %T: give a string to CAST(… AS …)", value)
	}
}

// floatText writes what Java reads.
func floatText(v float64, bits int) string {
	switch {
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	default:
		return strconv.FormatFloat(v, 'g', -1, bits)
	}
}

// decimalText refuses what the driver would give a precision beyond 38: it counts the sign, and a zero before the point of a negative number.
func decimalText(v schema.Decimal) (dbsql.SqlType, any, error) {
	text := v.String()
	if strings.HasPrefix(text, "-") && len(text)-strings.Count(text, ".") > 38 {
		return 0, nil, fmt.Errorf("a negative decimal of 38 digits: give a string to CAST(… AS DECIMAL(38, %d))", v.Scale())
	}
	return dbsql.SqlDecimal, text, nil
}

func dateText(t time.Time) (dbsql.SqlType, any, error) {
	t = t.UTC()
	return dbsql.SqlDate, t.Format(time.DateOnly), checkYear(t)
}

func timestampText(t time.Time) (dbsql.SqlType, any, error) {
	t = t.UTC()
	return dbsql.SqlTimestamp, t.Format("2006-01-02T15:04:05.999999Z07:00"), checkYear(t)
}

func checkYear(t time.Time) error {
	if y := t.Year(); y < 1 || y > 9999 {
		return fmt.Errorf("the year %d is not within 1 and 9999", y)
	}
	return nil
}
