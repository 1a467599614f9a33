package delta

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/storage"
)

// fetchBytes is how much of a file one worker holds while it reads.
const fetchBytes = 8 << 20

// fileReader reads one data file into the scan's columns.
type fileReader struct {
	scan    *Scan
	index   int // in Scan.Files
	file    *File
	parquet *parquet.File
	columns []outputColumn
	wanted  []int                  // the file's columns that are read
	parts   map[int]arrow.DataType // of these, structs of which only some fields are
	skips   *skipping.File         // by what the filter can be ruled out
	deleted *deletionvector.Vector // nil: no row
	picked  *deletionvector.Vector // the only rows that are read; nil: all
	live    []int32                // memory for the rows of a batch that are not deleted
	sel     []int32
	out     []arrow.Array
	late    late
}

// withFile opens a data file for as long as use takes.
func (s *Scan) withFile(ctx context.Context, f *File, use func(*parquet.File) error) error {
	o, key, err := s.snapshot.table.openPath(ctx, f.Path)
	if errors.Is(err, storage.ErrNotFound) {
		return s.fileError(f, fmt.Errorf("the log lists a file that is gone: read a newer version if VACUUM has removed it; else put it back, or have Repair, FSCK REPAIR TABLE, take it out of the table: %w", err))
	}
	if err != nil {
		return s.fileError(f, err)
	}
	p, err := parquet.Open(o, o.Info().Size, parquet.ReaderConfig{Name: key, Alloc: s.config.Alloc, Fetched: &s.read.bytes})
	if err == nil {
		err = use(p)
	}
	var damaged *parquet.CorruptError
	if errors.As(err, &damaged) {
		err = &CorruptError{Table: s.snapshot.table.Name(), Version: s.snapshot.version, File: f.Path, Reason: "the data file cannot be read", Err: damaged}
	}
	return errors.Join(err, o.Close())
}

func (s *Scan) corrupt(f *File, reason string) error {
	return &CorruptError{Table: s.snapshot.table.Name(), Version: s.snapshot.version, File: f.Path, Reason: reason}
}

func (s *Scan) fileError(f *File, err error) error {
	return fmt.Errorf("delta: read %s version %d: file %s: %w", s.snapshot.table.Name(), s.snapshot.version, f.Path, err)
}

// rowGroups are the row groups of a file that the filter may keep rows of.
func (s *Scan) rowGroups(ctx context.Context, index int) (groups []int, err error) {
	err = s.withFile(ctx, s.Files[index], func(p *parquet.File) error {
		skips := s.over(s.Files[index], p)
		for g, group := range p.RowGroups() {
			if skips.KeepsGroup(g) {
				groups = append(groups, g)
			} else {
				s.skipGroup(group)
			}
		}
		return nil
	})
	return groups, err
}

func (s *Scan) skipGroup(g parquet.RowGroup) {
	s.read.skippedGroups.Add(1)
	s.read.skippedBytes.Add(g.Bytes)
}

// readFile reads row groups of a file, all that the filter may keep rows of where groups is nil.
func (s *Scan) readFile(ctx context.Context, index int, groups []int, yield func(*exec.Batch) error) error {
	f := s.Files[index]
	return s.withFile(ctx, f, func(p *parquet.File) error {
		r := &fileReader{scan: s, index: index, file: f, parquet: p, picked: s.config.picked[f]}
		defer r.release()
		if err := r.plan(); err != nil {
			return s.fileError(f, err)
		}
		if err := r.loadDeleted(ctx); err != nil {
			return err
		}
		first := int64(0)
		for g, group := range p.RowGroups() {
			if groups == nil || slices.Contains(groups, g) {
				if err := r.readGroup(ctx, g, group, first, yield); err != nil {
					return err
				}
			}
			first += group.Rows
		}
		return nil
	})
}

