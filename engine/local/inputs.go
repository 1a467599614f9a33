package local

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
)

// inputs is where a query's relations are read from: tables at fixed versions, sources as the batch covers them. It counts what was read.
type inputs struct {
	session *session
	tables  map[*plan.Table]tableInput
	sources map[*plan.SourceRelation]source.Batch
	read    readCounts
}

// readCounts is how much was read so far.
type readCounts struct{ rows, bytes, corrupt, rescued, files atomic.Int64 }

func (r *readCounts) add(o *readCounts) {
	r.rows.Add(o.rows.Load())
	r.bytes.Add(o.bytes.Load())
	r.corrupt.Add(o.corrupt.Load())
	r.rescued.Add(o.rescued.Load())
	r.files.Add(o.files.Load())
}

// tableInput is a table at a version; a nil snapshot is a table that does not exist, and is empty.
type tableInput struct {
	snapshot *delta.Snapshot
	from     *int64        // only what was appended after this version; nil: everything
	files    []*delta.File // these alone; nil: all
}

// inputs opens what the job's batch covers.
func (j *job) inputs(ctx context.Context) (*inputs, error) {
	in := &inputs{session: j.session, tables: map[*plan.Table]tableInput{}, sources: j.planned}
	for _, r := range relations(j.query) {
		var err error
		switch r := r.(type) {
		case *plan.Table:
			in.tables[r], err = j.tableInput(ctx, r)
		case *plan.SourceRelation:
			err = j.replan(ctx, r)
		}
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", r.Name(), err)
		}
	}
	return in, nil
}

// tableInput opens the version that the batch covers, and for a stream finds the files appended since the last batch.
func (j *job) tableInput(ctx context.Context, t *plan.Table) (tableInput, error) {
	in := j.batch.input(t.Ident)
	if in == nil {
		return tableInput{}, fmt.Errorf("the interrupted batch %d was planned for another query, which did not read it: finish it with that query first", j.batch.Number)
	}
	if in.Version < 0 {
		return tableInput{}, nil
	}
	s, err := j.open(j.tablePath(t)).SnapshotAt(ctx, in.Version)
	if err != nil || in.From == nil {
		return tableInput{snapshot: s}, err
	}
	files, appended, err := s.AddedSince(ctx, *in.From)
	if err != nil {
		return tableInput{}, err
	}
	if !appended {
		return tableInput{}, fmt.Errorf("rows were changed or removed after version %d, but %s processes each row once: read it with silver.Table, or rebuild %s",
			*in.From, j.flow.ID, j.table.Ident)
	}
	if files == nil {
		files = []*delta.File{}
	}
	return tableInput{snapshot: s, from: in.From, files: files}, nil
}

// replan finds a source's splits again when the batch was planned by another run.
func (j *job) replan(ctx context.Context, r *plan.SourceRelation) error {
	if _, ok := j.planned[r]; ok {
		return nil
	}
	for _, s := range j.batch.Streams {
		if s.Source == r.Name() {
			b, err := r.Source.Replan(ctx, s.Until, s.Work)
			j.planned[r] = b
			return err
		}
	}
	return fmt.Errorf("the interrupted batch %d was planned for another query, which did not read it: finish it with that query first", j.batch.Number)
}

// count adds what was read to the result.
func (in *inputs) count(res *engine.Result) {
	res.RowsIn, res.BytesIn, res.FilesIn = in.read.rows.Load(), in.read.bytes.Load(), in.read.files.Load()
	res.Corrupt, res.Rescued = in.read.corrupt.Load(), in.read.rescued.Load()
}

// scan gives the pipelines that read a relation.
func (c *scope) scan(ctx context.Context, n plan.Scan) ([]exec.Pipeline, error) {
	switch r := n.Relation.(type) {
	case *plan.Table:
		src, err := c.inputs.table(r, n)
		return []exec.Pipeline{{Source: src}}, err
	case *plan.SourceRelation:
		return c.filtered(n, &splits{inputs: c.inputs, scan: n, batch: c.inputs.sources[r]})
	case *plan.View:
		src, err := c.view(ctx, r)
		if err != nil {
			return nil, err
		}
		return c.filtered(n, &columnsOf{Source: src, scan: n})
	}
	return nil, &engine.UnsupportedError{Engine: c.session.engine.Name(), Table: n.Relation.Name(), What: fmt.Sprintf("reading a %T", n.Relation)}
}

// filtered applies the scan's filter where the source has not.
func (c *scope) filtered(n plan.Scan, src exec.Source) ([]exec.Pipeline, error) {
	p := exec.Pipeline{Source: src}
	if n.Filter != nil {
		f, err := exec.NewFilter(c.session.env, n.Schema(), n.Filter)
		if err != nil {
			return nil, err
		}
		p.Steps = []exec.Step{f}
	}
	return []exec.Pipeline{p}, nil
}

