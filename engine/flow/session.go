// Package flow decides what flows do next and keeps account of it, for every engine: which batch comes next and what it covers, where an interrupted one goes
// on, what is merged into a table and how, and how much would be read. An engine only runs the queries and makes the commit. Progress lies beside the table
// and in its log, in one form whichever engine made it, so that a table may run on one engine today and on another tomorrow.
//
// A refresh goes through these files in this order: refresh.go takes the flow's batches one by one, job.go finds the next (progress.go reads which was the last,
// cover.go decides what this one covers, batch.go is its form in the lake and claim.go writes it there), inputs.go opens what it reads, and the engine executes
// it; merge.go and changes.go say what it merges.
package flow

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/plan"
)

// Session is what the batches of one run share: the run's identity and the lake's tables, each opened once so that its snapshot is kept.
type Session struct {
	engine.Run
	Engine string           // its name, for errors
	Alloc  memory.Allocator // for what is read of Delta logs
	// Recompute has tables that equal their query always recomputed, even where new rows only add to them.
	Recompute bool

	tables  map[string]*delta.Table // by path
	peeking bool                    // batches are not claimed
}

// NewSession starts a run on an engine.
func NewSession(run engine.Run, name string, alloc memory.Allocator) *Session {
	return &Session{Run: run, Engine: name, Alloc: alloc, tables: map[string]*delta.Table{}}
}

// Open is the Delta table of an identifier: schema.table. It may not exist yet.
func (s *Session) Open(ident string) *delta.Table {
	path := s.Lake.Path(ident)
	if t, ok := s.tables[path]; ok {
		return t
	}
	t := delta.Open(s.Lake.Store, path, delta.Config{Alloc: s.Alloc, Clock: s.Now, NewID: s.NewID, Logger: s.Logger})
	s.tables[path] = t
	return t
}

// Latest is a table's newest snapshot, or nil when it does not exist yet.
func (s *Session) Latest(ctx context.Context, ident string) (*delta.Snapshot, error) {
	snapshot, err := s.Open(ident).Snapshot(ctx)
	if errors.Is(err, delta.ErrNotTable) {
		return nil, nil
	}
	return snapshot, err
}

// Supports refuses append flows whose query needs more than the new rows: no engine runs them.
func (s *Session) Supports(t *plan.Table) error {
	for _, f := range t.Flows {
		if _, err := streams(f.Effect, f.Query); err != nil {
			return &engine.UnsupportedError{Engine: s.Engine, Table: t.Ident, What: f.ID + ": " + err.Error()}
		}
	}
	return nil
}
