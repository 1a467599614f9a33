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
	"bytes"
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
type Counts struct {
	Rows    int64
	Corrupt int64 // rows whose corrupt record is set
	Rescued int64 // rows whose rescued data is set
}

// MalformedError says which line or value does not fit the schema.
type MalformedError = columns.MalformedError

// padding is how many bytes behind a line's end may be looked at.
const padding = 64

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

// Parse reads whole lines, the last of which may lack its newline, and yields them as batches; the last batch of a chunk is rarely full. firstLine is the
// number of the chunk's first line, for errors; at 1 a byte order mark is skipped. A batch is borrowed until yield returns. The chunk is not kept.
func (p *Parser) Parse(chunk []byte, firstLine int64, yield func(arrow.RecordBatch, Counts) error) error {
	p.line, p.yield = firstLine, yield
	if firstLine == 1 {
		chunk = bytes.TrimPrefix(chunk, []byte("\ufeff"))
	}
	err := p.parse(chunk)
	p.drop()
	return err
}

func (p *Parser) parse(chunk []byte) error {
	p.estimate(chunk)
	// The last lines are read from a copy, so that nothing behind the chunk is looked at.
	whole := 0
	if len(chunk) > padding {
		whole = bytes.LastIndexByte(chunk[:len(chunk)-padding], '\n') + 1
	}
	if err := p.lines(chunk, whole, len(chunk)); err != nil {
		return err
	}
	rest := chunk[whole:]
	if len(rest) == 0 {
		return p.flush()
	}
	p.tail = append(p.tail[:0], rest...)
	if rest[len(rest)-1] != '\n' {
		p.tail = append(p.tail, '\n')
	}
	end := len(p.tail)
	p.tail = append(p.tail, make([]byte, padding)...)
	if err := p.lines(p.tail, end, end); err != nil {
		return err
	}
	if cap(p.tail) > maxKept {
		p.tail = nil
	}
	return p.flush()
}

// maxKept is the largest scratch buffer that is kept for the next chunk.
const maxKept = 4 << 20

// estimate looks at the first lines for how long lines are.
func (p *Parser) estimate(chunk []byte) {
	if p.perRow > 0 {
		return
	}
	head := chunk[:min(len(chunk), 64<<10)]
	p.perRow = max(2, len(head)/(bytes.Count(head, []byte{'\n'})+1))
}

// lines reads the lines of d[:end], which ends behind a newline; padding bytes follow it. total is the bytes that are left for this batch.
func (p *Parser) lines(d []byte, end, total int) error {
	for at := 0; at < end; {
		if p.root.col.Len() == 0 && p.size == 0 {
			p.start(total - at)
		}
		next, err := p.readLine(d, at, end)
		if err != nil {
			return err
		}
		p.size += next - at
		at = next
		p.line++
		if p.root.col.Len() >= p.config.BatchRows || p.size >= maxBatch || p.rescued != nil && p.rescued.Bytes() >= maxRescued {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// readLine reads the line that begins at at and gives where the next begins.
func (p *Parser) readLine(d []byte, at, end int) (next int, err error) {
	first := space(d, at)
	if d[first] == '\n' {
		return first + 1, nil
	}
	p.bad = p.bad[:0]
	next = malformed
	if d[first] == '{' {
		next = p.object(p.root, d, first+1)
	}
	if next >= 0 && d[next] != '\n' {
		next = space(d, next)
	}
	if next >= 0 && d[next] == '\n' {
		if next-at > maxLine {
			return 0, p.tooLong(next - at)
		}
		next++
		return next, p.keep(d[at:next])
	}
	next = first + bytes.IndexByte(d[first:end], '\n') + 1
	return next, p.reject(d[at:next])
}

func (p *Parser) tooLong(length int) error {
	return fmt.Errorf("ndjson: line %d has %d bytes, more than %d", p.line, length, maxLine)
}

// start begins a batch of what about this many bytes of text hold.
func (p *Parser) start(text int) {
	rows := min(p.config.BatchRows, text/p.perRow+text/p.perRow/16+1)
	p.root.col.Start(rows)
	for _, c := range []*columns.Column{p.rescued, p.corrupt} {
		if c != nil {
			c.Start(rows)
		}
	}
}

// flush yields the rows that were read.
func (p *Parser) flush() error {
	rows := p.root.col.Len()
	if rows == 0 {
		p.drop()
		return nil
	}
	p.perRow = max(2, p.size/rows)
	batch := columns.Batch(p.config.Alloc, p.config.Schema, p.columns, rows)
	defer batch.Release()
	p.counts.Rows = int64(rows)
	counts := p.counts
	p.drop()
	return p.yield(batch, counts)
}

// drop forgets the rows that were not yielded.
func (p *Parser) drop() {
	p.counts, p.size = Counts{}, 0
	p.root.col.Release()
	for _, c := range []*columns.Column{p.rescued, p.corrupt} {
		if c != nil {
			c.Release()
		}
	}
}
