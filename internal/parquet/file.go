package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// ReaderConfig says how a file is read.
type ReaderConfig struct {
	Name          string           // names the file in errors
	Alloc         memory.Allocator // default: memory.DefaultAllocator
	MaxPageBytes  int              // largest page, uncompressed, that is read; default: 256 MiB
	MaxPageValues int              // most values of a page, where they must be decoded all at once; default: 16,777,216
	Fetched       *atomic.Int64    // counts the bytes that are read of the file; nil: they are not counted

	unchecked bool // page checksums are not looked at, so that tests reach the code below
}

// tailBytes is how much of a file's end is fetched with the first request.
const tailBytes = 64 << 10

// File is an open Parquet file. It is safe for concurrent use.
type File struct {
	r      io.ReaderAt
	size   int64
	tail   []byte // the end of the file, which often holds the indexes too, and small files whole
	cfg    ReaderConfig
	meta   *meta.FileMetaData
	nodes  []*node
	leaves []*leafColumn
	schema *arrow.Schema
}

// Open reads the footer. The error is *CorruptError for a damaged file, *UnsupportedError for one that needs what this package does not know.
func Open(r io.ReaderAt, size int64, c ReaderConfig) (*File, error) {
	if c.Alloc == nil {
		c.Alloc = memory.DefaultAllocator
	}
	if c.MaxPageBytes <= 0 {
		c.MaxPageBytes = 256 << 20
	}
	if c.MaxPageValues <= 0 {
		c.MaxPageValues = 16 << 20
	}
	f := &File{r: r, size: size, cfg: c}
	footer, err := f.readFooter()
	if err != nil {
		return nil, err
	}
	return f, f.guard("", func() error { return f.decodeFooter(footer) })
}

// readFooter fetches the encoded footer, as a rule with one request.
func (f *File) readFooter() ([]byte, error) {
	const ends = 12 // magic, length, magic
	if f.size < ends {
		return nil, f.corrupt("", "%d bytes are no Parquet file", f.size)
	}
	tail := make([]byte, min(f.size, tailBytes))
	if err := f.readAt(tail, f.size-int64(len(tail))); err != nil {
		return nil, err
	}
	f.tail = tail
	end := tail[len(tail)-8:]
	switch string(end[4:]) {
	case magic:
	case "PARE":
		return nil, &UnsupportedError{File: f.cfg.Name, What: "an encrypted footer"}
	default:
		return nil, f.corrupt("", "it does not end in %s", magic)
	}
	n := int64(binary.LittleEndian.Uint32(end))
	if n > f.size-ends || n > maxFooterBytes {
		return nil, f.corrupt("", "a footer of %d bytes in a file of %d", n, f.size)
	}
	if n+8 <= int64(len(tail)) {
		return tail[int64(len(tail))-8-n : len(tail)-8], nil
	}
	footer := make([]byte, n)
	return footer, f.readAt(footer, f.size-8-n)
}

// readAt fills b from the file.
func (f *File) readAt(b []byte, at int64) error {
	if at < 0 || at > f.size-int64(len(b)) {
		return f.corrupt("", "bytes %d to %d are wanted of a file of %d", at, at+int64(len(b)), f.size)
	}
	if from := f.size - int64(len(f.tail)); at >= from && len(f.tail) > 0 {
		copy(b, f.tail[at-from:])
		return nil
	}
	n, err := f.r.ReadAt(b, at)
	if f.cfg.Fetched != nil {
		f.cfg.Fetched.Add(int64(n))
	}
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return f.corrupt("", "it ends at byte %d, not %d", at+int64(n), f.size)
	}
	if f.cfg.Name != "" {
		return readError{fmt.Errorf("parquet: read %s: %w", f.cfg.Name, err)}
	}
	return readError{fmt.Errorf("parquet: read: %w", err)}
}

