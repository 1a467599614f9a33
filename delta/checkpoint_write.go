package delta

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/storage"
)

// defaultTombstoneRetention is delta.deletedFileRetentionDuration's default.
const defaultTombstoneRetention = 7 * 24 * time.Hour

// checkpointChunk is how many actions are built at a time.
const checkpointChunk = 1 << 16

// errUnknownActions says that a checkpoint would lose what other writers put into the log.
var errUnknownActions = errors.New("the log holds actions or fields that this package does not know: a checkpoint would lose them")

// Checkpoint writes a checkpoint of the snapshot's version, in the classic format, and points _last_checkpoint at it.
func (t *Table) Checkpoint(ctx context.Context, s *Snapshot) error {
	if s.unknown {
		return errUnknownActions
	}
	set := s.files()
	if s.totals != nil && (s.totals.files != int64(len(set.live)) || s.totals.bytes != set.bytes) {
		return s.corrupt(fmt.Sprintf("commits add up to %d files of %d bytes, the log to %d of %d", s.totals.files, s.totals.bytes, len(set.live), set.bytes), nil)
	}
	w := &checkpointWriter{snapshot: s, alloc: t.config.Alloc, layout: newCheckpointLayout(s)}
	key := t.log.key(fmt.Sprintf("%020d.checkpoint.parquet", s.version))
	size, err := w.write(ctx, t.store, key, t.config.Clock())
	if err != nil {
		return fmt.Errorf("delta: checkpoint of %s version %d: %w", t.Name(), s.version, err)
	}
	return t.hintAt(ctx, checkpointHint{version: s.version, actions: w.actions, bytes: size, adds: int64(len(set.live))})
}

// checkpointWriter writes the actions of one snapshot into a Parquet file.
type checkpointWriter struct {
	snapshot *Snapshot
	alloc    memory.Allocator
	layout   checkpointLayout
	file     *parquet.Writer
	actions  int64
}

func (w *checkpointWriter) write(ctx context.Context, store storage.Store, key string, now time.Time) (size int64, err error) {
	out, err := store.Create(ctx, key)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, abortUnlessNil(err, out)) }()
	if w.file, err = parquet.NewWriter(out, w.layout.schema, parquet.WriterConfig{}); err != nil {
		return 0, err
	}
	if err := w.header(now); err != nil {
		return 0, err
	}
	set := w.snapshot.files()
	for chunk := range slices.Chunk(set.live, checkpointChunk) {
		if err := w.adds(ctx, chunk); err != nil {
			return 0, err
		}
	}
	oldest := now.Add(-w.snapshot.retention("delta.deletedFileRetentionDuration", defaultTombstoneRetention)).UnixMilli()
	kept := make([]*tombstone, 0, len(set.tombstones))
	for _, t := range set.tombstones {
		if t.deletionTimestamp > oldest {
			kept = append(kept, t)
		}
	}
	for chunk := range slices.Chunk(kept, checkpointChunk) {
		if err := w.removes(ctx, chunk); err != nil {
			return 0, err
		}
	}
	footer, err := w.file.Close()
	if err != nil {
		return 0, err
	}
	_, err = out.Commit(ctx)
	return footer.Bytes, err
}

func abortUnlessNil(err error, w storage.Writer) error {
	if err == nil {
		return nil
	}
	return w.Abort()
}

// header writes protocol, metadata, transactions and domains, one row each.
func (w *checkpointWriter) header(now time.Time) error {
	b := array.NewRecordBuilder(w.alloc, w.layout.schema)
	defer b.Release()
	s := w.snapshot
	rows := []func(){
		func() { appendProtocolRow(b.Field(w.layout.protocol).(*array.StructBuilder), s.protocol) },
		func() { appendMetadataRow(b.Field(w.layout.metadata).(*array.StructBuilder), s.metadata.Metadata) },
	}
	columns := []int{w.layout.protocol, w.layout.metadata}
	for _, t := range w.keptTxns(now) {
		rows = append(rows, func() { appendTxnRow(b.Field(w.layout.txn).(*array.StructBuilder), t) })
		columns = append(columns, w.layout.txn)
	}
	for _, name := range slices.Sorted(maps.Keys(s.domains)) {
		rows = append(rows, func() { appendDomainRow(b.Field(w.layout.domain).(*array.StructBuilder), s.domains[name]) })
		columns = append(columns, w.layout.domain)
	}
	for i, row := range rows {
		for c := range w.layout.schema.NumFields() {
			if c == columns[i] {
				row()
			} else {
				b.Field(c).AppendNull()
			}
		}
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	w.actions += rec.NumRows()
	return w.file.Write(rec.Columns(), int(rec.NumRows()), nil)
}

// keptTxns leaves out what delta.setTransactionRetentionDuration lets the table forget.
func (w *checkpointWriter) keptTxns(now time.Time) []Txn {
	list := w.snapshot.Txns()
	keep := w.snapshot.retention("delta.setTransactionRetentionDuration", 0)
	if keep == 0 {
		return list
	}
	oldest := now.Add(-keep).UnixMilli()
	return slices.DeleteFunc(list, func(t Txn) bool { return t.LastUpdated != 0 && t.LastUpdated <= oldest })
}

// adds writes one chunk of add actions.
func (w *checkpointWriter) adds(ctx context.Context, files []*File) error {
	b := array.NewStructBuilder(w.alloc, w.layout.schema.Field(w.layout.add).Type.(*arrow.StructType))
	defer b.Release()
	b.Reserve(len(files))
	a := newAddAppender(b, w.layout)
	for _, f := range files {
		if err := a.append(f); err != nil {
			return err
		}
	}
	return w.rows(ctx, b, w.layout.add, len(files))
}

// removes writes one chunk of remove actions.
func (w *checkpointWriter) removes(ctx context.Context, tombstones []*tombstone) error {
	b := array.NewStructBuilder(w.alloc, w.layout.schema.Field(w.layout.remove).Type.(*arrow.StructType))
	defer b.Release()
	b.Reserve(len(tombstones))
	for _, t := range tombstones {
		appendTombstoneRow(b, t)
	}
	return w.rows(ctx, b, w.layout.remove, len(tombstones))
}

// rows writes n actions of one kind: its column, and NULL in all others.
func (w *checkpointWriter) rows(ctx context.Context, b *array.StructBuilder, column, n int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cols := make([]arrow.Array, w.layout.schema.NumFields())
	for i := range cols {
		if i == column {
			cols[i] = b.NewStructArray()
		} else {
			cols[i] = array.MakeArrayOfNull(w.alloc, w.layout.schema.Field(i).Type, n)
		}
		defer cols[i].Release()
	}
	w.actions += int64(n)
	return w.file.Write(cols, n, nil)
}
