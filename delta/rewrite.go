package delta

import (
	"context"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// Predicate resolves a condition in SQL over the table's columns. Faults are *expr.Error.
func (s *Snapshot) Predicate(sql string) (expr.Bound, error) {
	node, err := expr.Parse(sql)
	if err != nil {
		return nil, err
	}
	return expr.BindPredicate(node, expr.NewScope(s.Schema()))
}

// Delete removes the rows for which the condition, in SQL over the table's columns, is TRUE. A table with delta.enableDeletionVectors marks them as deleted;
// otherwise the files that hold such rows are written anew without them.
func (t *Table) Delete(ctx context.Context, where string, o WriteOptions) (*Result, error) {
	return t.change(ctx, Operation{Name: opDelete, Parameters: map[string]string{"predicate": jsonList([]string{where})}}, where, nil, o)
}

// Update sets columns, each to an expression in SQL over the old row, in the rows for which the condition is TRUE.
func (t *Table) Update(ctx context.Context, set map[string]string, where string, o WriteOptions) (*Result, error) {
	return t.change(ctx, Operation{Name: opUpdate, Parameters: map[string]string{"predicate": jsonList([]string{where})}}, where, set, o)
}

// ReplaceWhere removes the rows for which the condition is TRUE and adds the source's, for all of which it must be TRUE, in one commit.
func (t *Table) ReplaceWhere(ctx context.Context, where string, rows exec.Source, o WriteOptions) (version int64, err error) {
	s, err := o.base(ctx, t.Snapshot)
	if err != nil {
		return 0, err
	}
	op := writeOperation("Overwrite", s.PartitionColumns())
	op.Parameters["predicate"] = where
	tx := t.Begin(s, op)
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if done, err := tx.startWrite(o); done || err != nil {
		return s.version, err
	}
	o.Writer.mustHold = where
	o.Writer.Schema = rows.Schema()
	w, err := tx.NewWriter(o.Writer)
	if err != nil {
		return 0, err
	}
	r, err := newRewrite(tx, where, o.env(t))
	if err != nil {
		return 0, err
	}
	if err := r.run(ctx); err != nil {
		return 0, err
	}
	if r.told { // then the feed reads no file of the commit but its change files
		w.changes = w.changeWriter()
	}
	if err := (exec.Pipeline{Source: rows}).Run(ctx, o.env(t), w.Sink()); err != nil {
		return 0, err
	}
	return tx.commitOnce(ctx, o)
}

// OverwritePartitions replaces the partitions that the source has rows for, and leaves the others alone (Spark's dynamic mode).
func (t *Table) OverwritePartitions(ctx context.Context, rows exec.Source, o WriteOptions) (int64, error) {
	s, err := o.base(ctx, t.Snapshot)
	if err != nil {
		return 0, err
	}
	if len(s.PartitionColumns()) == 0 {
		return t.Overwrite(ctx, rows, o)
	}
	op := writeOperation("Overwrite", s.PartitionColumns())
	op.Parameters["isDynamicPartitionOverwrite"] = "true"
	tx := t.Begin(s, op)
	return t.write(ctx, tx, rows, o, func(context.Context) error {
		written := make(map[string]bool)
		for _, f := range tx.adds {
			written[partitionDirectory(ordered(f, s.metadata.partitionNames()))] = true
		}
		var removed []*File
		for _, f := range s.files().live {
			if written[partitionDirectory(ordered(f, s.metadata.partitionNames()))] {
				removed = append(removed, f)
			}
		}
		tx.readPartitions(written)
		tx.removeFiles(removed)
		return nil
	})
}

// ordered gives a file's partition values in the table's order; columns are its partitionNames.
func ordered(f *File, columns []string) []PartitionValue {
	values := make([]PartitionValue, len(columns))
	for i, c := range columns {
		v, null := f.Partition(c)
		values[i] = PartitionValue{Column: c, Value: v, Null: null}
	}
	return values
}

// change is an operation that takes rows of a predicate out of their files: to delete them, or to set columns of them.
func (t *Table) change(ctx context.Context, op Operation, where string, set map[string]string, o WriteOptions) (res *Result, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	tx := t.Begin(s, op)
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if done, err := tx.startWrite(o); done || err != nil {
		return &Result{Version: s.version, Metrics: map[string]int64{}}, err
	}
	r, err := newRewrite(tx, where, o.env(t))
	if err != nil {
		return nil, err
	}
	if set != nil {
		if err := r.bind(set); err != nil {
			return nil, fmt.Errorf("delta: %s on %s: %w", op.Name, t.Name(), err)
		}
	}
	if err := r.run(ctx); err != nil {
		return nil, err
	}
	res = &Result{Version: s.version, Metrics: tx.metrics}
	if len(tx.removes) == 0 && o.AppID == "" {
		return res, nil
	}
	res.Version, err = tx.commitOnce(ctx, o)
	return res, err
}

// notTrue is TRUE where the predicate is FALSE or NULL.
func notTrue(predicate expr.Bound) expr.Bound {
	return expr.BoundCall{Func: "not", Typ: schema.Boolean, Args: []expr.Bound{
		expr.BoundCall{Func: "<=>", Typ: schema.Boolean, Args: []expr.Bound{predicate, expr.BoundLiteral{Value: true, Typ: schema.Boolean}}},
	}}
}
