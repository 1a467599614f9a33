package expr

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/schema"
)

// Short names for the types of Spark SQL.
var (
	typeBoolean   = schema.Boolean
	typeTinyInt   = schema.TinyInt
	typeSmallInt  = schema.SmallInt
	typeInt       = schema.Int
	typeBigInt    = schema.BigInt
	typeFloat     = schema.Float
	typeDouble    = schema.Double
	typeString    = schema.String
	typeBinary    = schema.Binary
	typeDate      = schema.DateType
	typeTimestamp = schema.Timestamp
	typeNTZ       = schema.TimestampNTZType
	typeMonths    = arrow.DataType(arrow.FixedWidthTypes.MonthInterval)
	typeDuration  = arrow.DataType(arrow.FixedWidthTypes.Duration_us)
	typeCalendar  = schema.CalendarInterval
)

const maxPrecision = 38 // of DECIMAL

func decimalOf(precision, scale int32) arrow.DataType { return schema.DecimalOf(precision, scale) }

func decimalFromInt(v int64) decimal128.Num { return decimal128.FromI64(v) }
