package columns

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/pool"
)

// Counts is what a batch that was read from text holds.
type Counts struct {
	Rows    int64
	Corrupt int64 // rows whose corrupt record is set
	Rescued int64 // rows whose rescued data is set
}

// Batch finishes the columns of a schema into a batch of so many rows. A column that is nil or holds nothing is NULL throughout. The caller releases the batch.
func Batch(alloc memory.Allocator, s *arrow.Schema, list []*Column, rows int) arrow.RecordBatch {
	arrays := make([]arrow.Array, len(list))
	for i, c := range list {
		if c == nil || c.Len() == 0 {
			arrays[i] = pool.Nulls(alloc, s.Field(i).Type, rows)
			continue
		}
		data := c.Finish()
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	batch := array.NewRecordBatch(s, arrays, int64(rows))
	for _, a := range arrays {
		a.Release()
	}
	return batch
}
