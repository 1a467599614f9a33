package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// Batches is a Source of record batches in memory. It borrows them: they must live as long as it is read. It can be read any number of times.
type Batches struct {
	schema  *arrow.Schema
	recs    []arrow.RecordBatch
	ordered bool
}

var _ Source = (*Batches)(nil)

// NewBatches returns a source of recs, which all have the schema's columns.
func NewBatches(schema *arrow.Schema, recs ...arrow.RecordBatch) *Batches {
	return &Batches{schema: schema, recs: recs}
}

// InOrder makes the source an ordered one.
func (s *Batches) InOrder() *Batches { return &Batches{schema: s.schema, recs: s.recs, ordered: true} }

// Schema is what NewBatches was given.
func (s *Batches) Schema() *arrow.Schema { return s.schema }

// Ordered is false unless asked for with InOrder.
func (s *Batches) Ordered() bool { return s.ordered }

// Morsels are the records, long ones in pieces of at most MaxRows rows.
func (s *Batches) Morsels(context.Context) ([]Morsel, error) {
	var out []Morsel
	for _, r := range s.recs {
		if r.NumCols() != int64(s.schema.NumFields()) {
			return nil, fmt.Errorf("exec: record batch of %d columns in a source of %d", r.NumCols(), s.schema.NumFields())
		}
		for from := int64(0); from < r.NumRows(); from += MaxRows {
			out = append(out, recordMorsel(r, from, min(from+MaxRows, r.NumRows())))
		}
	}
	return out, nil
}

func recordMorsel(r arrow.RecordBatch, from, to int64) Morsel {
	return func(_ context.Context, yield func(*Batch) error) error {
		if from == 0 && to == r.NumRows() {
			return yield(&Batch{Columns: r.Columns(), N: int(to)})
		}
		part := r.NewSlice(from, to)
		defer part.Release()
		return yield(&Batch{Columns: part.Columns(), N: int(to - from)})
	}
}

// Compact returns the selected rows of b as columns of their own. The caller releases them.
func (b *Batch) Compact(alloc memory.Allocator) ([]arrow.Array, error) {
	if b.Selection != nil {
		return vector.TakeAll(alloc, b.Columns, b.Selection)
	}
	return retained(b.Columns), nil
}

// Record returns the selected rows of b as a record batch without dictionaries. The caller releases it.
func (b *Batch) Record(alloc memory.Allocator, schema *arrow.Schema) (arrow.RecordBatch, error) {
	cols, err := b.Compact(alloc)
	if err != nil {
		return nil, err
	}
	defer func() { releaseAll(cols) }()
	for i, c := range cols {
		flat, err := vector.Flat(alloc, c)
		if err != nil {
			return nil, err
		}
		c.Release()
		cols[i] = flat
	}
	return array.NewRecordBatch(schema, cols, int64(b.Len())), nil
}

// retained copies the list of columns and takes a hold on each.
func retained(cols []arrow.Array) []arrow.Array {
	out := make([]arrow.Array, len(cols))
	for i, c := range cols {
		c.Retain()
		out[i] = c
	}
	return out
}

func releaseAll(cols []arrow.Array) {
	for _, c := range cols {
		if c != nil {
			c.Release()
		}
	}
}
