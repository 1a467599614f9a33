// Package engine is the port through which a pipeline runs plans: what an engine must do, and what it says about what it did. engine/local runs plans in
// this process; another engine may render them as SQL for a warehouse. Engines meet only in the lake's Delta tables, which hold each flow's progress too.
package engine

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/storage"
)

// Engine opens sessions.
type Engine interface {
	Name() string
	// Limit is the most input bytes, after pruning, of a table that the engine takes; 0: any.
	Limit() int64
	// Open starts a session for one run. The caller closes it.
	Open(ctx context.Context, run Run) (Session, error)
}

// Session runs the plans of one run: its tables share one memory budget and each view is computed once.
type Session interface {
	// Supports returns nil when the engine can refresh the table, or *UnsupportedError or *TooLargeError with the reason.
	Supports(ctx context.Context, t *plan.Table) error
	// Refresh brings the table up to date with its inputs: every batch of every flow, one commit each. A Result comes also beside an error, with what was
	// committed before it.
	Refresh(ctx context.Context, t *plan.Table) (Result, error)
	// Estimate says how much a refresh of the table would read now, after pruning. Inputs that do not exist yet count nothing, and exact is false.
	Estimate(ctx context.Context, t *plan.Table) (bytes int64, exact bool, err error)
	// Explain is how a refresh of the table would run now, for people: the plans of its flows, or the SQL text.
	Explain(ctx context.Context, t *plan.Table) (string, error)
	// Query runs a plan and yields its rows. A batch is borrowed until the loop body returns; an error comes last and alone; the stream is single-use.
	Query(ctx context.Context, n plan.Node) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error)
	Close() error
}

// Run is what all sessions of one pipeline run have in common.
type Run struct {
	ID     string
	Lake   Lake
	Now    func() time.Time
	NewID  func() string // a new UUID
	Logger *slog.Logger
}

// Lake is where a pipeline's tables lie: a store and a prefix in it.
type Lake struct {
	Store  storage.Store
	Prefix string
}

// Path is the key under which a table lies: schema.table is at <prefix>/schema/table.
func (l Lake) Path(table string) string {
	return storage.Join(l.Prefix, strings.ReplaceAll(table, ".", "/"))
}

// Result is what one table's refresh did, over all its batches.
type Result struct {
	Mode    string // what the last batch did: append, overwrite, merge; empty when nothing was new
	Why     string // why that mode, or why nothing was done
	Version int64  // the table's version afterwards; -1 while it does not exist
	Commits int    // commits made by this refresh

	RowsIn, RowsOut   int64 // read from the inputs; written to the table (inserted and updated)
	RowsDeleted       int64
	BytesIn, BytesOut int64
	FilesIn, FilesOut int64
	Dropped           int64 // rows left out by Drop rules
	Quarantined       int64 // rows written to the quarantine table
	Corrupt, Rescued  int64 // input rows with _corrupt_record or _rescued_data set
	Rules             []RuleCount
	Checks            []CheckResult
	Spilled           int64 // bytes
	Wall, CPU         time.Duration
}

// RuleCount is how many rows passed and failed one expectation.
type RuleCount struct {
	Name   string      `json:"name"`
	Action plan.Action `json:"action"`
	Passed int64       `json:"passed_records"`
	Failed int64       `json:"failed_records"`
}

// CheckResult is the outcome of one table-level check.
type CheckResult struct {
	Name     string
	Action   plan.Action
	Passed   bool
	Violated int64 // rows, groups or references that violate it
	Text     string
}

// UnsupportedError says what an engine cannot run.
type UnsupportedError struct {
	Engine string
	Table  string
	What   string // the node, function or effect
}

// Error says which engine cannot run what.
func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("engine: %s cannot run %s: %s", e.Engine, e.Table, e.What)
}

// TooLargeError says that a table's input is beyond an engine's limit.
type TooLargeError struct {
	Engine       string
	Table        string
	Bytes, Limit int64
}

// Error says the size, the limit and the remedies.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("engine: %s would read %d bytes for %s, over its limit of %d: raise the limit, or name an engine that takes it", e.Engine, e.Bytes, e.Table, e.Limit)
}
