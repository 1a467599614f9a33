package warehouse

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// Server runs SQL statements: a Databricks SQL warehouse, as engine/warehouse/databricks connects to one. It is safe for concurrent use, and belongs to the
// program that opened it. When ctx ends, a running statement ends on the server too.
type Server interface {
	// Exec runs a statement whose rows nobody wants. The error is a *StatementError, or the context's.
	Exec(ctx context.Context, s Statement) error
	// Query runs a statement and yields its rows. A batch is borrowed until the loop body returns; an error comes last and alone; the stream is single-use,
	// and breaking out of it ends the statement. A result that breaks off in the middle is an error, never a short result.
	Query(ctx context.Context, s Statement) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error)
}

// Statement is one SQL statement.
type Statement struct {
	SQL        string
	Parameters []Parameter
	// Rows is the schema that the result is wanted in: the statement's columns by position, of the same SQL types. Nil: as the server describes them.
	Rows *arrow.Schema
}

// Parameter is a value for a marker of the statement: :name, or ? in order where Name is empty. Value is nil, or a value as expr.Literal has it.
type Parameter struct {
	Name  string
	Value any
}

// StatementError says that a statement failed: refused by the server, or cut off from it.
type StatementError struct {
	Statement string
	QueryID   string // of the server; empty where it gave none
	// Cause is an *expr.Error with the error class and SQLSTATE where the server gave them.
	Cause error
	// Lost tells that the connection was lost or the server busy beyond all retries: the statement may or may not have run, and may be tried again where
	// running it twice does no harm.
	Lost bool
}

// mostShown is how much of a statement an error shows.
const mostShown = 300

// Error says what went wrong and in which statement.
func (e *StatementError) Error() string {
	text := e.Statement
	if len(text) > mostShown {
		text = text[:mostShown] + "…"
	}
	id := ""
	if e.QueryID != "" {
		id = " (query " + e.QueryID + ")"
	}
	return fmt.Sprintf("warehouse: %v%s in: %s", e.Cause, id, text)
}

// Unwrap gives the cause.
func (e *StatementError) Unwrap() error { return e.Cause }

// Retryable tells whether trying again may help.
func (e *StatementError) Retryable() bool { return e.Lost }

// sqlStateConflict is Databricks' SQLSTATE of statements that lost against another writer's commit.
const sqlStateConflict = "2D521"

// Conflict tells whether the statement was refused because another writer committed first: planned again on what that writer left, it may succeed.
func (e *StatementError) Conflict() bool {
	var cause *expr.Error
	return errors.As(e.Cause, &cause) && cause.SQLState == sqlStateConflict
}

// Class is the server's error class, such as DIVIDE_BY_ZERO, or empty.
func (e *StatementError) Class() string {
	var cause *expr.Error
	if errors.As(e.Cause, &cause) {
		return cause.Class
	}
	return ""
}

// Names gives the SQL text by which a relation is read: a quoted name, or a parenthesised query.
type Names func(r plan.Relation) (string, error)
