package local

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// DuplicateKeyError says that a batch holds several rows of one key, so that which of them the table would keep is not defined.
type DuplicateKeyError struct {
	Flow string
	Keys []string
	N    int64 // keys with several rows
}

// Error says what to do.
func (e *DuplicateKeyError) Error() string {
	return fmt.Sprintf("local: %s: %d keys (%s) have several rows in the batch: bring one of each, or use silver.ApplyChanges, whose SequenceBy says which is the last", e.Flow, e.N, strings.Join(e.Keys, ", "))
}

// upsert merges the query's rows by key.
func (j *job) upsert(ctx context.Context, sc *scope, e plan.Upsert) (engine.Result, error) {
	guard := guardNotNull{flow: j.flow.ID, names: e.Keys}
	n, err := plan.NewMap(j.query, "keys are not NULL", guard.run, j.query.Schema())
	if err != nil {
		return engine.Result{}, err
	}
	rows, err := sc.collect(ctx, n)
	if err != nil {
		return engine.Result{}, err
	}
	if err := j.uniqueKeys(ctx, sc, rows, e.Keys); err != nil {
		return engine.Result{}, err
	}
	return j.merge(ctx, sc, rows, matching(e.Keys), func(m *delta.Merge) {
		m.WhenMatched("").UpdateAll()
		m.WhenNotMatched("").InsertAll()
	})
}

// uniqueKeys refuses a batch with several rows of one key.
func (j *job) uniqueKeys(ctx context.Context, sc *scope, rows *exec.Collect, keys []string) error {
	v := &plan.View{Ident: "batch", Query: j.query}
	j.views[v] = &viewRows{rows: rows, covers: sc.inputs.covers(v)}
	defer delete(j.views, v) // the rows are the scope's
	n, err := j.sql(fmt.Sprintf("SELECT count(*) AS n FROM (SELECT count(*) AS n FROM b GROUP BY %s) WHERE n > 1", list("", keys)),
		map[string]plan.Node{"b": plan.NewScan(v)})
	if err != nil {
		return err
	}
	several, err := sc.count(ctx, n)
	if err != nil || several == 0 {
		return err
	}
	return &DuplicateKeyError{Flow: j.flow.ID, Keys: keys, N: several}
}

// applyChanges merges change events: the last of each key, or the versions that they begin and end.
func (j *job) applyChanges(ctx context.Context, sc *scope, a plan.ApplyChanges) (engine.Result, error) {
	if a.History != nil {
		return j.applyVersions(ctx, sc, a)
	}
	n, err := j.lastEvents(a)
	if err != nil {
		return engine.Result{}, err
	}
	rows, err := sc.collect(ctx, n)
	if err != nil {
		return engine.Result{}, err
	}
	set := j.assignments(a)
	return j.merge(ctx, sc, rows, matching(a.Keys), func(m *delta.Merge) {
		m.WhenMatched("source." + deleteColumn).Delete()
		m.WhenMatched("").Update(set)
		m.WhenNotMatched("NOT source." + deleteColumn).Insert(set)
	})
}

// applyVersions ends present versions and adds those that begin.
func (j *job) applyVersions(ctx context.Context, sc *scope, a plan.ApplyChanges) (engine.Result, error) {
	sc.inputs.tables[j.table] = tableInput{snapshot: j.snapshot}
	changes, err := j.events(a)
	if err != nil {
		return engine.Result{}, err
	}
	events := &plan.View{Ident: "events of " + j.flow.ID, Query: changes}
	sc.closers = append(sc.closers, func() error { return j.forget(events) })
	n, err := j.versions(a, events)
	if err != nil {
		return engine.Result{}, err
	}
	rows, err := sc.collect(ctx, n)
	if err != nil {
		return engine.Result{}, err
	}
	end := map[string]string{a.History.End: "source." + nextColumn}
	begin := j.assignments(a)
	begin[a.History.Start], begin[a.History.End] = "source."+sequenceColumn, "source."+nextColumn
	if a.History.Current != "" {
		end[a.History.Current], begin[a.History.Current] = "false", "source."+nextColumn+" IS NULL"
	}
	on := fmt.Sprintf("%s AND source.%s AND target.%s IS NULL", matching(a.Keys), openColumn, schema.Quote(a.History.End))
	return j.merge(ctx, sc, rows, on, func(m *delta.Merge) {
		m.WhenMatched(fmt.Sprintf("source.%s > target.%s", nextColumn, schema.Quote(a.History.Start))).Update(end)
		m.WhenMatched("").Delete() // a version that would last no time
		m.WhenNotMatched("NOT source." + openColumn).Insert(begin)
	})
}

// assignments set the stored columns to the events'.
func (j *job) assignments(a plan.ApplyChanges) map[string]string {
	set := map[string]string{}
	for _, name := range j.storedNames(a) {
		set[name] = "source." + schema.Quote(name)
	}
	return set
}

func matching(keys []string) string { return pairs(keys, "target", "source") }

// merge runs a merge of rows into the table and commits it.
func (j *job) merge(ctx context.Context, sc *scope, rows exec.Source, on string, clauses func(*delta.Merge)) (res engine.Result, err error) {
	if err := j.create(ctx); err != nil {
		return res, err
	}
	res.Mode = "merge"
	tx, err := j.begin(res.Mode)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	m := j.target.Merge(rows, on)
	clauses(m)
	if err := m.MergeInto(ctx, tx, delta.WriteOptions{Env: j.env, Writer: j.writerConfig()}); err != nil {
		return res, err
	}
	res.RowsOut = tx.Metric("numTargetRowsInserted") + tx.Metric("numTargetRowsUpdated")
	res.RowsDeleted = tx.Metric("numTargetRowsDeleted")
	res.FilesOut, res.BytesOut = tx.Metric("numTargetFilesAdded"), tx.Metric("numTargetBytesAdded")
	return j.commit(ctx, sc, tx, res)
}

// create makes an empty table to merge into, where there was none when the batch was planned. Where there is one now, the batch must be planned again.
func (j *job) create(ctx context.Context) error {
	if j.snapshot != nil {
		return nil
	}
	_, err := j.target.Create(ctx, delta.Definition{
		Schema: j.table.Rows, PartitionBy: j.table.PartitionBy, Properties: j.table.Properties, Name: j.table.Ident, Description: j.table.Comment,
	})
	if err != nil {
		return err
	}
	j.snapshot, err = j.target.Snapshot(ctx)
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
