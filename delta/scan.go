package delta

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// ScanConfig says what a scan reads.
type ScanConfig struct {
	Columns        []int            // positions in the table's schema, in output order; nil: all
	Paths          [][][]int        // of each of Columns the paths to the fields of a struct that are read, by positions: the others are NULL; nil: the whole column
	Filter         expr.Bound       // over the output columns; the scan yields the rows for which it is TRUE, and reads as few others as it can; nil: all rows
	KeepDictionary bool             // STRING and BINARY columns may come as *array.Dictionary
	BatchRows      int              // most rows of a batch; default: 65,536
	Alloc          memory.Allocator // default: the table's
	Now            time.Time        // current_timestamp() in Filter; default: the table's clock

	KeySets *kernel.KeySets // what kernel.MightContain in Filter looks keys up in; nil: none

	Files []*File // read only these; nil: all live files

	RowTracking bool // append RowIDColumn and RowCommitVersionColumn; the table must have delta.enableRowTracking

	prune  expr.Bound                       // over the table's columns: rows for which it is not TRUE may be left out
	picked map[*File]*deletionvector.Vector // read only these rows, which are live ones, of Files; without Filter and rowIDs; nil: all rows
	rowIDs bool                             // append a BIGINT column: the file's position in Scan.Files << 32 | the row's position in the file
}

// Scan is the rows of a snapshot that a filter may keep. It is immutable, and can be read any number of times.
type Scan struct {
	Files        []*File // that have to be read
	Bytes        int64   // of these files
	Rows         int64   // in these files by their statistics, before the filter
	SkippedFiles int     // that statistics and partition values rule out
	SkippedBytes int64

	snapshot *Snapshot
	config   ScanConfig
	schema   *arrow.Schema
	matching matching // of its columns with those of data files
	pruner   *pruner
	filter   *kernel.Expr // nil: none
	parts    []filterPart // that filter consists of
	env      *kernel.Env
	vectors  []*fileVector // of Files; nil: the file has none
	decided  bool          // partition values alone decide: the filter keeps all rows of Files, and none of others
	read     struct{ bytes, skippedBytes, groups, skippedGroups, pages, skippedPages atomic.Int64 }
}

// ScanStats is what reading a scan came to so far.
type ScanStats struct {
	Bytes                       int64 // read of the files; of a column that is not wanted, none
	SkippedBytes                int64 // of the row groups that were skipped, in all columns
	RowGroups, SkippedRowGroups int64 // the skipped ones statistics ruled out
	Pages, SkippedPages         int64 // of the columns that the filter reads, by the page index; the skipped ones it ruled out, in all columns
}

// Stats is what was read by now.
func (s *Scan) Stats() ScanStats {
	r := &s.read
	return ScanStats{
		Bytes: r.bytes.Load(), SkippedBytes: r.skippedBytes.Load(), RowGroups: r.groups.Load(), SkippedRowGroups: r.skippedGroups.Load(), Pages: r.pages.Load(), SkippedPages: r.skippedPages.Load(),
	}
}

// Columns finds columns of the table by name, without regard to case, for ScanConfig.
func (s *Snapshot) Columns(names ...string) ([]int, error) {
	list := make([]int, len(names))
	for i, n := range names {
		if list[i] = schema.Find(s.Schema().Fields(), n); list[i] < 0 {
			return nil, fmt.Errorf("delta: %s has no column %s", s.table.Name(), schema.Quote(n))
		}
	}
	return list, nil
}

// Scan plans to read the snapshot. It does no I/O.
func (s *Snapshot) Scan(c ScanConfig) (*Scan, error) {
	fields := s.Schema().Fields()
	if len(fields) == 0 {
		return nil, s.corrupt("its schema has no columns, so there are no rows to read", nil)
	}
	s.scanDefaults(&c)
	out, err := s.scanFields(&c)
	if err != nil {
		return nil, err
	}
	scan := &Scan{snapshot: s, config: c, matching: s.metadata.reading(), schema: arrow.NewSchema(out, nil), env: &kernel.Env{Alloc: c.Alloc, Now: c.Now, KeySets: c.KeySets}}
	scan.pruner = newPruner(c.Filter, out, s.metadata.Metadata)
	if c.prune != nil {
		scan.pruner = newPruner(c.prune, fields, s.metadata.Metadata)
	}
	if c.Filter != nil {
		if scan.filter, err = kernel.Compile(c.Filter); err != nil {
			return nil, fmt.Errorf("delta: scan of %s: filter: %w", s.table.Name(), err)
		}
		if scan.parts, err = filterParts(c.Filter); err != nil {
			return nil, fmt.Errorf("delta: scan of %s: filter: %w", s.table.Name(), err)
		}
	}
	return scan, scan.chooseFiles()
}

