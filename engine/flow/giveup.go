package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
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

// resume finds the sources of an interrupted batch again. Where they no longer hold it, the batch is given up, and the reason is returned.
func (j *Job) resume(ctx context.Context) (gone, err error) {
	for _, r := range Relations(j.Query) {
		if s, ok := r.(*plan.SourceRelation); ok {
			if err := j.replan(ctx, s); err != nil {
				err = fmt.Errorf("flow: batch %d of %s: input %s: %w", j.Batch.Number, j.Flow.ID, r.Name(), err)
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
func (j *Job) giveUp(ctx context.Context, why error) (err error) {
	j.Logger.WarnContext(ctx, "a batch was given up, because its source no longer holds it; nothing of it is in the table", "flow", j.Flow.ID, "batch", j.Batch.Number, "reason", why)
	tx := j.Target.Begin(j.Snapshot, delta.Operation{Name: "WRITE", Parameters: map[string]string{"mode": "Append"}})
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if j.Snapshot == nil {
		if err := j.Describe(tx); err != nil {
			return err
		}
	}
	done, _ := j.LastNumbers()
	info, err := j.Info(engine.Result{Mode: "given up: " + why.Error()})
	if err != nil {
		return err
	}
	if err := tx.SetCommitInfo(CommitInfoKey, info); err != nil {
		return err
	}
	tx.SetTxn(j.Flow.ID, j.Batch.Number)
	tx.SetTxn(j.Flow.ID+givenUpSuffix, j.Batch.Number)
	if done >= 0 {
		tx.SetTxn(j.Flow.ID+doneSuffix, done)
	}
	_, err = tx.Commit(ctx)
	return err
}
