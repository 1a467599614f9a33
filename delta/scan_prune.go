package delta

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// keepsGroup reports whether the filter may keep rows of the row group; paths are those of leafPaths.
func (s *Scan) keepsGroup(f *File, g parquet.RowGroup, paths [][]string) bool {
	if s.pruner.trivial() {
		return true
	}
	b := make([]bounds, len(s.pruner.leaves))
	s.pruner.fileBounds(f, b)
	for i, l := range s.pruner.leaves {
		if c, ok := g.Stats(paths[i]...); ok {
			b[i] = narrower(b[i], columnBounds(c, l.typ))
		}
	}
	return s.pruner.mayKeep(b)
}

// leafPaths is where the filter's leaves are in a file of these columns; nil where the file does not have one.
func (s *Scan) leafPaths(have []arrow.Field) [][]string {
	paths := make([][]string, len(s.pruner.leaves))
	for i, l := range s.pruner.leaves {
		if !l.partition {
			paths[i] = s.matching.path(have, l.fields)
		}
	}
	return paths
}

// narrower takes what the file's own statistics tell, and keeps the log's where they tell nothing.
func narrower(log, own bounds) bounds {
	if own.min.kind == scalarNone {
		own.min = log.min
	}
	if own.max.kind == scalarNone {
		own.max = log.max
	}
	own.mayNull = own.mayNull && log.mayNull
	own.mayNaN = own.mayNaN && log.mayNaN
	own.mayNonNaN = own.mayNonNaN && log.mayNonNaN
	return own
}

// columnBounds is what Parquet statistics tell of a leaf whose type in the table is t.
func columnBounds(c parquet.ColumnStats, t arrow.DataType) bounds {
	b := bounds{mayNull: c.NullCount != 0, mayNaN: c.HasNaN, mayNonNaN: true}
	if c.Values >= 0 && c.NullCount == c.Values {
		return bounds{mayNull: true}
	}
	if !schema.Equal(c.Type, t) && !(isInteger(c.Type) && isInteger(t)) && !(kindOf(c.Type) == scalarFloat && kindOf(t) == scalarFloat) {
		return b
	}
	b.min, b.max = parquetScalar(c.Min), parquetScalar(c.Max)
	return b
}

func parquetScalar(v any) scalar {
	switch v := v.(type) {
	case bool, int64, float32, float64, []byte, decimal128.Num:
		s, _ := scalarOf(v)
		return s
	default:
		return scalar{}
	}
}

// rowRanges are the rows of a row group that the page index leaves to the filter; nil: all of them.
func (r *fileReader) rowRanges(ctx context.Context, g int, group parquet.RowGroup) ([]parquet.RowRange, error) {
	p := r.scan.pruner
	if p.trivial() || len(r.wanted) == 0 {
		return nil, nil
	}
	b := make([]bounds, len(p.leaves))
	p.fileBounds(r.file, b)
	pages := make([][]parquet.Page, len(p.leaves))
	cuts := []int64{0, group.Rows}
	for i, path := range r.paths {
		if _, ok := group.Stats(path...); !ok {
			continue
		}
		var err error
		var damaged *parquet.CorruptError
		if pages[i], err = r.parquet.Pages(ctx, g, path...); err != nil && !errors.As(err, &damaged) {
			return nil, err // an index that is damaged is as good as none: the pages themselves are checked when they are read
		}
		for _, page := range pages[i] {
			cuts = append(cuts, page.Rows.From)
		}
	}
	if len(cuts) == 2 {
		return nil, nil
	}
	slices.Sort(cuts)
	ranges := r.keptRanges(slices.Compact(cuts), pages, b)
	r.countPages(pages, ranges)
	return ranges, nil
}

// countPages counts the pages that the ranges (nil: all rows) touch, and those that they do not.
func (r *fileReader) countPages(pages [][]parquet.Page, ranges []parquet.RowRange) {
	all, touched := 0, 0
	for _, list := range pages {
		all += len(list)
		next := ranges
		for _, page := range list {
			for len(next) > 0 && next[0].To <= page.Rows.From {
				next = next[1:]
			}
			if ranges == nil || len(next) > 0 && next[0].From < page.Rows.To {
				touched++
			}
		}
	}
	r.scan.read.pages.Add(int64(touched))
	r.scan.read.skippedPages.Add(int64(all - touched))
}

// keptRanges evaluates the predicate between each two cuts, which no page of any leaf crosses.
func (r *fileReader) keptRanges(cuts []int64, pages [][]parquet.Page, file []bounds) []parquet.RowRange {
	p := r.scan.pruner
	ranges := []parquet.RowRange{}
	at := make([]int, len(pages))
	b := make([]bounds, len(file))
	for c := range len(cuts) - 1 {
		from, to := cuts[c], cuts[c+1]
		copy(b, file)
		for i, list := range pages {
			for at[i]+1 < len(list) && list[at[i]+1].Rows.From <= from {
				at[i]++
			}
			if len(list) > 0 {
				b[i] = narrower(file[i], columnBounds(list[at[i]].ColumnStats, p.leaves[i].typ))
			}
		}
		if !p.mayKeep(b) {
			continue
		}
		if n := len(ranges); n > 0 && ranges[n-1].To == from {
			ranges[n-1].To = to
		} else {
			ranges = append(ranges, parquet.RowRange{From: from, To: to})
		}
	}
	if len(ranges) == 1 && ranges[0] == (parquet.RowRange{From: cuts[0], To: cuts[len(cuts)-1]}) {
		return nil
	}
	return ranges
}
