// Package tpc keeps the tables of TPC-H and TPC-DS as Delta tables and runs the benchmarks' queries over them, for the benchmark and for the tests that hold
// their rows against DuckDB's.
package tpc

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/uuid"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/source/files"
	storage "github.com/medallion-go/medallion/storage/local"
)

// Lake is a set of Delta tables made from Parquet files, each named after its file.
type Lake struct {
	tables map[string]plan.Node
	lake   engine.Lake
}

// Open makes a table under dir of every file data/NAME.parquet whose table is not there yet.
func Open(ctx context.Context, data, dir string) (*Lake, error) {
	data, err := filepath.Abs(data) // a file under another path is another file, whose rows would be added
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(data, "*.parquet"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("tpc: no Parquet file in %s", data)
	}
	store, err := storage.New(dir)
	if err != nil {
		return nil, err
	}
	l := &Lake{tables: map[string]plan.Node{}, lake: engine.Lake{Store: store}}
	s, err := l.Session(ctx, local.Config{})
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if err := l.ingest(ctx, s, path); err != nil {
			return nil, errors.Join(fmt.Errorf("tpc: ingest %s: %w", path, err), s.Close())
		}
	}
	return l, s.Close()
}

// ingest appends the file's rows to its table, unless they are there.
func (l *Lake) ingest(ctx context.Context, s engine.Session, path string) error {
	name := strings.TrimSuffix(filepath.Base(path), ".parquet")
	src := files.New(path)
	rows, err := src.Schema(ctx)
	if err != nil {
		return err
	}
	var columns []int
	for i, f := range rows.Fields() {
		if f.Name != "_rescued_data" {
			columns = append(columns, i)
		}
	}
	scan := plan.NewScanOf(&plan.SourceRelation{Source: src, Rows: rows}, columns)
	t := &plan.Table{Ident: name, Rows: scan.Schema(), Flows: []plan.Flow{{ID: name, Query: scan, Effect: plan.Append{}}}}
	l.tables[name] = plan.NewScan(t)
	_, err = s.Refresh(ctx, t)
	return err
}

// Session starts a run of the local engine on the tables. The caller closes it.
func (l *Lake) Session(ctx context.Context, c local.Config) (engine.Session, error) {
	return local.New(c).Open(ctx, engine.Run{ID: "tpc", Lake: l.lake, Now: time.Now, NewID: uuid.NewString, Logger: slog.New(slog.DiscardHandler)})
}

// Plan resolves a query over the tables.
func (l *Lake) Plan(text string) (plan.Node, error) {
	q, err := sql.Parse(strings.TrimSuffix(strings.TrimSpace(text), ";"))
	if err != nil {
		return nil, err
	}
	return q.Resolve(l.tables)
}

// Run runs a plan in a session of its own and hands over its rows. A batch is borrowed until use returns.
func (l *Lake) Run(ctx context.Context, c local.Config, n plan.Node, use func(arrow.RecordBatch) error) (err error) {
	s, err := l.Session(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	_, batches, err := s.Query(ctx, n)
	if err != nil {
		return err
	}
	return each(batches, use)
}

func each(batches iter.Seq2[arrow.RecordBatch, error], use func(arrow.RecordBatch) error) error {
	for b, err := range batches {
		if err == nil {
			err = use(b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
