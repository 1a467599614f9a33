package csv

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/columns"
	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/digits"
	"github.com/medallion-go/medallion/schema"
)

// InferConfig says what is inferred. A zero field stands for the default.
type InferConfig struct {
	Config            // how the text is written: Header, Comma, Quote, Escape, MultiLine, Null; the rest is not looked at
	ColumnTypes bool  // INT, BIGINT, DECIMAL, DOUBLE, DATE, TIMESTAMP and BOOLEAN too. Default: every column is STRING
	Bytes       int64 // of text that are looked at by Infer; default: all
}

// Inference finds a schema that records fit. Columns stand in the order of the headers; without headers they are _c0, _c1 and so on. A name that occurs
// again in a header, be it in another case, is left out. Types are widened as Spark does: INT, BIGINT, DECIMAL, DOUBLE; DATE, TIMESTAMP; else STRING.
type Inference struct {
	config InferConfig
	syntax syntax
	names  map[string]int
	fields []inferred
}

type inferred struct {
	name   string
	kind   columns.Kind // Void: nothing was seen
	digits int32        // of a Decimal
	times  datetime.Parser
}

// NewInference makes an Inference that has seen nothing.
func NewInference(c InferConfig) (*Inference, error) {
	s, err := newSyntax(c.Config)
	return &Inference{config: c, syntax: s, names: map[string]int{}}, err
}

// Add looks at the beginning of a file. A last record that is cut off, or one whose quotes are wrong, ends the look.
func (f *Inference) Add(text []byte) {
	end := len(text)
	d := append(append(make([]byte, 0, end+1+padding), text...), '\n')[:end+1+padding]
	t := tokens{syntax: f.syntax, oneLine: !f.config.MultiLine, d: d, at: skipMark(d[:end]), end: end, final: true}
	var places []int // in fields, of the columns of this file; -1: left out
	bound := false
	for t.at < t.end {
		if f.syntax.isBlank(d, t.at) {
			t.at = f.syntax.fieldEnd(d, t.at) + 1
			continue
		}
		record, next := t.record()
		if next < 0 {
			return
		}
		t.at = next
		switch {
		case !bound && f.config.Header:
			places, bound = f.place(record), true
			continue
		case !f.config.Header && len(record) > len(places):
			places = f.place(make([]string, len(record)))
		}
		if f.config.ColumnTypes {
			f.see(record, places)
		}
	}
}

// place finds or adds the columns that a header names.
func (f *Inference) place(header []string) []int {
	places := make([]int, len(header))
	taken := map[int]bool{}
	for i, name := range named(header) {
		folded := strings.ToLower(name)
		at, found := f.names[folded]
		if !found {
			at = len(f.fields)
			f.names[folded] = at
			f.fields = append(f.fields, inferred{name: name})
		}
		if taken[at] {
			at = -1
		}
		taken[at] = true
		places[i] = at
	}
	return places
}

func (f *Inference) see(record []string, places []int) {
	for i, text := range record {
		if i < len(places) && places[i] >= 0 && text != "" && text != f.config.Null {
			f.fields[places[i]].see([]byte(text))
		}
	}
}

// see widens the column to one that the text fits too.
func (c *inferred) see(text []byte) {
	kind, digits := c.kindOf(text)
	c.digits = max(c.digits, digits)
	isNumber := func(k columns.Kind) bool {
		return k == columns.Int32 || k == columns.Int64 || k == columns.Decimal || k == columns.Float64
	}
	isTime := func(k columns.Kind) bool { return k == columns.Date || k == columns.Timestamp }
	switch {
	case c.kind == columns.Void:
		c.kind = kind
	case c.kind == kind:
	case isNumber(c.kind) && isNumber(kind):
		c.kind = widerNumber(c.kind, kind)
	case isTime(c.kind) && isTime(kind):
		c.kind = columns.Timestamp
	default:
		c.kind = columns.String
	}
}

