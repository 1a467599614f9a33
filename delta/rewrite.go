package delta

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

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

// Delete removes the rows for which the condition, in SQL over the table's columns, is TRUE. Files that hold such rows are written anew without them.
func (t *Table) Delete(ctx context.Context, where string, o WriteOptions) (*Result, error) {
	return t.change(ctx, Operation{Name: opDelete, Parameters: map[string]string{"predicate": jsonList([]string{where})}}, where, o, deleted)
}

// Update sets columns, each to an expression in SQL over the old row, in the rows for which the condition is TRUE.
func (t *Table) Update(ctx context.Context, set map[string]string, where string, o WriteOptions) (*Result, error) {
	return t.change(ctx, Operation{Name: opUpdate, Parameters: map[string]string{"predicate": jsonList([]string{where})}}, where, o,
		func(env *exec.Env, s *Snapshot, predicate expr.Bound) (exec.Step, error) {
			return updated(env, s, predicate, set)
		})
}

// ReplaceWhere removes the rows for which the condition is TRUE and adds the source's, for all of which it must be TRUE, in one commit.
func (t *Table) ReplaceWhere(ctx context.Context, where string, rows exec.Source, o WriteOptions) (int64, error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	op := writeOperation("Overwrite", s.PartitionColumns())
	op.Parameters["predicate"] = where
	tx := t.Begin(s, op)
	o.Writer.mustHold = where
	return t.write(ctx, tx, rows, o, func(ctx context.Context) error {
		r, err := newRewrite(tx, where, o.env(t))
		if err != nil {
			return err
		}
		return r.run(ctx, deleted)
	})
}

// OverwritePartitions replaces the partitions that the source has rows for, and leaves the others alone (Spark's dynamic mode).
func (t *Table) OverwritePartitions(ctx context.Context, rows exec.Source, o WriteOptions) (int64, error) {
	s, err := t.Snapshot(ctx)
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

// change is an operation that rewrites the files which hold rows of a predicate.
func (t *Table) change(ctx context.Context, op Operation, where string, o WriteOptions, step rewriteStep) (res *Result, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	tx := t.Begin(s, op)
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	r, err := newRewrite(tx, where, o.env(t))
	if err != nil {
		return nil, err
	}
	if err := r.run(ctx, step); err != nil {
		return nil, err
	}
	res = &Result{Version: s.version, Metrics: tx.metrics}
	if len(tx.removes) == 0 {
		return res, nil
	}
	if s.Property("delta.enableChangeDataFeed") == "true" && len(tx.adds) > 0 {
		return nil, &UnsupportedError{Feature: "changeDataFeed", Table: t.Name(), Version: s.version, Detail: "a " + op.Name + " that changes parts of files"}
	}
	res.Version, err = tx.Commit(ctx)
	return res, err
}

// rewriteStep makes the step that turns a touched file's rows into those that stay.
type rewriteStep func(env *exec.Env, s *Snapshot, predicate expr.Bound) (exec.Step, error)

// rewrite finds and rewrites the files that hold rows of a predicate.
type rewrite struct {
	tx        *Transaction
	view      *Snapshot
	env       *exec.Env
	predicate expr.Bound
}

func newRewrite(tx *Transaction, where string, env *exec.Env) (*rewrite, error) {
	s, err := tx.view()
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, fmt.Errorf("delta: %s on %s: %w", tx.op.Name, tx.table.Name(), ErrNotTable)
	}
	p, err := s.Predicate(where)
	if err != nil {
		return nil, fmt.Errorf("delta: %s on %s: %w", tx.op.Name, tx.table.Name(), err)
	}
	tx.Read(p)
	return &rewrite{tx, s, env, p}, nil
}

