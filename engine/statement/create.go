package statement

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/plan/sql"
)

// create makes a table, empty or of a query's rows.
func (r *Runner) create(ctx context.Context, s sql.CreateTable) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, err := r.Tables.Open(ctx, s.Table.Name)
	if err != nil {
		return nil, nil, placed(err, s.Table.Pos)
	}
	there, err := exists(ctx, table)
	switch {
	case err != nil:
		return nil, nil, err
	case there && s.IfNotExists:
		return counted(nil)
	case there && !s.OrReplace:
		return nil, nil, failed(s.Table.Pos, "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07",
			"there is a table %s already: write CREATE TABLE IF NOT EXISTS, or CREATE OR REPLACE TABLE", s.Table.Name)
	}
	d := definition(s)
	if s.Query == nil {
		return r.createEmpty(ctx, table, s, d)
	}
	return r.createAs(ctx, table, s, d)
}

// definition is the table that CREATE TABLE describes.
func definition(s sql.CreateTable) delta.Definition {
	d := delta.Definition{PartitionBy: s.PartitionBy, ClusterBy: s.ClusterBy, Properties: s.Properties, Description: s.Comment}
	if s.Schema != nil {
		fields := make([]arrow.Field, len(s.Columns))
		for i, c := range s.Columns {
			fields[i] = defined(c)
		}
		d.Schema = arrow.NewSchema(fields, nil)
	}
	for _, c := range s.Constraints {
		d.Properties["delta.constraints."+strings.ToLower(c.Name)] = c.Condition
	}
	return d
}

func exists(ctx context.Context, t *delta.Table) (bool, error) {
	_, err := t.Snapshot(ctx)
	if errors.Is(err, delta.ErrNotTable) {
		return false, nil
	}
	return err == nil, err
}

func (r *Runner) createEmpty(ctx context.Context, table *delta.Table, s sql.CreateTable, d delta.Definition) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	if d.Schema == nil {
		return nil, nil, failed(s.Table.Pos, "PARSE_SYNTAX_ERROR", "42601", "CREATE TABLE %s has neither columns nor a query", s.Table.Name)
	}
	var err error
	if s.OrReplace {
		_, err = table.Replace(ctx, d, nil, r.Write)
	} else {
		_, err = table.Create(ctx, d)
	}
	if err != nil {
		return nil, nil, err
	}
	return counted(nil)
}

func (r *Runner) createAs(ctx context.Context, table *delta.Table, s sql.CreateTable, d delta.Definition) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	if d.Schema != nil {
		return nil, nil, failed(s.Table.Pos, "PARSE_SYNTAX_ERROR", "42601", "CREATE TABLE %s AS SELECT takes its columns from the query: leave the list out", s.Table.Name)
	}
	before, err := table.Snapshot(ctx)
	if err != nil && !errors.Is(err, delta.ErrNotTable) {
		return nil, nil, err
	}
	n, err := r.Tables.Resolve(ctx, s.Query)
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.rows(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	d.Schema = nullable(rows.schema)
	err = rows.with(func() error {
		define := table.CreateAs
		if s.OrReplace {
			define = table.Replace
		}
		_, err := define(ctx, d, rows, r.writing(before, n))
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return counted([]string{"num_affected_rows", "num_inserted_rows"}, rows.rows, rows.rows)
}

// nullable is the schema of a table that a query creates: every column may be NULL.
func nullable(s *arrow.Schema) *arrow.Schema {
	fields := slices.Clone(s.Fields())
	for i := range fields {
		fields[i].Nullable = true
	}
	return arrow.NewSchema(fields, nil)
}
