package medallion

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/engine/statement"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// Exec runs one SQL statement that changes a table of the lake, in one commit: INSERT, UPDATE, DELETE, MERGE, CREATE TABLE or OPTIMIZE; or VACUUM. The
// statement names tables as they are declared, silver.orders, and reads what inputs give beside them. It returns how many rows were inserted, updated and
// deleted, 0 of OPTIMIZE and VACUUM. Queries in it run on the first engine; the commit is made by this process.
//
// What a statement changes in a table that flows write stays until a flow writes it anew: a table that equals its query is then the query's rows again.
func (p *Pipeline) Exec(ctx context.Context, text string, inputs ...dataset.Input) (rows int64, err error) {
	s, lake, err := p.statement(ctx, text, inputs)
	if err != nil {
		return 0, fmt.Errorf("medallion: Exec: %w", err)
	}
	session, err := p.engines()[0].Open(ctx, p.run())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	_, answer, err := (&statement.Runner{Session: session, Tables: lake}).Run(ctx, s)
	if err != nil {
		return 0, fmt.Errorf("medallion: Exec: %w", err)
	}
	for rec, err := range answer {
		if err != nil {
			return 0, err
		}
		if rec.NumCols() == 0 || rec.NumRows() == 0 {
			continue
		}
		if changed, ok := rec.Column(0).(*array.Int64); ok && rec.ColumnName(0) == "num_affected_rows" {
			rows = changed.Value(0)
		}
	}
	return rows, nil
}

// statement parses the text and puts the values of its parameters in.
func (p *Pipeline) statement(ctx context.Context, text string, inputs []dataset.Input) (sql.Statement, *lakeTables, error) {
	r, err := p.resolver(ctx)
	if err != nil {
		return nil, nil, err
	}
	given, args, err := dataset.Given(r, inputs)
	if err != nil {
		return nil, nil, err
	}
	s, err := sql.ParseStatement(text, r.Functions())
	if err != nil {
		return nil, nil, err
	}
	switch s.(type) {
	case *sql.Query, sql.Explain, sql.Describe, sql.DescribeHistory, sql.DescribeDetail, sql.ShowTables, sql.ShowColumns,
		sql.ShowProperties, sql.ShowPartitions:
		return nil, nil, errors.New("the statement changes no table: run a query with Pipeline.Query")
	case sql.CreateView, sql.DropView:
		return nil, nil, errors.New("a statement by itself has no session that could keep a temporary view: give it the relation by dataset.In")
	case sql.Insert, sql.Update, sql.Delete, sql.Merge, sql.CreateTable, sql.Optimize, sql.Reorg, sql.Vacuum, sql.Restore, sql.Clone,
		sql.ConvertToDelta, sql.Generate, sql.Repair, sql.Alter:
	}
	s, err = sql.BindStatement(s, args...)
	return s, &lakeTables{lake: p.Lake, given: given}, err
}

// lakeTables are the tables of a lake by their names, behind those that are given.
type lakeTables struct {
	lake  Lake
	given map[string]plan.Node
}

// Open is the lake's table of that name.
func (l *lakeTables) Open(_ context.Context, name string) (*delta.Table, error) {
	if !tableName.MatchString(name) {
		return nil, &expr.Error{
			Class: "TABLE_OR_VIEW_NOT_FOUND", SQLState: "42P01", Message: fmt.Sprintf("%s is no name of a table in a lake", name), Hint: "write schema.table: silver.orders",
		}
	}
	return delta.Open(l.lake.Store, l.lake.Path(name), delta.Config{}), nil
}

// Resolve plans a query over what is given and the lake's tables.
func (l *lakeTables) Resolve(ctx context.Context, q *sql.Query) (plan.Node, error) {
	tables := maps.Clone(l.given)
	for _, t := range q.Tables() {
		if _, ok := tables[t.Name]; ok || !tableName.MatchString(t.Name) {
			continue
		}
		table, err := l.Open(ctx, t.Name)
		if err != nil {
			return nil, err
		}
		r, err := relation(ctx, table, t)
		if errors.Is(err, delta.ErrNotTable) {
			continue // Resolve says that it is not there
		}
		if err != nil {
			return nil, err
		}
		tables[t.String()] = plan.NewScan(r)
	}
	return q.Resolve(tables)
}

// relation is what a query reads of a table: its rows at a version, or its changes.
func relation(ctx context.Context, table *delta.Table, t sql.Table) (plan.Relation, error) {
	if t.Changes {
		changes, err := statement.Changes(ctx, table, t)
		return &flow.Feed{Ident: t.String(), Changes: changes}, err
	}
	s, err := statement.Snapshot(ctx, table, t)
	return &flow.Version{Ident: t.String(), Snapshot: s}, err
}
