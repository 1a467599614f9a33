package databricks

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/schema"
)

// ColumnError says that a column of a result does not have the type, or holds a value outside the type, that it is wanted in.
type ColumnError struct {
	Column string // by the wanted name
	Sent   string // the type that the server sent, as SQL
	Wanted string
	Reason string
}

// Error names the column, both types and the reason.
func (e *ColumnError) Error() string {
	return fmt.Sprintf("databricks: column %s: sent as %s, wanted as %s: %s", e.Column, e.Sent, e.Wanted, e.Reason)
}

// converter turns batches as the server sends them into those that are wanted, column by column. Where the two are laid out alike it only changes labels.
type converter struct {
	mem     memory.Allocator
	sent    *arrow.Schema
	wanted  *arrow.Schema
	columns []column
}

// column converts one column.
type column func(arrow.Array) (arrow.Array, error)

func newConverter(mem memory.Allocator, sent, wanted *arrow.Schema) (*converter, error) {
	if sent.NumFields() != wanted.NumFields() {
		return nil, &ColumnError{
			Column: "*", Sent: fmt.Sprintf("%d columns", sent.NumFields()), Wanted: fmt.Sprintf("%d columns", wanted.NumFields()),
			Reason: "the statement gives other columns",
		}
	}
	c := &converter{mem: mem, sent: sent, wanted: wanted}
	for i, f := range wanted.Fields() {
		from := sent.Field(i).Type
		convert := c.column(from, f.Type)
		if convert == nil {
			return nil, mismatch(f, from, "the types are not the same")
		}
		c.columns = append(c.columns, convert)
	}
	return c, nil
}

func mismatch(wanted arrow.Field, sent arrow.DataType, reason string) *ColumnError {
	return &ColumnError{Column: wanted.Name, Sent: schema.TypeDDL(sent), Wanted: schema.TypeDDL(wanted.Type), Reason: reason}
}

// column is how values of one type become those of another, or nil when they are none.
func (c *converter) column(from, to arrow.DataType) column {
	switch {
	case sameLayout(from, to):
		return func(a arrow.Array) (arrow.Array, error) { return relabel(a, to), nil }
	case from.ID() == arrow.NULL:
		return func(a arrow.Array) (arrow.Array, error) { return array.MakeArrayOfNull(c.mem, to, a.Len()), nil }
	case to.ID() == arrow.NULL:
		return func(a arrow.Array) (arrow.Array, error) {
			if a.NullN() < a.Len() {
				return nil, fmt.Errorf("it has values")
			}
			return array.NewNull(a.Len()), nil
		}
	case from.ID() == arrow.STRING:
		return c.fromText(to)
	default:
		return nil
	}
}

// expect checks that a further stream is of the schema that the first had; names may differ, since the server keeps files of like statements.
func (c *converter) expect(s *arrow.Schema) error {
	if s.NumFields() != c.sent.NumFields() {
		return fmt.Errorf("databricks: the result's streams have %d and then %d columns", c.sent.NumFields(), s.NumFields())
	}
	for i, f := range s.Fields() {
		if !sameLayout(f.Type, c.sent.Field(i).Type) {
			return mismatch(c.wanted.Field(i), f.Type, "a stream before it had "+schema.TypeDDL(c.sent.Field(i).Type))
		}
	}
	return nil
}

// batch converts one batch. The caller releases it.
func (c *converter) batch(rec arrow.RecordBatch) (arrow.RecordBatch, error) {
	out := make([]arrow.Array, 0, len(c.columns))
	defer func() {
		for _, a := range out {
			a.Release()
		}
	}()
	for i, convert := range c.columns {
		f := c.wanted.Field(i)
		a, err := convert(rec.Column(i))
		if err != nil {
			return nil, mismatch(f, c.sent.Field(i).Type, err.Error())
		}
		out = append(out, a)
		if !f.Nullable && a.NullN() > 0 {
			return nil, mismatch(f, c.sent.Field(i).Type, "it has NULLs, and is wanted NOT NULL")
		}
	}
	return array.NewRecordBatch(c.wanted, out, rec.NumRows()), nil
}

// sameLayout tells types whose arrays have the same buffers with the same meaning: they differ in names, nullability and the name of the zone at most.
func sameLayout(from, to arrow.DataType) bool {
	switch to := to.(type) {
	case *arrow.TimestampType:
		f, ok := from.(*arrow.TimestampType)
		return ok && f.Unit == to.Unit
	case *arrow.MapType:
		f, ok := from.(*arrow.MapType)
		return ok && sameLayout(f.KeyType(), to.KeyType()) && sameLayout(f.ItemType(), to.ItemType())
	case *arrow.ListType:
		f, ok := from.(*arrow.ListType)
		return ok && sameLayout(f.Elem(), to.Elem())
	case *arrow.StructType:
		f, ok := from.(*arrow.StructType)
		if !ok || f.NumFields() != to.NumFields() {
			return false
		}
		for i := range to.NumFields() {
			if !sameLayout(f.Field(i).Type, to.Field(i).Type) {
				return false
			}
		}
		return true
	default:
		return arrow.TypeEqual(from, to)
	}
}

// relabel is the array under another type of the same layout. It shares the buffers.
func relabel(a arrow.Array, to arrow.DataType) arrow.Array {
	if arrow.TypeEqual(a.DataType(), to, arrow.CheckMetadata()) {
		a.Retain()
		return a
	}
	data := relabelData(a.Data(), to)
	defer data.Release()
	return array.MakeFromData(data)
}

func relabelData(d arrow.ArrayData, to arrow.DataType) arrow.ArrayData {
	children := make([]arrow.ArrayData, len(d.Children()))
	for i, child := range d.Children() {
		children[i] = relabelData(child, childType(to, i))
		defer children[i].Release()
	}
	return array.NewData(to, d.Len(), d.Buffers(), children, d.NullN(), d.Offset())
}

// childType is the type of a nested type's i-th child array. A map's only child is the list of its entries.
func childType(t arrow.DataType, i int) arrow.DataType {
	switch t := t.(type) {
	case *arrow.MapType:
		return t.Elem()
	case *arrow.ListType:
		return t.Elem()
	default:
		return t.(*arrow.StructType).Field(i).Type
	}
}
