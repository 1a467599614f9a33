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
)

// inputs is where a query's relations are read from. It counts what was read.
type inputs struct {
	flow.Inputs
	session *session
	read    flow.ReadCounts
	known   *statistics // of these inputs; nil: not asked for
}

// scan gives the pipelines that read a relation.
func (c *scope) scan(ctx context.Context, n plan.Scan) ([]exec.Pipeline, error) {
	switch r := n.Relation.(type) {
	case *plan.Table:
		return c.table(c.inputs.Tables[r], n)
	case *flow.Version:
		return c.table(flow.TableInput{Snapshot: r.Snapshot}, n)
	case *flow.Feed:
		return c.feed(r, n)
	case *plan.SourceRelation:
		return c.filtered(n, flow.SourceRows(n, c.inputs.Sources[r], c.env().Alloc, c.op.reads(&c.inputs.read)))
	case *plan.View:
		src, err := c.view(ctx, r)
		if err != nil {
			return nil, err
		}
		return c.filtered(n, &columnsOf{Source: src, scan: n})
	case *plan.Recursion:
		return c.filtered(n, &columnsOf{Source: c.session.rounds[r].last(), scan: n})
	}
	return nil, &engine.UnsupportedError{Engine: c.session.engine.Name(), Table: n.Relation.Name(), What: fmt.Sprintf("reading a %T", n.Relation)}
}

// filtered applies the scan's filter where the source has not.
func (c *scope) filtered(n plan.Scan, src exec.Source) ([]exec.Pipeline, error) {
	if n.Filter == nil {
		return []exec.Pipeline{{Source: c.op.source(src)}}, nil
	}
	f, err := exec.NewFilter(c.env(), n.Schema(), n.Filter)
	if err != nil {
		return nil, err
	}
	return []exec.Pipeline{{Source: c.op.before(src), Steps: []exec.Step{c.op.step(f)}}}, nil
}

// table scans a Delta table at its version, pruned by the filter.
func (c *scope) table(in flow.TableInput, n plan.Scan) ([]exec.Pipeline, error) {
	if in.Snapshot == nil {
		return []exec.Pipeline{{Source: exec.NewBatches(n.Schema())}}, nil
	}
	scan, err := in.Scan(n, c.env().Kernel)
	if err != nil {
		return nil, fmt.Errorf("local: read %s: %w", n.Relation.Name(), err)
	}
	c.inputs.read.Bytes.Add(scan.Bytes)
	c.inputs.read.Files.Add(int64(len(scan.Files)))
	c.op.scans(scan)
	return []exec.Pipeline{{Source: c.op.source(&counted{Source: scan.Source(), rows: &c.inputs.read.Rows})}}, nil
}

// feed reads what changed in a Delta table, pruned by the filter.
func (c *scope) feed(f *flow.Feed, n plan.Scan) ([]exec.Pipeline, error) {
	scan, err := f.Scan(n, c.env().Kernel)
	if err != nil {
		return nil, fmt.Errorf("local: read %s: %w", f.Name(), err)
	}
	c.inputs.read.Bytes.Add(scan.Bytes)
	c.inputs.read.Files.Add(int64(scan.Files))
	return []exec.Pipeline{{Source: c.op.source(&counted{Source: scan.Source(), rows: &c.inputs.read.Rows})}}, nil
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
			return m(ctx, func(b *exec.Batch) error { return yield(flow.Pick(c.scan, b.Columns, b.N, b.Selection)) })
		}
	}
	return morsels, err
}
