// Package statement runs the SQL statements that change Delta tables: INSERT, UPDATE, DELETE, MERGE, CREATE TABLE and OPTIMIZE, each in one commit, and VACUUM;
// and it tells a table's history. A session of an engine runs the queries in them; package delta does the rest.
package statement

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// Tables says what the names in statements mean.
type Tables interface {
	// Resolve plans a query over the tables that it names, each at its newest version unless the query says otherwise.
	Resolve(ctx context.Context, q *sql.Query) (plan.Node, error)
	// Open is the Delta table of a name, whether it is there already or not. A name that can be none is an error.
	Open(ctx context.Context, name string) (*delta.Table, error)
}

// Runner runs statements.
type Runner struct {
	Session engine.Session
	Tables  Tables
	Write   delta.WriteOptions
	Views   *Views // nil: there are no temporary views
}

// Run runs a statement and gives what Databricks answers: the numbers of rows that it changed, or the rows that describe a table or what was done to its files.
// Other statements, such as queries, are not run: ErrOther says so.
func (r *Runner) Run(ctx context.Context, s sql.Statement) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	switch s := s.(type) {
	case sql.Insert:
		return r.insert(ctx, s)
	case sql.Update:
		return r.update(ctx, s)
	case sql.Delete:
		return r.remove(ctx, s)
	case sql.Merge:
		return r.merge(ctx, s)
	case sql.CreateTable:
		return r.create(ctx, s)
	case sql.Alter:
		return r.alter(ctx, s)
	case sql.Optimize:
		return r.optimize(ctx, s)
	case sql.Reorg:
		return r.reorg(ctx, s)
	case sql.Vacuum:
		return r.vacuum(ctx, s)
	case sql.Restore:
		return r.restore(ctx, s)
	case sql.Clone:
		return r.clone(ctx, s)
	case sql.ConvertToDelta:
		return r.convert(ctx, s)
	case sql.Generate:
		return r.generate(ctx, s)
	case sql.Repair:
		return r.repair(ctx, s)
	case sql.DescribeDetail:
		return r.detail(ctx, s)
	case sql.DescribeHistory:
		return r.history(ctx, s)
	case sql.ShowTables:
		return r.showTables(s)
	case sql.ShowColumns:
		return r.showColumns(ctx, s)
	case sql.ShowProperties:
		return r.showProperties(ctx, s)
	case sql.ShowPartitions:
		return r.showPartitions(ctx, s)
	case sql.Describe:
		return r.describe(ctx, s)
	case sql.CreateView:
		return r.createView(ctx, s)
	case sql.DropView:
		return r.dropView(ctx, s)
	case *sql.Query, sql.Explain:
	}
	return nil, nil, ErrOther
}

// ErrOther says that a statement changes no table.
var ErrOther = errors.New("statement: it is none that changes a table")

// target opens the table that a statement changes, which is to be there.
func (r *Runner) target(ctx context.Context, t sql.Table) (*delta.Table, *delta.Snapshot, error) {
	if r.Views.Has(t.Name) {
		return nil, nil, failed(t.Pos, "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE", "42809", "%s is a temporary view, and the statement is about a table", t.Name)
	}
	table, err := r.Tables.Open(ctx, t.Name)
	if err != nil {
		return nil, nil, placed(err, t.Pos)
	}
	s, err := table.Snapshot(ctx)
	if errors.Is(err, delta.ErrNotTable) {
		return nil, nil, failed(t.Pos, "TABLE_OR_VIEW_NOT_FOUND", "42P01", "there is no table %s", t.Name)
	}
	return table, s, err
}

// placed gives an error without a place one.
func placed(err error, pos expr.Pos) error {
	var e *expr.Error
	if !errors.As(err, &e) || e.Line > 0 {
		return err
	}
	return replaced(err, pos)
}

// replaced gives an error of an expression, which package delta knows by a text of its own, a place in the statement.
func replaced(err error, pos expr.Pos) error {
	var e *expr.Error
	if !errors.As(err, &e) {
		return err
	}
	at := *e
	at.Line, at.Column = pos.Line, pos.Column
	return &at
}

// rows runs a query into a source that can be read once.
func (r *Runner) rows(ctx context.Context, n plan.Node) (*stream, error) {
	s, batches, err := r.Session.Query(ctx, n)
	if err != nil {
		return nil, err
	}
	return &stream{schema: s, batches: batches}, nil
}

// counted is an answer of numbers of rows.
func counted(names []string, numbers ...int64) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	fields := make([]arrow.Field, len(names))
	for i, name := range names {
		fields[i] = arrow.Field{Name: name, Type: schema.BigInt, Nullable: true}
	}
	s := arrow.NewSchema(fields, nil)
	return s, func(yield func(arrow.RecordBatch, error) bool) {
		b := array.NewRecordBuilder(memory.DefaultAllocator, s)
		defer b.Release()
		for i, n := range numbers {
			b.Field(i).(*array.Int64Builder).Append(n)
		}
		rec := b.NewRecordBatch()
		defer rec.Release()
		yield(rec, nil)
	}, nil
}

// history answers DESCRIBE HISTORY.
func (r *Runner) history(ctx context.Context, s sql.DescribeHistory) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, _, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	var commits []delta.Commit
	if s.Limit != 0 {
		if commits, err = table.History(ctx, int(max(s.Limit, 0))); err != nil {
			return nil, nil, err
		}
	}
	type commit struct {
		Version             int64
		Timestamp           time.Time
		Operation           *string
		OperationParameters map[string]string `delta:"operationParameters"`
		IsBlindAppend       bool              `delta:"isBlindAppend"`
		OperationMetrics    map[string]string `delta:"operationMetrics"`
		EngineInfo          *string           `delta:"engineInfo"`
	}
	list := make([]commit, len(commits))
	for i, c := range commits {
		list[i] = commit{
			Version: c.Version, Timestamp: c.Timestamp, Operation: known(c.Operation), OperationParameters: c.Parameters, IsBlindAppend: c.IsBlindAppend,
			OperationMetrics: c.Metrics, EngineInfo: known(c.EngineInfo),
		}
	}
	return encoded(list)
}

func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// encoded is an answer of typed rows.
func encoded[R any](list []R) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	s, err := schema.Of[R]()
	if err != nil {
		return nil, nil, err
	}
	codec, err := schema.NewCodec[R](s)
	if err != nil {
		return nil, nil, err
	}
	return s, func(yield func(arrow.RecordBatch, error) bool) {
		rec, err := codec.Encode(memory.DefaultAllocator, list)
		if err != nil {
			yield(nil, err)
			return
		}
		defer rec.Release()
		yield(rec, nil)
	}, nil
}
