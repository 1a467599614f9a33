package plan

import "github.com/apache/arrow-go/v18/arrow"

// NewMap passes in's batches through fn, which is called name in plans and errors and yields batches with schema.
func NewMap(in Node, name string, fn MapFunc, schema *arrow.Schema) (Map, error) {
	if fn == nil || schema == nil || name == "" {
		return Map{}, misuse("a map needs a name, a function and a schema")
	}
	fields := make([]arrow.Field, schema.NumFields())
	for i, f := range schema.Fields() {
		fields[i] = column(f.Name, f.Type, f.Nullable)
	}
	return Map{Input: in, Name: name, Func: fn, schema: arrow.NewSchema(fields, nil)}, nil
}

// Schema is as given to NewMap.
func (m Map) Schema() *arrow.Schema { return m.schema }

// Children is the input.
func (m Map) Children() []Node { return appendInputs(nil, m) }
