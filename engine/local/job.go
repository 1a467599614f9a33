package local

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

// job is one batch of one flow, from the decision what it covers to its commit.
type job struct {
	*session
	table    *plan.Table
	flow     plan.Flow
	target   *delta.Table
	snapshot *delta.Snapshot // nil: the table does not exist yet
	progress progress
	query    plan.Node // optimised
	streams  []plan.Relation

	batch       *Batch // nil: nothing to do
	interrupted bool   // another run planned the batch
	why         string // why nothing is to do, or why the batch is done as it is
	planned     map[*plan.SourceRelation]source.Batch
}

// job finds the flow's next batch: one that was interrupted, or a new one.
func (s *session) job(ctx context.Context, t *plan.Table, f plan.Flow) (*job, error) {
	path := s.run.Lake.Path(t.Ident)
	j := &job{
		session: s, table: t, flow: f, target: s.open(path), progress: newProgress(s.run.Lake.Store, path, f.ID),
		query: plan.Optimize(f.Query), planned: map[*plan.SourceRelation]source.Batch{},
	}
	var err error
	if j.snapshot, err = latest(ctx, j.target); err != nil {
		return nil, err
	}
	if j.streams, err = j.streamsOf(); err != nil {
		return nil, err
	}
	_, ended := j.lastNumbers()
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

// takeUp is the batch that was interrupted, exactly as it was planned: its rows are counted once whatever has come since. Else it plans a new one.
func (j *job) takeUp(ctx context.Context, last *Batch, number int64) (err error) {
	if j.batch, err = j.progress.batch(ctx, number); err != nil || j.batch != nil {
		j.why, j.interrupted = "an interrupted batch was run again", true
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
func (j *job) renew(ctx context.Context, last *Batch, number int64) error {
	for ; ; number++ {
		planned, err := j.plan(ctx, last, number)
		if err != nil || planned == nil {
			return err
		}
		there, err := j.progress.batch(ctx, number)
		if err != nil {
			return err
		}
		if there == nil {
			return j.claim(ctx, planned)
		}
		if there.Query == planned.Query && sameInputs(planned, there) && sameStart(planned, there) {
			j.batch = there
			return nil
		}
	}
}

// claim writes the batch down. When another runner has claimed the number for something else, theirs is run, and this one's turn comes after it.
func (j *job) claim(ctx context.Context, planned *Batch) (err error) {
	if j.batch, err = j.progress.claim(ctx, planned); err != nil {
		return err
	}
	if j.batch.RunID != j.run.ID {
		clear(j.planned)
		j.interrupted = true
	}
	return nil
}

// streamsOf are the relations that the flow reads as streams; a flow that reads everything has none.
func (j *job) streamsOf() ([]plan.Relation, error) {
	switch j.flow.Effect.(type) {
	case plan.Append, plan.Upsert, plan.ApplyChanges:
		return streamed(j.query)
	case plan.Replace, plan.Once:
	}
	return nil, nil
}

// last is the batch whose rows the table's log says were added last, or nil.
func (j *job) last(ctx context.Context) (*Batch, error) {
	number, _ := j.lastNumbers()
	if number < 0 {
		return nil, nil
	}
	return j.progress.done(ctx, number)
}

// latest is the table's newest snapshot, or nil when it does not exist yet.
func latest(ctx context.Context, t *delta.Table) (*delta.Snapshot, error) {
	s, err := t.Snapshot(ctx)
	if errors.Is(err, delta.ErrNotTable) {
		return nil, nil
	}
	return s, err
}

// open is the table at a path of the lake, the same for the whole session so that its snapshot is kept.
func (s *session) open(path string) *delta.Table {
	if t, ok := s.tables[path]; ok {
		return t
	}
	t := delta.Open(s.run.Lake.Store, path, delta.Config{Alloc: s.env.Alloc, Clock: s.run.Now, NewID: s.run.NewID, Logger: s.run.Logger})
	s.tables[path] = t
	return t
}

// plan decides what a new batch covers; nil means that there is nothing to do.
func (j *job) plan(ctx context.Context, last *Batch, number int64) (*Batch, error) {
	b := &Batch{
		Flow: j.flow.ID, Number: number, RunID: j.run.ID, Created: j.run.Now().UTC().Format(time.RFC3339Nano), Query: fingerprint(j.flow, j.table),
	}
	switch j.flow.Effect.(type) {
	case plan.Once:
		if last != nil {
			j.why = "loaded once, in batch " + last.Created
			return nil, nil
		}
		return b, j.everything(ctx, b)
	case plan.Replace:
		return j.replacement(ctx, b, last)
	case plan.Append, plan.Upsert, plan.ApplyChanges:
		return j.newRows(ctx, b, last)
	}
	return nil, errors.New("local: unknown effect")
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

// views are the query's, those within views among them.
func views(n plan.Node) []*plan.View {
	var all []*plan.View
	for _, r := range plan.Relations(n) {
		if v, ok := r.(*plan.View); ok {
			all = append(append(all, v), views(v.Query)...)
		}
	}
	return all
}

// tablePath is where a declared table lies.
func (s *session) tablePath(t *plan.Table) string { return s.run.Lake.Path(t.Ident) }