func (r *rewrite) run(ctx context.Context, step rewriteStep) error {
	touched, rows, err := r.touched(ctx)
	if err != nil || len(touched) == 0 {
		return err
	}
	whole, err := r.view.Scan(ScanConfig{Files: touched, Alloc: r.env.Alloc})
	if err != nil {
		return err
	}
	change, err := step(r.env, r.view, r.predicate)
	if err != nil {
		return fmt.Errorf("delta: %s on %s: %w", r.tx.op.Name, r.tx.table.Name(), err)
	}
	w, err := r.tx.NewWriter(WriterConfig{})
	if err != nil {
		return err
	}
	if err := (exec.Pipeline{Source: whole.Source(), Steps: []exec.Step{change}}).Run(ctx, r.env, w.Sink()); err != nil {
		return err
	}
	r.tx.removeFiles(touched)
	switch r.tx.op.Name {
	case opDelete:
		r.tx.AddMetric("numDeletedRows", rows)
		r.tx.AddMetric("numCopiedRows", whole.Rows-rows)
	case opUpdate:
		r.tx.AddMetric("numUpdatedRows", rows)
		r.tx.AddMetric("numCopiedRows", whole.Rows-rows)
	}
	return nil
}

// touched are the files that hold rows of the predicate, and the number of those rows. Only the predicate's columns are read.
func (r *rewrite) touched(ctx context.Context) (files []*File, rows int64, err error) {
	columns := expr.Columns(r.predicate)
	position := make(map[int]int, len(columns))
	for i, c := range columns {
		position[c] = i
	}
	filter := expr.MapColumns(r.predicate, func(i int) int { return position[i] })
	if len(columns) == 0 {
		columns = []int{}
	}
	scan, err := r.view.Scan(ScanConfig{Columns: columns, Filter: filter, KeepDictionary: true, Alloc: r.env.Alloc, rowIDs: true})
	if err != nil {
		return nil, 0, err
	}
	counts := make([]atomic.Int64, len(scan.Files))
	sink := exec.SinkFunc(func(_ context.Context, b *exec.Batch) error {
		id := b.Columns[len(b.Columns)-1].(*array.Int64).Value(0)
		counts[id>>32].Add(int64(b.Len()))
		return nil
	})
	if err := (exec.Pipeline{Source: scan.Source()}).Run(ctx, r.env, sink); err != nil {
		return nil, 0, err
	}
	for i, f := range scan.Files {
		if n := counts[i].Load(); n > 0 {
			files = append(files, f)
			rows += n
		}
	}
	return files, rows, nil
}

// deleted keeps the rows for which the predicate is not TRUE.
func deleted(env *exec.Env, s *Snapshot, predicate expr.Bound) (exec.Step, error) {
	return exec.NewFilter(env, s.Schema(), notTrue(predicate))
}

func notTrue(predicate expr.Bound) expr.Bound {
	return expr.BoundCall{Func: "not", Typ: schema.Boolean, Args: []expr.Bound{
		expr.BoundCall{Func: "<=>", Typ: schema.Boolean, Args: []expr.Bound{predicate, expr.BoundLiteral{Value: true, Typ: schema.Boolean}}},
	}}
}

// updated computes the set columns where the predicate is TRUE.
func updated(env *exec.Env, s *Snapshot, predicate expr.Bound, set map[string]string) (exec.Step, error) {
	fields := s.Schema().Fields()
	exprs := make([]expr.Bound, len(fields))
	for i, f := range fields {
		exprs[i] = expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable}
	}
	for name, sql := range set {
		i := schema.Find(fields, name)
		if i < 0 {
			return nil, &SchemaError{name, "the table does not have it"}
		}
		value, err := bindAssignment(sql, expr.NewScope(s.Schema()), fields[i])
		if err != nil {
			return nil, err
		}
		exprs[i] = expr.BoundCase{Whens: []expr.BoundWhen{{Cond: predicate, Result: value}}, Else: exprs[i], Typ: fields[i].Type, Null: true}
	}
	return exec.NewProject(env, s.Schema(), exprs)
}

// bindAssignment resolves an expression and converts it to the column's type by ANSI store assignment.
func bindAssignment(sql string, scope expr.Scope, to arrow.Field) (expr.Bound, error) {
	node, err := expr.Parse(sql)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", to.Name, err)
	}
	b, err := expr.Bind(node, scope)
	if err != nil {
		return nil, fmt.Errorf("column %s: %w", to.Name, err)
	}
	if err := expr.CanAssign(b.Type(), to.Type); err != nil {
		return nil, fmt.Errorf("column %s: %w", to.Name, err)
	}
	return expr.Convert(b, to.Type), nil
}
