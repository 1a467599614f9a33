package delta

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// fill puts into the footer what the file's row groups tell of the columns that statistics are kept of.
func (f *converted) fill(footer *parquet.Footer, nodes []statsNode, fields []arrow.Field, path []string) {
	for _, n := range nodes {
		i := schema.Find(fields, n.name)
		switch {
		case i < 0 && n.leaf >= 0:
			footer.Columns[n.leaf].NullCount = f.rows
		case i < 0:
			f.fill(footer, n.children, nil, path)
		default:
			at := append(path[:len(path):len(path)], fields[i].Name)
			if n.leaf >= 0 {
				footer.Columns[n.leaf] = f.column(n.typ, at)
			} else if st, ok := fields[i].Type.(*arrow.StructType); ok {
				f.fill(footer, n.children, st.Fields(), at)
			}
		}
	}
}

// column sums up a column's statistics over all row groups.
func (f *converted) column(typ arrow.DataType, path []string) parquet.ColumnStats {
	sum := parquet.ColumnStats{Type: typ}
	known := false // a group with values was met
	for _, g := range f.groups {
		c, ok := g.Stats(path...)
		if !ok || !schema.Equal(c.Type, typ) {
			return parquet.ColumnStats{Type: typ, NullCount: -1}
		}
		if c.NullCount < 0 || sum.NullCount < 0 {
			sum.NullCount = -1
		} else {
			sum.NullCount += c.NullCount
		}
		sum.HasNaN = sum.HasNaN || c.HasNaN
		if c.Values >= 0 && c.NullCount == c.Values {
			continue
		}
		if !known {
			sum.Min, sum.Max, known = c.Min, c.Max, true
			continue
		}
		sum.Min, sum.Max = extreme(sum.Min, c.Min, -1), extreme(sum.Max, c.Max, 1)
	}
	return sum
}

// extreme is the lesser of two bounds, or with sign 1 the greater; nil where one is not known.
func extreme(a, b any, sign int) any {
	x, okX := skipping.ScalarOf(a)
	y, okY := skipping.ScalarOf(b)
	switch {
	case !okX || !okY:
		return nil
	case sign*y.Compare(x) > 0:
		return b
	default:
		return a
	}
}
