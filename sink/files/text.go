package files

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/schema"
)

// textEncoder writes row by row through a buffer.
type textEncoder struct {
	w      io.Writer
	row    func(dst []byte, batch arrow.RecordBatch, row int) []byte
	buffer []byte
}

// flushBytes is how much text is gathered for one write.
const flushBytes = 256 << 10

func (e *textEncoder) write(batch arrow.RecordBatch) error {
	for i := range int(batch.NumRows()) {
		e.buffer = e.row(e.buffer, batch, i)
		if len(e.buffer) < flushBytes {
			continue
		}
		if err := e.close(); err != nil {
			return err
		}
	}
	return nil
}

// close writes what has been gathered.
func (e *textEncoder) close() error {
	_, err := e.w.Write(e.buffer)
	e.buffer = e.buffer[:0]
	return err
}

// appendJSONRow writes a row as Spark does: NULL fields are left out, decimals are numbers, maps are objects, binary is base64.
func appendJSONRow(dst []byte, batch arrow.RecordBatch, row int) []byte {
	dst = append(dst, '{')
	for i, c := range batch.Columns() {
		dst = appendMember(dst, batch.ColumnName(i), c, row)
	}
	return append(dst, '}', '\n')
}

// appendMember writes "name":value, after a comma if it is not the first of its object, and nothing for NULL.
func appendMember(dst []byte, name string, a arrow.Array, row int) []byte {
	if isNull(a, row) {
		return dst
	}
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return appendValue(append(schema.AppendQuoted(dst, name), ':'), a, row)
}

func appendValue(dst []byte, a arrow.Array, row int) []byte {
	if isNull(a, row) {
		return append(dst, "null"...)
	}
	switch a := a.(type) {
	case *array.Decimal128:
		return append(dst, unquoted(a, row)...)
	case *array.Binary:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), a.Value(row)), '"')
	case *array.Dictionary:
		return appendValue(dst, a.Dictionary(), a.GetValueIndex(row))
	case *array.List:
		start, end := a.ValueOffsets(row)
		dst = append(dst, '[')
		for i := start; i < end; i++ {
			if i > start {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, a.ListValues(), int(i))
		}
		return append(dst, ']')
	case *array.Map:
		start, end := a.ValueOffsets(row)
		dst = append(dst, '{')
		for i := int(start); i < int(end); i++ {
			if i > int(start) {
				dst = append(dst, ',')
			}
			dst = append(schema.AppendQuoted(dst, text(a.Keys(), i)), ':')
			dst = appendValue(dst, a.Items(), i)
		}
		return append(dst, '}')
	case *array.Struct:
		dst = append(dst, '{')
		for i, f := range a.DataType().(*arrow.StructType).Fields() {
			dst = appendMember(dst, f.Name, a.Field(i), row)
		}
		return append(dst, '}')
	}
	return schema.AppendJSON(dst, a, row)
}

func isNull(a arrow.Array, row int) bool {
	if d, ok := a.(*array.Dictionary); ok && a.IsValid(row) {
		return d.Dictionary().IsNull(d.GetValueIndex(row))
	}
	return a.IsNull(row)
}

// text is a scalar as text.
func text(a arrow.Array, row int) string {
	switch a := a.(type) {
	case *array.String:
		return a.Value(row)
	case *array.Dictionary:
		return text(a.Dictionary(), a.GetValueIndex(row))
	}
	return string(unquoted(a, row))
}

// unquoted is the JSON of a value that needs no escapes, without its quotes.
func unquoted(a arrow.Array, row int) []byte {
	return bytes.Trim(schema.AppendJSON(nil, a, row), `"`)
}

// newCSV writes the header. NULL is written as nothing and an empty string as "", so that they can be told apart; in a file of one column both are "".
func newCSV(w io.Writer, rows *arrow.Schema) (encoder, error) {
	e := &textEncoder{w: w, row: appendCSVRow}
	for i, f := range rows.Fields() {
		if id := f.Type.ID(); arrow.IsNested(id) || id == arrow.BINARY {
			return nil, fmt.Errorf("column %s: CSV cannot hold %s: cast it to STRING", f.Name, schema.Name(f.Type))
		}
		if i > 0 {
			e.buffer = append(e.buffer, ',')
		}
		e.buffer = appendCell(e.buffer, f.Name)
	}
	e.buffer = append(e.buffer, '\n')
	return e, nil
}

func appendCSVRow(dst []byte, batch arrow.RecordBatch, row int) []byte {
	for i, c := range batch.Columns() {
		if i > 0 {
			dst = append(dst, ',')
		}
		switch {
		case !isNull(c, row):
			dst = appendCell(dst, text(c, row))
		case batch.NumCols() == 1:
			dst = append(dst, `""`...) // an empty line would be no row
		}
	}
	return append(dst, '\n')
}

// appendCell quotes what is empty or holds a comma, a quote, a line break or a space at an end.
func appendCell(dst []byte, s string) []byte {
	if s != "" && !bytes.ContainsAny([]byte(s), ",\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}