// decodeFooter builds the schema and checks what the metadata must promise for everything after it to be safe.
func (f *File) decodeFooter(b []byte) error {
	m, err := meta.DecodeFileMetaData(b)
	if err != nil {
		return f.corrupt("", "footer: %v", err)
	}
	if m.Encrypted {
		return &UnsupportedError{File: f.cfg.Name, What: "encryption"}
	}
	f.meta = m
	t := &treeBuilder{elements: m.Schema, file: f.cfg.Name}
	if f.nodes, err = t.build(); err != nil {
		return err
	}
	f.leaves = t.leaves
	for _, l := range f.leaves {
		if !f.bounded(l) {
			l.kind = kindNull
		}
	}
	fields := make([]arrow.Field, len(f.nodes))
	for i, n := range f.nodes {
		fields[i] = n.field
	}
	f.schema = arrow.NewSchema(fields, nil)
	return f.checkRowGroups()
}

func (f *File) checkRowGroups() error {
	rows := int64(0)
	for i := range f.meta.RowGroups {
		g := &f.meta.RowGroups[i]
		if g.NumRows < 0 || len(g.Columns) != len(f.leaves) {
			return f.corrupt("", "row group %d: %d rows in %d columns, where the schema has %d columns", i, g.NumRows, len(g.Columns), len(f.leaves))
		}
		rows += g.NumRows
		for k := range g.Columns {
			if err := f.checkChunk(&g.Columns[k], f.leaves[k]); err != nil {
				return err
			}
		}
	}
	if rows != f.meta.NumRows {
		return f.corrupt("", "%d rows where the row groups hold %d", f.meta.NumRows, rows)
	}
	return nil
}

func (f *File) checkChunk(c *meta.ColumnChunk, l *leafColumn) error {
	switch {
	case c.Encrypted:
		return &UnsupportedError{File: f.cfg.Name, Column: l.name(), What: "encryption"}
	case c.FilePath != "":
		return &UnsupportedError{File: f.cfg.Name, Column: l.name(), What: "a column chunk in another file"}
	case c.Type != l.phys:
		return f.corrupt(l.name(), "chunk of %s where the schema says %s", c.Type, l.phys)
	}
	at, n := chunkExtent(c)
	if at < 0 || n < 0 || at > f.size-n {
		return f.corrupt(l.name(), "chunk of %d bytes at %d in a file of %d", n, at, f.size)
	}
	return nil
}

// chunkExtent is where the pages of a chunk lie.
func chunkExtent(c *meta.ColumnChunk) (at, n int64) {
	at = c.DataPageOffset
	if c.DictionaryPageOffset > 0 && c.DictionaryPageOffset < at {
		at = c.DictionaryPageOffset
	}
	return at, c.TotalCompressed
}

// Schema is the file's schema in the types of package schema. Field ids are in the metadata PARQUET:field_id.
//
// What Spark has no type for is widened: unsigned integers to the next signed type (64 bits to DECIMAL(20,0)), FLOAT16 to FLOAT; INT96 and timestamps of
// other units are timestamps in microseconds.
func (f *File) Schema() *arrow.Schema { return f.schema }

// NumRows is the number of rows in the file.
func (f *File) NumRows() int64 { return f.meta.NumRows }

// KeyValue is the value of a key of the file's metadata.
func (f *File) KeyValue(key string) (string, bool) {
	for _, kv := range f.meta.KeyValue {
		if kv.Key == key {
			return kv.Value, true
		}
	}
	return "", false
}

// RowGroups lists the row groups.
func (f *File) RowGroups() []RowGroup {
	gs := make([]RowGroup, len(f.meta.RowGroups))
	for i := range gs {
		g := &f.meta.RowGroups[i]
		gs[i] = RowGroup{Rows: g.NumRows, file: f, meta: g}
		for k := range g.Columns {
			gs[i].Bytes += g.Columns[k].TotalCompressed
		}
	}
	return gs
}

// leafAt finds a leaf by its path; -1: there is none.
func (f *File) leafAt(path []string) int {
	return slices.IndexFunc(f.leaves, func(l *leafColumn) bool { return slices.Equal(l.path, path) })
}
