package files

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/storage"
)

// parquetSplit is the row groups of a file that begin in a range of it.
type parquetSplit struct {
	source *Source
	layout *layout
	block  block
	alloc  memory.Allocator
	filter *filter // nil: all rows are wanted
}

// Read yields the rows of the split.
func (p *parquetSplit) Read(ctx context.Context, columns []string, yield func(arrow.RecordBatch) error) (counts source.Counts, err error) {
	object, err := p.source.open(ctx, p.block.file)
	if err != nil {
		return counts, err
	}
	if p.block.file.Size == 0 { // Spark takes such a file for one without rows, too
		return counts, object.Close()
	}
	defer func() { err = errors.Join(err, object.Close()) }()
	var fetched atomic.Int64
	defer func() { counts.Bytes = fetched.Load() }()
	f, err := parquet.Open(object, p.block.file.Size, parquet.ReaderConfig{Name: p.block.url, Alloc: p.alloc, Fetched: &fetched})
	if err != nil {
		return counts, p.readError(object, err)
	}
	r, err := newParquetRead(ctx, p, f, columns)
	if err != nil {
		return counts, err
	}
	defer r.out.release()
	err = r.run(ctx, p.rowGroups(f), p.filter, yield)
	return r.out.counts, p.readError(object, err)
}

// readError says which file it was that changed while it was read, or that is damaged.
func (p *parquetSplit) readError(object storage.Object, err error) error {
	var corrupt *parquet.CorruptError
	var unsupported *parquet.UnsupportedError
	switch {
	case errors.Is(err, storage.ErrChanged):
		return &ChangedError{File: p.block.url, Listed: p.block.file, Found: object.Info()}
	case errors.As(err, &corrupt), errors.As(err, &unsupported):
		return &CorruptError{File: p.block.url, Format: Parquet.String(), Err: err}
	}
	return err
}

// rowGroups are those whose first byte, counted over the row groups alone, lies in the block.
func (p *parquetSplit) rowGroups(f *parquet.File) []int {
	groups := []int{}
	at := int64(0)
	for i, g := range f.RowGroups() {
		if p.block.start <= at && at < p.block.start+p.block.length {
			groups = append(groups, i)
		}
		at += g.Bytes
	}
	return groups
}

// parquetRead maps one file's columns to the source's.
type parquetRead struct {
	file     *parquet.File
	out      *assembler
	read     []int     // the file's columns that are read
	from     []int     // per column of the source: its place in read, or -1
	adapters []adapter // per column of the source
	keep     []int     // places in read that go to _rescued_data where they are not null
}

func newParquetRead(ctx context.Context, p *parquetSplit, f *parquet.File, columns []string) (*parquetRead, error) {
	l := p.layout
	r := &parquetRead{file: f, out: newAssembler(l, p.block, p.alloc, columns), adapters: make([]adapter, l.schema.NumFields())}
	r.from = slices.Repeat([]int{-1}, l.schema.NumFields())
	rescue := l.rescued >= 0 && r.out.want[l.rescued]
	used := make([]bool, f.Schema().NumFields())
	for _, i := range l.data {
		want := l.schema.Field(i)
		at := schema.Find(f.Schema().Fields(), want.Name)
		if at < 0 {
			continue
		}
		used[at] = true
		have := f.Schema().Field(at).Type
		a, whole, ok := newAdapter(have, want.Type)
		if !ok && l.rescued < 0 {
			return nil, &TypeError{File: p.block.url, Column: want.Name, Have: schema.Name(have), Want: schema.Name(want.Type)}
		}
		place := -1
		if ok && r.out.want[i] {
			place = r.column(at)
			r.from[i], r.adapters[i] = place, a
		}
		if rescue && (!ok || !whole) {
			r.keep = append(r.keep, r.column(at))
		}
	}
	return r, r.unexpected(ctx, p, used, rescue)
}

// column adds one of the file's columns to those that are read and returns its place.
func (r *parquetRead) column(at int) int {
	if i := slices.Index(r.read, at); i >= 0 {
		return i
	}
	r.read = append(r.read, at)
	return len(r.read) - 1
}

// unexpected deals with the file's columns that the schema lacks.
func (r *parquetRead) unexpected(ctx context.Context, p *parquetSplit, used []bool, rescue bool) error {
	var names []string
	for at, f := range r.file.Schema().Fields() {
		if used[at] {
			continue
		}
		if !p.source.config.isOwn(f.Name) {
			names = append(names, f.Name)
		}
		if rescue {
			r.keep = append(r.keep, r.column(at))
		}
	}
	return p.source.checkNewColumns(ctx, p.block.url, names)
}

