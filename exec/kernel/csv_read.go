package kernel

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/columns"
	"github.com/medallion-go/medallion/internal/csv"
)

// fromCSV reads records into structs of a schema.
func fromCSV(c *site) (kernel, error) {
	o, err := c.textOptions(2)
	if err != nil {
		return kernel{}, err
	}
	if _, constant := c.text(1); !constant {
		return c.variable("schema")
	}
	if _, err := columns.New(foldingEnv().Alloc, c.typ); err != nil {
		return c.unsupported()
	}
	t := c.typ.(*arrow.StructType)
	corrupt := -1
	if i, ok := t.FieldIdx(o.corruptColumn); ok {
		if corrupt = i; t.Field(i).Type.ID() != arrow.STRING {
			return kernel{}, fault(c.pos, "INVALID_CORRUPT_RECORD_TYPE", "42804", "make it STRING",
				"the column %s, which keeps malformed records, must be STRING", o.corruptColumn)
		}
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		r := csvReader{
			site: c, textOptions: o, corrupt: corrupt, line: csv.Line{Comma: o.comma, Quote: o.quote, Escape: o.escape},
			times: newTimeReader(o, k.env.Now),
		}
		return k.assembled(textsOf(args[0]), &r)
	}}, nil
}

// csvReader reads records. A value that does not fit its field is NULL.
type csvReader struct {
	*site
	textOptions
	line    csv.Line
	times   timeReader
	tokens  []csv.Token
	col     *columns.Column
	corrupt int // position of the field that keeps a record of which something was lost; -1: none
}

func (r *csvReader) open(col *columns.Column) { r.col = col }

// read appends a record. One with too few fields or too many is malformed, but keeps those that there are; an empty one is malformed and has none.
func (r *csvReader) read(text []byte) error {
	r.tokens = r.tokens[:0]
	if len(text) > 0 {
		r.tokens = r.line.Split(r.tokens, text)
	}
	kids := r.col.Kids()
	fields := len(kids)
	if r.corrupt >= 0 {
		fields--
	}
	fit, at := len(text) > 0 && len(r.tokens) == fields, 0
	for i, kid := range kids {
		if i == r.corrupt {
			continue
		}
		if at < len(r.tokens) {
			fit = r.value(kid, r.tokens[at]) && fit
		} else {
			kid.AppendNull()
		}
		at++
	}
	if !fit && r.failFast {
		return fault(r.pos, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "22023", "use the mode PERMISSIVE to get NULL instead",
			"malformed record: %s", columns.Excerpt(text))
	}
	if r.corrupt >= 0 && (fit || len(text) == 0) {
		kids[r.corrupt].AppendNull()
	} else if r.corrupt >= 0 {
		kids[r.corrupt].AppendBytes(text)
	}
	r.col.AppendStruct()
	return nil
}

// value appends a field, or NULL if it does not fit.
func (r *csvReader) value(col *columns.Column, t csv.Token) (fit bool) {
	if len(t.Text) == 0 && !t.Quoted || string(t.Text) == r.null {
		col.AppendNull()
		return true
	}
	switch col.Kind() {
	case columns.Date, columns.Timestamp, columns.TimestampNTZ:
		fit = r.times.append(col, t.Text)
	case columns.Float32, columns.Float64:
		// Java passes over what is not visible around a number.
		fit = col.AppendText(bytes.TrimFunc(t.Text, func(c rune) bool { return c <= ' ' }))
	case columns.Decimal:
		fit = col.AppendText(bytes.ReplaceAll(t.Text, []byte(","), nil))
	default:
		fit = col.AppendText(t.Text)
	}
	if !fit {
		col.AppendNull()
	}
	return fit
}
