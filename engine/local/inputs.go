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
}

// scan gives the pipelines that read a relation.
func (c *scope) scan(ctx context.Context, n plan.Scan) ([]exec.Pipeline, error) {
	switch r := n.Relation.(type) {
	case *plan.Table:
		src, err := c.inputs.table(c.inputs.Tables[r], n)
		return []exec.Pipeline{{Source: src}}, err
	case *flow.Version:
		src, err := c.inputs.table(flow.TableInput{Snapshot: r.Snapshot}, n)
		return []exec.Pipeline{{Source: src}}, err
	case *plan.SourceRelation:
		return c.filtered(n, flow.SourceRows(n, c.inputs.Sources[r], &c.inputs.read))
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
func (in *inputs) table(ti flow.TableInput, n plan.Scan) (exec.Source, error) {
	if ti.Snapshot == nil {
		return exec.NewBatches(n.Schema()), nil
	}
	scan, err := ti.Scan(n)
	if err != nil {
		return nil, fmt.Errorf("local: read %s: %w", n.Relation.Name(), err)
	}
	in.read.Bytes.Add(scan.Bytes)
	in.read.Files.Add(int64(len(scan.Files)))
	return &counted{Source: scan.Source(), rows: &in.read.Rows}, nil
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
