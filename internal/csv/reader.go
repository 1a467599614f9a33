// Package csv reads delimited text (RFC 4180) straight into Arrow columns of a given schema.
//
// A record is one line, or with MultiLine as many as its quoted fields span. A field may be quoted; a quote in it is doubled, or stands behind the
// escape character where that is another. Blank lines are skipped. Values are read as Spark's CSV reader does:
//
//	all types                 an empty field, unless quoted, and the text of Config.Null are NULL; nothing is trimmed
//	BOOLEAN                   true, false, in any case
//	TINYINT … BIGINT          digits with an optional sign, in range
//	FLOAT, DOUBLE             decimal numbers, NaN, Infinity, +Infinity, -Infinity, +INF, -INF, Inf, +Inf, -Inf. What rounds to infinity does not fit
//	DECIMAL                   decimal numbers; digits beyond the scale are rounded half up, too many before the point do not fit
//	STRING                    the text, "" if quoted and empty; ill-formed UTF-8 becomes U+FFFD
//	DATE, TIMESTAMP(_NTZ)     as Spark casts text (internal/datetime); a TIMESTAMP_NTZ without a zone
//	BINARY                    the bytes
//
// A value that does not fit is NULL and kept, and so is what stands behind the last column. A record with too few fields has NULL in the others and
// counts as malformed. A record whose quotes are wrong has NULL in all.
package csv

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/columns"
)

// Config says what a Reader reads. A zero field stands for the default.
type Config struct {
	Schema        *arrow.Schema    // of the batches; every column must be nullable, none nested
	Alloc         memory.Allocator // default: memory.DefaultAllocator
	BatchRows     int              // default: 65,536
	Header        bool             // the first record names the columns. Default: they are the schema's, in its order
	Names         []string         // of the columns of a piece of a file that does not begin with the header; see Names
	Comma         byte             // default: ','
	Quote         byte             // default: '"'
	Escape        byte             // default: the quote, doubled
	MultiLine     bool             // quoted fields may span lines
	Null          string           // unquoted text that means NULL, besides the empty one
	Rescued       string           // name of the STRING column that keeps values and fields that do not fit; default: none
	Corrupt       string           // name of the STRING column that keeps malformed records; default: none
	Skip          []string         // columns that are not in the text: left NULL
	Omit          []string         // columns that are in the text but not wanted: left NULL
	CaseSensitive bool             // default: a name that no column has matches one that differs in case only
	File          string           // _file_path of rescued data
}

// Counts is what a batch holds.
type Counts = columns.Counts

// MalformedError says which record or value does not fit the schema.
type MalformedError = columns.MalformedError

const defaultBatchRows = 64 << 10

// What keeps columns below 2 GiB: ill-formed UTF-8 grows threefold, control characters in rescued data sixfold.
const (
	maxRecord  = 200 << 20
	maxBatch   = 320 << 20 // text that a batch is made of, before its last record
	maxRescued = 640 << 20 // bytes of rescued data, before that of the last record
)

// Reader reads records into batches. It is one worker's: not safe for concurrent use, but good for any number of texts.
type Reader struct {
	config  Config
	syntax  syntax
	columns []*columns.Column // beside the schema's fields; nil: left NULL
	fields  []field           // of a record, in the text's order
	all     *columns.Column   // the columns of fields
	corrupt *columns.Column   // nil: none
	rescued *columns.Column

	strict bool
	yield  func(arrow.RecordBatch, Counts) error

	counts  Counts
	size    int // bytes of the records in this batch
	perRow  int // bytes of a record, about
	left    int // bytes of the text from this batch on, as far as is known
	line    int64
	started bool // a batch
	named   bool // fields is set for this text
	oneLine bool // quoted fields may not span lines
	bad     []misfit
	kept    []byte // the text of bad
	scratch []byte
	tail    []byte
}

// field is a column of the text.
type field struct {
	col    *columns.Column // nil: the schema lacks the column, or it is not wanted
	name   string
	kind   columns.Kind
	needed bool // NULL is not allowed
	rescue bool // the schema lacks it: its values are rescued
}

