package flow

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

// Execute runs one batch and commits it. A result comes also beside an error, with the rules and checks that were decided before it.
type Execute func(ctx context.Context, j *Job) (engine.Result, error)

// Refresh runs every batch that the table's flows have to do, in the order of the flows.
func (s *Session) Refresh(ctx context.Context, t *plan.Table, execute Execute) (res engine.Result, err error) {
	start, cpu := time.Now(), cputime.Process()
	defer func() { res.Wall, res.CPU = time.Since(start), cputime.Process()-cpu }()
	res.Version = -1
	for _, f := range t.Flows {
		if err := s.runFlow(ctx, t, f, execute, &res); err != nil {
			return res, err
		}
	}
	return res, nil
}

// mostConflicts is how often in a row a batch is run again because another writer came first.
const mostConflicts = 10

// runFlow runs the flow's batches until there is none left. A batch whose commit another writer made impossible is planned again on what that writer left.
func (s *Session) runFlow(ctx context.Context, t *plan.Table, f plan.Flow, execute Execute, res *engine.Result) error {
	conflicts := 0
	for {
		more, err := s.next(ctx, t, f, execute, res)
		switch {
		case cameFirst(err) && conflicts < mostConflicts:
			conflicts++
			s.Logger.InfoContext(ctx, "another writer came first; the batch is run again", "flow", f.ID, "conflict", err)
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
	var elsewhere interface{ Conflict() bool } // as a server says it
	return errors.As(err, &conflict) || errors.Is(err, delta.ErrTableExists) || errors.As(err, &elsewhere) && elsewhere.Conflict()
}

// next runs the flow's next batch. It reports whether there may be another.
func (s *Session) next(ctx context.Context, t *plan.Table, f plan.Flow, execute Execute, res *engine.Result) (more bool, err error) {
	job, err := s.job(ctx, t, f)
	if err != nil {
		return false, err
	}
	if job.Snapshot != nil {
		res.Version = job.Snapshot.Version()
	}
	if job.Batch == nil {
		if res.Commits == 0 {
			res.Why = job.Why
		}
		return false, nil
	}
	if job.interrupted {
		gone, err := job.resume(ctx)
		if err != nil || gone != nil {
			return err == nil, err
		}
	}
	done, err := execute(ctx, job)
	if err != nil {
		for _, c := range done.Rules {
			AddRule(res, c)
		}
		res.Checks = done.Checks
		return false, fmt.Errorf("%s: batch %d of %s: %w", s.Engine, job.Batch.Number, f.ID, err)
	}
	done.Commits, done.Why = 1, job.Why
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
		AddRule(res, c)
	}
}

// AddRule counts a rule's outcome into the result.
func AddRule(res *engine.Result, c engine.RuleCount) {
	for i := range res.Rules {
		if res.Rules[i].Name == c.Name {
			res.Rules[i].Passed += c.Passed
			res.Rules[i].Failed += c.Failed
			return
		}
	}
	res.Rules = append(res.Rules, c)
}
