package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// NewUnion yields the rows of all inputs. They have the same number of columns with the same types; the names are the first input's.
func NewUnion(inputs ...Node) (Union, error) {
	if len(inputs) == 0 {
		return Union{}, misuse("a union of nothing")
	}
	fields := inputs[0].Schema().Fields()
	for i, in := range inputs[1:] {
		if err := unite(fields, in.Schema(), i+2); err != nil {
			return Union{}, err
		}
	}
	return Union{Inputs: inputs, schema: arrow.NewSchema(fields, nil)}, nil
}

// unite checks the n-th input's columns against fields and makes nullable what is nullable in it.
func unite(fields []arrow.Field, in *arrow.Schema, n int) error {
	if in.NumFields() != len(fields) {
		return fault("NUM_COLUMNS_MISMATCH", "42826", expr.Pos{}, "UNION needs inputs with equally many columns; the first has %d, input %d has %d",
			len(fields), n, in.NumFields())
	}
	for i, f := range in.Fields() {
		if !arrow.TypeEqual(f.Type, fields[i].Type) {
			return fault("INCOMPATIBLE_COLUMN_TYPE", "42825", expr.Pos{}, "column %d of UNION is %s in the first input and %s in input %d",
				i+1, expr.TypeSQL(fields[i].Type), expr.TypeSQL(f.Type), n)
		}
		fields[i].Nullable = fields[i].Nullable || f.Nullable
	}
	return nil
}

// Schema has the first input's names; a column is nullable if it is in any input.
func (u Union) Schema() *arrow.Schema { return u.schema }

// Children are the inputs.
func (u Union) Children() []Node { return appendInputs(nil, u) }
