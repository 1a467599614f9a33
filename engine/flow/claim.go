package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/storage"
)

// claims are a flow's batches as they are written down beside the table.
type claims struct {
	store storage.Store
	dir   string
	flow  string
}

func newClaims(store storage.Store, table, flow string) claims {
	name := strings.ReplaceAll(flow, "/", ".")
	return claims{store: store, dir: storage.Join(table, "_medallion", "flows", name), flow: flow}
}

func (c claims) key(number int64) string {
	return storage.Join(c.dir, fmt.Sprintf("%020d.json", number))
}

// batch reads a batch, or returns nil when there is none of that number.
func (c claims) batch(ctx context.Context, number int64) (*Batch, error) {
	data, err := storage.ReadAll(ctx, c.store, c.key(number))
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("flow: batch %d of %s: %w", number, c.flow, err)
	}
	var b Batch
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, &ProgressError{Flow: c.flow, Batch: number, Key: c.key(number), Reason: "is no valid batch: " + err.Error()}
	}
	return &b, nil
}

// done reads a batch that the table's log says is done, so that it must be there.
func (c claims) done(ctx context.Context, number int64) (*Batch, error) {
	b, err := c.batch(ctx, number)
	if err == nil && b == nil {
		err = &ProgressError{Flow: c.flow, Batch: number, Key: c.key(number), Reason: "is missing, but the table's log says that the batch was done"}
	}
	return b, err
}

// mostUndecided is how often a claim that may or may not have been made is made again.
const mostUndecided = 3

// claim writes the batch. When another runner has written one of that number, theirs is what is to be run, and is returned.
func (c claims) claim(ctx context.Context, b *Batch) (*Batch, error) {
	data, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return nil, err
	}
	for range mostUndecided {
		err = c.store.PutIfAbsent(ctx, c.key(b.Number), data)
		switch {
		case err == nil:
			return b, nil
		case errors.Is(err, storage.ErrExists):
			return c.done(ctx, b.Number)
		case !errors.Is(err, storage.ErrUndecided):
			return nil, fmt.Errorf("flow: claim batch %d of %s: %w", b.Number, c.flow, err)
		}
		if there, err := c.batch(ctx, b.Number); err != nil || there != nil {
			return there, err
		}
	}
	return nil, fmt.Errorf("flow: claim batch %d of %s: %w", b.Number, c.flow, err)
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
