package local

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/source"
)

// inputs is where a query's relations are read from. It counts what was read.
type inputs struct {
	flow.Inputs
	session *session
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
		return c.filtered(n, &splits{inputs: c.inputs, scan: n, batch: c.inputs.Sources[r]})
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
	ti := in.Tables[t]
	if ti.Snapshot == nil {
		return exec.NewBatches(n.Schema()), nil
	}
	scan, err := ti.Scan(n)
	if err != nil {
		return nil, fmt.Errorf("local: read %s: %w", t.Ident, err)
	}
	in.read.bytes.Add(scan.Bytes)
	in.read.files.Add(int64(len(scan.Files)))
	return &counted{Source: scan.Source(), rows: &in.read.rows}, nil
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
