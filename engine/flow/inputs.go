package flow

import (
	"context"
	"fmt"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
)

// Inputs are what a query's relations are read from: tables at fixed versions, sources as a batch covers them.
type Inputs struct {
	Tables  map[*plan.Table]TableInput
	Sources map[*plan.SourceRelation]source.Batch
}

// TableInput is a table at a version.
type TableInput struct {
	Snapshot *delta.Snapshot // nil: the table does not exist, and is empty
	From     *int64          // only what was appended after this version; nil: everything
	Files    []*delta.File   // these alone; nil: all
}

// Inputs opens what the job's batch covers.
func (j *Job) Inputs(ctx context.Context) (Inputs, error) {
	in := Inputs{Tables: map[*plan.Table]TableInput{}, Sources: j.Planned}
	for _, r := range Relations(j.Query) {
		var err error
		switch r := r.(type) {
		case *plan.Table:
			in.Tables[r], err = j.tableInput(ctx, r)
		case *plan.SourceRelation:
			err = j.replan(ctx, r)
		}
		if err != nil {
			return in, fmt.Errorf("input %s: %w", r.Name(), err)
		}
	}
	return in, nil
}

// tableInput opens the version that the batch covers, and for a stream finds the files appended since the last batch.
func (j *Job) tableInput(ctx context.Context, t *plan.Table) (TableInput, error) {
	in := j.Batch.input(t.Ident)
	if in == nil {
		return TableInput{}, fmt.Errorf("the interrupted batch %d was planned for another query, which did not read it: finish it with that query first", j.Batch.Number)
	}
	if in.Version < 0 {
		return TableInput{}, nil
	}
	s, err := j.Open(t.Ident).SnapshotAt(ctx, in.Version)
	if err != nil || in.From == nil {
		return TableInput{Snapshot: s}, err
	}
	files, appended, err := s.AddedSince(ctx, *in.From)
	if err != nil {
		return TableInput{}, err
	}
	if !appended {
		return TableInput{}, fmt.Errorf("rows were changed or removed after version %d, but %s processes each row once: read it with silver.Table, or rebuild %s",
			*in.From, j.Flow.ID, j.Table.Ident)
	}
	if files == nil {
		files = []*delta.File{}
	}
	return TableInput{Snapshot: s, From: in.From, Files: files}, nil
}

// replan finds a source's splits again when the batch was planned by another run.
func (j *Job) replan(ctx context.Context, r *plan.SourceRelation) error {
	if _, ok := j.Planned[r]; ok {
		return nil
	}
	for _, s := range j.Batch.Streams {
		if s.Source == r.Name() {
			b, err := r.Source.Replan(ctx, s.Until, s.Work)
			j.Planned[r] = b
			return err
		}
	}
	return fmt.Errorf("the interrupted batch %d was planned for another query, which did not read it: finish it with that query first", j.Batch.Number)
}

// BaseInput is the target as the batch's own rows depend on it: as it was when the batch was planned.
func (j *Job) BaseInput(ctx context.Context) (TableInput, error) {
	if j.Batch.Base == nil {
		return TableInput{Snapshot: j.Snapshot}, nil
	}
	if *j.Batch.Base < 0 {
		return TableInput{}, nil
	}
	s, err := j.Target.SnapshotAt(ctx, *j.Batch.Base)
	return TableInput{Snapshot: s}, err
}

// Present opens the newest version of every table, and everything that the sources hold.
func (s *Session) Present(ctx context.Context, n plan.Node) (Inputs, error) {
	in := Inputs{Tables: map[*plan.Table]TableInput{}, Sources: map[*plan.SourceRelation]source.Batch{}}
	for _, r := range Relations(n) {
		switch r := r.(type) {
		case *plan.Table:
			snapshot, err := s.Latest(ctx, r.Ident)
			if err != nil {
				return in, err
			}
			in.Tables[r] = TableInput{Snapshot: snapshot}
		case *plan.SourceRelation:
			b, err := r.Source.Plan(ctx, nil, source.Limits{})
			if err != nil {
				return in, err
			}
			in.Sources[r] = b
		}
	}
	return in, nil
}

// Scan reads the plan's columns, found by name, of a table that must have them with the declared types. The filter is evaluated in env; nil: by the table's
// own clock.
func (t TableInput) Scan(n plan.Scan, env *kernel.Env) (*delta.Scan, error) {
	columns := make([]int, n.Schema().NumFields())
	for i, f := range n.Schema().Fields() {
		columns[i] = schema.Find(t.Snapshot.Schema().Fields(), f.Name)
		if columns[i] < 0 {
			return nil, &SchemaError{n.Relation.Name(), "has no column " + f.Name + ", which the declaration has"}
		}
		if have := t.Snapshot.Schema().Field(columns[i]).Type; !schema.Equal(have, f.Type) {
			return nil, &SchemaError{n.Relation.Name(), fmt.Sprintf("has column %s of type %s, the declaration says %s", f.Name, schema.Name(have), schema.Name(f.Type))}
		}
	}
	c := delta.ScanConfig{Columns: columns, Paths: n.Paths, Filter: n.Filter, Files: t.Files, KeepDictionary: true}
	if env != nil {
		c.Now, c.KeySets = env.Now, env.KeySets
	}
	return t.Snapshot.Scan(c)
}