// table scans a Delta table at its version, pruned by the filter.
func (in *inputs) table(t *plan.Table, n plan.Scan) (exec.Source, error) {
	ti := in.tables[t]
	if ti.snapshot == nil {
		return exec.NewBatches(n.Schema()), nil
	}
	scan, err := scanOf(ti.snapshot, n, ti.files)
	if err != nil {
		return nil, fmt.Errorf("local: read %s: %w", t.Ident, err)
	}
	in.read.bytes.Add(scan.Bytes)
	in.read.files.Add(int64(len(scan.Files)))
	return &counted{Source: scan.Source(), rows: &in.read.rows}, nil
}

// scanOf reads the plan's columns, found by name, of a table that must have them with the declared types.
func scanOf(s *delta.Snapshot, n plan.Scan, files []*delta.File) (*delta.Scan, error) {
	columns := make([]int, n.Schema().NumFields())
	for i, f := range n.Schema().Fields() {
		columns[i] = schema.Find(s.Schema().Fields(), f.Name)
		if columns[i] < 0 {
			return nil, &SchemaError{n.Relation.Name(), "has no column " + f.Name + ", which the declaration has"}
		}
		if have := s.Schema().Field(columns[i]).Type; !schema.Equal(have, f.Type) {
			return nil, &SchemaError{n.Relation.Name(), fmt.Sprintf("has column %s of type %s, the declaration says %s", f.Name, schema.Name(have), schema.Name(f.Type))}
		}
	}
	return s.Scan(delta.ScanConfig{Columns: columns, Filter: n.Filter, Files: files, KeepDictionary: true})
}

// counted counts the rows that a source gives.
type counted struct {
	exec.Source
	rows *atomic.Int64
}

func (c *counted) Morsels(ctx context.Context) ([]exec.Morsel, error) {
	morsels, err := c.Source.Morsels(ctx)
	for i, m := range morsels {
		morsels[i] = func(ctx context.Context, yield func(*exec.Batch) error) error {
			return m(ctx, func(b *exec.Batch) error {
				c.rows.Add(int64(b.Len()))
				return yield(b)
			})
		}
	}
	return morsels, err
}

// splits reads a source's batch, split by split.
type splits struct {
	inputs *inputs
	scan   plan.Scan
	batch  source.Batch
}

func (s *splits) Schema() *arrow.Schema { return s.scan.Schema() }

func (s *splits) Ordered() bool { return false }

func (s *splits) Morsels(context.Context) ([]exec.Morsel, error) {
	var columns []string
	if s.scan.Columns != nil {
		columns = []string{}
		for _, f := range s.scan.Schema().Fields() {
			columns = append(columns, f.Name)
		}
	}
	morsels := make([]exec.Morsel, len(s.batch.Splits))
	for i, split := range s.batch.Splits {
		morsels[i] = func(ctx context.Context, yield func(*exec.Batch) error) error {
			return s.read(ctx, split, columns, yield)
		}
	}
	s.inputs.read.files.Add(s.batch.Files)
	return morsels, nil
}

func (s *splits) read(ctx context.Context, split source.Split, columns []string, yield func(*exec.Batch) error) error {
	counts, err := split.Read(ctx, columns, func(rec arrow.RecordBatch) error { return yield(pick(s.scan, rec.Columns(), int(rec.NumRows()), nil)) })
	s.inputs.read.rows.Add(counts.Rows)
	s.inputs.read.bytes.Add(counts.Bytes)
	s.inputs.read.corrupt.Add(counts.Corrupt)
	s.inputs.read.rescued.Add(counts.Rescued)
	return err
}

// columnsOf narrows a source to a scan's columns.
type columnsOf struct {
	exec.Source
	scan plan.Scan
}

func (c *columnsOf) Schema() *arrow.Schema { return c.scan.Schema() }

func (c *columnsOf) Morsels(ctx context.Context) ([]exec.Morsel, error) {
	morsels, err := c.Source.Morsels(ctx)
	for i, m := range morsels {
		morsels[i] = func(ctx context.Context, yield func(*exec.Batch) error) error {
			return m(ctx, func(b *exec.Batch) error { return yield(pick(c.scan, b.Columns, b.N, b.Selection)) })
		}
	}
	return morsels, err
}

// pick is a batch of the columns that the scan asks for.
func pick(n plan.Scan, columns []arrow.Array, rows int, selection []int32) *exec.Batch {
	b := &exec.Batch{Columns: columns, Selection: selection, N: rows}
	if n.Columns != nil {
		b.Columns = make([]arrow.Array, len(n.Columns))
		for i, at := range n.Columns {
			b.Columns[i] = columns[at]
		}
	}
	return b
}
