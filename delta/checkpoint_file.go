package delta

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/storage"
)

// checkpointChunk is how many actions are built at a time.
const checkpointChunk = 1 << 13

// checkpointFile is one Parquet file of a checkpoint under way.
type checkpointFile struct {
	alloc   memory.Allocator
	layout  checkpointLayout
	out     *parquet.Writer
	actions int64
}

// header writes protocol, metadata, transactions and domains, one row each.
func (f *checkpointFile) header(s *Snapshot, txns []Txn) error {
	b := array.NewRecordBuilder(f.alloc, f.layout.schema)
	defer b.Release()
	rows := []func(){
		func() { appendProtocolRow(b.Field(f.layout.protocol).(*array.StructBuilder), s.protocol) },
		func() { appendMetadataRow(b.Field(f.layout.metadata).(*array.StructBuilder), s.metadata.Metadata) },
	}
	columns := []int{f.layout.protocol, f.layout.metadata}
	for _, t := range txns {
		rows = append(rows, func() { appendTxnRow(b.Field(f.layout.txn).(*array.StructBuilder), t) })
		columns = append(columns, f.layout.txn)
	}
	for _, name := range slices.Sorted(maps.Keys(s.domains)) {
		rows = append(rows, func() { appendDomainRow(b.Field(f.layout.domain).(*array.StructBuilder), s.domains[name]) })
		columns = append(columns, f.layout.domain)
	}
	for i, row := range rows {
		for c := range f.layout.schema.NumFields() {
			if c == columns[i] {
				row()
			} else {
				b.Field(c).AppendNull()
			}
		}
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	f.actions += rec.NumRows()
	return f.out.Write(rec.Columns(), int(rec.NumRows()), nil)
}

// adds writes one chunk of add actions.
func (f *checkpointFile) adds(ctx context.Context, files []*File) error {
	b := array.NewStructBuilder(f.alloc, f.layout.schema.Field(f.layout.add).Type.(*arrow.StructType))
	defer b.Release()
	b.Reserve(len(files))
	a := newAddAppender(b, f.layout)
	for _, file := range files {
		if err := a.append(file); err != nil {
			return err
		}
	}
	return f.rows(ctx, b, f.layout.add, len(files))
}

// removes writes one chunk of remove actions.
func (f *checkpointFile) removes(ctx context.Context, tombstones []*tombstone) error {
	b := array.NewStructBuilder(f.alloc, f.layout.schema.Field(f.layout.remove).Type.(*arrow.StructType))
	defer b.Release()
	b.Reserve(len(tombstones))
	for _, t := range tombstones {
		appendTombstoneRow(b, t)
	}
	return f.rows(ctx, b, f.layout.remove, len(tombstones))
}

// rows writes n actions of one kind: its column, and NULL in all others.
func (f *checkpointFile) rows(ctx context.Context, b *array.StructBuilder, column, n int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cols := make([]arrow.Array, f.layout.schema.NumFields())
	for i := range cols {
		if i == column {
			cols[i] = b.NewStructArray()
		} else {
			cols[i] = pool.Nulls(f.alloc, f.layout.schema.Field(i).Type, n)
		}
		defer cols[i].Release()
	}
	f.actions += int64(n)
	return f.out.Write(cols, n, nil)
}

func abortUnlessNil(err error, w storage.Writer) error {
	if err == nil {
		return nil
	}
	return w.Abort()
}
