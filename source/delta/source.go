// Package delta reads a Delta table as a stream: first the rows that it holds, then those that each commit adds, every row once. A flow's progress is a version
// and how many files of it are read, so that a large table comes in bounded batches, and a batch that was interrupted is read again exactly.
//
//	raw := bronze.Ingest[Event]("bronze.events", delta.New(table, delta.MaxFilesPerTrigger(100)))
//
// Commits that only move rows between files are passed over. One that deletes or changes rows ends the stream with an error, because a stream of rows cannot take
// any back: IgnoreDeletes and SkipChangeCommits pass such commits over, and ReadChangeFeed reads what they changed, row by row. (Spark's ignoreChanges, which
// gives the unchanged rows of rewritten files once more, is not there: a table that takes each row once would have them twice.)
//
// A change of the table's schema ends the stream too, once all rows before it are read: a new Source reads on with the new schema. So does a log that no longer
// holds the next commit, and a table that was dropped and created again. Nothing is ever left out silently.
package delta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/source"
)

// Source is a table read as a stream. It is safe for concurrent use.
type Source struct {
	table  *delta.Table
	config config

	mu      sync.Mutex
	reading *delta.Snapshot // whose schema the rows have
	initial *initial        // the snapshot that is being read; nil: none yet
}

// New reads the table, which must exist when the first batch is planned.
func New(table *delta.Table, options ...Option) *Source {
	s := &Source{table: table}
	for _, o := range options {
		o(&s.config)
	}
	return s
}

// Name is where the table lies.
func (s *Source) Name() string {
	if s.config.feed {
		return "changes of " + s.table.Name()
	}
	return s.table.Name()
}

// Limits are those that MaxFilesPerTrigger and MaxBytesPerTrigger set.
func (s *Source) Limits() source.Limits { return s.config.limits }

// Schema is the table's as it was when this Source was first used; with ReadChangeFeed it has the columns of a change data feed, too.
func (s *Source) Schema(ctx context.Context) (*arrow.Schema, error) {
	reading, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if !s.config.feed {
		return reading.Schema(), nil
	}
	changes, err := reading.Changes(nil)
	if err != nil {
		return nil, err
	}
	return changes.Schema(), nil
}

// snapshot is the version whose schema the rows have.
func (s *Source) snapshot(ctx context.Context) (*delta.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reading != nil {
		return s.reading, nil
	}
	reading, err := s.table.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", s.Name(), err)
	}
	s.reading = reading
	return reading, nil
}

// Plan lists the files of the next rows. It returns an *Error for a commit that the stream cannot pass.
func (s *Source) Plan(ctx context.Context, after source.Offset, limits source.Limits) (source.Batch, error) {
	if err := ctx.Err(); err != nil {
		return source.Batch{}, err
	}
	p, err := s.newPlanner(ctx, limits)
	if err != nil {
		return source.Batch{}, err
	}
	if len(after) == 0 {
		return p.begin(ctx)
	}
	from, err := decodeOffset(after)
	if err != nil {
		return source.Batch{}, err
	}
	return p.plan(ctx, from)
}

// Replan finds the files of a batch again in the log.
func (s *Source) Replan(ctx context.Context, until source.Offset, work json.RawMessage) (source.Batch, error) {
	to, err := decodeOffset(until)
	if err != nil {
		return source.Batch{}, err
	}
	var w batchWork
	if err := json.Unmarshal(work, &w); err != nil {
		return source.Batch{}, fmt.Errorf("source %s: read batch: %w", s.Name(), err)
	}
	p, err := s.newPlanner(ctx, source.Limits{})
	if err != nil {
		return source.Batch{}, err
	}
	p.to = &to
	b, err := p.plan(ctx, w.From)
	if errors.Is(err, delta.ErrVersionNotFound) || errors.Is(err, ErrReplaced) {
		err = fmt.Errorf("%w: %w", source.ErrGone, err)
	}
	return b, err
}
