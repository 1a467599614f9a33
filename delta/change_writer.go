package delta

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/schema"
)

// How a row changed where it was updated; changeInsert and changeDelete are the other two.
const (
	changePreimage  = "update_preimage"
	changePostimage = "update_postimage"
)

// changeKind is what a commit does to a row, as change files tell it; notChanged for rows that only move, which they do not tell of.
type changeKind uint8

const (
	notChanged changeKind = iota
	rowInserted
	rowDeleted
	rowBeforeUpdate
	rowAfterUpdate
)

// String is the kind in change files (Delta protocol: Change Data Files).
func (k changeKind) String() string {
	switch k {
	case rowInserted:
		return changeInsert
	case rowDeleted:
		return changeDelete
	case rowBeforeUpdate:
		return changePreimage
	case rowAfterUpdate:
		return changePostimage
	default:
		return ""
	}
}

// hasFeed reports whether commits tell their changes row by row where the files that they add and remove do not.
func (s *Snapshot) hasFeed() bool { return s.Property("delta.enableChangeDataFeed") == "true" }

// changeWriter is a Writer's partner for change files: of the same columns, with what was done to the row behind them.
func (w *Writer) changeWriter() *Writer {
	c := &Writer{
		tx: w.tx, config: w.config, codec: w.codec, table: w.table, columns: w.columns, dataIndex: w.dataIndex, partition: w.partition, env: w.env, id: w.id,
		tells: true,
	}
	c.config.Schema, c.config.tracked, c.rules = w.table.schema, false, nil
	c.data = arrow.NewSchema(slices.Concat(w.data.Fields()[:len(w.dataIndex)], []arrow.Field{{Name: ChangeTypeColumn, Type: schema.String, Nullable: true}}), nil)
	return c
}

// tell puts rows, which have the table's columns, into change files, if there is a feed; nothing else is written of them.
func (f *FileWriter) tell(ctx context.Context, kind changeKind, columns []arrow.Array, n int, sel []int32) error {
	if f.changes == nil || kind == notChanged || n == 0 || (sel != nil && len(sel) == 0) {
		return nil
	}
	kinds := f.changes.kindColumn(kind, n)
	defer kinds.Release()
	return f.changes.route(ctx, columns, n, sel, kinds)
}

// kindColumn is the column that says what was done to each of n rows.
func (f *FileWriter) kindColumn(kind changeKind, n int) arrow.Array {
	b := array.NewStringBuilder(f.w.env.Alloc)
	defer b.Release()
	b.Append(kind.String())
	values := b.NewArray()
	defer values.Release()
	return vector.NewDictionary(f.w.env.Alloc, make([]int32, n), values)
}

// changeFileName is the key of a new change file, relative to the table.
func (w *Writer) changeFileName(values []PartitionValue) string {
	return fmt.Sprintf("%s/%scdc-%05d-%s.c000%s.parquet", changeDataFolder, partitionDirectory(values), w.files.Add(1)-1, w.id, w.codecExtension())
}
