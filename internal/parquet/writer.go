package parquet

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// Codec names how pages are compressed.
type Codec int

// The codecs that a Writer knows.
const (
	Snappy Codec = iota
	Zstd         // level 3
	Uncompressed
)

// WriterConfig says how a file is written. Its zero value is a good file.
type WriterConfig struct {
	Compression     Codec             // default: Snappy
	RowGroupBytes   int64             // encoded bytes after which a row group ends; default: 128 MiB
	RowGroupRows    int64             // rows after which a row group ends; default: 1,048,576
	PageRows        int               // most rows of a page; default: 20,000
	DictionaryBytes int               // largest dictionary of a chunk, which goes on without one from there; default: 1 MiB
	PageBytes       int               // encoded bytes after which a page ends, before compression; default: 1 MiB
	Version1        bool              // no encodings but PLAIN, dictionaries and RLE, for readers that know no others
	BloomFilters    []string          // dotted leaf paths that get a bloom filter
	Metadata        map[string]string // key-value metadata of the file, written in the order of the keys
	CreatedBy       string            // default: "medallion version 0.1.0"
	Scratch         *Scratch          // work space shared by the writers of one goroutine; default: one of its own
}

// magic stands at both ends of a file.
const magic = "PAR1"

// maxPiece is how many rows are taken in between two looks at the limits of a row group.
const maxPiece = 1 << 16

var errClosed = errors.New("parquet: writer is closed")

// Writer writes one file. It is not safe for concurrent use. It holds the compressed pages of the row group at hand and one open page per leaf, never Arrow
// data, so that many Writers can be open at once. It needs no cleaning up when it is given up.
type Writer struct {
	w       io.Writer
	cfg     WriterConfig
	schema  *arrow.Schema
	columns []*column
	file    meta.FileMetaData
	chunks  [][]finishedChunk // per row group
	at      int64             // bytes written
	rows    int64             // of the row group at hand
	err     error             // the first; it sticks
}

// NewWriter starts a file of the schema s. Unknown types give *UnsupportedError. Field ids are read from the field metadata PARQUET:field_id.
func NewWriter(w io.Writer, s *arrow.Schema, c WriterConfig) (*Writer, error) {
	c.setDefaults()
	p, err := planSchema(s)
	if err != nil {
		return nil, err
	}
	if err := c.check(p.leaves); err != nil {
		return nil, err
	}
	x := &Writer{w: w, cfg: c, schema: s}
	x.file = meta.FileMetaData{Version: 2, Schema: p.elements, CreatedBy: c.CreatedBy, Orders: slices.Repeat([]meta.ColumnOrder{meta.TypeOrder}, len(p.leaves))}
	for _, k := range slices.Sorted(maps.Keys(c.Metadata)) {
		x.file.KeyValue = append(x.file.KeyValue, meta.KeyValue{Key: k, Value: c.Metadata[k]})
	}
	for _, l := range p.leaves {
		x.columns = append(x.columns, newColumn(l, &x.cfg))
	}
	x.put([]byte(magic))
	return x, x.err
}

func (c *WriterConfig) setDefaults() {
	if c.RowGroupBytes <= 0 {
		c.RowGroupBytes = 128 << 20
	}
	if c.RowGroupRows <= 0 {
		c.RowGroupRows = 1 << 20
	}
	if c.PageRows <= 0 {
		c.PageRows = 20_000
	}
	if c.DictionaryBytes <= 0 {
		c.DictionaryBytes = 1 << 20
	}
	if c.PageBytes <= 0 {
		c.PageBytes = 1 << 20
	}
	if c.CreatedBy == "" {
		c.CreatedBy = "medallion version 0.1.0" // parquet-mr takes names of this form only for sound
	}
	if c.Scratch == nil {
		c.Scratch = new(Scratch)
	}
}

// check finds faults in the configuration.
func (c *WriterConfig) check(leaves []*leafPlan) error {
	_, err := c.Compression.codec()
	errs := []error{err}
	for _, name := range c.BloomFilters {
		i := slices.IndexFunc(leaves, func(l *leafPlan) bool { return l.name() == name })
		switch {
		case i < 0:
			errs = append(errs, fmt.Errorf("parquet: bloom filter for %s: there is no such leaf", name))
		case leaves[i].kind == kindBool || leaves[i].kind == kindNull:
			errs = append(errs, fmt.Errorf("parquet: bloom filter for %s: the format has none for %s", name, leaves[i].typ))
		}
	}
	return errors.Join(errs...)
}

