package parquet

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// ReadConfig says what is read.
type ReadConfig struct {
	RowGroups      []int                  // in that order; nil: all
	Columns        []int                  // top-level fields of Schema, in that order, each once; nil: all
	Parts          map[int]arrow.DataType // of Columns: structs that have only the fields that are read, by their names
	BatchRows      int                    // most rows of a batch; default: 65,536
	KeepDictionary bool                   // top-level STRING and BINARY columns come as *array.Dictionary (int32 indices) in the batches where the file has them so
	Rows           []RowRange             // of the only row group in RowGroups, ascending; nil: all rows
	FetchBytes     int                    // most bytes of the file that are held; default: 64 MiB, and never less than 256 KiB a leaf

	// Stages, where there are any, choose rows before all columns are read. They take the first of Columns in turn; yield gets a batch of the columns that are
	// left, with the rows that were chosen, and none where there are none. What stages were given stays valid until yield has returned.
	Stages []Stage
}

// Stage reads some columns of those rows of a batch that the stages before it have chosen, and chooses among them.
type Stage struct {
	Columns int  // how many
	Codes   bool // flat columns of a fixed width, but BOOLEAN, come as *array.Dictionary too (int32 indices) where the file has them so
	// Select is given the columns of the rows at the positions of (nil: of all rows, as most are still wanted) and returns which are wanted: positions in the batch
	// that ascend, or nil for all.
	Select func(columns arrow.RecordBatch, of []int32) ([]int32, error)
}

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

// complete sets the defaults and finds faults.
func (f *File) complete(c *ReadConfig) error {
	if c.RowGroups == nil {
		for i := range f.meta.RowGroups {
			c.RowGroups = append(c.RowGroups, i)
		}
	}
	if c.Columns == nil {
		for i := range f.nodes {
			c.Columns = append(c.Columns, i)
		}
	}
	if c.BatchRows <= 0 {
		c.BatchRows = 1 << 16
	}
	if c.FetchBytes <= 0 {
		c.FetchBytes = 64 << 20
	}
	for _, g := range c.RowGroups {
		if g < 0 || g >= len(f.meta.RowGroups) {
			return fmt.Errorf("parquet: row group %d of %d", g, len(f.meta.RowGroups))
		}
	}
	for i, k := range c.Columns {
		if k < 0 || k >= len(f.nodes) || slices.Contains(c.Columns[:i], k) {
			return fmt.Errorf("parquet: column %d of %d, or the same twice", k, len(f.nodes))
		}
	}
	if err := f.checkStages(c); err != nil {
		return err
	}
	return f.checkRanges(c)
}

func (f *File) checkStages(c *ReadConfig) error {
	late := c.Columns
	for i, st := range c.Stages {
		if st.Columns < 0 || st.Columns > len(late) {
			return fmt.Errorf("parquet: stage %d reads %d of %d columns", i, st.Columns, len(late))
		}
		late = late[st.Columns:]
		for _, k := range late {
			if n := f.nodes[k]; n.kind != nodeLeaf || !n.leaf.flat {
				return fmt.Errorf("parquet: column %s is nested, and its rows cannot be read singly", n.field.Name)
			}
		}
	}
	return nil
}

// codes tells whether the stage of the k-th column wants codes.
func (c *ReadConfig) codes(k int) bool {
	for _, st := range c.Stages {
		if k -= st.Columns; k < 0 {
			return st.Codes
		}
	}
	return false
}

func (f *File) checkRanges(c *ReadConfig) error {
	if c.Rows == nil {
		return nil
	}
	if len(c.RowGroups) != 1 {
		return fmt.Errorf("parquet: row ranges of %d row groups; they are of one", len(c.RowGroups))
	}
	at := int64(0)
	for _, r := range c.Rows {
		if r.From < at || r.To < r.From || r.To > f.meta.RowGroups[c.RowGroups[0]].NumRows {
			return fmt.Errorf("parquet: row range [%d, %d) is not in order, or not in the row group", r.From, r.To)
		}
		at = r.To
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

// explain turns what decoding found wrong into *CorruptError; other errors stay.
func (f *File) explain(column string, err error) error {
	var c *CorruptError
	var u *UnsupportedError
	if err == nil || errors.As(err, &c) || errors.As(err, &u) || errors.Is(err, errTooLong) || isReadError(err) {
		return err
	}
	return f.corrupt(column, "%v", err)
}

// readError is an error of the io.ReaderAt or of a context, not of the file's content.
type readError struct{ error }

func (e readError) Unwrap() error { return e.error }

func isReadError(err error) bool {
	var r readError
	return errors.As(err, &r)
}
