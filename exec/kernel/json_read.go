package kernel

import (
	"bytes"

	"github.com/medallion-go/medallion/internal/columns"
)

// fromJSON reads documents into columns of a schema.
func fromJSON(c *site) (kernel, error) {
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
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		r := jsonReader{site: c, textOptions: o, times: newTimeReader(o, k.env.Now)}
		r.in.doubleOnly, r.in.strict = o.doubleQuotes, !o.controls
		return k.assembled(textsOf(args[0]), &r)
	}}, nil
}

// jsonReader reads documents. A value that does not fit its field is NULL, and so is the array or map that it is in.
type jsonReader struct {
	*site
	textOptions
	times   timeReader
	in      jsonScanner
	root    *jsonField
	corrupt int  // position of the field that keeps a document of which something was lost; -1: none
	partial bool // something of this document did not fit
	scratch []byte
}

func (r *jsonReader) open(col *columns.Column) {
	r.root, r.corrupt = newJSONField(col), -1
	if i, ok := r.root.names[r.corruptColumn]; ok {
		r.corrupt = i
		delete(r.root.names, r.corruptColumn)
	}
}

// read appends a document: NULL where there is nothing, and a struct without values where it is no JSON.
func (r *jsonReader) read(text []byte) error {
	col := r.root.col
	r.in.b, r.in.i, r.in.depth, r.partial = text, 0, 0, false
	c := r.in.peek()
	if c == 0 && len(bytes.TrimSpace(text)) == 0 {
		col.AppendNull()
		return nil
	}
	fit, ok := r.document(c)
	if (!fit || !ok || r.partial) && r.failFast {
		return fault(r.pos, "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "22023", "use the mode PERMISSIVE to get NULL instead",
			"malformed record: %s", columns.Excerpt(text))
	}
	if !fit || !ok {
		r.keepNothing()
	}
	if r.corrupt < 0 {
		return nil
	}
	kept := r.root.kids[r.corrupt].col
	kept.Truncate(col.Len() - 1)
	if !fit || !ok || r.partial {
		kept.AppendBytes(text)
	} else {
		kept.AppendNull()
	}
	return nil
}

// document reads what the schema's outermost type asks for; one object stands for an array of it.
func (r *jsonReader) document(c byte) (fit, ok bool) {
	switch kind := r.root.col.Kind(); {
	case kind == columns.Struct && c == '{':
		return r.object(r.root)
	case kind == columns.Map && c == '{':
		return r.pairs(r.root)
	case kind == columns.List && c == '[':
		return r.list(r.root)
	case kind == columns.List && c == '{' && r.root.kids[0].col.Kind() == columns.Struct:
		if fit, ok = r.object(r.root.kids[0]); fit {
			r.root.col.AppendList()
		}
		return fit, ok
	}
	return false, true
}

// keepNothing is a document that could not be read: NULL, or a struct of NULLs.
func (r *jsonReader) keepNothing() {
	col := r.root.col
	col.Truncate(col.Len())
	if col.Kind() != columns.Struct {
		col.AppendNull()
		return
	}
	for _, kid := range r.root.kids {
		kid.col.AppendNull()
	}
	col.AppendStruct()
}
