package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/plan"
)

// job is one batch of one flow in this engine's hands.
type job struct {
	*flow.Job
	session *session
}

// execute does the batch: it computes the query over what the batch covers and makes the table's commit.
func (j *job) execute(ctx context.Context) (res engine.Result, err error) {
	in, err := j.Inputs(ctx)
	if err != nil {
		return res, err
	}
	sc := &scope{session: j.session, inputs: &inputs{Inputs: in, session: j.session}}
	defer func() { err = errors.Join(err, sc.close()) }()
	if sc.aside, err = j.quarantine(ctx); err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, sc.aside.abort(context.WithoutCancel(ctx))) }()
	switch j.Flow.Effect.(type) {
	case plan.Replace, plan.Append, plan.Once:
		return j.write(ctx, sc)
	case plan.Upsert, plan.ApplyChanges:
		return j.merge(ctx, sc)
	}
	return res, fmt.Errorf("local: unknown effect %T", j.Flow.Effect)
}

// begin starts the table's transaction, and creates the table or brings its metadata up to date.
func (j *job) begin(mode string) (*delta.Transaction, error) {
	op := delta.Operation{Name: "WRITE", Parameters: map[string]string{"mode": map[string]string{"append": "Append", "overwrite": "Overwrite"}[mode]}}
	if mode == "merge" {
		op = delta.Operation{Name: "MERGE", Parameters: map[string]string{}}
	}
	if len(j.Table.PartitionBy) > 0 {
		by, err := json.Marshal(j.Table.PartitionBy)
		if err != nil {
			return nil, err
		}
		op.Parameters["partitionBy"] = string(by)
	}
	tx := j.Target.Begin(j.Snapshot, op)
	return tx, j.Describe(tx)
}

// commit decides rules and checks, commits the quarantine and then the table. What was computed is thrown away when a Fail rule or check is violated.
func (j *job) commit(ctx context.Context, sc *scope, tx *delta.Transaction, res engine.Result) (engine.Result, error) {
	sc.inputs.read.Count(&res)
	for _, c := range sc.checks {
		for _, n := range c.counts() {
			flow.AddRule(&res, n)
		}
		res.Dropped += c.dropped.Load()
		res.Quarantined += c.set.Load()
	}
	if err := j.Decide(&res, func() ([]engine.CheckResult, error) { return j.tableChecks(ctx, tx) }); err != nil {
		return res, err
	}
	if err := sc.aside.commit(ctx, j.Overwrites()); err != nil {
		return res, err
	}
	info, err := j.Info(res)
	if err != nil {
		return res, err
	}
	if err := tx.SetCommitInfo(flow.CommitInfoKey, info); err != nil {
		return res, err
	}
	tx.SetTxn(j.Flow.ID, j.Batch.Number)
	res.Version, err = tx.Commit(ctx)
	return res, err
}
