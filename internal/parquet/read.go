package parquet

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// Read yields the rows in order, in batches that are borrowed until yield returns. No batch spans two row groups or two ranges of Rows. Columns of no field at
// all give batches without columns that have rows. It ends with the first error: of yield, of ctx, of the reader, or *CorruptError.
func (f *File) Read(ctx context.Context, c ReadConfig, yield func(arrow.RecordBatch) error) error {
	if err := f.complete(&c); err != nil {
		return err
	}
	s := &scan{f: f, cfg: c, yield: yield, dec: decompressor{most: f.cfg.MaxPageBytes}, readers: map[*leafColumn]*leafReader{}}
	defer s.close()
	for k, i := range c.Columns {
		n := f.nodes[i].narrowed(c.Parts[i])
		s.nodes = append(s.nodes, n)
		n.leavesOf(func(l *leafColumn) {
			keep := c.KeepDictionary
			if l.width >= 0 {
				keep = c.codes(k)
			}
			r := newLeafReader(f, l, &s.dec, keep)
			s.readers[l] = r
			s.order = append(s.order, r)
		})
	}
	for _, g := range c.RowGroups {
		if err := s.rowGroup(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// scan is one Read.
type scan struct {
	f       *File
	cfg     ReadConfig
	yield   func(arrow.RecordBatch) error
	dec     decompressor
	nodes   []*node
	readers map[*leafColumn]*leafReader
	order   []*leafReader
	spans   []*buffer // memory for fetching
}

func (s *scan) close() {
	for _, r := range s.order {
		r.release()
	}
	for _, b := range s.spans {
		b.release()
	}
	s.dec.close()
}

func (s *scan) rowGroup(ctx context.Context, i int) error {
	g := &s.f.meta.RowGroups[i]
	ranges := s.cfg.Rows
	if ranges == nil {
		ranges = []RowRange{{0, g.NumRows}}
	}
	if err := s.start(ctx, g, ranges); err != nil {
		return err
	}
	for _, rr := range ranges {
		for at := rr.From; at < rr.To; at += int64(s.cfg.BatchRows) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.batch(at, int(min(int64(s.cfg.BatchRows), rr.To-at))); err != nil {
				return err
			}
		}
	}
	return nil
}

// start finds and fetches the pages that hold the ranges.
func (s *scan) start(ctx context.Context, g *meta.RowGroup, ranges []RowRange) error {
	sources := make([]*source, len(s.order))
	for i, r := range s.order {
		if c := g.Columns[r.leaf.index].Codec; !known(c) {
			return &UnsupportedError{File: s.f.cfg.Name, Column: r.leaf.name(), What: fmt.Sprintf("the codec %s", c)}
		}
		var err error
		r.start(g, source{ctx: ctx, f: s.f, mem: &r.window})
		if r.src.extents, err = s.extents(ctx, g, r.leaf, ranges); err != nil {
			return err
		}
		sources[i] = &r.src
	}
	return s.preload(ctx, sources)
}

// extents lists what of a leaf's chunk must be read: all of it, or the pages that hold the ranges.
func (s *scan) extents(ctx context.Context, g *meta.RowGroup, l *leafColumn, ranges []RowRange) ([]extent, error) {
	at, n := chunkExtent(&g.Columns[l.index])
	all := []extent{{at: at, n: n, firstRow: -1}}
	if s.cfg.Rows == nil {
		return all, nil
	}
	var pages []meta.PageLocation
	err := s.f.guard(l.name(), func() (err error) {
		pages, err = s.f.offsetIndex(ctx, g, l)
		return err
	})
	if err != nil || len(pages) == 0 {
		return all, err
	}
	var some []extent
	if pages[0].Offset > at {
		some = append(some, extent{at: at, n: pages[0].Offset - at, firstRow: -1})
	}
	for i, p := range pages {
		to := g.NumRows
		if i+1 < len(pages) {
			to = pages[i+1].FirstRow
		}
		if overlaps(ranges, p.FirstRow, to) {
			some = append(some, extent{at: p.Offset, n: int64(p.Size), firstRow: p.FirstRow})
		}
	}
	return some, nil
}

func overlaps(ranges []RowRange, from, to int64) bool {
	return slices.ContainsFunc(ranges, func(r RowRange) bool { return r.From < to && from < r.To })
}

// batch reads and yields n rows from row at on.
func (s *scan) batch(at int64, n int) error {
	nodes, sel := s.nodes, []int32(nil)
	for i := range s.cfg.Stages {
		st := &s.cfg.Stages[i]
		of := sel
		if 2*len(sel) > n { // picking rows would cost more than it spares
			of = nil
		}
		rec, err := s.record(nodes[:st.Columns], at, n, of)
		if err != nil {
			return err
		}
		defer rec.Release()
		if sel, err = st.Select(rec, of); err != nil || sel != nil && len(sel) == 0 {
			return err
		}
		nodes = nodes[st.Columns:]
	}
	rec, err := s.record(nodes, at, n, sel)
	if err != nil {
		return err
	}
	defer rec.Release()
	return s.yield(rec)
}

// record reads columns of n rows from row at on, only those at the positions sel where that is not nil.
func (s *scan) record(nodes []*node, at int64, n int, sel []int32) (arrow.RecordBatch, error) {
	cols := make([]arrow.Array, 0, len(nodes))
	defer func() {
		for _, a := range cols {
			a.Release()
		}
	}()
	fields := make([]arrow.Field, len(nodes))
	for i, node := range nodes {
		a, err := s.column(node, at, n, sel)
		if err != nil {
			return nil, err
		}
		cols = append(cols, a)
		fields[i] = node.field
		fields[i].Type = a.DataType()
	}
	if sel != nil {
		n = len(sel)
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, int64(n)), nil
}

// column reads rows of one column: those from row at on, or those at the positions sel, counted from there.
func (s *scan) column(n *node, at int64, rows int, sel []int32) (a arrow.Array, err error) {
	name := n.field.Name
	err = s.f.guard(name, func() (err error) {
		n.leavesOf(func(l *leafColumn) {
			r := s.readers[l]
			switch {
			case err != nil:
				return
			case sel != nil:
				name, rows = l.name(), len(sel)
				err = r.readPicked(at, sel)
			default:
				name = l.name()
				if err = r.seek(at); err == nil {
					err = r.read(rows)
				}
			}
		})
		if err != nil {
			return err
		}
		d, err := s.f.assemble(n, s.readers)
		if err != nil {
			return err
		}
		defer d.Release()
		if d.Len() != rows {
			return errShape
		}
		a = array.MakeFromData(d)
		return nil
	})
	return a, s.f.explain(name, err)
}
