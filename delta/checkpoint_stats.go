package delta

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// statsLayout is the struct form of file statistics in a checkpoint.
type statsLayout struct {
	typ *arrow.StructType
}

// newStatsLayout has the columns that statistics are kept of: numRecords, then minValues and maxValues of the types that have an order, and nullCount of all,
// and in tables with deletion vectors whether these are tight.
func newStatsLayout(m *tableMetadata, vectors bool) *statsLayout {
	var fields []arrow.Field
	for _, f := range m.schema.Fields() {
		if !slices.Contains(m.PartitionColumns, f.Name) {
			fields = append(fields, f)
		}
	}
	l := []arrow.Field{{Name: "numRecords", Type: schema.BigInt, Nullable: true}}
	fields = m.fileFields(fields)
	values := statsFields(fields, func(t arrow.DataType) arrow.DataType {
		if skipping.KindOf(t) == skipping.KindNone || t.ID() == arrow.BINARY || t.ID() == arrow.BOOL {
			return nil
		}
		return t
	})
	counts := statsFields(fields, func(arrow.DataType) arrow.DataType { return schema.BigInt })
	if len(values) > 0 {
		l = append(l, arrow.Field{Name: "minValues", Type: arrow.StructOf(values...), Nullable: true},
			arrow.Field{Name: "maxValues", Type: arrow.StructOf(values...), Nullable: true})
	}
	if len(counts) > 0 {
		l = append(l, arrow.Field{Name: "nullCount", Type: arrow.StructOf(counts...), Nullable: true})
	}
	if vectors {
		l = append(l, arrow.Field{Name: "tightBounds", Type: schema.Boolean, Nullable: true})
	}
	return &statsLayout{arrow.StructOf(l...)}
}

// statsFields maps the leaves of nested structs; nil leaves a field out.
func statsFields(fields []arrow.Field, leaf func(arrow.DataType) arrow.DataType) []arrow.Field {
	var out []arrow.Field
	for _, f := range fields {
		t := f.Type
		if st, ok := t.(*arrow.StructType); ok {
			t = nil
			if inner := statsFields(st.Fields(), leaf); len(inner) > 0 {
				t = arrow.StructOf(inner...)
			}
		} else {
			t = leaf(t)
		}
		if t != nil {
			out = append(out, arrow.Field{Name: f.Name, Type: t, Nullable: true})
		}
	}
	return out
}

// append adds one file's statistics; what cannot be parsed is NULL.
func (l *statsLayout) append(b *array.StructBuilder, stats string) {
	if stats == "" {
		b.AppendNull()
		return
	}
	appendStatsStruct(b, l.typ, stats)
}

func appendStatsStruct(b *array.StructBuilder, t *arrow.StructType, raw string) {
	members := make([]string, t.NumFields())
	s := &scanner{text: raw}
	for k := range s.members {
		v := s.raw()
		if i, found := t.FieldIdx(k); found && v != "null" {
			members[i] = v
		}
	}
	if s.err != nil {
		b.AppendNull()
		return
	}
	b.Append(true)
	for i, f := range t.Fields() {
		if st, ok := f.Type.(*arrow.StructType); ok && members[i] != "" {
			appendStatsStruct(b.FieldBuilder(i).(*array.StructBuilder), st, members[i])
			continue
		}
		v, ok := parseScalar(textOf(members[i]), f.Type)
		if members[i] == "" || !ok {
			b.FieldBuilder(i).AppendNull()
		} else {
			appendScalar(b.FieldBuilder(i), v)
		}
	}
}

func appendPartitionStruct(b *array.StructBuilder, f *File, fields []arrow.Field) {
	b.Append(true)
	for i, field := range fields {
		text, null := f.Partition(field.Name)
		v, ok := parseScalar(text, field.Type)
		if null || !ok {
			b.FieldBuilder(i).AppendNull()
		} else {
			appendScalar(b.FieldBuilder(i), v)
		}
	}
}
