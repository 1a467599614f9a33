package databricks

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/expr"
)

// failure is the error of a statement: the context's, or a *warehouse.StatementError. What the server declared goes before what the driver makes of it, whose
// text may show addresses of files and whose errors tell database/sql to run statements again.
func (w *Warehouse) failure(ctx context.Context, s warehouse.Statement, c *course, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("databricks: the statement was ended: %w", ended)
	}
	failed := &warehouse.StatementError{Statement: s.SQL}
	if c != nil {
		operation, _, fault := c.ledger.state()
		failed.QueryID = operation
		if fault != nil {
			err = fault
		}
	}
	var f *fault
	var column *ColumnError
	switch {
	case errors.As(err, &f):
		failed.Lost, failed.Cause = f.lost, w.causeOf(f)
	case errors.As(err, &column):
		failed.Cause = column
	case errors.Is(err, errClosed):
		failed.Cause = errClosed
	default:
		failed.Cause = errors.New(w.scrub(err.Error()))
		failed.Lost = expired.MatchString(err.Error())
	}
	return failed
}

var (
	// class is how the server begins a message: [CLASS] or [CLASS.SUBCLASS].
	class = regexp.MustCompile(`\[([A-Z][A-Z0-9_]*(?:\.[A-Z][A-Z0-9_]*)?)\] ?`)
	// state and place are what it appends.
	state = regexp.MustCompile(`SQLSTATE: ([0-9A-Z]{5})`)
	place = regexp.MustCompile(`\bline (\d+),? pos(?:ition)? (\d+)`)
	tail  = regexp.MustCompile(`(?s)\s*SQLSTATE: [0-9A-Z]{5}.*$`)
	// signature is the part of a file's address that gives access to it.
	signature = regexp.MustCompile(`\?[^\s"']+`)
	// expired is the driver's word for a file's address that was used too late.
	expired = regexp.MustCompile(`link expired`)
)

// causeOf is a failure in expr's words, where the server gave an error class.
func (w *Warehouse) causeOf(f *fault) error {
	found := class.FindStringSubmatchIndex(f.message)
	if f.lost || found == nil {
		text := w.scrub(f.Error())
		if f.sqlState != "" {
			text += " (SQLSTATE " + f.sqlState + ")"
		}
		return &callError{text: text, cause: f.cause}
	}
	e := &expr.Error{Class: f.message[found[2]:found[3]], SQLState: f.sqlState}
	// Servers repeat the class after the name of a Java exception; the message stands after the last.
	all := class.FindAllStringSubmatchIndex(f.message, -1)
	for _, again := range all {
		if f.message[again[2]:again[3]] == e.Class {
			e.Message = f.message[again[1]:]
		}
	}
	if found := state.FindStringSubmatch(e.Message); found != nil && e.SQLState == "" {
		e.SQLState = found[1]
	}
	if found := place.FindStringSubmatch(e.Message); found != nil {
		e.Line, e.Column = number(found[1]), number(found[2])+1
	}
	e.Message = w.scrub(tail.ReplaceAllString(e.Message, ""))
	return e
}

// number reads digits that a pattern has found.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// callError is a failure without an error class: of the connection, or of the server's doing. Its text shows no secret.
type callError struct {
	text  string
	cause error
}

func (e *callError) Error() string { return e.text }
func (e *callError) Unwrap() error { return e.cause }
