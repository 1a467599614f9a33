package parquet

import (
	"context"
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// RowGroup is one row group of a File.
type RowGroup struct {
	Rows  int64
	Bytes int64 // compressed

	file *File
	meta *meta.RowGroup
}

// Stats is what the footer tells of the leaf with that path (as in ColumnStats.Path); false when there is no such leaf.
func (g RowGroup) Stats(path ...string) (ColumnStats, bool) {
	i := g.file.leafAt(path)
	if i < 0 {
		return ColumnStats{}, false
	}
	l, c := g.file.leaves[i], &g.meta.Columns[i]
	s := l.stats()
	s.Values, s.NullCount = c.NumValues, max(c.Statistics.NullCount, -1)
	e := &c.Statistics
	lo, hi := e.MinValue, e.MaxValue
	if lo == nil && hi == nil && l.signedOrder() {
		lo, hi = e.OldMin, e.OldMax
	}
	l.setBounds(&s, lo, hi)
	s.MinExact = s.Min != nil && (e.MinExact == meta.Exact || e.MinExact == meta.ExactnessUnknown && l.kind != kindBytes)
	s.MaxExact = s.Max != nil && (e.MaxExact == meta.Exact || e.MaxExact == meta.ExactnessUnknown && l.kind != kindBytes)
	return s, true
}

// stats is what is known of any values of the leaf.
func (l *leafColumn) stats() ColumnStats {
	return ColumnStats{Path: l.path, Type: l.typ, Values: -1, NullCount: -1, HasNaN: l.typ.ID() == arrow.FLOAT32 || l.typ.ID() == arrow.FLOAT64}
}

// bounded tells whether the bounds that the file has of a leaf's values are what they seem. A file that does not tell its orders has those of the types, as
// everywhere else; parquet-cpp, before it was part of Arrow and for some years after, compared decimals as if their bytes had no sign.
func (f *File) bounded(l *leafColumn) bool {
	if orders := f.meta.Orders; orders != nil && (l.index >= len(orders) || orders[l.index] != meta.TypeOrder) {
		return false
	}
	return l.kind != kindDecimal || !strings.HasPrefix(f.meta.CreatedBy, "parquet-cpp version ")
}

// signedOrder says that the deprecated statistics, which compare bytes as signed, mean what they say.
func (l *leafColumn) signedOrder() bool {
	return l.kind != kindBytes && l.kind != kindDecimal && l.conv != fromUint8 && l.conv != fromUint16
}

// setBounds decodes bounds. Floats are taken with care: NaN makes both unknown, and zeros get the sign that makes them bounds.
func (l *leafColumn) setBounds(s *ColumnStats, lo, hi []byte) {
	s.Min, s.Max = l.toMicros(decodeBound(l.kind, lo)), l.toMicros(decodeBound(l.kind, hi))
	if isNaN(s.Min) || isNaN(s.Max) {
		s.Min, s.Max = nil, nil
	}
	switch x := s.Min.(type) {
	case float32:
		s.Min = lowerZero(x)
	case float64:
		s.Min = lowerZero(x)
	}
	switch x := s.Max.(type) {
	case float32:
		s.Max = upperZero(x)
	case float64:
		s.Max = upperZero(x)
	}
}

func isNaN(v any) bool {
	switch x := v.(type) {
	case float32:
		return x != x
	case float64:
		return x != x
	}
	return false
}

// toMicros converts the bounds of timestamps as their values are converted.
func (l *leafColumn) toMicros(v any) any {
	x, ok := v.(int64)
	switch {
	case !ok || l.conv != fromMillis && l.conv != fromNanos:
		return v
	case l.conv == fromNanos:
		return datetime.FloorDiv(x, 1000)
	case x*1000/1000 == x:
		return x * 1000
	}
	return nil
}

func lowerZero[T float32 | float64](x T) T {
	if x == 0 {
		return T(math.Copysign(0, -1))
	}
	return x
}

func upperZero[T float32 | float64](x T) T {
	if x == 0 {
		return 0
	}
	return x
}

// Pages is what the column and offset index tell of the pages of a leaf in a row group; nil when the file has no such index.
func (f *File) Pages(ctx context.Context, rowGroup int, path ...string) ([]Page, error) {
	i := f.leafAt(path)
	if i < 0 || rowGroup < 0 || rowGroup >= len(f.meta.RowGroups) {
		return nil, nil
	}
	l, g := f.leaves[i], &f.meta.RowGroups[rowGroup]
	var pages []Page
	err := f.guard(l.name(), func() (err error) {
		pages, err = f.pages(ctx, g, l)
		return err
	})
	return pages, err
}

func (f *File) pages(ctx context.Context, g *meta.RowGroup, l *leafColumn) ([]Page, error) {
	c := &g.Columns[l.index]
	if c.ColumnIndexOffset <= 0 || c.OffsetIndexOffset <= 0 {
		return nil, nil
	}
	locations, err := f.offsetIndex(ctx, g, l)
	if err != nil {
		return nil, err
	}
	x, err := f.columnIndex(ctx, c, l)
	if err != nil {
		return nil, err
	}
	n := len(locations)
	if len(x.NullPages) != n || len(x.MinValues) != n || len(x.MaxValues) != n || x.NullCounts != nil && len(x.NullCounts) != n {
		return nil, f.corrupt(l.name(), "column index and offset index differ in length")
	}
	pages := make([]Page, n)
	for k := range pages {
		p := Page{ColumnStats: l.stats(), Rows: RowRange{From: locations[k].FirstRow, To: g.NumRows}}
		if k+1 < n {
			p.Rows.To = locations[k+1].FirstRow
		}
		if l.flat {
			p.Values = p.Rows.To - p.Rows.From
		}
		if x.NullCounts != nil {
			p.NullCount = x.NullCounts[k]
		}
		if !x.NullPages[k] {
			l.setBounds(&p.ColumnStats, x.MinValues[k], x.MaxValues[k])
		} else if l.flat {
			p.NullCount, p.HasNaN = p.Values, false
		}
		pages[k] = p
	}
	return pages, nil
}

func (f *File) columnIndex(ctx context.Context, c *meta.ColumnChunk, l *leafColumn) (*meta.ColumnIndex, error) {
	b, err := f.readIndex(ctx, l, c.ColumnIndexOffset, c.ColumnIndexLength)
	if err != nil {
		return nil, err
	}
	x, err := meta.DecodeColumnIndex(b)
	if err != nil {
		return nil, f.corrupt(l.name(), "column index: %v", err)
	}
	return x, nil
}

// offsetIndex reads and checks where the pages of a leaf lie; nil when there is no index.
func (f *File) offsetIndex(ctx context.Context, g *meta.RowGroup, l *leafColumn) ([]meta.PageLocation, error) {
	c := &g.Columns[l.index]
	if c.OffsetIndexOffset <= 0 {
		return nil, nil
	}
	b, err := f.readIndex(ctx, l, c.OffsetIndexOffset, c.OffsetIndexLength)
	if err != nil {
		return nil, err
	}
	pages, err := meta.DecodeOffsetIndex(b)
	if err != nil {
		return nil, f.corrupt(l.name(), "offset index: %v", err)
	}
	row, at := int64(-1), int64(0)
	for _, p := range pages {
		if p.FirstRow <= row || p.FirstRow >= g.NumRows || p.Offset < at || p.Size <= 0 || p.Offset > f.size-int64(p.Size) {
			return nil, f.corrupt(l.name(), "offset index: page at %d of %d bytes from row %d", p.Offset, p.Size, p.FirstRow)
		}
		row, at = p.FirstRow, p.Offset+int64(p.Size)
	}
	if len(pages) > 0 && pages[0].FirstRow != 0 || len(pages) == 0 && g.NumRows > 0 {
		return nil, f.corrupt(l.name(), "offset index does not begin with row 0")
	}
	return pages, nil
}

func (f *File) readIndex(ctx context.Context, l *leafColumn, at int64, n int32) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n < 0 || n > maxIndexBytes || at < 0 || at > f.size-int64(n) {
		return nil, f.corrupt(l.name(), "an index of %d bytes at %d in a file of %d", n, at, f.size)
	}
	if b := f.ending(at, int(n)); b != nil {
		return b, nil
	}
	b := make([]byte, n)
	return b, f.readAt(b, at)
}
