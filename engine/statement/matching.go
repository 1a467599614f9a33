package statement

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// matching is an UPDATE or a DELETE with queries in its expressions. A query finds the rows, by the values of the columns that the expressions read, for rows
// with equal ones fare alike, and what columns are set to; these are then merged into the table.
type matching struct {
	runner   *Runner
	table    sql.Table
	alias    string
	snapshot *delta.Snapshot
	where    expr.Node        // nil: all rows
	set      []sql.Assignment // nil: the rows are deleted
}

// sourceAlias is what the query's rows are called in the merge.
const sourceAlias = "matching rows"

// run changes the table and gives the number of rows that it changed.
func (m *matching) run(ctx context.Context, table *delta.Table, op string, metric string) (rows int64, err error) {
	keys, err := m.keys()
	if err != nil {
		return 0, err
	}
	set, values, err := m.assignments()
	if err != nil {
		return 0, err
	}
	n, err := m.runner.Tables.Resolve(ctx, sql.MatchingRows(m.table, m.alias, keys, values, m.where))
	if err != nil {
		return 0, err
	}
	source, err := m.runner.rows(ctx, n)
	if err != nil {
		return 0, err
	}
	predicate := "true"
	if m.where != nil {
		predicate = m.where.String()
	}
	tx := table.Begin(m.snapshot, delta.Operation{Name: op, Parameters: map[string]string{"predicate": fmt.Sprintf("[%q]", predicate)}})
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	if m.readsItself() {
		tx.ReadWholeTable()
	}
	err = source.with(func() error {
		merge := table.Merge(source, m.on(keys)).As(m.alias, sourceAlias)
		if m.set == nil {
			merge.WhenMatched("").Delete()
		} else {
			merge.WhenMatched("").Update(set)
		}
		return merge.MergeInto(ctx, tx, m.runner.Write)
	})
	if err != nil || tx.Metric(metric) == 0 {
		return 0, replaced(err, m.table.Pos)
	}
	_, err = tx.Commit(ctx)
	return tx.Metric(metric), err
}

// keys are the columns that the expressions may read, in their sub-queries too.
func (m *matching) keys() ([]sql.NamedColumn, error) {
	var keys []sql.NamedColumn
	for _, f := range m.snapshot.Schema().Fields() {
		read := sql.Mentions(m.where, f.Name)
		for _, a := range m.set {
			read = read || sql.HasSubquery(a.Value) && sql.Mentions(a.Value, f.Name)
		}
		if !read {
			continue
		}
		if hasMap(f.Type) {
			return nil, failed(m.table.Pos, "UNSUPPORTED_FEATURE", "0A000", "sub-queries beside the column %s, whose type has a MAP, are not supported", f.Name)
		}
		keys = append(keys, sql.NamedColumn{Name: "key " + f.Name, Of: f.Name})
	}
	return keys, nil
}

func hasMap(t arrow.DataType) bool {
	n, nested := t.(arrow.NestedType)
	return nested && (t.ID() == arrow.MAP || slices.ContainsFunc(n.Fields(), func(f arrow.Field) bool { return hasMap(f.Type) }))
}

// assignments are the texts of values by their columns, and those values that the query computes.
func (m *matching) assignments() (map[string]string, []sql.Named, error) {
	e := expressions{table: m.snapshot.Schema(), scope: expr.NewScope(m.snapshot.Schema()).Qualify(m.alias), alias: m.alias}
	var plain []sql.Assignment
	var values []sql.Named
	set := make(map[string]string)
	for _, a := range m.set {
		if !sql.HasSubquery(a.Value) {
			plain = append(plain, a)
			continue
		}
		f, err := e.column(a.Column)
		if err != nil {
			return nil, nil, err
		}
		name := "value " + f.Name
		values = append(values, sql.Named{Name: name, Value: a.Value})
		set[f.Name] = schema.Quote(sourceAlias) + "." + schema.Quote(name)
	}
	texts, err := e.assignments(plain)
	for name, text := range texts {
		if _, twice := set[name]; twice {
			return nil, nil, failed(m.table.Pos, "DELTA_CONFLICT_SET_COLUMN", "42701", "the column %s is set twice", name)
		}
		set[name] = text
	}
	return set, values, err
}

// on compares the table's columns with the query's, NULL with NULL.
func (m *matching) on(keys []sql.NamedColumn) string {
	if len(keys) == 0 {
		return "TRUE"
	}
	equal := make([]string, len(keys))
	for i, k := range keys {
		equal[i] = fmt.Sprintf("%s.%s <=> %s.%s", schema.Quote(m.alias), schema.Quote(k.Of), schema.Quote(sourceAlias), schema.Quote(k.Name))
	}
	return strings.Join(equal, " AND ")
}

// readsItself reports whether a sub-query may read the table that is changed, so that every commit on it in the meantime is a conflict.
func (m *matching) readsItself() bool {
	name := m.table.Name[strings.LastIndex(m.table.Name, ".")+1:]
	return sql.Mentions(m.where, name) || slices.ContainsFunc(m.set, func(a sql.Assignment) bool {
		return sql.HasSubquery(a.Value) && sql.Mentions(a.Value, name)
	})
}

// hasSubquery reports whether the statement's expressions have queries in them.
func hasSubquery(where expr.Node, set []sql.Assignment) bool {
	return sql.HasSubquery(where) || slices.ContainsFunc(set, func(a sql.Assignment) bool { return sql.HasSubquery(a.Value) })
}
