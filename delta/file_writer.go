package delta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/storage"
)

// FileWriter writes one goroutine's rows. Close ends it, also after an error.
type FileWriter struct {
	w       *Writer
	convert *rowConversion
	split   *splitter // nil for a table without partitions
	open    []*openFile
	held    int64       // bytes in open files
	count   int         // open files
	changes *FileWriter // of change files; nil: the table has no feed, or the operation needs none
	scratch parquet.Scratch
	more    *fileMore     // what its files have besides; nil: nothing
	columns []arrow.Array // of the table, for the batch at hand
	data    []arrow.Array
}

// openFile is a data file that is being written, or the place for the next one of its partition.
type openFile struct {
	values []PartitionValue
	key    string // relative to the table
	out    storage.Writer
	file   *parquet.Writer // nil: none is open
	size   int64
}

func newFileWriter(w *Writer, c *rowConversion) *FileWriter {
	f := &FileWriter{w: w, convert: c}
	if len(w.partition) > 0 {
		f.split = newSplitter(w.table, w.partition)
	} else {
		f.open = []*openFile{{}}
	}
	return f
}

// Write adds the rows that sel lists, or all n where it is nil. The arrays are not kept. A NULL in a NOT NULL column is a *NotNullError, a row that breaks a
// CHECK constraint a *ConstraintError; nothing of the batch is then written.
func (f *FileWriter) Write(ctx context.Context, cols []arrow.Array, n int, sel []int32) error {
	return f.writeAs(ctx, notChanged, cols, n, sel)
}

// writeAs is Write for rows to which the commit does something, which a writer with a feed tells of.
func (f *FileWriter) writeAs(ctx context.Context, kind changeKind, cols []arrow.Array, n int, sel []int32) error {
	return f.writeTracked(ctx, kind, cols, n, sel, nil)
}

// writeTracked is writeAs for rows that come from files of the table: tracked are their IDs and versions, nil where the table does not track them.
func (f *FileWriter) writeTracked(ctx context.Context, kind changeKind, cols []arrow.Array, n int, sel []int32, tracked []arrow.Array) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if n == 0 || (sel != nil && len(sel) == 0) {
		return nil
	}
	columns, err := f.convert.apply(f.w.env, cols, n, sel, f.columns[:0])
	f.columns = columns
	defer releaseAll(columns)
	if err != nil {
		return f.wrap(err)
	}
	if err := f.w.check(columns, n, sel); err != nil {
		return err
	}
	kept := f.keeps(kind, n, tracked)
	defer releaseAll(kept)
	if err := f.route(ctx, columns, n, sel, kept...); err != nil {
		return err
	}
	return f.tell(ctx, kind, columns, n, sel)
}

// route sends the rows, as they are in the table, to their files; further are columns that only the files have.
func (f *FileWriter) route(ctx context.Context, columns []arrow.Array, n int, sel []int32, further ...arrow.Array) error {
	f.data = f.data[:0]
	for _, i := range f.w.dataIndex {
		f.data = append(f.data, columns[i])
	}
	f.data = append(f.data, further...)
	if f.split == nil {
		return f.write(ctx, f.open[0], n, sel)
	}
	return f.writeSplit(ctx, columns, n, sel)
}

// writeSplit sends the rows to the files of their partitions.
func (f *FileWriter) writeSplit(ctx context.Context, columns []arrow.Array, n int, sel []int32) error {
	groups, err := f.split.rows(columns, n, sel)
	if err != nil {
		return f.wrap(err)
	}
	for _, g := range groups {
		for len(f.open) <= g.id {
			f.open = append(f.open, &openFile{values: f.split.values[len(f.open)]})
		}
		if err := f.write(ctx, f.open[g.id], n, g.rows); err != nil {
			return err
		}
	}
	return f.bound(ctx)
}

func (f *FileWriter) write(ctx context.Context, o *openFile, n int, sel []int32) error {
	if o.file == nil {
		if err := f.start(ctx, o); err != nil {
			return f.wrap(err)
		}
	}
	if err := o.file.Write(f.data, n, sel); err != nil {
		return f.wrap(fmt.Errorf("data file %s: %w", o.key, err))
	}
	size := o.file.Size()
	f.held += size - o.size
	if o.size = size; size >= f.w.config.TargetFileBytes {
		return f.finish(ctx, o)
	}
	return nil
}

func (f *FileWriter) start(ctx context.Context, o *openFile) error {
	o.key = f.w.fileName(o.values)
	key := f.w.tx.table.log.root + o.key
	f.w.tx.wrote(key)
	out, err := f.w.tx.table.store.Create(ctx, key)
	if err != nil {
		return err
	}
	file, err := parquet.NewWriter(out, f.w.data, f.w.parquetConfig(&f.scratch))
	if err != nil {
		return errors.Join(err, out.Abort())
	}
	o.out, o.file = out, file
	f.count++
	return nil
}

// finish closes a data file and adds it to the transaction.
func (f *FileWriter) finish(ctx context.Context, o *openFile) error {
	file, out := o.file, o.out
	f.held -= o.size
	o.file, o.out, o.size = nil, nil, 0
	f.count--
	footer, err := file.Close()
	if err != nil {
		return f.wrap(errors.Join(fmt.Errorf("data file %s: %w", o.key, err), out.Abort()))
	}
	info, err := out.Commit(ctx)
	if err != nil {
		return f.wrap(errors.Join(fmt.Errorf("data file %s: %w", o.key, err), out.Abort()))
	}
	tx := f.w.tx
	if f.w.tells {
		tx.addChanges(&changeFile{path: encodePath(o.key), partitionValues: o.values, size: info.Size})
		tx.countChangeFile()
		return nil
	}
	tx.Add(&File{
		Path: encodePath(o.key), PartitionValues: o.values, Size: info.Size, ModificationTime: tx.table.config.Clock().UnixMilli(),
		DataChange: !tx.op.Rearranges, Stats: f.w.stats.json(footer), more: f.more,
	})
	tx.countAdded(footer.Rows, info.Size)
	return nil
}

// bound closes the largest files until the rest is within the limits.
func (f *FileWriter) bound(ctx context.Context) error {
	c := f.w.config
	if f.held <= c.MaxOpenBytes && f.count <= c.MaxOpenFiles {
		return nil
	}
	open := slices.DeleteFunc(slices.Clone(f.open), func(o *openFile) bool { return o.file == nil })
	slices.SortFunc(open, func(a, b *openFile) int { return cmp.Compare(b.size, a.size) })
	for _, o := range open {
		if f.held <= c.MaxOpenBytes/2 && f.count <= c.MaxOpenFiles/2 {
			break
		}
		if err := f.finish(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// Close finishes the open files. When ctx has ended, or a file cannot be finished, the rest are given up.
func (f *FileWriter) Close(ctx context.Context) error {
	var err error
	for _, o := range f.open {
		switch {
		case o.file == nil:
		case err == nil && ctx.Err() == nil:
			err = f.finish(ctx, o)
		default:
			err = errors.Join(err, o.out.Abort())
			o.file, o.out = nil, nil
		}
	}
	if f.changes != nil {
		err = errors.Join(err, f.changes.Close(ctx))
	}
	return errors.Join(err, ctx.Err())
}

func (f *FileWriter) wrap(err error) error {
	return fmt.Errorf("delta: write to %s: %w", f.w.tx.table.Name(), err)
}

func releaseAll(arrs []arrow.Array) {
	for _, a := range arrs {
		if a != nil {
			a.Release()
		}
	}
}
