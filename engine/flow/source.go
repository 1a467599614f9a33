package flow

import (
	"context"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/source"
)

// ReadCounts is how much was read so far.
type ReadCounts struct {
	Rows, Bytes, Corrupt, Rescued, Files                           atomic.Int64
	RowGroups, Pages, SkippedRowGroups, SkippedPages, SkippedBytes atomic.Int64 // of Parquet files of sources
}

// Add counts what another reader has read.
func (r *ReadCounts) Add(o *ReadCounts) {
	r.Rows.Add(o.Rows.Load())
	r.Bytes.Add(o.Bytes.Load())
	r.Corrupt.Add(o.Corrupt.Load())
	r.Rescued.Add(o.Rescued.Load())
	r.Files.Add(o.Files.Load())
}

// Count adds what was read to the result.
func (r *ReadCounts) Count(res *engine.Result) {
	res.RowsIn, res.BytesIn, res.FilesIn = r.Rows.Load(), r.Bytes.Load(), r.Files.Load()
	res.Corrupt, res.Rescued = r.Corrupt.Load(), r.Rescued.Load()
}

// count takes in what one split has read.
func (r *ReadCounts) count(c source.Counts) {
	r.Rows.Add(c.Rows)
	r.Bytes.Add(c.Bytes)
	r.Corrupt.Add(c.Corrupt)
	r.Rescued.Add(c.Rescued)
	r.RowGroups.Add(c.RowGroups)
	r.Pages.Add(c.Pages)
	r.SkippedRowGroups.Add(c.SkippedRowGroups)
	r.SkippedPages.Add(c.SkippedPages)
	r.SkippedBytes.Add(c.SkippedBytes)
}

// SourceRows are the rows of a source's batch, split by split, in the columns that the scan asks for. The scan's filter is not applied: it only spares splits what
// it is certain not to keep.
func SourceRows(scan plan.Scan, batch source.Batch, alloc memory.Allocator, read *ReadCounts) exec.Source {
	hints := source.Hints{Filter: scan.Filter, Alloc: alloc}
	for i := range scan.Schema().NumFields() {
		hints.Columns = append(hints.Columns, scan.Schema().Field(i).Name)
	}
	return &splits{read: read, scan: scan, batch: batch, hints: hints}
}

type splits struct {
	read  *ReadCounts
	scan  plan.Scan
	batch source.Batch
	hints source.Hints
}

func (s *splits) Schema() *arrow.Schema { return s.scan.Schema() }

func (s *splits) Ordered() bool { return false }

func (s *splits) Morsels(context.Context) ([]exec.Morsel, error) {
	var columns []string
	if s.scan.Columns != nil {
		columns = append([]string{}, s.hints.Columns...)
	}
	morsels := make([]exec.Morsel, len(s.batch.Splits))
	for i, split := range s.batch.Splits {
		if h, ok := split.(source.Hinted); ok {
			split = h.With(s.hints)
		}
		morsels[i] = func(ctx context.Context, yield func(*exec.Batch) error) error {
			return s.readSplit(ctx, split, columns, yield)
		}
	}
	s.read.Files.Add(s.batch.Files)
	return morsels, nil
}

func (s *splits) readSplit(ctx context.Context, split source.Split, columns []string, yield func(*exec.Batch) error) error {
	counts, err := split.Read(ctx, columns, func(rec arrow.RecordBatch) error { return yield(Pick(s.scan, rec.Columns(), int(rec.NumRows()), nil)) })
	s.read.count(counts)
	return err
}

// Pick is a batch of the columns that the scan asks for.
func Pick(n plan.Scan, columns []arrow.Array, rows int, selection []int32) *exec.Batch {
	b := &exec.Batch{Columns: columns, Selection: selection, N: rows}
	if n.Columns != nil {
		b.Columns = make([]arrow.Array, len(n.Columns))
		for i, at := range n.Columns {
			b.Columns[i] = columns[at]
		}
	}
	return b
}
