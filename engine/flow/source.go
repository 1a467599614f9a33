package flow

import (
	"context"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/source"
)

// ReadCounts is how much was read so far.
type ReadCounts struct{ Rows, Bytes, Corrupt, Rescued, Files atomic.Int64 }

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

// SourceRows are the rows of a source's batch, split by split, in the columns that the scan asks for; its filter is not applied.
func SourceRows(scan plan.Scan, batch source.Batch, read *ReadCounts) exec.Source {
	return &splits{read: read, scan: scan, batch: batch}
}

type splits struct {
	read  *ReadCounts
	scan  plan.Scan
	batch source.Batch
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
			return s.readSplit(ctx, split, columns, yield)
		}
	}
	s.read.Files.Add(s.batch.Files)
	return morsels, nil
}

func (s *splits) readSplit(ctx context.Context, split source.Split, columns []string, yield func(*exec.Batch) error) error {
	counts, err := split.Read(ctx, columns, func(rec arrow.RecordBatch) error { return yield(Pick(s.scan, rec.Columns(), int(rec.NumRows()), nil)) })
	s.read.Rows.Add(counts.Rows)
	s.read.Bytes.Add(counts.Bytes)
	s.read.Corrupt.Add(counts.Corrupt)
	s.read.Rescued.Add(counts.Rescued)
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
