package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strconv"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/quality"
)

// commitInfoKey is the member of the table's commitInfo that holds what the flow counted. It is there if and only if the rows are.
const commitInfoKey = "medallion"

// flowInfo is that member.
type flowInfo struct {
	Flow        string             `json:"flow"`
	Batch       int64              `json:"batch"`
	RunID       string             `json:"run"`
	Mode        string             `json:"mode"`
	RowsIn      int64              `json:"rows_in"`
	RowsOut     int64              `json:"rows_out"`
	Dropped     int64              `json:"dropped_records"`
	Quarantined int64              `json:"quarantined_records"`
	Corrupt     int64              `json:"corrupt_records"`
	Rescued     int64              `json:"rescued_records"`
	Rules       []engine.RuleCount `json:"expectations"`
}

// execute does the batch: it computes the query over what the batch covers and makes the table's commit.
func (j *job) execute(ctx context.Context) (res engine.Result, err error) {
	in, err := j.inputs(ctx)
	if err != nil {
		return res, err
	}
	sc := &scope{session: j.session, inputs: in}
	defer func() { err = errors.Join(err, sc.close()) }()
	if sc.aside, err = j.quarantine(ctx); err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, sc.aside.abort(context.WithoutCancel(ctx))) }()
	switch e := j.flow.Effect.(type) {
	case plan.Replace, plan.Append, plan.Once:
		return j.write(ctx, sc)
	case plan.Upsert:
		return j.upsert(ctx, sc, e)
	case plan.ApplyChanges:
		return j.applyChanges(ctx, sc, e)
	}
	return res, fmt.Errorf("local: unknown effect %T", j.flow.Effect)
}

// overwrites tells whether the batch replaces what the table holds.
func (j *job) overwrites() bool {
	if _, ok := j.flow.Effect.(plan.Replace); !ok {
		return false
	}
	for _, in := range j.batch.Inputs {
		if in.From != nil {
			return false
		}
	}
	return true
}

// write ends the query's rows in new files of the table and commits them.
func (j *job) write(ctx context.Context, sc *scope) (res engine.Result, err error) {
	res.Mode = "append"
	if j.overwrites() && j.snapshot != nil {
		res.Mode = "overwrite"
	}
	tx, err := j.begin(res.Mode)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if res.Mode == "overwrite" {
		j.replaceAll(tx)
	}
	config := j.writerConfig()
	config.Schema = j.query.Schema() // columns go by name: an evolved table has its new ones last
	w, err := tx.NewWriter(config)
	if err != nil {
		return res, err
	}
	pipelines, err := sc.lower(ctx, j.query)
	if err != nil {
		return res, err
	}
	if err := exec.Run(ctx, j.env, w.Sink(), pipelines...); err != nil {
		return res, err
	}
	res.RowsOut, res.BytesOut, res.FilesOut = tx.Metric("numOutputRows"), tx.Metric("numOutputBytes"), tx.Metric("numFiles")
	return j.commit(ctx, sc, tx, res)
}

// writerConfig lets open files hold a quarter of the budget.
func (j *job) writerConfig() delta.WriterConfig {
	c := j.engine.config
	workers := int64(c.Workers)
	if workers <= 0 {
		workers = int64(runtime.GOMAXPROCS(0))
	}
	return delta.WriterConfig{TargetFileBytes: c.TargetFileBytes, MaxOpenBytes: max(c.Memory/4/workers, leastOpenBytes)}
}

// leastOpenBytes keeps a small budget from cutting a partitioned table into very small files.
const leastOpenBytes = 8 << 20

// begin starts the table's transaction, and creates the table or brings its metadata up to date.
func (j *job) begin(mode string) (*delta.Transaction, error) {
	op := delta.Operation{Name: "WRITE", Parameters: map[string]string{"mode": map[string]string{"append": "Append", "overwrite": "Overwrite"}[mode]}}
	if mode == "merge" {
		op = delta.Operation{Name: "MERGE", Parameters: map[string]string{}}
	}
	if len(j.table.PartitionBy) > 0 {
		by, err := json.Marshal(j.table.PartitionBy)
		if err != nil {
			return nil, err
		}
		op.Parameters["partitionBy"] = string(by)
	}
	tx := j.target.Begin(j.snapshot, op)
	return tx, j.describe(tx)
}

// describe makes the table's metadata what its declaration says; an existing table keeps what others have added to its properties.
func (j *job) describe(tx *delta.Transaction) error {
	m := delta.Metadata{
		Name: j.table.Ident, Description: j.table.Comment, PartitionColumns: j.table.PartitionBy, Configuration: map[string]string{},
	}
	if j.snapshot == nil {
		for k, v := range j.table.Properties {
			m.Configuration[k] = v
		}
		return tx.SetMetadata(j.table.Rows, m)
	}
	return j.evolve(tx)
}

// replaceAll takes every file out of the table.
func (j *job) replaceAll(tx *delta.Transaction) {
	tx.ReadWholeTable()
	for f := range j.snapshot.Files() {
		tx.Remove(f)
	}
}

// commit decides rules and checks, commits the quarantine and then the table. What was computed is thrown away when a Fail rule or check is violated.
func (j *job) commit(ctx context.Context, sc *scope, tx *delta.Transaction, res engine.Result) (engine.Result, error) {
	sc.inputs.count(&res)
	for _, c := range sc.checks {
		for _, n := range c.counts() {
			addRule(&res, n)
		}
		res.Dropped += c.dropped.Load()
		res.Quarantined += c.set.Load()
	}
	if err := j.decide(ctx, tx, &res); err != nil {
		return res, err
	}
	if err := sc.aside.commit(ctx, j.overwrites()); err != nil {
		return res, err
	}
	info, err := json.Marshal(flowInfo{
		Flow: j.flow.ID, Batch: j.batch.Number, RunID: j.run.ID, Mode: res.Mode, RowsIn: res.RowsIn, RowsOut: res.RowsOut, Dropped: res.Dropped,
		Quarantined: res.Quarantined, Corrupt: res.Corrupt, Rescued: res.Rescued, Rules: res.Rules,
	})
	if err != nil {
		return res, err
	}
	if err := tx.SetCommitInfo(commitInfoKey, info); err != nil {
		return res, err
	}
	tx.SetTxn(j.flow.ID, j.batch.Number)
	if res.Version, err = tx.Commit(ctx); err != nil {
		return res, err
	}
	res.Commits, res.Why = 1, j.why
	return res, nil
}

// decide fails the commit when a Fail rule was violated or a table-level check does not hold.
func (j *job) decide(ctx context.Context, tx *delta.Transaction, res *engine.Result) error {
	failed := &quality.FailedError{Table: j.table.Ident}
	for _, c := range res.Rules {
		if c.Action == plan.Fail && c.Failed > 0 {
			failed.Failures = append(failed.Failures, quality.Failure{Name: c.Name, Text: j.ruleText(c.Name), Failed: c.Failed})
		}
	}
	if len(failed.Failures) == 0 {
		checks, err := j.tableChecks(ctx, tx)
		if err != nil {
			return err
		}
		res.Checks = checks
		for _, c := range checks {
			if !c.Passed && c.Action == plan.Fail {
				failed.Failures = append(failed.Failures, quality.Failure{Name: c.Name, Text: c.Text, Failed: c.Violated})
			}
		}
	}
	if len(failed.Failures) > 0 {
		return failed
	}
	return nil
}

func (j *job) ruleText(name string) string {
	for _, c := range plan.Checks(j.query) {
		for _, r := range c.Rules {
			if r.Name == name {
				return r.SQL
			}
		}
	}
	return strconv.Quote(name)
}
