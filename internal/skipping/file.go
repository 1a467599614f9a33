package skipping

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

// File is a predicate over one Parquet file. It is immutable.
type File struct {
	predicate *Predicate
	file      *parquet.File
	paths     [][]string
	known     []Bounds
}

// Pages counts the data pages of a row group in the columns that a predicate reads.
type Pages struct{ Touched, Skipped int64 }

// Over is the predicate over a file. paths tell where the file has each leaf, nil where it does not; known what is known of the leaves in all of the file.
func (p *Predicate) Over(f *parquet.File, paths [][]string, known []Bounds) *File {
	return &File{predicate: p, file: f, paths: paths, known: known}
}

// KeepsGroup reports whether rows of the row group may be kept.
func (f *File) KeepsGroup(group int) bool {
	if f.predicate.Trivial() {
		return true
	}
	g := f.file.RowGroups()[group]
	b := slices.Clone(f.known)
	for i, l := range f.predicate.leaves {
		if c, ok := g.Stats(f.paths[i]...); ok {
			b[i] = boundsOf(c, l.Type).Or(b[i])
		}
	}
	return f.predicate.MayKeep(b)
}

// boundsOf is what Parquet statistics tell of a leaf that is read as type t.
func boundsOf(c parquet.ColumnStats, t arrow.DataType) Bounds {
	b := Bounds{MayNull: c.NullCount != 0, MayNaN: c.HasNaN, MayNonNaN: true}
	if c.Values >= 0 && c.NullCount == c.Values {
		return OnlyNull()
	}
	if comparable(c.Type, t) {
		b.Min, _ = ScalarOf(c.Min) // nil is unknown
		b.Max, _ = ScalarOf(c.Max)
	}
	return b
}

// comparable tells whether bounds of values of one type are bounds of these values in the other. Of timestamps both are microseconds of UTC.
func comparable(from, to arrow.DataType) bool {
	switch from.ID() {
	case arrow.TIMESTAMP:
		return to.ID() == arrow.TIMESTAMP
	case arrow.DECIMAL128:
		return to.ID() == arrow.DECIMAL128 && scaleOf(from) == scaleOf(to)
	}
	return schema.Equal(from, to) || IsInteger(from) && IsInteger(to) || KindOf(from) == KindFloat && KindOf(to) == KindFloat
}

// Rows are the rows of a row group that the page index leaves to the predicate; nil: all of them.
func (f *File) Rows(ctx context.Context, group int) ([]parquet.RowRange, Pages, error) {
	p := f.predicate
	if p.Trivial() {
		return nil, Pages{}, nil
	}
	g := f.file.RowGroups()[group]
	pages := make([][]parquet.Page, len(p.leaves))
	cuts := []int64{0, g.Rows}
	for i, path := range f.paths {
		if _, ok := g.Stats(path...); !ok {
			continue
		}
		var err error
		var damaged *parquet.CorruptError
		if pages[i], err = f.file.Pages(ctx, group, path...); err != nil && !errors.As(err, &damaged) {
			return nil, Pages{}, err // an index that is damaged is as good as none: the pages themselves are checked when they are read
		}
		for _, page := range pages[i] {
			cuts = append(cuts, page.Rows.From)
		}
	}
	if len(cuts) == 2 {
		return nil, Pages{}, nil
	}
	slices.Sort(cuts)
	ranges := f.kept(slices.Compact(cuts), pages)
	return ranges, countPages(pages, ranges), nil
}

// kept evaluates the predicate between each two cuts, which no page of any leaf crosses.
func (f *File) kept(cuts []int64, pages [][]parquet.Page) []parquet.RowRange {
	ranges := []parquet.RowRange{}
	at := make([]int, len(pages))
	b := make([]Bounds, len(f.known))
	for c := range len(cuts) - 1 {
		from, to := cuts[c], cuts[c+1]
		copy(b, f.known)
		for i, list := range pages {
			for at[i]+1 < len(list) && list[at[i]+1].Rows.From <= from {
				at[i]++
			}
			if len(list) > 0 {
				b[i] = boundsOf(list[at[i]].ColumnStats, f.predicate.leaves[i].Type).Or(b[i])
			}
		}
		if !f.predicate.MayKeep(b) {
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

// countPages counts the pages that the ranges (nil: all rows) touch, and those that they do not.
func countPages(pages [][]parquet.Page, ranges []parquet.RowRange) (n Pages) {
	for _, list := range pages {
		next := ranges
		for _, page := range list {
			for len(next) > 0 && next[0].To <= page.Rows.From {
				next = next[1:]
			}
			if ranges == nil || len(next) > 0 && next[0].From < page.Rows.To {
				n.Touched++
			} else {
				n.Skipped++
			}
		}
	}
	return n
}