// Write appends the rows that sel lists, or all n rows when sel is nil. A STRING or BINARY column may come as *array.Dictionary over its type. The arrays
// are not kept. After an error the Writer cannot be used any more.
func (w *Writer) Write(cols []arrow.Array, n int, sel []int32) error {
	if w.err != nil {
		return w.err
	}
	if w.err = w.check(cols, n, sel); w.err != nil {
		return w.err
	}
	count := n
	if sel != nil {
		count = len(sel)
	}
	for i := 0; i < count && w.err == nil; {
		k := min(count-i, maxPiece, int(w.cfg.RowGroupRows-w.rows))
		r := rowSet{from: i, to: i + k}
		if sel != nil {
			r.sel = sel[i : i+k]
		}
		w.err = w.piece(cols, r)
		i += k
	}
	return w.err
}

// check looks at what the caller must guarantee.
func (w *Writer) check(cols []arrow.Array, n int, sel []int32) error {
	if len(cols) != w.schema.NumFields() {
		return fmt.Errorf("parquet: %d columns for a schema of %d", len(cols), w.schema.NumFields())
	}
	for i, a := range cols {
		f := w.schema.Field(i)
		if !fits(a.DataType(), f.Type) {
			return fmt.Errorf("parquet: column %s: array of type %s where the schema says %s", f.Name, a.DataType(), f.Type)
		}
		if a.Len() != n {
			return fmt.Errorf("parquet: column %s: %d rows in a batch of %d", f.Name, a.Len(), n)
		}
	}
	for _, p := range sel {
		if uint(p) >= uint(n) {
			return fmt.Errorf("parquet: row %d selected in a batch of %d", p, n)
		}
	}
	return nil
}

// piece appends rows that all belong to the row group at hand.
func (w *Writer) piece(cols []arrow.Array, r rowSet) error {
	held := int64(0)
	for _, c := range w.columns {
		if err := c.append(cols[c.leaf.column], r); err != nil {
			return err
		}
		held += c.held()
	}
	w.rows += int64(r.len())
	if w.rows >= w.cfg.RowGroupRows || held >= w.cfg.RowGroupBytes {
		return w.endRowGroup()
	}
	return nil
}

// Size is about the size of the file if it were closed now: the bytes written and what is still held.
func (w *Writer) Size() int64 {
	n := w.at
	for _, c := range w.columns {
		n += c.held()
	}
	return n
}

// endRowGroup writes the row group at hand.
func (w *Writer) endRowGroup() error {
	if w.rows == 0 {
		return nil
	}
	g := meta.RowGroup{NumRows: w.rows, FileOffset: w.at, Ordinal: int16(len(w.file.RowGroups))}
	var chunks []finishedChunk
	for _, c := range w.columns {
		if err := c.endPage(); err != nil {
			return err
		}
		m, f, err := c.finish(w.at, w.put)
		if err != nil {
			return fmt.Errorf("parquet: column %s: %w", c.leaf.name(), err)
		}
		g.Columns = append(g.Columns, m)
		g.TotalByteSize += m.TotalUncompressed
		g.TotalCompressed += m.TotalCompressed
		chunks = append(chunks, f)
	}
	w.file.RowGroups = append(w.file.RowGroups, g)
	w.file.NumRows += w.rows
	w.chunks = append(w.chunks, chunks)
	w.rows = 0
	return w.err
}

// Close writes what is held and the footer, and tells what the file holds. It does not close the io.Writer.
func (w *Writer) Close() (*Footer, error) {
	if w.err == nil {
		w.err = w.endRowGroup()
	}
	if w.err == nil {
		w.putFooter()
	}
	if w.err != nil {
		return nil, w.err
	}
	w.err = errClosed
	f := &Footer{Rows: w.file.NumRows, Bytes: w.at}
	for _, c := range w.columns {
		f.Columns = append(f.Columns, c.footerStats())
	}
	return f, nil
}

// put writes to the file.
func (w *Writer) put(b []byte) {
	if w.err != nil {
		return
	}
	n, err := w.w.Write(b)
	w.at += int64(n)
	if err != nil {
		w.err = fmt.Errorf("parquet: write: %w", err)
	}
}