// New makes a Reader. Without a column for malformed records, rescued or corrupt, there is an error: they would be lost.
func New(c Config) (*Reader, error) {
	if c.Rescued == "" && c.Corrupt == "" {
		return nil, errors.New("csv: neither a column for rescued data nor one for corrupt records is named: malformed records would be lost")
	}
	return newReader(c, false)
}

func newReader(c Config, strict bool) (*Reader, error) {
	if c.Alloc == nil {
		c.Alloc = memory.DefaultAllocator
	}
	if c.BatchRows <= 0 {
		c.BatchRows = defaultBatchRows
	}
	s, err := newSyntax(c)
	r := &Reader{config: c, strict: strict, syntax: s, columns: make([]*columns.Column, c.Schema.NumFields())}
	r.all = columns.Group(c.Alloc, nil)
	faults := []error{err}
	for i, f := range c.Schema.Fields() {
		if err := r.addColumn(i, f); err != nil {
			faults = append(faults, fmt.Errorf("csv: column %s: %w", f.Name, err))
		}
	}
	for _, name := range []string{c.Rescued, c.Corrupt} {
		if name != "" && !c.Schema.HasField(name) {
			faults = append(faults, fmt.Errorf("csv: the schema has no column %s", name))
		}
	}
	return r, errors.Join(faults...)
}

func (r *Reader) addColumn(i int, f arrow.Field) (err error) {
	c := &r.config
	if slices.Contains(c.Skip, f.Name) {
		return nil
	}
	text := f.Name == c.Rescued || f.Name == c.Corrupt
	if text && f.Type.ID() != arrow.STRING {
		return fmt.Errorf("it is %s and must be a string", f.Type)
	}
	if !f.Nullable && !r.strict {
		return errors.New("it is not nullable: malformed records could not be kept")
	}
	if _, nested := f.Type.(arrow.NestedType); nested {
		return fmt.Errorf("fields cannot hold values of type %s", f.Type)
	}
	if !text && slices.Contains(c.Omit, f.Name) {
		return nil
	}
	if r.columns[i], err = columns.New(c.Alloc, f.Type); err != nil {
		return err
	}
	switch f.Name {
	case c.Rescued:
		r.rescued = r.columns[i]
	case c.Corrupt:
		r.corrupt = r.columns[i]
	}
	return nil
}

// begin prepares for a text. Its columns are known unless a header is to come; a later piece has those of the first.
func (r *Reader) begin(firstLine int64, yield func(arrow.RecordBatch, Counts) error) error {
	r.line, r.yield = firstLine, yield
	r.oneLine = !r.config.MultiLine
	r.named = !r.config.Header || firstLine != 1
	switch {
	case !r.named:
		return nil
	case r.config.Names != nil:
		return r.bind(r.config.Names)
	case !r.config.Header:
		return r.bind(r.dataNames())
	case r.fields == nil:
		return errors.New("csv: a piece of a file that does not begin with the header needs the columns' names")
	}
	return nil
}

// dataNames are the names of the schema's columns that are in the text.
func (r *Reader) dataNames() (names []string) {
	data := r.dataColumns()
	for i := range r.columns {
		if name, ok := data[i]; ok {
			names = append(names, name)
		}
	}
	return names
}

// start begins a batch.
func (r *Reader) start() {
	r.started = true
	rows := r.config.BatchRows
	if n := r.left / r.perRow; n < rows {
		rows = min(rows, n+n/16+1)
	}
	for _, c := range []*columns.Column{r.all, r.rescued, r.corrupt} {
		if c != nil {
			c.Start(rows)
		}
	}
}

// flush yields the rows that were read.
func (r *Reader) flush() error {
	if r.all.Len() == 0 {
		r.drop()
		return nil
	}
	rows := r.all.Len()
	r.perRow = max(1, r.size/rows)
	r.left -= r.size
	batch := columns.Batch(r.config.Alloc, r.config.Schema, r.columns, rows)
	defer batch.Release()
	r.counts.Rows = int64(rows)
	counts := r.counts
	r.drop()
	return r.yield(batch, counts)
}

// drop forgets the rows that were not yielded.
func (r *Reader) drop() {
	r.counts, r.size, r.started = Counts{}, 0, false
	for _, c := range []*columns.Column{r.all, r.rescued, r.corrupt} {
		if c != nil {
			c.Release()
		}
	}
}
