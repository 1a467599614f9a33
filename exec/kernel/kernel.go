// Package kernel evaluates bound expressions over the columns of one batch. Compile turns an expr.Bound into an Expr once; Eval runs it per batch, in
// typed loops over whole columns.
//
// An Expr is immutable and may be shared by any number of workers: all scratch memory belongs to the single call of Eval or Select.
//
// STRING and BINARY columns may come as *array.Dictionary. A part of an expression that reads nothing but one such column is evaluated over the
// dictionary's values once and mapped through the codes; its own STRING or BINARY result is then a dictionary too, with distinct values. The result of
// Eval for a STRING or BINARY expression may therefore be an *array.Dictionary with int32 codes and nulls in the codes.
//
// Regular expressions are Java's, written as RE2's: look-around, back-references and possessive quantifiers are refused, at Compile where the pattern is a
// constant.
package kernel

import (
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Env is what evaluation needs from outside. One Env may serve many expressions and workers.
type Env struct {
	Alloc memory.Allocator
	// KeySets are what MightContain looks keys up in; nil: none.
	KeySets *KeySets
	Now     time.Time // current_timestamp(), current_date(): one instant for a whole statement
}
