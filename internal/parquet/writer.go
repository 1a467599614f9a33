package parquet

import (
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
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
	Compression   Codec             // default: Snappy
	RowGroupBytes int64             // encoded bytes after which a row group ends; default: 128 MiB
	RowGroupRows  int64             // rows after which a row group ends; default: 1,048,576
	PageRows      int               // rows of a page at most; default: 20,000
	PageBytes     int               // encoded bytes after which a page ends, before compression; default: 1 MiB
	BloomFilters  []string          // dotted leaf paths that get a bloom filter
	Metadata      map[string]string // key-value metadata of the file, written in the order of the keys
	CreatedBy     string            // default: "medallion"
	Scratch       *Scratch          // work space shared by the writers of one goroutine; default: one of its own
}

// Scratch is work space that several Writers may share, as long as no two of them are used at the same time. The zero value is ready.
type Scratch struct{}

// Writer writes one file. It is not safe for concurrent use. It holds compressed pages of the row group at hand and one open page per leaf, never Arrow
// data, so that many Writers can be open at once.
type Writer struct{}

// NewWriter starts a file of the schema s. Unknown types give *UnsupportedError. Field ids are read from the field metadata PARQUET:field_id.
func NewWriter(w io.Writer, s *arrow.Schema, c WriterConfig) (*Writer, error) {
	return nil, errors.ErrUnsupported
}

// Write appends the rows that sel lists, or all n rows when sel is nil. A STRING or BINARY column may come as *array.Dictionary over its type. The arrays
// are not kept. After an error the Writer cannot be used any more.
func (w *Writer) Write(cols []arrow.Array, n int, sel []int32) error { return errors.ErrUnsupported }

// Size is the size of the file if it were closed now: the bytes written and an estimate of what is still held.
func (w *Writer) Size() int64 { return 0 }

// Close writes what is held and the footer, and tells what the file holds. It does not close the io.Writer.
func (w *Writer) Close() (*Footer, error) { return nil, errors.ErrUnsupported }
