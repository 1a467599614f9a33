// Package kernel evaluates bound expressions over the columns of one batch. Compile turns an expr.Bound into an Expr once; Eval runs it per batch, in
// typed loops over whole columns.
package kernel

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Env is what evaluation needs from outside. One Env may serve many expressions and workers.
type Env struct {
	Alloc memory.Allocator
	Now   time.Time // current_timestamp(), current_date(): one instant for a whole statement
}
