package delta

import (
	"cmp"
	"context"
	"errors"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// compaction rewrites bins of files.
type compaction struct {
	tx     *Transaction
	view   *Snapshot
	env    *exec.Env
	layout *layout
	target int64 // bytes of a file
	writer *Writer
}

// run rewrites the bins beside each other.
func (c *compaction) run(ctx context.Context) (err error) {
	if c.writer, err = c.tx.NewWriter(WriterConfig{TargetFileBytes: math.MaxInt64, MaxOpenBytes: math.MaxInt64, moves: true, tracked: true}); err != nil {
		return err
	}
	workers := cmp.Or(max(c.env.Workers, 0), runtime.GOMAXPROCS(0))
	beside := min(workers, len(c.layout.bins))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(beside)
	for _, b := range c.layout.bins {
		g.Go(func() error {
			if c.layout.order == nil {
				return c.pack(gctx, b)
			}
			return c.arrange(gctx, b, max(1, workers/beside))
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, b := range c.layout.bins {
		c.tx.removeFiles(b.files)
	}
	return nil
}

// pack rewrites a bin into one file, its rows in their order.
func (c *compaction) pack(ctx context.Context, b bin) error {
	scan, err := c.rows(b)
	if err != nil {
		return err
	}
	m := c.newMover(b, math.MaxInt64)
	for i := range scan.Files {
		if err := scan.readFile(ctx, i, nil, func(b *exec.Batch) error { return m.move(ctx, b) }); err != nil {
			return errors.Join(err, m.out.Close(ctx))
		}
	}
	return m.out.Close(ctx)
}

// rows reads what of a bin goes into files.
func (c *compaction) rows(b bin) (*Scan, error) {
	tracked := c.writer.config.tracked
	return c.view.Scan(ScanConfig{Files: b.files, Columns: c.writer.dataIndex, RowTracking: tracked, KeepDictionary: true, Alloc: c.env.Alloc})
}

func (c *compaction) scan(b bin, columns []int) (*Scan, error) {
	return c.view.Scan(ScanConfig{Files: b.files, Columns: columns, KeepDictionary: true, Alloc: c.env.Alloc})
}

// arrange rewrites a bin into files of about the target's size, its rows in the layout's order.
func (c *compaction) arrange(ctx context.Context, b bin, workers int) (err error) {
	env := *c.env
	env.Workers = workers
	parts, err := c.parts(ctx, &env, b)
	if err != nil {
		return err
	}
	scan, err := c.rows(b)
	if err != nil {
		return err
	}
	places, err := c.layout.order.newPlacing(c.kernel(), scan.Schema(), indexIn(c.writer.dataIndex), parts)
	if err != nil {
		return err
	}
	key := expr.BoundColumn{Index: scan.Schema().NumFields(), Name: placeColumn, Typ: schema.BigInt}
	sorted, err := exec.NewSort(&env, places.Schema(), []expr.BoundSort{{Arg: key}}, -1, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sorted.Close()) }()
	if err := (exec.Pipeline{Source: scan.Source(), Steps: []exec.Step{places}}).Run(ctx, &env, sorted); err != nil {
		return err
	}
	return c.writeSorted(ctx, b, sorted, places.rows.Load())
}

// writeSorted writes the rows, without their places, into files of about as many each.
func (c *compaction) writeSorted(ctx context.Context, b bin, sorted exec.Source, rows int64) error {
	size := int64(0)
	for _, f := range b.files {
		size += f.Size
	}
	files := max(1, (size+c.target/2)/c.target)
	m := c.newMover(b, max(1, (rows+files-1)/files))
	morsels, err := sorted.Morsels(ctx)
	for _, morsel := range morsels {
		if err == nil {
			err = morsel(ctx, func(b *exec.Batch) error {
				last := len(b.Columns) - 1
				return m.move(ctx, &exec.Batch{Columns: b.Columns[:last], N: b.N, Selection: b.Selection})
			})
		}
	}
	return errors.Join(err, m.out.Close(ctx))
}

// parts cut the values of the order's columns, in the bin, into as many parts as the order tells apart.
func (c *compaction) parts(ctx context.Context, env *exec.Env, b bin) ([]*ranges, error) {
	read := []int{}
	for _, column := range c.layout.order.columns {
		read = append(read, expr.Columns(column)...)
	}
	columns, err := evaluate(c.layout.order.over(indexIn(read)))
	if err != nil {
		return nil, err
	}
	scan, err := c.scan(b, read)
	if err != nil {
		return nil, err
	}
	s := &sampling{columns: columns, env: c.kernel()}
	if err := (exec.Pipeline{Source: scan.Source()}).Run(ctx, env, s); err != nil {
		return nil, err
	}
	parts := make([]*ranges, len(columns))
	for i := range parts {
		if parts[i] = (&ranges{}); s.samples != nil {
			parts[i] = s.samples[i].ranges(c.layout.order.bits())
		}
	}
	return parts, nil
}

func (c *compaction) kernel() *kernel.Env {
	alloc := c.env.Alloc
	if alloc == nil {
		alloc = c.tx.table.config.Alloc
	}
	return &kernel.Env{Alloc: alloc, Now: c.tx.table.config.Clock()}
}

// indexIn gives the position of a column's position among others.
func indexIn(list []int) func(int) int {
	at := make(map[int]int, len(list))
	for i, column := range list {
		at[column] = i
	}
	return func(column int) int { return at[column] }
}

// mover writes rows of one partition, of which it gets the columns that are in files, as they are.
type mover struct {
	out  *FileWriter
	each int64 // rows of a file
	left int64 // of the open one
}

func (c *compaction) newMover(b bin, each int64) *mover {
	out := &FileWriter{w: c.writer, open: []*openFile{{values: b.values}}}
	if c.layout.more != nil {
		out.more = c.layout.more()
	}
	return &mover{out: out, each: each, left: each}
}

func (m *mover) move(ctx context.Context, b *exec.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if int64(b.Len()) <= m.left {
		return m.write(ctx, b)
	}
	for from := 0; from < b.Len(); {
		n := int(min(int64(b.Len()-from), m.left))
		if err := m.write(ctx, slice(b, from, from+n)); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// write adds rows to the open file, of which there are no more than are left.
func (m *mover) write(ctx context.Context, b *exec.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	m.out.data = append(m.out.data[:0], b.Columns...)
	if err := m.out.write(ctx, m.out.open[0], b.N, b.Selection); err != nil {
		return err
	}
	if m.left -= int64(b.Len()); m.left > 0 {
		return nil
	}
	m.left = m.each
	return m.out.finish(ctx, m.out.open[0])
}

// slice is some of the rows that are selected, as a selection.
func slice(b *exec.Batch, from, to int) *exec.Batch {
	if b.Selection != nil {
		return &exec.Batch{Columns: b.Columns, N: b.N, Selection: b.Selection[from:to]}
	}
	sel := make([]int32, to-from)
	for i := range sel {
		sel[i] = int32(from + i)
	}
	return &exec.Batch{Columns: b.Columns, N: b.N, Selection: sel}
}
