package parquet

import "github.com/apache/arrow-go/v18/arrow"

// narrowed is n with only those fields of structs that t has, each by its name in the file. Where t is no struct, or has none of its fields, it is n itself.
func (n *node) narrowed(t arrow.DataType) *node {
	s, ok := t.(*arrow.StructType)
	if !ok || n.kind != nodeStruct {
		return n
	}
	part := *n
	part.kids = nil
	var fields []arrow.Field
	for _, f := range s.Fields() {
		for _, k := range n.kids {
			if k.field.Name == f.Name {
				kid := k.narrowed(f.Type)
				part.kids, fields = append(part.kids, kid), append(fields, kid.field)
				break
			}
		}
	}
	if len(part.kids) == 0 {
		return n
	}
	part.first, part.field.Type = part.kids[0].first, arrow.StructOf(fields...)
	return &part
}
