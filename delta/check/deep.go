package check

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/storage"
)

// deep reads every live file of the table, and holds what the log tells of it against its rows.
func (c *checker) deep(ctx context.Context) error {
	if c.state.metadata == nil {
		return nil
	}
	for _, f := range c.state.sortedLive() {
		key, ok := c.relative(f.path)
		if !ok {
			continue
		}
		c.at(place{version: f.added, action: "add", path: f.path})
		if err := c.dataFile(ctx, f, key); err != nil {
			return err
		}
		if err := c.vectorFile(ctx, f); err != nil {
			return err
		}
		if c.stopped != nil {
			return errStopped
		}
	}
	return c.constraints(ctx)
}

// leaf is a column of a data file, inside structs perhaps, with what the log tells of it.
type leaf struct {
	path      string
	names     []int // positions on the way: of the file's column, then of the fields of structs
	typ       *dataType
	notNull   bool
	nullCount *int64
	low, high any // bounds, as JSON; nil where there are none

	nulls   int64
	outside string // a value out of the bounds, as text
}

// dataFile holds a file's statistics against its rows.
func (c *checker) dataFile(ctx context.Context, f *file, key string) error {
	m := c.state.metadata
	var stats *statistics
	if v, err := decodeJSON([]byte(f.stats)); err == nil {
		if all, ok := v.(map[string]any); ok {
			stats = &statistics{rows: -1, all: all}
		}
	}
	var leaves []*leaf
	rows := int64(0)
	err := c.readParquet(ctx, key, func(p *parquet.File) []int {
		var columns []int
		columns, leaves = c.leaves(m, stats, p.Schema())
		return columns
	}, func(rec arrow.RecordBatch) error {
		rows += rec.NumRows()
		for _, l := range leaves {
			l.scan(rec.Column(l.names[0]))
		}
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil // checkObjects has told it
	}
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		c.report(DataFile, "the file cannot be read: %v", err)
		return nil
	}
	c.compareRows(f, stats, rows, leaves)
	return nil
}

// leaves finds the table's columns in a file; positions are those of the columns that are read.
func (c *checker) leaves(m *metadata, stats *statistics, s *arrow.Schema) (columns []int, leaves []*leaf) {
	all := members(nil)
	if stats != nil {
		all = stats.all
	}
	columns = []int{}
	for _, f := range m.schema.fields {
		if m.partitioned(f) || f.typ.name == "void" {
			continue
		}
		at := m.position(f, s.Fields())
		if at < 0 {
			if !f.nullable {
				leaves = append(leaves, &leaf{path: f.name, notNull: true, nulls: 1, names: nil})
			}
			continue
		}
		w := &leafWalk{m: m, column: len(columns)}
		w.walk(f, s.Field(at).Type, nil, f.name, all.object("minValues"), all.object("maxValues"), all.object("nullCount"))
		columns, leaves = append(columns, at), append(leaves, w.leaves...)
	}
	return columns, slices.DeleteFunc(leaves, func(l *leaf) bool {
		missing := l.names == nil
		if missing {
			c.report(NotNull, "the file lacks the column %s", l.path)
		}
		return missing
	})
}

// position finds a column in a file: by its field ID or its name, as the mapping says.
func (m *metadata) position(f *column, fields []arrow.Field) int {
	if id, ok := asInteger(f.metadata[columnID]); ok && m.mapping() == "id" {
		return slices.IndexFunc(fields, func(a arrow.Field) bool {
			text, ok := a.Metadata.GetValue("PARQUET:field_id")
			return ok && text == itoa(id)
		})
	}
	return slices.IndexFunc(fields, func(a arrow.Field) bool { return a.Name == m.physical(f) })
}

// leafWalk gathers the leaves of one column.
type leafWalk struct {
	m      *metadata
	column int // of the batch
	leaves []*leaf
}

func (w *leafWalk) walk(f *column, t arrow.DataType, names []int, path string, low, high, nulls members) {
	name := w.m.physical(f)
	st, isStruct := t.(*arrow.StructType)
	if f.typ.name != "struct" || !isStruct {
		l := &leaf{path: path, names: append([]int{w.column}, names...), typ: f.typ, notNull: !f.nullable && len(names) == 0, low: low[name], high: high[name]}
		l.nullCount = nulls.optional(name)
		w.leaves = append(w.leaves, l)
		return
	}
	for _, child := range f.typ.fields {
		if at := w.m.position(child, st.Fields()); at >= 0 {
			w.walk(child, st.Field(at).Type, append(slices.Clip(names), at), path+"."+child.name, low.object(name), high.object(name), nulls.object(name))
		}
	}
}

// scan looks at a batch of the leaf's column.
func (l *leaf) scan(a arrow.Array) {
	parents := []arrow.Array{}
	for _, at := range l.names[1:] {
		parents = append(parents, a)
		a = a.(*array.Struct).Field(at)
	}
	for row := range a.Len() {
		if a.IsNull(row) || slices.ContainsFunc(parents, func(p arrow.Array) bool { return p.IsNull(row) }) {
			l.nulls++
		} else if l.outside == "" && (l.low != nil || l.high != nil) && !within(a, row, l.low, l.high) {
			l.outside = a.ValueStr(row)
		}
	}
}

// compareRows tells where the statistics do not hold.
func (c *checker) compareRows(f *file, stats *statistics, rows int64, leaves []*leaf) {
	tight := stats == nil || stats.all["tightBounds"] != false
	if stats != nil {
		if n := stats.all.optional("numRecords"); n != nil && *n != rows {
			c.report(StatsWrong, "numRecords is %d, and the file has %d rows", *n, rows)
		}
	}
	for _, l := range leaves {
		if l.nullCount != nil && *l.nullCount != l.nulls && (tight || f.vector == nil) {
			c.report(StatsWrong, "nullCount of %s is %d, and the file has %d", l.path, *l.nullCount, l.nulls)
		}
		if l.outside != "" {
			c.report(StatsWrong, "%s has the value %.60s, beyond the bounds %s and %s", l.path, l.outside, shown(l.low), shown(l.high))
		}
		if l.notNull && l.nulls > 0 {
			c.report(NotNull, "%s holds %d NULLs", l.path, l.nulls)
		}
	}
}

// vectorFile reads a file's deletion vector.
func (c *checker) vectorFile(ctx context.Context, f *file) error {
	if f.vector == nil {
		return nil
	}
	payload, err := c.vectorPayload(ctx, f.vector)
	if errors.Is(err, errElsewhere) {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	rows, last := int64(0), int64(-1)
	if err == nil {
		rows, last, err = countRows(payload)
	}
	switch {
	case err != nil:
		c.report(VectorFile, "the deletion vector cannot be read: %v", err)
	case rows != f.vector.cardinality:
		c.report(VectorFile, "the deletion vector holds %d rows, and its cardinality is %d", rows, f.vector.cardinality)
	case last >= rowsOf(f):
		c.report(VectorFile, "the deletion vector holds row %d, and the file has %d", last, rowsOf(f))
	}
	return nil
}
