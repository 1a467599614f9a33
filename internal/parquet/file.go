package parquet

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// ReaderConfig says how a file is read.
type ReaderConfig struct {
	Name          string           // names the file in errors
	Alloc         memory.Allocator // default: memory.DefaultAllocator
	MaxPageBytes  int              // largest page, uncompressed, that is read; default: 256 MiB
	MaxPageValues int              // most values that a page under a list or map may hold; default: 16,777,216
}

// File is an open Parquet file. It is safe for concurrent use.
type File struct{}

// Open reads the footer. The error is *CorruptError for a damaged file, *UnsupportedError for one that needs what this package does not know.
func Open(r io.ReaderAt, size int64, c ReaderConfig) (*File, error) {
	return nil, errors.ErrUnsupported
}

// Schema is the file's schema in the types of package schema. Field ids are in the metadata PARQUET:field_id.
//
// What Spark has no type for is widened: unsigned integers to the next signed type (64 bits to DECIMAL(20,0)), FLOAT16 to FLOAT; INT96 and timestamps of
// other units are timestamps in microseconds.
func (f *File) Schema() *arrow.Schema { return nil }

// NumRows is the number of rows in the file.
func (f *File) NumRows() int64 { return 0 }

// KeyValue is the value of a key of the file's metadata.
func (f *File) KeyValue(key string) (string, bool) { return "", false }

// RowGroups lists the row groups.
func (f *File) RowGroups() []RowGroup { return nil }

// RowGroup is one row group of a File.
type RowGroup struct {
	Rows  int64
	Bytes int64 // compressed
}

// Stats is what the footer tells of the leaf with that path (as in ColumnStats.Path); false when there is no such leaf.
func (g RowGroup) Stats(path ...string) (ColumnStats, bool) { return ColumnStats{}, false }

// Pages is what the column and offset index tell of the pages of a leaf in a row group; nil when the file has no such index.
func (f *File) Pages(ctx context.Context, rowGroup int, path ...string) ([]Page, error) {
	return nil, errors.ErrUnsupported
}

// ReadConfig says what is read.
type ReadConfig struct {
	RowGroups      []int      // in that order; nil: all
	Columns        []int      // top-level fields of Schema, in that order; nil: all
	BatchRows      int        // most rows of a batch; default: 65,536
	KeepDictionary bool       // top-level STRING and BINARY columns come as *array.Dictionary (int32 indices) in the batches where the file has them so
	Rows           []RowRange // of the only row group in RowGroups, ascending; nil: all rows
}

// Read yields the rows in order, in batches that are borrowed until yield returns. No batch spans two row groups or two ranges. It ends with the first
// error: of yield, of ctx, of the reader, or *CorruptError.
func (f *File) Read(ctx context.Context, c ReadConfig, yield func(arrow.RecordBatch) error) error {
	return errors.ErrUnsupported
}
