package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewValues yields rows, whose literals have exactly the types of schema's columns.
func NewValues(schema *arrow.Schema, rows [][]expr.BoundLiteral) (Values, error) {
	fields := make([]arrow.Field, schema.NumFields())
	for i, f := range schema.Fields() {
		fields[i] = column(f.Name, f.Type, f.Nullable)
	}
	for i, row := range rows {
		if err := rowFits(row, fields, i+1); err != nil {
			return Values{}, err
		}
	}
	return Values{Rows: rows, schema: arrow.NewSchema(fields, nil)}, nil
}

func rowFits(row []expr.BoundLiteral, fields []arrow.Field, n int) error {
	if len(row) != len(fields) {
		return misuse("row %d of VALUES has %d columns, the schema has %d", n, len(row), len(fields))
	}
	for i, v := range row {
		if f := fields[i]; !arrow.TypeEqual(v.Typ, f.Type) || v.Value == nil && !f.Nullable {
			return misuse("row %d of VALUES has %s in column %s, which is %s", n, v, f.Name, expr.TypeSQL(f.Type))
		}
	}
	return nil
}

// Schema is as given to NewValues.
func (v Values) Schema() *arrow.Schema { return v.schema }

// Children is empty.
func (v Values) Children() []Node { return appendInputs(nil, v) }

// OneRow is one row without columns: what SELECT without FROM reads.
func OneRow() Values {
	return Values{Rows: [][]expr.BoundLiteral{{}}, schema: arrow.NewSchema(nil, nil)}
}