// readGroup reads what the filter may keep of a row group; first is the position of its first row in the file.
func (r *fileReader) readGroup(ctx context.Context, g int, group parquet.RowGroup, first int64, yield func(*exec.Batch) error) error {
	if !r.skips.KeepsGroup(g) || r.none(first, group.Rows) {
		r.scan.skipGroup(group)
		return nil
	}
	r.scan.read.groups.Add(1)
	ranges, err := r.rowRanges(ctx, g)
	if err != nil {
		return r.scan.fileError(r.file, err)
	}
	if ranges != nil && len(ranges) == 0 {
		return nil
	}
	if len(r.wanted) == 0 {
		return r.countRows(ctx, group.Rows, first, yield)
	}
	position := positions(first, ranges)
	c := parquet.ReadConfig{
		RowGroups: []int{g}, Columns: r.wanted, Parts: r.parts, BatchRows: r.scan.config.BatchRows, KeepDictionary: r.scan.config.KeepDictionary, Rows: ranges,
		FetchBytes: fetchBytes,
	}
	if r.picked != nil && r.flat() {
		return r.readPicked(ctx, c, position, yield)
	}
	if len(r.late.stages) > 0 {
		c.Stages = r.stages(rowsOf(ranges, group.Rows), position)
		return r.parquet.Read(ctx, c, func(rec arrow.RecordBatch) error { return r.yieldLate(rec.Columns(), yield) })
	}
	return r.parquet.Read(ctx, c, func(rec arrow.RecordBatch) error {
		return r.yield(rec.Columns(), int(rec.NumRows()), position(rec.NumRows()), yield)
	})
}

// rowRanges are the rows of a row group that the page index leaves to the filter; nil: all of them.
func (r *fileReader) rowRanges(ctx context.Context, g int) ([]parquet.RowRange, error) {
	if len(r.wanted) == 0 {
		return nil, nil
	}
	ranges, pages, err := r.skips.Rows(ctx, g)
	r.scan.read.pages.Add(pages.Touched)
	r.scan.read.skippedPages.Add(pages.Skipped)
	return ranges, err
}

// rowsOf counts the rows of ranges; nil: all.
func rowsOf(ranges []parquet.RowRange, all int64) int64 {
	if ranges == nil {
		return all
	}
	rows := int64(0)
	for _, r := range ranges {
		rows += r.To - r.From
	}
	return rows
}

// positions gives, for one batch after the other of so many rows, the position in the file of its first row; first is that of the row group's.
func positions(first int64, ranges []parquet.RowRange) func(rows int64) int64 {
	position, left, next := first, int64(-1), ranges
	return func(rows int64) int64 {
		if left <= 0 && len(next) > 0 {
			position, left = first+next[0].From, next[0].To-next[0].From
			next = next[1:]
		}
		at := position
		position += rows
		left -= rows
		return at
	}
}

// countRows yields rows of which no column is in the file.
func (r *fileReader) countRows(ctx context.Context, rows, first int64, yield func(*exec.Batch) error) error {
	for rows > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(rows, int64(r.scan.config.BatchRows))
		if err := r.yield(nil, int(n), first, yield); err != nil {
			return err
		}
		rows, first = rows-n, first+n
	}
	return nil
}

// yield turns columns that were read into a batch of the scan.
func (r *fileReader) yield(read []arrow.Array, n int, position int64, yield func(*exec.Batch) error) error {
	live, some := r.liveRows(position, n)
	if !some {
		return nil
	}
	r.out = r.out[:0]
	defer func() { releaseAll(r.out) }()
	if err := r.outputs(read, n, position, nil); err != nil {
		return r.scan.fileError(r.file, err)
	}
	if r.scan.config.rowIDs {
		r.out = append(r.out, r.rowIDs(position, n))
	}
	b := &exec.Batch{Columns: r.out, N: n, Selection: live}
	if r.scan.filter != nil {
		var err error
		if r.sel, err = r.scan.filter.Select(r.scan.env, r.out, n, live, r.sel[:0]); err != nil {
			return r.scan.fileError(r.file, err)
		}
		if len(r.sel) == 0 {
			return nil
		}
		if len(r.sel) < n {
			b.Selection = r.sel
		}
	}
	return yield(b)
}

func (r *fileReader) release() {
	for _, c := range r.columns {
		if c.constant != nil {
			c.constant.Release()
		}
	}
}
