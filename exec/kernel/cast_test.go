package kernel_test

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// TestEveryCastCompiles holds the kernels against the casts that the binder allows.
func TestEveryCastCompiles(t *testing.T) {
	t.Parallel()
	types := []arrow.DataType{
		schema.Boolean, schema.TinyInt, schema.SmallInt, schema.Int, schema.BigInt, schema.Float, schema.Double, schema.DecimalOf(10, 2), schema.DecimalOf(38, 10),
		schema.String, schema.Binary, schema.DateType, schema.Timestamp, schema.TimestampNTZType, schema.Void,
		arrow.FixedWidthTypes.MonthInterval, arrow.FixedWidthTypes.Duration_us,
		schema.ArrayOf(schema.Int, true), schema.MapOf(schema.String, schema.Int, true), arrow.StructOf(arrow.Field{Name: "a", Type: schema.Int, Nullable: true}),
	}
	for _, from := range types {
		for _, to := range types {
			if !expr.CanCast(from, to) {
				continue
			}
			for _, try := range []bool{false, true} {
				if _, err := kernel.Compile(expr.BoundCast{Arg: col(0, from), Typ: to, Try: try}); err != nil {
					t.Errorf("CAST from %s to %s: %v", schema.Name(from), schema.Name(to), err)
				}
			}
		}
	}
}
