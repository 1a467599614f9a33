package ndjson

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// InferConfig says what is inferred. A zero field stands for the default.
type InferConfig struct {
	ColumnTypes bool  // BOOLEAN, BIGINT, DECIMAL and DOUBLE too. Default: every value is STRING that is not an object or array
	Bytes       int64 // of text that are looked at by Infer; default: all
}

// Inference finds a schema that lines fit. Objects become STRUCT, arrays ARRAY; fields stand in the order in which they are first seen, and names that
// differ only in case are one field. Types are widened as Spark does: whole numbers to DECIMAL beyond 64 bits, those to DOUBLE where there are points or
// exponents, and values of different kinds to STRING. What is always NULL is STRING.
type Inference struct {
	config InferConfig
	root   shape
	buffer []byte
}

// NewInference makes an Inference that has seen nothing.
func NewInference(c InferConfig) *Inference { return &Inference{config: c, root: shape{kind: record}} }

// Add looks at whole lines. Malformed ones count for nothing.
func (f *Inference) Add(chunk []byte) {
	f.buffer = append(append(f.buffer[:0], bytes.TrimPrefix(chunk, []byte("\ufeff"))...), '\n')
	end := len(f.buffer)
	d := append(f.buffer, make([]byte, padding)...)
	for at := 0; at < end; at += bytes.IndexByte(d[at:end], '\n') + 1 {
		first := space(d, at)
		if d[first] != '{' {
			continue
		}
		if last := skip(d, first, maxDepth); last >= 0 && d[space(d, last)] == '\n' {
			f.root.see(d, first)
		}
	}
	f.buffer = d
}

// Schema is what all lines so far fit; every column is nullable.
func (f *Inference) Schema() *arrow.Schema {
	return arrow.NewSchema(f.root.arrowFields(f.config.ColumnTypes), nil)
}

// Infer finds the schema of a text.
func Infer(ctx context.Context, in io.Reader, c InferConfig) (*arrow.Schema, error) {
	if c.Bytes > 0 {
		in = io.LimitReader(in, c.Bytes)
	}
	f := NewInference(c)
	buffer, filled := make([]byte, 1<<20), 0
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := io.ReadFull(in, buffer[filled:])
		filled += n
		if err == io.EOF || err == io.ErrUnexpectedEOF { // io.ReadFull's own, which it never wraps
			f.Add(buffer[:filled])
			return f.Schema(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("ndjson: read to infer a schema: %w", err)
		}
		end := bytes.LastIndexByte(buffer[:filled], '\n') + 1
		f.Add(buffer[:end])
		if filled = copy(buffer, buffer[end:filled]); end == 0 {
			if len(buffer) > maxLine {
				return nil, fmt.Errorf("ndjson: a line is longer than %d bytes", maxLine)
			}
			buffer = append(buffer, make([]byte, len(buffer))...)
		}
	}
}

// shapeKind orders what a place has held. Numbers widen upwards; anything else that differs becomes mixed.
type shapeKind uint8

const (
	nothing shapeKind = iota
	truth
	whole
	large
	fractional
	words
	record
	sequence
)

// shape is what is known of one place in the objects.
type shape struct {
	kind    shapeKind
	digits  int // of large
	names   map[string]int
	fields  []shapeField
	element *shape
}

type shapeField struct {
	name  string
	shape *shape
}

// widen makes the shape one that a value of this kind fits too. It says whether the value's parts matter.
func (s *shape) widen(kind shapeKind) bool {
	numbers := s.kind >= whole && s.kind <= fractional && kind >= whole && kind <= fractional
	switch {
	case kind == nothing || s.kind == kind:
	case s.kind == nothing:
		s.kind = kind
	case numbers:
		s.kind = max(s.kind, kind)
	default:
		*s = shape{kind: words}
	}
	return s.kind == kind
}

// see looks at the value at d[at:], which skip has checked, and gives where it ends.
func (s *shape) see(d []byte, at int) int {
	switch d[at] {
	case '{':
		if s.widen(record) {
			return s.seeObject(d, at+1)
		}
		return skip(d, at, maxDepth)
	case '[':
		if s.widen(sequence) {
			return s.seeArray(d, at+1)
		}
		return skip(d, at, maxDepth)
	case '"':
		s.widen(words)
		return stringEnd(d, at+1) + 1
	case 'n':
		return at + 4
	case 't', 'f':
		s.widen(truth)
		return skip(d, at, 0)
	}
	s.seeNumber(d, at)
	return skip(d, at, 0)
}

func (s *shape) seeNumber(d []byte, at int) {
	const mostDigits = 38
	n, end := scan(d, at)
	switch {
	case end < 0 || n.fraction > 0 || n.exponent || n.digits > mostDigits:
		s.widen(fractional)
	case n.digits > 19 || n.mantissa > 1<<63-1 && (!n.negative || n.mantissa > 1<<63):
		s.digits = max(s.digits, n.digits)
		s.widen(large)
	default:
		s.widen(whole)
	}
}

func (s *shape) seeObject(d []byte, at int) int {
	if at = space(d, at); d[at] == '}' {
		return at + 1
	}
	for {
		at = space(d, at) + 1
		name, end := unescape(nil, d, at)
		at = space(d, end+1) + 1
		if at = space(d, s.field(string(name)).see(d, space(d, at))); d[at] == '}' {
			return at + 1
		}
		at++
	}
}

// field is the shape of the field of this name. A name that is empty can be no column's: nothing is kept of its values.
func (s *shape) field(name string) *shape {
	if name == "" {
		return &shape{}
	}
	folded := strings.ToLower(name)
	i, found := s.names[folded]
	if !found {
		if s.names == nil {
			s.names = map[string]int{}
		}
		i = len(s.fields)
		s.names[folded] = i
		s.fields = append(s.fields, shapeField{name, &shape{}})
	}
	return s.fields[i].shape
}

func (s *shape) seeArray(d []byte, at int) int {
	if s.element == nil {
		s.element = &shape{}
	}
	if at = space(d, at); d[at] == ']' {
		return at + 1
	}
	for {
		if at = space(d, s.element.see(d, space(d, at))); d[at] == ']' {
			return at + 1
		}
		at++
	}
}

func (s *shape) arrowFields(types bool) []arrow.Field {
	fields := make([]arrow.Field, len(s.fields))
	for i, f := range s.fields {
		fields[i] = arrow.Field{Name: f.name, Type: f.shape.arrowType(types), Nullable: true}
	}
	return fields
}

func (s *shape) arrowType(types bool) arrow.DataType {
	switch {
	case s.kind == record && len(s.fields) > 0:
		return arrow.StructOf(s.arrowFields(types)...)
	case s.kind == sequence:
		return schema.ArrayOf(s.element.arrowType(types), true)
	case !types:
	case s.kind == truth:
		return schema.Boolean
	case s.kind == whole:
		return schema.BigInt
	case s.kind == large:
		return schema.DecimalOf(int32(max(s.digits, 20)), 0)
	case s.kind == fractional:
		return schema.Double
	}
	return schema.String
}
