package schema

import (
	"errors"
	"fmt"
)

// SyntaxError says where a type or a list of columns is not what Spark's DDL allows.
type SyntaxError struct {
	Line, Column int // from 1; columns in runes
	Message      string
}

// Error prints the place and the fault.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("schema: %d:%d: %s", e.Line, e.Column, e.Message)
}

// TypeError says that a type, in Go, Arrow or a Delta log, has no place in medallion's model.
type TypeError struct {
	Column string // dotted path; empty when the type stands alone
	Type   string // as its own language names it
	Reason string
}

// Error names the column, the type and why it is refused.
func (e *TypeError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("schema: type %s: %s", e.Type, e.Reason)
	}
	return fmt.Sprintf("schema: column %s: type %s: %s", e.Column, e.Type, e.Reason)
}

// inColumn puts name before the path of a *TypeError.
func inColumn(name string, err error) error {
	var te *TypeError
	if !errors.As(err, &te) {
		return err
	}
	c := *te
	c.Column = joinPath(name, te.Column)
	return &c
}

func joinPath(parent, child string) string {
	switch {
	case parent == "":
		return child
	case child == "":
		return parent
	}
	return parent + "." + child
}
