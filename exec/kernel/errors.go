package kernel

import (
	"fmt"

	"github.com/medallion-go/medallion/expr"
)

// fault is an evaluation error at the place of the call that met it.
func fault(pos expr.Pos, class, state, hint, format string, args ...any) error {
	return &expr.Error{Class: class, SQLState: state, Message: fmt.Sprintf(format, args...), Line: pos.Line, Column: pos.Column, Hint: hint}
}

func divideByZero(pos expr.Pos) error {
	return fault(pos, "DIVIDE_BY_ZERO", "22012", "use try_divide to get NULL instead", "division by zero")
}

func remainderByZero(pos expr.Pos) error {
	return fault(pos, "REMAINDER_BY_ZERO", "22012", "test the divisor first", "remainder by zero")
}

func arithmeticOverflow(pos expr.Pos, what, hint string) error {
	return fault(pos, "ARITHMETIC_OVERFLOW", "22003", hint, "%s", what+" overflow")
}
