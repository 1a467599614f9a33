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
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
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
	if c.Columns == nil {
		c.Columns = make([]int, len(fields))
		for i := range fields {
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
	scan := &Scan{snapshot: s, config: c, matching: s.metadata.reading(), schema: arrow.NewSchema(out, nil), env: &kernel.Env{Alloc: c.Alloc, Now: c.Now, KeySets: c.KeySets}}
	scan.pruner = newPruner(c.Filter, out, s.metadata.Metadata)
	if c.prune != nil {
		scan.pruner = newPruner(c.prune, fields, s.metadata.Metadata)
	}
	if c.Filter != nil {
		var err error
		if scan.filter, err = kernel.Compile(c.Filter); err != nil {
			return nil, fmt.Errorf("delta: scan of %s: filter: %w", s.table.Name(), err)
		}
		if scan.parts, err = filterParts(c.Filter); err != nil {
			return nil, fmt.Errorf("delta: scan of %s: filter: %w", s.table.Name(), err)
		}
	}
	return scan, scan.chooseFiles()
}

// rowIDColumn is the name of the column that ScanConfig.rowIDs appends.
const rowIDColumn = "_row_id"

// chooseFiles leaves out the files that hold no row for the filter.
func (s *Scan) chooseFiles() error {
	files := s.config.Files
	if files == nil {
		files = s.snapshot.files().live
	}
	passes, err := s.partitionFilter(files)
	if err != nil {
		return err
	}
	s.decided = s.filter == nil || passes != nil && !slices.ContainsFunc(conjuncts(s.config.Filter), func(e expr.Bound) bool { return !s.byPartition(e) })
	b := make([]skipping.Bounds, len(s.pruner.leaves))
	for i, f := range files {
		if passes != nil && !passes[i] || !s.mayKeep(f, b) {
			s.SkippedFiles++
			s.SkippedBytes += f.Size
			continue
		}
		s.Files = append(s.Files, f)
		var vector *fileVector
		if f.vector() != nil || f.told() != nil {
			vector = &fileVector{}
		}
		s.vectors = append(s.vectors, vector)
		s.Bytes += f.Size
		rows, _ := f.NumRows()
		s.Rows += rows
	}
	return nil
}

func (s *Scan) mayKeep(f *File, b []skipping.Bounds) bool {
	if s.pruner.Trivial() {
		return true
	}
	s.pruner.fileBounds(f, b)
	return s.pruner.MayKeep(b)
}

// partitionFilter evaluates, exactly and for all files at once, those parts of the filter that read partition columns alone. nil: there are none.
func (s *Scan) partitionFilter(files []*File) ([]bool, error) {
	var parts []expr.Bound
	for _, e := range conjuncts(s.config.Filter) {
		if s.byPartition(e) {
			parts = append(parts, e)
		}
	}
	if len(parts) == 0 || len(files) == 0 {
		return nil, nil
	}
	compiled, err := kernel.Compile(expr.And(parts...))
	if err != nil {
		return nil, fmt.Errorf("delta: scan of %s: filter: %w", s.snapshot.table.Name(), err)
	}
	cols, err := s.partitionColumns(files, expr.Columns(expr.And(parts...)))
	defer releaseAll(cols)
	if err != nil {
		return nil, err
	}
	kept, err := compiled.Select(s.env, cols, len(files), nil, nil)
	if err != nil {
		return nil, nil //nolint:nilerr // a row raises the error again when it is read; files whose rows do not reach it must not
	}
	passes := make([]bool, len(files))
	for _, i := range kept {
		passes[i] = true
	}
	return passes, nil
}

// byPartition reports whether partition columns alone decide about an expression.
func (s *Scan) byPartition(e expr.Bound) bool {
	columns := expr.Columns(e)
	return len(columns) > 0 && expr.Deterministic(e) &&
		!slices.ContainsFunc(columns, func(i int) bool { return !containsString(s.snapshot.metadata.PartitionColumns, s.schema.Field(i).Name) })
}

// partitionColumns are the scan's columns, of which those at the positions, partition columns, have their value in each file. The caller releases them, also
// with an error.
func (s *Scan) partitionColumns(files []*File, positions []int) (cols []arrow.Array, err error) {
	cols = make([]arrow.Array, s.schema.NumFields())
	for _, i := range positions {
		if cols[i], err = s.partitionColumn(files, s.schema.Field(i)); err != nil {
			return cols, err
		}
	}
	return cols, nil
}

// partitionColumn is a partition column's value in each file.
func (s *Scan) partitionColumn(files []*File, field arrow.Field) (arrow.Array, error) {
	b := array.NewBuilder(s.config.Alloc, field.Type)
	defer b.Release()
	b.Reserve(len(files))
	for _, f := range files {
		v, null, err := s.partitionValue(f, field)
		if err != nil {
			return nil, err
		}
		if null {
			b.AppendNull()
		} else {
			appendScalar(b, v)
		}
	}
	return b.NewArray(), nil
}

func (s *Scan) partitionValue(f *File, field arrow.Field) (v skipping.Scalar, null bool, err error) {
	text, null := f.Partition(s.snapshot.metadata.physical(field))
	if null {
		return skipping.Scalar{}, true, nil
	}
	v, ok := parseScalar(text, field.Type)
	if !ok {
		return v, false, &CorruptError{
			Table: s.snapshot.table.Name(), Version: s.snapshot.version, File: f.Path,
			Reason: fmt.Sprintf("partition value %q of column %s is no %s", text, field.Name, schema.Name(field.Type)),
		}
	}
	return v, false, nil
}

func conjuncts(e expr.Bound) []expr.Bound {
	if e == nil {
		return nil
	}
	return expr.Conjuncts(e)
}

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
