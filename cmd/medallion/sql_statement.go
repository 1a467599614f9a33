package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/engine/statement"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// answer is a statement's rows.
type answer struct {
	schema *arrow.Schema
	rows   iter.Seq2[arrow.RecordBatch, error]
}

// run parses and runs one statement.
func (d *database) run(ctx context.Context, text string) (answer, error) {
	parsed, err := sql.ParseStatement(text, nil)
	if err != nil {
		return answer{}, err
	}
	if parsed, err = sql.BindStatement(parsed, d.params...); err != nil {
		return answer{}, err
	}
	switch s := parsed.(type) {
	case *sql.Query:
		n, err := d.Resolve(ctx, s)
		if err != nil {
			return answer{}, err
		}
		rows, batches, err := d.session.Query(ctx, n)
		return answer{rows, batches}, err
	case sql.Explain:
		text, err := d.explain(ctx, s)
		return texts([]string{"plan"}, [][]string{{text}}), err
	default:
		rows, batches, err := (&statement.Runner{Session: d.session, Tables: d, Views: &d.views}).Run(ctx, s)
		return answer{rows, batches}, err
	}
}

// explain says how a query would run, or runs it and says what each operator did.
func (d *database) explain(ctx context.Context, e sql.Explain) (string, error) {
	n, err := d.Resolve(ctx, e.Query)
	if err != nil {
		return "", err
	}
	ask := d.session.Forecast
	if e.Analyze {
		ask = d.session.Profile
	}
	profile, err := ask(ctx, n)
	if err != nil {
		return "", err
	}
	return profile.String(), nil
}

// texts is an answer of STRING columns.
func texts(columns []string, rows [][]string) answer {
	fields := make([]arrow.Field, len(columns))
	for i, name := range columns {
		fields[i] = arrow.Field{Name: name, Type: schema.String}
	}
	s := arrow.NewSchema(fields, nil)
	return answer{s, func(yield func(arrow.RecordBatch, error) bool) {
		b := array.NewRecordBuilder(memory.DefaultAllocator, s)
		defer b.Release()
		for _, row := range rows {
			for i, text := range row {
				b.Field(i).(*array.StringBuilder).Append(text)
			}
		}
		rec := b.NewRecordBatch()
		defer rec.Release()
		yield(rec, nil)
	}}
}

// printer writes an answer's rows.
type printer interface {
	begin(s *arrow.Schema) error
	batch(rec arrow.RecordBatch) error
	end(rows int64, took time.Duration) error
}

// printer is the one of the format asked for.
func (o *sqlOptions) printer(out io.Writer) (printer, error) {
	switch o.format {
	case "table":
		return &tablePrinter{out: out, rows: o.rows, width: o.width}, nil
	case "json":
		return &jsonPrinter{out: out}, nil
	case "csv":
		return newCSVPrinter(out), nil
	}
	return nil, fmt.Errorf("--format %q: it is table, json or csv", o.format)
}

// execute runs one statement and prints its rows.
func (o *sqlOptions) execute(ctx context.Context, db *database, text string, out *bufio.Writer) error {
	began := time.Now()
	p, err := o.printer(out)
	if err != nil {
		return err
	}
	a, err := db.run(ctx, text)
	if err != nil {
		return err
	}
	if err := p.begin(a.schema); err != nil {
		return err
	}
	rows := int64(0)
	for rec, err := range a.rows {
		if err != nil {
			return err
		}
		rows += rec.NumRows()
		if err := p.batch(rec); err != nil {
			return err
		}
	}
	return p.end(rows, time.Since(began))
}
