package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/source"
)

// Job is one batch of one flow, from the decision what it covers to its commit.
type Job struct {
	*Session
	Table    *plan.Table
	Flow     plan.Flow
	Target   *delta.Table
	Snapshot *delta.Snapshot // of the target; nil: it does not exist yet
	Query    plan.Node       // optimised
	Batch    *Batch          // nil: nothing to do
	Why      string          // why nothing is to do, or why the batch is done as it is
	// Planned are the splits of the sources that the batch covers.
	Planned map[*plan.SourceRelation]source.Batch

	claims      claims
	streams     []plan.Relation
	interrupted bool // another run planned the batch
}

// job finds the flow's next batch: one that was interrupted, or a new one.
func (s *Session) job(ctx context.Context, t *plan.Table, f plan.Flow) (*Job, error) {
	j := &Job{
		Session: s, Table: t, Flow: f, Target: s.Open(t.Ident), claims: newClaims(s.Lake.Store, s.Lake.Path(t.Ident), f.ID),
		Query: plan.Optimize(f.Query), Planned: map[*plan.SourceRelation]source.Batch{},
	}
	var err error
	if j.Snapshot, err = s.Latest(ctx, t.Ident); err != nil {
		return nil, err
	}
	if j.streams, err = streams(f.Effect, j.Query); err != nil {
		return nil, err
	}
	_, ended := j.LastNumbers()
	number := ended + 1
	last, err := j.last(ctx)
	if err != nil {
		return nil, err
	}
	if len(j.streams) > 0 {
		return j, j.takeUp(ctx, last, number)
	}
	return j, j.renew(ctx, last, number)
}

// Peek is the flow's next batch as it would be planned now, without claiming it. Batch is nil when there is nothing to do.
func (s *Session) Peek(ctx context.Context, t *plan.Table, f plan.Flow) (*Job, error) {
	peek := *s
	peek.peeking = true
	return peek.job(ctx, t, f)
}

// takeUp is the batch that was interrupted, exactly as it was planned: its rows are counted once whatever has come since. Else it plans a new one.
func (j *Job) takeUp(ctx context.Context, last *Batch, number int64) (err error) {
	if j.Batch, err = j.claims.batch(ctx, number); err != nil || j.Batch != nil {
		j.Why, j.interrupted = "an interrupted batch was run again", true
		return err
	}
	planned, err := j.plan(ctx, last, number)
	if err != nil || planned == nil {
		return err
	}
	return j.claim(ctx, planned)
}

// renew plans a batch that covers everything as it is now. Nothing of an interrupted batch is in the table, so one that covered something else is passed over
// for good: its inputs may have been mended since.
func (j *Job) renew(ctx context.Context, last *Batch, number int64) error {
	for ; ; number++ {
		planned, err := j.plan(ctx, last, number)
		if err != nil || planned == nil {
			return err
		}
		there, err := j.claims.batch(ctx, number)
		if err != nil {
			return err
		}
		if there == nil {
			return j.claim(ctx, planned)
		}
		if there.Query == planned.Query && sameInputs(planned, there) && sameStart(planned, there) {
			j.Batch = there
			return nil
		}
	}
}

// claim writes the batch down. When another runner has claimed the number for something else, theirs is run, and this one's turn comes after it.
func (j *Job) claim(ctx context.Context, planned *Batch) (err error) {
	if j.peeking {
		j.Batch = planned
		return nil
	}
	if j.Batch, err = j.claims.claim(ctx, planned); err != nil {
		return err
	}
	if j.Batch.RunID != j.ID {
		clear(j.Planned)
		j.interrupted = true
	}
	return nil
}

// last is the batch whose rows the table's log says were added last, or nil.
func (j *Job) last(ctx context.Context) (*Batch, error) {
	number, _ := j.LastNumbers()
	if number < 0 {
		return nil, nil
	}
	return j.claims.done(ctx, number)
}

// plan decides what a new batch covers; nil means that there is nothing to do.
func (j *Job) plan(ctx context.Context, last *Batch, number int64) (*Batch, error) {
	b := &Batch{
		Flow: j.Flow.ID, Number: number, RunID: j.ID, Created: j.Now().UTC().Format(time.RFC3339Nano), Query: fingerprint(j.Flow, j.Table),
	}
	switch e := j.Flow.Effect.(type) {
	case plan.Once:
		if last != nil {
			j.Why = "loaded once, in batch " + last.Created
			return nil, nil
		}
		return b, j.everything(ctx, b)
	case plan.Replace:
		return j.replacement(ctx, b, last)
	case plan.ApplyChanges:
		if e.History != nil {
			b.Base = j.version()
		}
		return j.newRows(ctx, b, last)
	case plan.Append, plan.Upsert:
		return j.newRows(ctx, b, last)
	}
	return nil, errors.New("unknown effect")
}

// version is the target's present one, -1 while it does not exist.
func (j *Job) version() *int64 {
	v := int64(-1)
	if j.Snapshot != nil {
		v = j.Snapshot.Version()
	}
	return &v
}

// Overwrites tells whether the batch replaces what the table holds.
func (j *Job) Overwrites() bool {
	if _, ok := j.Flow.Effect.(plan.Replace); !ok {
		return false
	}
	for _, in := range j.Batch.Inputs {
		if in.From != nil {
			return false
		}
	}
	return true
}

// fingerprint tells one query from another: a table is recomputed when its query, a view in it, its columns or its partitions have changed.
func fingerprint(f plan.Flow, t *plan.Table) string {
	h := sha256.New()
	fmt.Fprintln(h, plan.Print(f.Query), t.Rows, t.PartitionBy)
	for _, v := range views(f.Query) {
		fmt.Fprintln(h, v.Ident, plan.Print(v.Query))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