// scanDefaults sets what is not given.
func (s *Snapshot) scanDefaults(c *ScanConfig) {
	if c.Columns == nil {
		c.Columns = make([]int, s.Schema().NumFields())
		for i := range c.Columns {
			c.Columns[i] = i
		}
	}
	if len(slices.Compact(slices.Sorted(slices.Values(c.Columns)))) < len(c.Columns) {
		c.Paths = nil // of a column that is there twice, all is read
	}
	if c.BatchRows <= 0 || c.BatchRows > exec.MaxRows {
		c.BatchRows = exec.MaxRows
	}
	if c.Alloc == nil {
		c.Alloc = s.table.config.Alloc
	}
	if c.Now.IsZero() {
		c.Now = s.table.config.Clock()
	}
}

// scanFields are the columns of a scan: the table's, and those that the configuration appends.
func (s *Snapshot) scanFields(c *ScanConfig) ([]arrow.Field, error) {
	fields := s.Schema().Fields()
	out := make([]arrow.Field, 0, len(c.Columns)+3)
	for _, i := range c.Columns {
		if i < 0 || i >= len(fields) {
			return nil, fmt.Errorf("delta: scan of %s: column %d of %d", s.table.Name(), i, len(fields))
		}
		out = append(out, fields[i])
	}
	if c.RowTracking {
		if !s.metadata.tracksRows() {
			return nil, s.unsupported("rowTracking", rowTrackingProperty+" is not true, so its rows have no IDs", true)
		}
		out = append(out, trackedColumns()...)
	}
	if c.rowIDs {
		out = append(out, arrow.Field{Name: rowIDColumn, Type: schema.BigInt})
	}
	return out, nil
}

// rowIDColumn is the name of the column that ScanConfig.rowIDs appends.
const rowIDColumn = "_row_id"

// Schema is the output columns.
func (s *Scan) Schema() *arrow.Schema { return s.schema }

// Source gives the rows to a pipeline: a morsel for each file, or for each row group of large ones.
func (s *Scan) Source() exec.Source { return scanSource{s} }

// errStop ends reading when the caller of Records has had enough.
var errStop = errors.New("delta: stop")

// Records yields the rows as record batches, file by file, read in the caller's goroutine. A batch is borrowed until the loop's body returns.
func (s *Scan) Records(ctx context.Context) iter.Seq2[arrow.RecordBatch, error] {
	return records(s.config.Alloc, s.schema, len(s.Files), func(i int, yield func(*exec.Batch) error) error { return s.readFile(ctx, i, nil, yield) })
}

// records yields the batches of so many pieces, one after the other, as record batches.
func records(alloc memory.Allocator, schema *arrow.Schema, pieces int, read func(i int, yield func(*exec.Batch) error) error) iter.Seq2[arrow.RecordBatch, error] {
	return func(yield func(arrow.RecordBatch, error) bool) {
		for i := range pieces {
			err := read(i, func(b *exec.Batch) error {
				rec, err := b.Record(alloc, schema)
				if err != nil {
					return err
				}
				defer rec.Release()
				if rec.NumRows() > 0 && !yield(rec, nil) {
					return errStop
				}
				return nil
			})
			if errors.Is(err, errStop) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// scanSource is a Scan as a Source.
type scanSource struct{ scan *Scan }

// splitBytes is the file size from which row groups are read separately.
const splitBytes = 32 << 20

func (s scanSource) Schema() *arrow.Schema { return s.scan.schema }

func (s scanSource) Ordered() bool { return false }

func (s scanSource) Morsels(ctx context.Context) ([]exec.Morsel, error) {
	var list []exec.Morsel
	for i, f := range s.scan.Files {
		if f.Size < splitBytes {
			list = append(list, func(ctx context.Context, yield func(*exec.Batch) error) error {
				return s.scan.readFile(ctx, i, nil, yield)
			})
			continue
		}
		groups, err := s.scan.rowGroups(ctx, i)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			list = append(list, func(ctx context.Context, yield func(*exec.Batch) error) error {
				return s.scan.readFile(ctx, i, []int{g}, yield)
			})
		}
	}
	return list, nil
}
