package statement

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

func (r *Runner) update(ctx context.Context, s sql.Update) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, snapshot, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	if hasSubquery(s.Where, s.Set) {
		m := matching{r, s.Table, s.Alias, snapshot, s.Where, s.Set}
		n, err := m.run(ctx, table, "UPDATE", "numUpdatedRows")
		if err != nil {
			return nil, nil, err
		}
		return counted([]string{"num_affected_rows"}, n)
	}
	e := overTable(snapshot.Schema(), s.Alias)
	where, err := e.condition(s.Where)
	if err != nil {
		return nil, nil, err
	}
	set, err := e.assignments(s.Set)
	if err != nil {
		return nil, nil, err
	}
	res, err := table.Update(ctx, set, where, r.Write)
	if err != nil {
		return nil, nil, replaced(err, s.Table.Pos)
	}
	return counted([]string{"num_affected_rows"}, res.Metrics["numUpdatedRows"])
}

func (r *Runner) remove(ctx context.Context, s sql.Delete) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, snapshot, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	if hasSubquery(s.Where, nil) {
		m := matching{r, s.Table, s.Alias, snapshot, s.Where, nil}
		n, err := m.run(ctx, table, "DELETE", "numDeletedRows")
		if err != nil {
			return nil, nil, err
		}
		return counted([]string{"num_affected_rows"}, n)
	}
	e := overTable(snapshot.Schema(), s.Alias)
	where, err := e.condition(s.Where)
	if err != nil {
		return nil, nil, err
	}
	res, err := table.Delete(ctx, where, r.Write)
	if err != nil {
		return nil, nil, replaced(err, s.Table.Pos)
	}
	return counted([]string{"num_affected_rows"}, res.Metrics["numDeletedRows"])
}

// merge runs the source and merges its rows.
func (r *Runner) merge(ctx context.Context, s sql.Merge) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, snapshot, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	n, err := r.Tables.Resolve(ctx, s.Source)
	if err != nil {
		return nil, nil, err
	}
	m, err := newMergeTexts(s, snapshot.Schema(), n.Schema())
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.rows(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	metrics := map[string]int64{}
	err = rows.with(func() error {
		merge := table.Merge(rows, m.on).As(s.Alias, s.SourceAlias)
		if s.Evolves {
			merge.WithSchemaEvolution()
		}
		for _, c := range m.clauses {
			c.add(merge)
		}
		res, err := merge.Run(ctx, r.writing(snapshot, n))
		if err == nil {
			metrics = res.Metrics
		}
		return err
	})
	if err != nil {
		return nil, nil, replaced(err, s.Pos)
	}
	updated, deleted, inserted := metrics["numTargetRowsUpdated"], metrics["numTargetRowsDeleted"], metrics["numTargetRowsInserted"]
	names := []string{"num_affected_rows", "num_updated_rows", "num_deleted_rows", "num_inserted_rows"}
	return counted(names, updated+deleted+inserted, updated, deleted, inserted)
}

// expressions checks the expressions of a statement, where their places in its text are known, and prints them for package delta.
type expressions struct {
	table *arrow.Schema
	scope expr.Scope // of the table's columns, and of the source's
	alias string     // of the table
	bare  bool       // delta knows the table's columns without the alias
}

// overTable are expressions that read the table alone.
func overTable(table *arrow.Schema, alias string) expressions {
	return expressions{table: table, scope: expr.NewScope(table).Qualify(alias), alias: alias, bare: true}
}

// condition is the text of a condition, TRUE where there is none.
func (e expressions) condition(n expr.Node) (string, error) {
	if n == nil {
		return "TRUE", nil
	}
	if _, err := expr.BindPredicate(n, e.scope); err != nil {
		return "", err
	}
	return e.text(n), nil
}

// assignments are the texts of values by the names of their columns.
func (e expressions) assignments(list []sql.Assignment) (map[string]string, error) {
	set := make(map[string]string, len(list))
	for _, a := range list {
		f, err := e.column(a.Column)
		if err != nil {
			return nil, err
		}
		if _, twice := set[f.Name]; twice {
			return nil, failed(a.Column.Pos, "DELTA_CONFLICT_SET_COLUMN", "42701", "the column %s is set twice", f.Name)
		}
		if c, ok := a.Value.(expr.Column); ok && len(c.Path) == 1 && strings.EqualFold(c.Path[0], "DEFAULT") {
			set[f.Name] = "DEFAULT"
			continue
		}
		value, err := expr.Bind(a.Value, e.scope)
		if err == nil && !(arrow.IsNested(value.Type().ID()) && arrow.IsNested(f.Type.ID())) { // delta matches the fields of structs by name
			err = expr.CanAssign(value.Type(), f.Type)
		}
		if err != nil {
			return nil, placed(err, a.Value.Position())
		}
		set[f.Name] = e.text(a.Value)
	}
	return set, nil
}

// column is the column of the table that is set.
func (e expressions) column(c expr.Column) (arrow.Field, error) {
	path := c.Path
	if len(path) > 1 && strings.EqualFold(path[0], e.alias) {
		path = path[1:]
	}
	at := schema.Find(e.table.Fields(), path[0])
	switch {
	case at < 0:
		return arrow.Field{}, failed(c.Pos, "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", "the table has no column %s; its columns are %s",
			path[0], strings.Join(fieldNames(e.table), ", "))
	case len(path) > 1:
		return arrow.Field{}, failed(c.Pos, "UNSUPPORTED_FEATURE", "0A000", "setting a field of the struct %s is not supported: set the whole struct", path[0])
	}
	return e.table.Field(at), nil
}

// text prints n, without the table's alias where delta does not know it.
func (e expressions) text(n expr.Node) string {
	if !e.bare {
		return n.String()
	}
	return expr.RewriteNode(n, func(part expr.Node) expr.Node {
		c, ok := part.(expr.Column)
		if ok && len(c.Path) > 1 && strings.EqualFold(c.Path[0], e.alias) && schema.Find(e.table.Fields(), c.Path[1]) >= 0 {
			c.Path = c.Path[1:]
			return c
		}
		return part
	}).String()
}

func failed(pos expr.Pos, class, state, format string, args ...any) error {
	return &expr.Error{Class: class, SQLState: state, Message: fmt.Sprintf(format, args...), Line: pos.Line, Column: pos.Column}
}
