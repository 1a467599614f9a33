package kernel

import (
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// foldingEnv is for what is computed at Compile: its arrays belong to the Expr and are freed by the garbage collector.
func foldingEnv() *Env { return &Env{Alloc: memory.NewGoAllocator(), Now: time.Time{}} }

// literal is a constant as an array of one row.
func literal(b expr.BoundLiteral) (arrow.Array, error) {
	mem := memory.NewGoAllocator()
	if b.Value == nil {
		return vector.AllNull(mem, b.Typ, 1), nil
	}
	builder := vector.NewBuilder(mem, b.Typ)
	defer builder.Release()
	if !appendValue(builder, b.Value) {
		return nil, fmt.Errorf("kernel: a literal of type %s holds a Go %T", b.Typ, b.Value)
	}
	return vector.Built(builder, b.Typ), nil
}

// appendValue appends a value in the Go type that expr.Literal names for its SQL type.
func appendValue(builder array.Builder, value any) bool {
	switch v := value.(type) {
	case bool:
		return appendTo(builder, v)
	case int8:
		return appendTo(builder, v)
	case int16:
		return appendTo(builder, v)
	case int32:
		return appendTo(builder, v)
	case int64:
		return appendTo(builder, v)
	case float32:
		return appendTo(builder, v)
	case float64:
		return appendTo(builder, v)
	case decimal128.Num:
		return appendTo(builder, v)
	case string:
		return appendTo(builder, v)
	case []byte:
		return appendTo(builder, v)
	case arrow.Date32:
		return appendTo(builder, v)
	case arrow.Timestamp:
		return appendTo(builder, v)
	case arrow.MonthInterval:
		return appendTo(builder, v)
	case arrow.Duration:
		return appendTo(builder, v)
	default:
		return false
	}
}

func appendTo[T any](builder array.Builder, v T) bool {
	b, ok := builder.(interface{ Append(T) })
	if ok {
		b.Append(v)
	}
	return ok
}
