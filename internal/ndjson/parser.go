// Package ndjson reads JSON objects, one a line, straight into Arrow columns of a given schema. No value is boxed on the way: the schema directs the
// parser, which writes each value into the buffer that the column's array is made of.
//
// Values are read as Spark's JSON reader does:
//
//	BOOLEAN                   true, false
//	TINYINT … BIGINT          whole numbers without point or exponent, in range
//	FLOAT, DOUBLE             numbers; NaN, Infinity, +Infinity, -Infinity, +INF, -INF, bare or as strings. What rounds to infinity does not fit
//	DECIMAL                   numbers, and strings that hold one; digits beyond the scale are rounded half up, too many before the point do not fit
//	STRING                    strings; of any other value its JSON text
//	DATE, TIMESTAMP(_NTZ)     strings as Spark casts them (internal/datetime), a TIMESTAMP_NTZ without a zone; of TIMESTAMP also whole numbers, as seconds
//	                          since 1970
//	BINARY                    base64
//	STRUCT, ARRAY, MAP        objects, arrays, objects; the names of a MAP are its keys
//
// Strings hold what JSON allows: control characters must be escaped. Ill-formed UTF-8 and lone surrogates become U+FFFD. Of names that occur twice in
// an object the last counts. Unlike Spark, a line must hold one object and nothing else, and names and strings stand in double quotes.
package ndjson

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/columns"
)

// Config says what a Parser reads. A zero field stands for the default.
type Config struct {
	Schema        *arrow.Schema    // of the batches; every column and every part of one must be nullable
	Alloc         memory.Allocator // default: memory.DefaultAllocator
	BatchRows     int              // default: 65,536
	Rescued       string           // name of the STRING column that keeps values and fields that do not fit; default: none
	Corrupt       string           // name of the STRING column that keeps malformed lines; default: none
	Skip          []string         // columns that are not in the text: left NULL
	Omit          []string         // columns that are in the text but not wanted: left NULL
	CaseSensitive bool             // default: a name that no column has matches one that differs in case only
	File          string           // _file_path of rescued data
}

// Counts is what a batch holds.
type Counts = columns.Counts

// MalformedError says which line or value does not fit the schema.
type MalformedError = columns.MalformedError

// What keeps columns below 2 GiB. Text grows at most threefold in a string, where each byte is ill-formed UTF-8, and sixfold in rescued data, where
// each byte is a control character.
const (
	maxLine    = 200 << 20
	maxBatch   = 320 << 20 // text that a batch is made of, before its last line
	maxRescued = 640 << 20 // bytes of rescued data, before that of the last line
)

const defaultBatchRows = 64 << 10

// Parser reads lines into batches. It is one worker's: not safe for concurrent use, but good for any number of chunks.
type Parser struct {
	config  Config
	root    *node
	columns []*columns.Column // beside the schema's fields; nil: left NULL
	corrupt *columns.Column   // nil: none
	rescued *columns.Column

	strict bool
	yield  func(arrow.RecordBatch, Counts) error

	counts  Counts
	size    int   // bytes of the lines in this batch
	perRow  int   // bytes of a line, about
	line    int64 // number of the line that is read
	bad     []misfit
	scratch []byte
	tail    []byte
	open    []*node
}

// New makes a Parser. Without a column for malformed lines, rescued or corrupt, there is an error: they would be lost.
func New(c Config) (*Parser, error) {
	if c.Rescued == "" && c.Corrupt == "" {
		return nil, errors.New("ndjson: neither a column for rescued data nor one for corrupt records is named: malformed lines would be lost")
	}
	return newParser(c, false)
}

func newParser(c Config, strict bool) (*Parser, error) {
	if c.Alloc == nil {
		c.Alloc = memory.DefaultAllocator
	}
	if c.BatchRows <= 0 {
		c.BatchRows = defaultBatchRows
	}
	p := &Parser{config: c, strict: strict, columns: make([]*columns.Column, c.Schema.NumFields())}
	p.root = &node{kind: columns.Struct}
	var faults []error
	for i, f := range c.Schema.Fields() {
		if err := p.addColumn(i, f); err != nil {
			faults = append(faults, fmt.Errorf("ndjson: column %s: %w", f.Name, err))
		}
	}
	for _, name := range []string{c.Rescued, c.Corrupt} {
		if name != "" && !c.Schema.HasField(name) {
			faults = append(faults, fmt.Errorf("ndjson: the schema has no column %s", name))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	p.root.col = columns.Group(c.Alloc, p.root.read())
	p.root.link(c.CaseSensitive)
	return p, nil
}

func (p *Parser) addColumn(i int, f arrow.Field) (err error) {
	c := &p.config
	if slices.Contains(c.Skip, f.Name) {
		return nil
	}
	text := f.Name == c.Rescued || f.Name == c.Corrupt
	if text && f.Type.ID() != arrow.STRING {
		return fmt.Errorf("it is %s and must be a string", f.Type)
	}
	if !p.strict && !nullable(f) {
		return errors.New("it, or a part of it, is not nullable: rows of malformed lines could not be kept")
	}
	if !text && slices.Contains(c.Omit, f.Name) {
		p.root.kids = append(p.root.kids, &node{name: f.Name, parent: p.root, depth: 1})
		return nil
	}
	column, err := columns.New(c.Alloc, f.Type)
	if err != nil {
		return err
	}
	p.columns[i] = column
	switch f.Name {
	case c.Rescued:
		p.rescued = column
	case c.Corrupt:
		p.corrupt = column
	default:
		p.root.kids = append(p.root.kids, newNode(p.root, f, column))
	}
	return nil
}

// nullable says whether the field and all its parts may be NULL.
func nullable(f arrow.Field) bool {
	if !f.Nullable {
		return false
	}
	switch t := f.Type.(type) {
	case *arrow.StructType:
		return !slices.ContainsFunc(t.Fields(), func(f arrow.Field) bool { return !nullable(f) })
	case *arrow.MapType:
		return nullable(t.ItemField())
	case *arrow.ListType:
		return nullable(t.ElemField())
	}
	return true
}
