package statement

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// insert runs the query and appends its rows, or puts them in the place of others.
func (r *Runner) insert(ctx context.Context, s sql.Insert) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, snapshot, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	where := ""
	if s.ReplaceWhere != nil {
		e := expressions{table: snapshot.Schema(), scope: expr.NewScope(snapshot.Schema()), bare: true}
		if where, err = e.condition(s.ReplaceWhere); err != nil {
			return nil, nil, err
		}
	}
	if s, err = withDefaults(s, snapshot.Schema()); err != nil {
		return nil, nil, err
	}
	n, err := r.Tables.Resolve(ctx, s.Query)
	if err != nil {
		return nil, nil, err
	}
	if n, err = stored(n, snapshot.Schema(), s); err != nil {
		return nil, nil, placed(err, s.Table.Pos)
	}
	if s.ReplaceUsing != nil || s.ReplaceOn != nil {
		return r.replace(ctx, s, table, snapshot, n)
	}
	write := r.writing(snapshot, n)
	rows, err := r.rows(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	err = rows.with(func() error {
		var err error
		switch {
		case s.ReplaceWhere != nil:
			_, err = table.ReplaceWhere(ctx, where, rows, write)
		case s.Overwrite:
			_, err = table.Overwrite(ctx, rows, write)
		default:
			_, err = table.Append(ctx, rows, write)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return counted([]string{"num_affected_rows", "num_inserted_rows"}, rows.rows, rows.rows)
}

// withDefaults puts what the table has in the place of DEFAULT in the rows of VALUES.
func withDefaults(s sql.Insert, table *arrow.Schema) (sql.Insert, error) {
	names := s.Columns
	if names == nil {
		names = fieldNames(table)
	}
	filled, kept, err := s.FillDefaults(func(i int) (expr.Node, error) {
		if i >= len(names) {
			return expr.Parse("NULL")
		}
		at := schema.Find(table.Fields(), names[i])
		if at < 0 {
			return expr.Parse("NULL") // the name is looked up, and refused, later
		}
		sql, given := delta.DefaultOf(table.Field(at))
		if !given {
			return nil, nil
		}
		return expr.Parse(sql)
	})
	if err != nil || kept == nil {
		return s, err
	}
	filled.Columns = nil
	for _, i := range kept {
		if i < len(names) {
			filled.Columns = append(filled.Columns, names[i])
		}
	}
	return filled, nil
}

// stored gives a query's rows the table's columns, by ANSI store assignment. Of the columns that the statement leaves out, those that the
// table fills in stay out, and the others are NULL.
func stored(n plan.Node, table *arrow.Schema, s sql.Insert) (plan.Node, error) {
	from, err := sources(n.Schema(), table, s)
	if err != nil {
		return nil, err
	}
	columns := plan.ColumnsOf(n)
	var exprs []expr.Bound
	var names []string
	for i, f := range table.Fields() {
		if from[i] < 0 {
			if !delta.FillsIn(f) {
				exprs, names = append(exprs, expr.BoundLiteral{Typ: f.Type}), append(names, f.Name)
			}
			continue
		}
		c := columns[from[i]]
		if err := expr.CanAssign(c.Type(), f.Type); err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Name, err)
		}
		exprs, names = append(exprs, expr.Convert(c, f.Type)), append(names, f.Name)
	}
	return plan.NewProject(n, exprs, names)
}

// sources are the query's column for each of the table's, -1: none.
func sources(query, table *arrow.Schema, s sql.Insert) ([]int, error) {
	names := s.Columns
	switch {
	case s.ByName:
		names = fieldNames(query)
	case names == nil:
		names = fieldNames(table)
	}
	if len(names) != query.NumFields() {
		return nil, arity(len(names), query.NumFields(), s.Table.Name)
	}
	from := make([]int, table.NumFields())
	for i := range from {
		from[i] = -1
	}
	for i, name := range names {
		at := schema.Find(table.Fields(), name)
		if at < 0 {
			return nil, &expr.Error{
				Class: "UNRESOLVED_COLUMN.WITH_SUGGESTION", SQLState: "42703", Message: fmt.Sprintf("%s has no column %s", s.Table.Name, name),
				Hint: "its columns are " + strings.Join(fieldNames(table), ", "),
			}
		}
		if from[at] >= 0 {
			return nil, &expr.Error{Class: "COLUMN_ALREADY_EXISTS", SQLState: "42711", Message: fmt.Sprintf("the column %s is named twice", name)}
		}
		from[at] = i
	}
	return from, nil
}

func arity(wanted, given int, table string) error {
	class := "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS"
	if given > wanted {
		class = "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS"
	}
	return &expr.Error{
		Class: class, SQLState: "21S01", Message: fmt.Sprintf("the query gives %d columns, and %d of %s are to be filled", given, wanted, table),
		Hint: "name the columns: INSERT INTO t (a, b) …",
	}
}

func fieldNames(s *arrow.Schema) []string {
	names := make([]string, s.NumFields())
	for i, f := range s.Fields() {
		names[i] = f.Name
	}
	return names
}
