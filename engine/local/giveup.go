package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/source"
)

// A batch whose source no longer holds what it was planned for can never be run: its file was taken away, or replaced. It is given up by a commit of the
// table that holds no rows. That commit carries the flow's txn, so that either it or a slower runner's rows are in the log, never both, and two more that
// say so: the flow's next batch starts from the last one that was done.
const (
	givenUpSuffix = "#given-up" // txn version: the last batch that was given up
	doneSuffix    = "#done"     // txn version: the last batch that was done before it; absent: none was
)

// lastNumbers are the last batch of the flow whose rows the table holds, and the last that has ended, done or given up; -1 for none.
func (j *job) lastNumbers() (done, ended int64) {
	if j.snapshot == nil {
		return -1, -1
	}
	ended, ok := j.snapshot.Txn(j.flow.ID)
	if !ok {
		return -1, -1
	}
	if n, ok := j.snapshot.Txn(j.flow.ID + givenUpSuffix); !ok || n != ended {
		return ended, ended
	}
	if done, ok = j.snapshot.Txn(j.flow.ID + doneSuffix); !ok {
		done = -1
	}
	return done, ended
}

// resume finds the sources of an interrupted batch again. Where they no longer hold it, the batch is given up, and the reason is returned.
func (j *job) resume(ctx context.Context) (gone, err error) {
	for _, r := range relations(j.query) {
		if s, ok := r.(*plan.SourceRelation); ok {
			if err := j.replan(ctx, s); err != nil {
				err = fmt.Errorf("local: batch %d of %s: input %s: %w", j.batch.Number, j.flow.ID, r.Name(), err)
				if errors.Is(err, source.ErrGone) {
					return err, j.giveUp(ctx, err)
				}
				return nil, err
			}
		}
	}
	return nil, nil
}

// giveUp commits that the batch will not be run.
func (j *job) giveUp(ctx context.Context, why error) (err error) {
	j.run.Logger.WarnContext(ctx, "a batch was given up, because its source no longer holds it; nothing of it is in the table", "flow", j.flow.ID, "batch", j.batch.Number, "reason", why)
	tx := j.target.Begin(j.snapshot, delta.Operation{Name: "WRITE", Parameters: map[string]string{"mode": "Append"}})
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if j.snapshot == nil {
		if err := j.describe(tx); err != nil {
			return err
		}
	}
	done, _ := j.lastNumbers()
	info, err := json.Marshal(flowInfo{Flow: j.flow.ID, Batch: j.batch.Number, RunID: j.run.ID, Mode: "given up: " + why.Error()})
	if err != nil {
		return err
	}
	if err := tx.SetCommitInfo(commitInfoKey, info); err != nil {
		return err
	}
	tx.SetTxn(j.flow.ID, j.batch.Number)
	tx.SetTxn(j.flow.ID+givenUpSuffix, j.batch.Number)
	if done >= 0 {
		tx.SetTxn(j.flow.ID+doneSuffix, done)
	}
	_, err = tx.Commit(ctx)
	return err
}
