package statement

import (
	"context"
	"errors"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
)

// stream is a query's rows as a source that can be read once.
type stream struct {
	schema  *arrow.Schema
	batches iter.Seq2[arrow.RecordBatch, error]
	rows    int64 // read so far
	read    bool
}

var _ exec.Source = (*stream)(nil)

// Schema is the query's.
func (s *stream) Schema() *arrow.Schema { return s.schema }

// Ordered is true: one worker reads.
func (s *stream) Ordered() bool { return true }

// Morsels is one: the query's rows.
func (s *stream) Morsels(context.Context) ([]exec.Morsel, error) {
	return []exec.Morsel{func(_ context.Context, yield func(*exec.Batch) error) error {
		s.read = true
		for rec, err := range s.batches {
			if err != nil {
				return err
			}
			s.rows += rec.NumRows()
			if err := yield(&exec.Batch{Columns: rec.Columns(), N: int(rec.NumRows())}); err != nil {
				return err
			}
		}
		return nil
	}}, nil
}

// close frees what was not read.
func (s *stream) close() error {
	if s.read {
		return nil
	}
	for rec, err := range s.batches {
		_, s.read = rec, true
		return err
	}
	return nil
}

// with closes the stream behind f.
func (s *stream) with(f func() error) error { return errors.Join(f(), s.close()) }