// run reads row groups, less those and of those the pages that the filter rules out.
func (r *parquetRead) run(ctx context.Context, groups []int, by *filter, yield func(arrow.RecordBatch) error) error {
	if by == nil {
		return r.rows(ctx, groups, nil, yield)
	}
	skips := by.over(r)
	for _, g := range groups {
		if !skips.KeepsGroup(g) {
			r.out.counts.SkippedRowGroups++
			r.out.counts.SkippedBytes += r.file.RowGroups()[g].Bytes
			continue
		}
		ranges, err := r.ranges(ctx, skips, g)
		if err != nil {
			return err
		}
		if err := r.rows(ctx, []int{g}, ranges, yield); err != nil {
			return err
		}
	}
	return nil
}

// ranges are the rows of a row group that the page index leaves to the filter; nil: all of them.
func (r *parquetRead) ranges(ctx context.Context, skips *skipping.File, group int) ([]parquet.RowRange, error) {
	if len(r.read) == 0 {
		return nil, nil
	}
	ranges, pages, err := skips.Rows(ctx, group)
	r.out.counts.Pages += pages.Touched
	r.out.counts.SkippedPages += pages.Skipped
	return ranges, err
}

// rows reads row groups, or ranges of the rows of one.
func (r *parquetRead) rows(ctx context.Context, groups []int, ranges []parquet.RowRange, yield func(arrow.RecordBatch) error) error {
	r.out.counts.RowGroups += int64(len(groups))
	switch {
	case len(groups) == 0 || ranges != nil && len(ranges) == 0:
		return nil
	case len(r.read) == 0:
		return r.onlyConstants(ctx, groups, yield)
	}
	c := parquet.ReadConfig{RowGroups: groups, Columns: r.read, BatchRows: batchRows, KeepDictionary: true, Rows: ranges, FetchBytes: fetchBytes}
	return r.file.Read(ctx, c, func(batch arrow.RecordBatch) error { return r.batch(batch, yield) })
}

// onlyConstants yields as many rows as there are where no column of the file is wanted.
func (r *parquetRead) onlyConstants(ctx context.Context, groups []int, yield func(arrow.RecordBatch) error) error {
	for _, g := range groups {
		for left := r.file.RowGroups()[g].Rows; left > 0; {
			n := min(left, batchRows)
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.out.yield(int(n), make([]arrow.Array, r.out.layout.schema.NumFields()), yield); err != nil {
				return err
			}
			left -= n
		}
	}
	return nil
}

func (r *parquetRead) batch(batch arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
	columns := make([]arrow.Array, len(r.from))
	defer func() {
		for _, c := range columns {
			if c != nil {
				c.Release()
			}
		}
	}()
	for i, place := range r.from {
		if place < 0 {
			continue
		}
		data := r.adapters[i](r.out.alloc, batch.Column(place).Data())
		columns[i] = array.MakeFromData(data)
		data.Release()
	}
	if len(r.keep) > 0 {
		columns[r.out.layout.rescued] = r.rescued(batch)
	}
	return r.out.yield(int(batch.NumRows()), columns, yield)
}

// rescued is _rescued_data: per row an object of the kept columns' values that are not null, and the file.
func (r *parquetRead) rescued(batch arrow.RecordBatch) arrow.Array {
	b := array.NewStringBuilder(r.out.alloc)
	defer b.Release()
	b.Reserve(int(batch.NumRows()))
	var text []byte
	for row := range int(batch.NumRows()) {
		text = append(text[:0], '{')
		for _, k := range r.keep {
			if c := batch.Column(k); c.IsValid(row) {
				text = append(schema.AppendQuoted(text, batch.ColumnName(k)), ':')
				text = append(schema.AppendJSON(text, c, row), ',')
			}
		}
		if len(text) == 1 {
			b.AppendNull()
			continue
		}
		text = append(schema.AppendQuoted(append(text, `"_file_path":`...), r.out.block.url), '}')
		b.BinaryBuilder.Append(text)
	}
	return b.NewArray()
}

// parquetSchema is the schema of one file.
func (s *Source) parquetSchema(ctx context.Context, file storage.Info) (got *arrow.Schema, err error) {
	object, err := s.open(ctx, file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, object.Close()) }()
	f, err := parquet.Open(object, file.Size, parquet.ReaderConfig{Name: s.url(file.Key)})
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return f.Schema(), nil
}
