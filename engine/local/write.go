package local

import (
	"context"
	"errors"
	"runtime"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
)

// write ends the query's rows in new files of the table and commits them.
func (j *job) write(ctx context.Context, sc *scope) (res engine.Result, err error) {
	res.Mode = "append"
	if j.Overwrites() && j.Snapshot != nil {
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
	query, written := j.Query, false
	if res.Mode == "append" && j.HasStamps() {
		if query, err = j.Stamped(query); err != nil {
			return res, err
		}
		if written, err = j.written(ctx, tx); err != nil {
			return res, err
		}
	}
	sink, err := j.sink(tx, query.Schema(), written)
	if err != nil {
		return res, err
	}
	pipelines, err := sc.lower(ctx, sc.inputs.optimized(query))
	if err != nil {
		return res, err
	}
	if err := exec.Run(ctx, j.session.env, sink, pipelines...); err != nil {
		return res, err
	}
	res.RowsOut, res.BytesOut, res.FilesOut = tx.Metric("numOutputRows"), tx.Metric("numOutputBytes"), tx.Metric("numFiles")
	return j.commit(ctx, sc, tx, res)
}

// sink is the end of the query's rows: new files of the table, or nothing where they are written already and only counted.
func (j *job) sink(tx *delta.Transaction, rows *arrow.Schema, written bool) (exec.Sink, error) {
	if written {
		return exec.SinkFunc(func(context.Context, *exec.Batch) error { return nil }), nil
	}
	config := j.writerConfig()
	config.Schema = rows // columns go by name: an evolved table has its new ones last
	w, err := tx.NewWriter(config)
	if err != nil {
		return nil, err
	}
	return w.Sink(), nil
}

// written tells whether a run of this batch on a SQL engine has left its rows without saying so. The commit then depends on that being so, or not being so.
func (j *job) written(ctx context.Context, tx *delta.Transaction) (bool, error) {
	rows, err := j.Snapshot.Predicate(j.BatchRows(""))
	if err != nil {
		return false, err
	}
	tx.Read(rows)
	scan, err := j.Snapshot.Scan(delta.ScanConfig{Filter: rows})
	if err != nil {
		return false, err
	}
	for rec, err := range scan.Records(ctx) {
		if err != nil || rec.NumRows() > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// writerConfig lets open files hold a quarter of the budget.
func (j *job) writerConfig() delta.WriterConfig {
	c := j.session.engine.config
	workers := int64(c.Workers)
	if workers <= 0 {
		workers = int64(runtime.GOMAXPROCS(0))
	}
	return delta.WriterConfig{TargetFileBytes: c.TargetFileBytes, MaxOpenBytes: max(c.Memory/4/workers, leastOpenBytes)}
}

// leastOpenBytes keeps a small budget from cutting a partitioned table into very small files.
const leastOpenBytes = 8 << 20

// replaceAll takes every file out of the table.
func (j *job) replaceAll(tx *delta.Transaction) {
	tx.ReadWholeTable()
	for f := range j.Snapshot.Files() {
		tx.Remove(f)
	}
}
