package expr

import "fmt"

// Error is a fault in an expression or in its evaluation, in Databricks' words: an error class (DIVIDE_BY_ZERO, CAST_INVALID_INPUT,
// UNRESOLVED_COLUMN.WITH_SUGGESTION …) and its SQLSTATE.
type Error struct {
	Class    string
	SQLState string
	Message  string
	Line     int // from 1; 0 when the expression was not parsed from text
	Column   int // from 1, in runes
	Hint     string
	Err      error // what a user's function said, or a table; nil: nothing
}

// Unwrap is the error of a user's function, or of a table.
func (e *Error) Unwrap() error { return e.Err }

// Error prints the place, the class, what is wrong and what to do.
func (e *Error) Error() string {
	s := e.Class + ": " + e.Message
	if e.Line > 0 {
		s = fmt.Sprintf("%d:%d: %s", e.Line, e.Column, s)
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Is makes errors.Is(err, &Error{Class: "DIVIDE_BY_ZERO"}) true for every error of that class.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Class == e.Class && t.Message == ""
}
