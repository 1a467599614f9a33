package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
)

// catOptions are cat's flags.
type catOptions struct {
	version        int64
	timestamp      string
	columns, where string
	limit          int64
	printed        int64
}

// cat prints rows as JSON lines.
func cat(ctx context.Context, args []string, std streams) error {
	var o catOptions
	fs := flag.NewFlagSet("cat", flag.ContinueOnError)
	fs.Int64Var(&o.version, "version", -1, "version to read; default: the newest")
	fs.StringVar(&o.timestamp, "timestamp", "", "read the table as it was then")
	fs.StringVar(&o.columns, "columns", "", "columns to print, separated by commas; default: all")
	fs.StringVar(&o.where, "where", "", "SQL condition")
	fs.Int64Var(&o.limit, "limit", -1, "most rows to print; default: all")
	name, err := parse(fs, args, std.errs)
	if err != nil {
		return err
	}
	src, err := o.open(ctx, name)
	if err != nil {
		return err
	}
	return o.print(ctx, src, std.out)
}

// open gives the rows of a table or of data files.
func (o *catOptions) open(ctx context.Context, name string) (exec.Source, error) {
	if isDataFile(name) {
		if o.version >= 0 || o.timestamp != "" {
			return nil, fmt.Errorf("%s is no Delta table: it has no versions", name)
		}
		return openFiles(ctx, name)
	}
	table, err := openTable(ctx, name)
	if err != nil {
		return nil, err
	}
	s, err := snapshotOf(ctx, table, o.version, o.timestamp)
	if err != nil {
		return nil, err
	}
	config := delta.ScanConfig{}
	if o.where != "" {
		if config.Filter, err = bindWhere(s.Schema(), o.where); err != nil {
			return nil, err
		}
	}
	scan, err := s.Scan(config)
	if err != nil {
		return nil, err
	}
	return scan.Source(), nil
}

func bindWhere(s *arrow.Schema, where string) (expr.Bound, error) {
	n, err := expr.Parse(where)
	if err != nil {
		return nil, fmt.Errorf("--where: %w", err)
	}
	b, err := expr.BindPredicate(n, expr.NewScope(s))
	if err != nil {
		return nil, fmt.Errorf("--where: %w", err)
	}
	return b, nil
}

// fileRows reads data files, split by split.
type fileRows struct {
	schema *arrow.Schema
	batch  source.Batch
}

func openFiles(ctx context.Context, name string) (exec.Source, error) {
	store, key, err := locate(ctx, name)
	if err != nil {
		return nil, err
	}
	src := files.In(store, key, files.InferColumnTypes(), files.Evolution(files.Rescue), files.CSVOptions(files.CSVConfig{MultiLine: true}))
	s, err := src.Schema(ctx)
	if err != nil {
		return nil, err
	}
	b, err := src.Plan(ctx, nil, source.Limits{})
	if err != nil {
		return nil, err
	}
	if len(b.Splits) == 0 {
		return nil, fmt.Errorf("%s: no file is there", name)
	}
	return &fileRows{schema: s, batch: b}, nil
}

func (f *fileRows) Schema() *arrow.Schema { return f.schema }

func (f *fileRows) Ordered() bool { return true }

func (f *fileRows) Morsels(context.Context) ([]exec.Morsel, error) {
	morsels := make([]exec.Morsel, len(f.batch.Splits))
	for i, split := range f.batch.Splits {
		morsels[i] = func(ctx context.Context, yield func(*exec.Batch) error) error {
			_, err := split.Read(ctx, nil, func(rec arrow.RecordBatch) error {
				return yield(&exec.Batch{Columns: rec.Columns(), N: int(rec.NumRows())})
			})
			return err
		}
	}
	return morsels, nil
}

// print runs the rows through the condition and the choice of columns, one worker in order.
func (o *catOptions) print(ctx context.Context, src exec.Source, out io.Writer) error {
	env := &exec.Env{Workers: 1}
	p := exec.Pipeline{Source: src}
	if o.where != "" {
		cond, err := bindWhere(src.Schema(), o.where)
		if err != nil {
			return err
		}
		f, err := exec.NewFilter(env, src.Schema(), cond)
		if err != nil {
			return err
		}
		p.Steps = append(p.Steps, f)
	}
	at, s, err := choose(src.Schema(), o.columns)
	if err != nil {
		return err
	}
	return p.Run(ctx, env, exec.SinkFunc(func(_ context.Context, b *exec.Batch) error { return o.lines(out, s, at, b) }))
}

func columnNames(s *arrow.Schema) string {
	names := make([]string, s.NumFields())
	for i, f := range s.Fields() {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// choose gives the positions of the columns named, and their schema.
func choose(s *arrow.Schema, columns string) ([]int, *arrow.Schema, error) {
	var at []int
	var fields []arrow.Field
	if columns == "" {
		for i := range s.Fields() {
			at = append(at, i)
		}
		return at, s, nil
	}
	for _, name := range strings.Split(columns, ",") {
		i := schema.Find(s.Fields(), strings.TrimSpace(name))
		if i < 0 {
			return nil, nil, fmt.Errorf("--columns: there is no column %q: the columns are %s", strings.TrimSpace(name), columnNames(s))
		}
		at, fields = append(at, i), append(fields, s.Field(i))
	}
	return at, arrow.NewSchema(fields, nil), nil
}

// lines prints the batch's selected rows until the limit.
func (o *catOptions) lines(out io.Writer, s *arrow.Schema, at []int, b *exec.Batch) error {
	columns := make([]arrow.Array, len(at))
	for i, c := range at {
		columns[i] = b.Columns[c]
	}
	rec := array.NewRecordBatch(physical(s, columns), columns, int64(b.N))
	defer rec.Release()
	var buf []byte
	for i := range b.Len() {
		if o.limit >= 0 && o.printed >= o.limit {
			return exec.ErrEnough
		}
		row := i
		if b.Selection != nil {
			row = int(b.Selection[i])
		}
		buf = append(schema.AppendRowJSON(buf[:0], rec, row), '\n')
		if _, err := out.Write(buf); err != nil {
			return err
		}
		o.printed++
	}
	return nil
}

// physical is the schema with the types that the arrays have: a dictionary where the column came as one.
func physical(s *arrow.Schema, columns []arrow.Array) *arrow.Schema {
	fields := make([]arrow.Field, len(columns))
	for i, f := range s.Fields() {
		f.Type = columns[i].DataType()
		fields[i] = f
	}
	return arrow.NewSchema(fields, nil)
}
