package schema

import "github.com/apache/arrow-go/v18/arrow"

// Row is one row of a schema that is known only at run time. Values stand in the schema's order, each nil (NULL) or as the Go type in the package's
// table; ARRAY is []any, MAP is Map, STRUCT is Row.
type Row struct {
	Fields []arrow.Field // shared by the rows of one batch; do not change
	Values []any
}

// Map is a MAP value: its entries in stored order.
type Map []Entry

// Entry is one pair of a Map.
type Entry struct{ Key, Value any }

// Get returns the value of the column called name, found as Find does; false if there is none.
func (r Row) Get(name string) (any, bool) {
	i := Find(r.Fields, name)
	if i < 0 {
		return nil, false
	}
	return r.Values[i], true
}
