package statement

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// Views are temporary views: queries under names, which are planned anew whenever they are read. The zero value has none. It is for one goroutine at a time.
type Views struct{ byName map[string]sql.CreateView } // names in lower case

// Has tells whether there is a view of that name. A nil Views has none.
func (v *Views) Has(name string) bool {
	_, ok := v.get(name)
	return ok
}

func (v *Views) get(name string) (sql.CreateView, bool) {
	if v == nil {
		return sql.CreateView{}, false
	}
	found, ok := v.byName[strings.ToLower(name)]
	return found, ok
}

// In plans the views that q reads, by the names that it has for them; resolve plans their queries. What is wrong in one has the place where q reads it.
func (v *Views) In(ctx context.Context, q *sql.Query, resolve func(context.Context, *sql.Query) (plan.Node, error)) (map[string]plan.Node, error) {
	found := map[string]plan.Node{}
	for _, t := range q.Tables() {
		view, ok := v.get(t.Name)
		if !ok || t.Travels || t.Changes {
			continue
		}
		n, err := resolve(ctx, view.Query)
		if err != nil {
			return nil, fmt.Errorf("view %s: %w", view.Table.Name, replaced(err, t.Pos))
		}
		if found[t.Name], err = renamed(view, n); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// renamed gives the rows of a view's query the view's columns.
func renamed(v sql.CreateView, n plan.Node) (plan.Node, error) {
	names, seen := make([]string, n.Schema().NumFields()), map[string]bool{}
	if v.Columns != nil && len(v.Columns) != len(names) {
		class := "NOT_ENOUGH_DATA_COLUMNS"
		if len(v.Columns) < len(names) {
			class = "TOO_MANY_DATA_COLUMNS"
		}
		return nil, failed(v.Table.Pos, "CREATE_VIEW_COLUMN_ARITY_MISMATCH."+class, "21S01", "the view %s has %d columns, and its query %d", v.Table.Name,
			len(v.Columns), len(names))
	}
	for i, f := range n.Schema().Fields() {
		if names[i] = f.Name; v.Columns != nil {
			names[i] = v.Columns[i].Name
		}
		key := strings.ToLower(names[i])
		if seen[key] {
			return nil, failed(v.Table.Pos, "COLUMN_ALREADY_EXISTS", "42711", "two columns of the view %s are called %s", v.Table.Name, names[i])
		}
		seen[key] = true
	}
	return plan.NewProject(n, plan.ColumnsOf(n), names)
}

// reads tells whether a query reads a view, itself or by another view.
func (v *Views) reads(q *sql.Query, name string) bool {
	return slices.ContainsFunc(q.Tables(), func(t sql.Table) bool {
		inner, ok := v.get(t.Name)
		return strings.EqualFold(t.Name, name) || ok && v.reads(inner.Query, name)
	})
}

func (r *Runner) createView(ctx context.Context, s sql.CreateView) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	name := s.Table.Name
	switch {
	case r.Views == nil:
		return nil, nil, failed(s.Table.Pos, "UNSUPPORTED_FEATURE", "0A000", "temporary views")
	case r.Views.Has(name) && !s.OrReplace:
		return nil, nil, failed(s.Table.Pos, "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", "42P07", "there is a temporary view %s: write CREATE OR REPLACE TEMP VIEW", name)
	case r.Views.Has(name) && r.Views.reads(s.Query, name):
		return nil, nil, failed(s.Table.Pos, "RECURSIVE_VIEW", "42K0H", "the view %s would read itself", name)
	}
	n, err := r.Tables.Resolve(ctx, s.Query)
	if err != nil {
		return nil, nil, err
	}
	if _, err := renamed(s, n); err != nil {
		return nil, nil, err
	}
	if r.Views.byName == nil {
		r.Views.byName = map[string]sql.CreateView{}
	}
	r.Views.byName[strings.ToLower(name)] = s
	return counted(nil)
}

func (r *Runner) dropView(ctx context.Context, s sql.DropView) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	if r.Views.Has(s.Table.Name) {
		delete(r.Views.byName, strings.ToLower(s.Table.Name))
		return counted(nil)
	}
	if table, err := r.Tables.Open(ctx, s.Table.Name); err == nil {
		if _, err := table.Snapshot(ctx); err == nil {
			return nil, nil, failed(s.Table.Pos, "WRONG_COMMAND_FOR_OBJECT_TYPE", "42809", "%s is a table, and DROP VIEW drops views", s.Table.Name)
		}
	}
	if s.IfExists {
		return counted(nil)
	}
	return nil, nil, failed(s.Table.Pos, "TABLE_OR_VIEW_NOT_FOUND", "42P01", "there is no view %s", s.Table.Name)
}

// names are the views' names, in order.
func (v *Views) names() []string {
	if v == nil {
		return nil
	}
	var names []string
	for _, key := range slices.Sorted(maps.Keys(v.byName)) {
		names = append(names, v.byName[key].Table.Name)
	}
	return names
}
