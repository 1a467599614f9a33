package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/storage"
)

// Batch is what one run of a flow covers. It is written to <table>/_medallion/flows/<flow>/<number>.json before any row is, is never changed, and is done once
// the table's log says so (see LastNumbers). A batch that is there but not done is run again, exactly: two runners meet on this file first and on the log
// last.
type Batch struct {
	Flow    string   `json:"flow"`
	Number  int64    `json:"batch"`
	RunID   string   `json:"run"`
	Created string   `json:"created"` // RFC 3339, of the run that planned it
	Query   string   `json:"query"`   // fingerprint of the query, the rules and the columns
	Inputs  []Input  `json:"inputs,omitempty"`
	Streams []Stream `json:"streams,omitempty"`
	// Base is the target's version when the batch was planned, -1 for none, where the batch's rows depend on what the target held: a batch that is run again
	// after its rows were committed then gives the same rows again.
	Base *int64 `json:"base,omitempty"`
}

// Input is a table as a batch reads it: as a whole at Version, or for a stream the rows that were appended after From.
type Input struct {
	Table   string `json:"table"`
	ID      string `json:"id"` // metaData.id: another table under the same name is another input
	From    *int64 `json:"from,omitempty"`
	Version int64  `json:"version"`
}

// Stream is a source as a batch reads it.
type Stream struct {
	Source string          `json:"source"`
	Until  source.Offset   `json:"until"`
	Work   json.RawMessage `json:"work"`
}

// progress reads and writes a flow's batches.
type progress struct {
	store storage.Store
	dir   string
	flow  string
}

func newProgress(store storage.Store, table, flow string) progress {
	name := strings.ReplaceAll(flow, "/", ".")
	return progress{store: store, dir: storage.Join(table, "_medallion", "flows", name), flow: flow}
}

func (p progress) key(number int64) string {
	return storage.Join(p.dir, fmt.Sprintf("%020d.json", number))
}

// batch reads a batch, or returns nil when there is none of that number.
func (p progress) batch(ctx context.Context, number int64) (*Batch, error) {
	data, err := storage.ReadAll(ctx, p.store, p.key(number))
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("flow: batch %d of %s: %w", number, p.flow, err)
	}
	var b Batch
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, &ProgressError{Flow: p.flow, Batch: number, Key: p.key(number), Reason: "is no valid batch: " + err.Error()}
	}
	return &b, nil
}

// done reads a batch that the table's log says is done, so that it must be there.
func (p progress) done(ctx context.Context, number int64) (*Batch, error) {
	b, err := p.batch(ctx, number)
	if err == nil && b == nil {
		err = &ProgressError{Flow: p.flow, Batch: number, Key: p.key(number), Reason: "is missing, but the table's log says that the batch was done"}
	}
	return b, err
}

// mostUndecided is how often a claim that may or may not have been made is made again.
const mostUndecided = 3

// claim writes the batch. When another runner has written one of that number, theirs is what is to be run, and is returned.
func (p progress) claim(ctx context.Context, b *Batch) (*Batch, error) {
	data, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return nil, err
	}
	for range mostUndecided {
		err = p.store.PutIfAbsent(ctx, p.key(b.Number), data)
		switch {
		case err == nil:
			return b, nil
		case errors.Is(err, storage.ErrExists):
			return p.done(ctx, b.Number)
		case !errors.Is(err, storage.ErrUndecided):
			return nil, fmt.Errorf("flow: claim batch %d of %s: %w", b.Number, p.flow, err)
		}
		if there, err := p.batch(ctx, b.Number); err != nil || there != nil {
			return there, err
		}
	}
	return nil, fmt.Errorf("flow: claim batch %d of %s: %w", b.Number, p.flow, err)
}

// ProgressError says that a flow's progress cannot be told, so that going on might lose or repeat rows.
type ProgressError struct {
	Flow   string
	Batch  int64
	Key    string
	Reason string
}

// Error names the batch file, what is wrong with it and what can be done.
func (e *ProgressError) Error() string {
	return fmt.Sprintf("flow: progress of %s: %s %s; restore the file, or delete the table with its _medallion folder to build it again from its inputs",
		e.Flow, e.Key, e.Reason)
}
