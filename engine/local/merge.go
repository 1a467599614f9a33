package local

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
)

// merge computes what the flow merges, runs the merge into the table and commits it.
func (j *job) merge(ctx context.Context, sc *scope) (res engine.Result, err error) {
	m, err := j.Job.Merge()
	if err != nil {
		return res, err
	}
	rows, err := j.mergeRows(ctx, sc, m)
	if err != nil {
		return res, err
	}
	if err := j.create(ctx); err != nil {
		return res, err
	}
	res.Mode = "merge"
	tx, err := j.begin(res.Mode)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if err := j.clauses(rows, m).MergeInto(ctx, tx, delta.WriteOptions{Env: j.session.env, Writer: j.writerConfig()}); err != nil {
		return res, err
	}
	res.RowsOut = tx.Metric("numTargetRowsInserted") + tx.Metric("numTargetRowsUpdated")
	res.RowsDeleted = tx.Metric("numTargetRowsDeleted")
	res.FilesOut, res.BytesOut = tx.Metric("numTargetFilesAdded"), tx.Metric("numTargetBytesAdded")
	return j.commit(ctx, sc, tx, res)
}

// mergeRows are the rows that are merged. The changes that they are made of are computed once, as their checks count.
func (j *job) mergeRows(ctx context.Context, sc *scope, m *flow.Merge) (*exec.Collect, error) {
	base, err := j.BaseInput(ctx)
	if err != nil {
		return nil, err
	}
	sc.inputs.Tables[j.Table] = base
	guard := guardNotNull{flow: j.Flow.ID, names: m.NotNull}
	guarded, err := plan.NewMap(m.Changes, "keys and sequence are not NULL", guard.run, m.Changes.Schema())
	if err != nil {
		return nil, err
	}
	if m.Source != nil && !m.Rescans {
		n, err := m.Source(guarded)
		if err != nil {
			return nil, err
		}
		return sc.collect(ctx, sc.inputs.optimized(n))
	}
	rows, err := sc.collect(ctx, guarded)
	if err != nil {
		return nil, err
	}
	changes := j.viewOf(sc, rows, guarded)
	if m.Source == nil {
		return rows, j.uniqueKeys(ctx, sc, changes, m.Unique)
	}
	n, err := m.Source(plan.NewScan(changes))
	if err != nil {
		return nil, err
	}
	return sc.collect(ctx, sc.inputs.optimized(n))
}

// viewOf names rows that the scope holds, so that other queries of the scope can read them.
func (j *job) viewOf(sc *scope, rows *exec.Collect, n plan.Node) *plan.View {
	v := &plan.View{Ident: "changes of " + j.Flow.ID, Query: n}
	j.session.views[v] = &viewRows{rows: rows, covers: sc.inputs.covers(v)}
	sc.closers = append(sc.closers, func() error {
		delete(j.session.views, v)
		return nil
	})
	return v
}

// guardNotNull fails on the first batch of changes with a NULL in one of the columns.
type guardNotNull struct {
	flow  string
	names []string
}

func (g guardNotNull) run(_ context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
	for _, name := range g.names {
		for _, at := range in.Schema().FieldIndices(name) {
			if n := in.Column(at).NullN(); n > 0 {
				return &flow.NullKeyError{Flow: g.flow, Column: name, Rows: int64(n)}
			}
		}
	}
	return yield(in)
}

// uniqueKeys refuses a batch with several rows of one key.
func (j *job) uniqueKeys(ctx context.Context, sc *scope, changes *plan.View, keys []string) error {
	n, err := flow.Duplicates(plan.NewScan(changes), keys)
	if err != nil {
		return err
	}
	several, err := sc.count(ctx, sc.inputs.optimized(n))
	if err != nil || several == 0 {
		return err
	}
	return &flow.DuplicateKeyError{Flow: j.Flow.ID, Keys: keys, N: several}
}

// clauses hands the flow's clauses to the table's own merge.
func (j *job) clauses(rows exec.Source, m *flow.Merge) *delta.Merge {
	merge := j.Target.Merge(rows, m.On)
	for _, c := range m.Clauses {
		set := map[string]string{}
		for _, a := range c.Set {
			set[a.Column] = a.Value
		}
		switch {
		case c.Matched && c.Set == nil:
			merge.WhenMatched(c.When).Delete()
		case c.Matched:
			merge.WhenMatched(c.When).Update(set)
		default:
			merge.WhenNotMatched(c.When).Insert(set)
		}
	}
	return merge
}

// create makes an empty table to merge into, where there was none when the batch was planned. Where there is one now, the batch must be planned again.
func (j *job) create(ctx context.Context) error {
	if j.Snapshot != nil {
		return nil
	}
	_, err := j.Target.Create(ctx, delta.Definition{
		Schema: j.Table.Rows, PartitionBy: j.Table.PartitionBy, Properties: j.Table.Properties, Name: j.Table.Ident, Description: j.Table.Comment,
	})
	if err != nil {
		return err
	}
	j.Snapshot, err = j.Target.Snapshot(ctx)
	return err
}

// collect runs a plan and holds its rows until the scope is closed.
func (c *scope) collect(ctx context.Context, n plan.Node) (*exec.Collect, error) {
	pipelines, err := c.lower(ctx, n)
	if err != nil {
		return nil, err
	}
	rows := exec.NewCollect(c.session.env, n.Schema(), false)
	c.closers = append(c.closers, rows.Close)
	return rows, exec.Run(ctx, c.session.env, rows, pipelines...)
}
