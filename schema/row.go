package schema

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Row is one row of a schema that is known only at run time. Values stand in the order of Fields, each nil (NULL) or as the Go type in the package's
// table; ARRAY is []any, MAP is Map, STRUCT is Row. Its JSON is AppendJSON's.
type Row struct {
	Fields []arrow.Field // shared by the rows of one schema: not to be changed
	Values []any
}

// Map is a MAP value: its entries in stored order.
type Map []Entry

// Entry is one pair of a Map.
type Entry struct{ Key, Value any }

// NewRow makes a row of the schema. Values that are missing at the end are NULL.
func NewRow(s *arrow.Schema, values ...any) Row {
	all := make([]any, s.NumFields())
	copy(all, values)
	return Row{Fields: s.Fields(), Values: all}
}

// Get returns the value of the column called name, found as Find does; false if there is none.
func (r Row) Get(name string) (any, bool) {
	i := Find(r.Fields, name)
	if i < 0 || i >= len(r.Values) {
		return nil, false
	}
	return r.Values[i], true
}

// MarshalJSON writes the row as an object in column order.
func (r Row) MarshalJSON() ([]byte, error) {
	return appendValueJSON(nil, r), nil
}

// rowColumns are the columns of Rows.
type rowColumns struct {
	rows   []Row
	fields []arrow.Field
}

func newRowColumns(rows []Row, fields []arrow.Field) *rowColumns {
	return &rowColumns{rows: rows, fields: fields}
}

func (c *rowColumns) decodeColumns(arrays []arrow.Array, from, to, n int) error {
	width := len(c.fields)
	values := make([]any, n*width)
	for i := range n {
		c.rows[to+i] = Row{Fields: c.fields, Values: values[i*width : (i+1)*width : (i+1)*width]}
	}
	for col, a := range arrays {
		for i := range n {
			values[i*width+col] = Value(a, from+i)
		}
	}
	return nil
}

func (c *rowColumns) encodeColumns(builders []array.Builder, from, n int) error {
	for col, f := range c.fields {
		for i := range n {
			v, err := c.valueAt(from+i, col)
			if err == nil {
				err = appendValue(builders[col], f, v)
			}
			if err != nil {
				return inColumnRow(f.Name, shiftRow(err, from+i))
			}
		}
	}
	return nil
}

// valueAt finds a value by position where the row is of this schema, else by name.
func (c *rowColumns) valueAt(row, col int) (any, error) {
	r := c.rows[row]
	if len(r.Values) != len(r.Fields) {
		return nil, &ValueError{Reason: "the row has another number of values than of fields"}
	}
	if col < len(r.Fields) && r.Fields[col].Name == c.fields[col].Name {
		return r.Values[col], nil
	}
	v, _ := r.Get(c.fields[col].Name)
	return v, nil
}

func (c *rowColumns) reset() {}
