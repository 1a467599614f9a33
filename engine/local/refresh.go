package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/internal/cputime"
	"github.com/medallion-go/medallion/plan"
)

// Refresh runs every batch that the table's flows have to do, in the order of the flows.
func (s *session) Refresh(ctx context.Context, t *plan.Table) (res engine.Result, err error) {
	start, cpu, spilled := time.Now(), cputime.Process(), s.env.Budget.Spilled()
	defer func() {
		res.Wall, res.CPU, res.Spilled = time.Since(start), cputime.Process()-cpu, s.env.Budget.Spilled()-spilled
	}()
	res.Version = -1
	for _, f := range t.Flows {
		if err := s.runFlow(ctx, t, f, &res); err != nil {
			return res, err
		}
	}
	return res, nil
}

// mostConflicts is how often in a row a batch is run again because another writer came first.
const mostConflicts = 10

// runFlow runs the flow's batches until there is none left. A batch whose commit another writer made impossible is planned again on what that writer left.
func (s *session) runFlow(ctx context.Context, t *plan.Table, f plan.Flow, res *engine.Result) error {
	conflicts := 0
	for {
		more, err := s.next(ctx, t, f, res)
		switch {
		case cameFirst(err) && conflicts < mostConflicts:
			conflicts++
			s.run.Logger.InfoContext(ctx, "another writer came first; the batch is run again", "flow", f.ID, "conflict", err)
		case err != nil:
			return err
		case !more:
			return nil
		default:
			conflicts = 0
		}
	}
}

// cameFirst reports whether a batch failed because another writer committed, or created the table, after it was planned.
func cameFirst(err error) bool {
	var conflict *delta.ConflictError
	return errors.As(err, &conflict) || errors.Is(err, delta.ErrTableExists)
}

// next runs the flow's next batch. It reports whether there may be another.
func (s *session) next(ctx context.Context, t *plan.Table, f plan.Flow, res *engine.Result) (more bool, err error) {
	job, err := s.job(ctx, t, f)
	if err != nil {
		return false, err
	}
	if job.snapshot != nil {
		res.Version = job.snapshot.Version()
	}
	if job.batch == nil {
		if res.Commits == 0 {
			res.Why = job.why
		}
		return false, nil
	}
	if job.interrupted {
		gone, err := job.resume(ctx)
		if err != nil || gone != nil {
			return err == nil, err
		}
	}
	done, err := job.execute(ctx)
	if err != nil {
		for _, c := range done.Rules {
			addRule(res, c)
		}
		res.Checks = done.Checks
		return false, fmt.Errorf("local: batch %d of %s: %w", job.batch.Number, f.ID, err)
	}
	add(res, done)
	_, once := f.Effect.(plan.Once)
	return !once, nil
}

// add counts a batch's result into the table's.
func add(res *engine.Result, b engine.Result) {
	res.Mode, res.Why, res.Version = b.Mode, b.Why, b.Version
	res.Commits += b.Commits
	res.RowsIn += b.RowsIn
	res.RowsOut += b.RowsOut
	res.RowsDeleted += b.RowsDeleted
	res.BytesIn += b.BytesIn
	res.BytesOut += b.BytesOut
	res.FilesIn += b.FilesIn
	res.FilesOut += b.FilesOut
	res.Dropped += b.Dropped
	res.Quarantined += b.Quarantined
	res.Corrupt += b.Corrupt
	res.Rescued += b.Rescued
	res.Checks = b.Checks
	for _, c := range b.Rules {
		addRule(res, c)
	}
}

func addRule(res *engine.Result, c engine.RuleCount) {
	for i := range res.Rules {
		if res.Rules[i].Name == c.Name {
			res.Rules[i].Passed += c.Passed
			res.Rules[i].Failed += c.Failed
			return
		}
	}
	res.Rules = append(res.Rules, c)
}
