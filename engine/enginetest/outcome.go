package enginetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// outcome is what a query came to: rows, or the class of its error.
type outcome struct {
	columns []string   // name and type
	rows    [][]string // each value as schema.AppendJSON writes it
	class   string     // of the error; empty: none
	err     error
}

// records are a stream's rows, as engines and servers give them.
type records func() (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error)

// run is what the plan comes to on a session. A panic is an error without a class, so that the plan can be told.
func run(ctx context.Context, s engine.Session, n plan.Node) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = failed(fmt.Errorf("panic: %v", p))
		}
	}()
	return collect(func() (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) { return s.Query(ctx, n) })
}

// collect reads all rows.
func collect(query records) outcome {
	s, batches, err := query()
	if err != nil {
		return failed(err)
	}
	var o outcome
	for _, f := range s.Fields() {
		o.columns = append(o.columns, schema.Quote(f.Name)+" "+schema.Name(f.Type))
	}
	for batch, err := range batches {
		if err == nil {
			err = proven(s, batch)
		}
		if err != nil {
			return failed(err)
		}
		for row := range int(batch.NumRows()) {
			o.rows = append(o.rows, rowOf(batch, row))
		}
	}
	return o
}

// proven checks that columns which cannot be NULL by the schema hold none.
func proven(s *arrow.Schema, batch arrow.RecordBatch) error {
	for i, f := range s.Fields() {
		if !f.Nullable && batch.Column(i).NullN() > 0 {
			return fmt.Errorf("column %s is NOT NULL and holds NULL", f.Name)
		}
	}
	return nil
}

func rowOf(batch arrow.RecordBatch, row int) []string {
	values := make([]string, batch.NumCols())
	for i, c := range batch.Columns() {
		values[i] = string(schema.AppendJSON(nil, c, row))
	}
	return values
}

func failed(err error) outcome { return outcome{class: classOf(err), err: err} }

// classOf is the error's class in Databricks' words. An error that has none is told by its text, so that it equals no class.
func classOf(err error) string {
	var e *expr.Error
	if errors.As(err, &e) {
		return e.Class
	}
	return noClass + err.Error()
}

const noClass = "error without a class: "

// sorted is o with its rows in the order of their texts, for queries whose rows come in any order.
func (o outcome) sorted() outcome {
	o.rows = slices.SortedFunc(slices.Values(o.rows), slices.Compare)
	return o
}

// String is the outcome as golden files have it.
func (o outcome) String() string {
	if o.class != "" {
		return "!" + o.class + "\n"
	}
	var b strings.Builder
	b.WriteString(strings.Join(o.columns, ", ") + "\n")
	for _, row := range o.rows {
		b.WriteString("[" + strings.Join(row, ",") + "]\n")
	}
	return b.String()
}

// detail is the outcome for people: with the error's message.
func (o outcome) detail() string {
	if o.err != nil {
		return fmt.Sprintf("!%s: %v", o.class, o.err)
	}
	return o.String()
}