func widerNumber(a, b columns.Kind) columns.Kind {
	for _, k := range []columns.Kind{columns.Float64, columns.Decimal, columns.Int64} {
		if a == k || b == k {
			return k
		}
	}
	return columns.Int32
}

// kindOf is the narrowest type that the text fits.
func (c *inferred) kindOf(text []byte) (kind columns.Kind, digits int32) {
	const dateLength = len("2006-01-02")
	if v, ok := columns.ParseInt(text); ok {
		if v == int64(int32(v)) {
			return columns.Int32, 0
		}
		return columns.Int64, 0
	}
	if n := digitsOf(text); n > 0 && n <= 38 {
		return columns.Decimal, int32(n)
	}
	if _, ok := columns.ParseFloat(text, 64); ok {
		return columns.Float64, 0
	}
	if _, ok := columns.SpecialFloat(text); ok {
		return columns.Float64, 0
	}
	if len(text) >= dateLength && text[4] == '-' && text[7] == '-' {
		if _, ok := c.times.Parse(text); ok && len(text) == dateLength {
			return columns.Date, 0
		} else if ok {
			return columns.Timestamp, 0
		}
	}
	if s := string(text); strings.EqualFold(s, "true") || strings.EqualFold(s, "false") {
		return columns.Bool, 0
	}
	return columns.String, 0
}

// digitsOf is the number of digits if the text is nothing else but a sign, 0 otherwise.
func digitsOf(text []byte) int {
	if text[0] == '-' || text[0] == '+' {
		text = text[1:]
	}
	if digits.Count(text) < len(text) {
		return 0
	}
	return len(text)
}

// Schema is what all records so far fit; every column is nullable.
func (f *Inference) Schema() *arrow.Schema {
	fields := make([]arrow.Field, len(f.fields))
	for i, c := range f.fields {
		fields[i] = arrow.Field{Name: c.name, Type: c.arrowType(), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

func (c inferred) arrowType() arrow.DataType {
	switch c.kind {
	case columns.Bool:
		return schema.Boolean
	case columns.Int32:
		return schema.Int
	case columns.Int64:
		return schema.BigInt
	case columns.Decimal:
		return schema.DecimalOf(max(c.digits, 20), 0)
	case columns.Float64:
		return schema.Double
	case columns.Date:
		return schema.DateType
	case columns.Timestamp:
		return schema.Timestamp
	default:
		return schema.String
	}
}

// Infer finds the schema of a text. It keeps the part that it looks at in memory.
func Infer(ctx context.Context, in io.Reader, c InferConfig) (*arrow.Schema, error) {
	f, err := NewInference(c)
	if err != nil {
		return nil, err
	}
	if c.Bytes > 0 {
		in = io.LimitReader(in, c.Bytes)
	}
	text, err := io.ReadAll(contextReader{ctx, in})
	if err != nil {
		return nil, fmt.Errorf("csv: read to infer a schema: %w", err)
	}
	f.Add(text)
	return f.Schema(), nil
}

// contextReader fails once its context is done. It lives only within Infer.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// TypeOfLine is the STRUCT that a record which stands alone fits: columns are _c0, _c1 and so on, and STRING where nothing is said of them.
func TypeOfLine(l Line, null, record string) *arrow.StructType {
	tokens := l.Split(nil, []byte(record))
	fields := make([]arrow.Field, len(tokens))
	for i, t := range tokens {
		c := inferred{name: positional(i)}
		if len(t.Text) > 0 && string(t.Text) != null {
			c.see(t.Text)
		}
		fields[i] = arrow.Field{Name: c.name, Type: c.arrowType(), Nullable: true}
		if c.kind == columns.Decimal {
			fields[i].Type = schema.DecimalOf(int32(len(bytes.TrimLeft(t.Text, "+-0"))), 0)
		}
	}
	return arrow.StructOf(fields...)
}
