package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/medallion-go/medallion/internal/parquet"
)

// defaultTombstoneRetention is delta.deletedFileRetentionDuration's default.
const defaultTombstoneRetention = 7 * 24 * time.Hour

// errUnknown says that a checkpoint would lose what other writers put into the log.
var errUnknown = errors.New("the log holds actions or fields that this package does not know and a checkpoint would lose: those of tables whose " +
	"delta.checkpointPolicy is v2 keep them")

// Checkpoint writes a checkpoint of the snapshot's version and points _last_checkpoint at it: a v2 one, with its files in sidecars, where
// delta.checkpointPolicy is v2, else a classic one. It writes as it goes through the files, whatever their number.
func (t *Table) Checkpoint(ctx context.Context, s *Snapshot) error {
	set := s.files()
	if s.totals != nil && *s.totals != set.totals {
		t.warn(ctx, "delta: the checksum files go wrong somewhere before version "+strconv.FormatInt(s.version, 10), s.corrupt(fmt.Sprintf(
			"the commits add up to %d files of %d bytes, the log to %d of %d", s.totals.files, s.totals.bytes, set.totals.files, set.bytes), nil))
	}
	w := &checkpointWriter{table: t, snapshot: s, now: t.config.Clock(), hint: checkpointHint{version: s.version, adds: set.totals.files}}
	write := w.classic
	if s.Property("delta.checkpointPolicy") == "v2" && s.protocol.supports("v2Checkpoint") {
		write = w.v2
	}
	_, err := t.stillIs(ctx, s) // in another table's log it would be taken for that one's
	if err == nil {
		err = write(ctx)
	}
	if err != nil {
		return fmt.Errorf("delta: checkpoint of %s version %d: %w", t.Name(), s.version, err)
	}
	return t.hintAt(ctx, w.hint)
}

// checkpointWriter writes the checkpoint of one snapshot.
type checkpointWriter struct {
	table    *Table
	snapshot *Snapshot
	now      time.Time
	hint     checkpointHint // counts what was written
}

// classic writes everything into one Parquet file.
func (w *checkpointWriter) classic(ctx context.Context) error {
	if w.snapshot.unknown || w.snapshot.opaque {
		return errUnknown
	}
	layout := newCheckpointLayout(w.snapshot)
	_, err := w.parquet(ctx, fmt.Sprintf("%020d.checkpoint.parquet", w.snapshot.version), layout, w.snapshot.files().live, w.tombstones())
	return err
}

// parquet writes a Parquet file of these files and tombstones, with all other actions before them where the layout has columns for those.
func (w *checkpointWriter) parquet(ctx context.Context, name string, l checkpointLayout, adds []*File, removes []*tombstone) (n int64, err error) {
	out, err := w.table.store.Create(ctx, w.table.log.key(name))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, abortUnlessNil(err, out)) }()
	f := &checkpointFile{alloc: w.table.config.Alloc, layout: l}
	c := parquet.WriterConfig{RowGroupRows: 1 << 17, RowGroupBytes: 32 << 20, Version1: w.snapshot.metadata.parquetVersion1()}
	if f.out, err = parquet.NewWriter(out, l.schema, c); err != nil {
		return 0, err
	}
	if l.protocol >= 0 {
		if err := f.header(w.snapshot, w.txns()); err != nil {
			return 0, err
		}
	}
	for chunk := range slices.Chunk(adds, checkpointChunk) {
		if err := f.adds(ctx, chunk); err != nil {
			return 0, err
		}
	}
	for chunk := range slices.Chunk(removes, checkpointChunk) {
		if err := f.removes(ctx, chunk); err != nil {
			return 0, err
		}
	}
	footer, err := f.out.Close()
	if err != nil {
		return 0, err
	}
	w.hint.bytes, w.hint.actions = w.hint.bytes+footer.Bytes, w.hint.actions+f.actions
	_, err = out.Commit(ctx)
	return footer.Bytes, err
}

// tombstones leaves out those of files that nobody may read any more (delta.deletedFileRetentionDuration).
func (w *checkpointWriter) tombstones() []*tombstone {
	oldest := w.now.Add(-w.snapshot.retention("delta.deletedFileRetentionDuration", defaultTombstoneRetention)).UnixMilli()
	all := w.snapshot.files().tombstones
	kept := make([]*tombstone, 0, len(all))
	for _, t := range all {
		if t.deletionTimestamp > oldest {
			kept = append(kept, t)
		}
	}
	return kept
}

// txns leaves out what delta.setTransactionRetentionDuration lets the table forget.
func (w *checkpointWriter) txns() []Txn {
	list := w.snapshot.Txns()
	keep := w.snapshot.retention("delta.setTransactionRetentionDuration", 0)
	if keep == 0 {
		return list
	}
	oldest := w.now.Add(-keep).UnixMilli()
	return slices.DeleteFunc(list, func(t Txn) bool { return t.LastUpdated != 0 && t.LastUpdated <= oldest })
}
