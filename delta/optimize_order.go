package delta

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta/internal/hilbert"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// rowOrder is the order that OPTIMIZE puts rows in. Each column's values are cut into parts of about as many rows; the numbers of a row's parts are a point, and
// rows come as their points do on a curve.
type rowOrder struct {
	names   []string     // the columns, as the log names them: with dots between the parts
	columns []expr.Bound // over the table's columns
	hilbert bool         // Hilbert's curve, else Z-order
}

// bits is how many each part's number has: as many as a sort key holds, but no more than the sample of the values tells apart.
func (o *rowOrder) bits() int { return min(12, 63/len(o.columns)) }

// newRowOrder resolves columns, each a path with dots between its parts. They must be the files' own and have statistics, or else the order helps nobody.
func (s *Snapshot) newRowOrder(paths []string) (*rowOrder, error) {
	o := &rowOrder{}
	stats := newStatsWriter(s.metadata.Metadata, s.metadata.dataFields(), s.clustering()...)
	for _, text := range paths {
		path, typ, err := s.metadata.columnAt(text)
		if err != nil {
			return nil, err
		}
		switch {
		case slices.Contains(s.PartitionColumns(), path[0]):
			return nil, &expr.Error{
				Class: "DELTA_ZORDERING_ON_PARTITION_COLUMN", SQLState: "42P10",
				Message: fmt.Sprintf("the column %s is a partition column, which all rows of a file have one value of: order by others", quotePath(path)),
			}
		case skipping.KindOf(typ) == skipping.KindNone:
			return nil, &expr.Error{
				Class: "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", SQLState: "42K09",
				Message: fmt.Sprintf("files cannot be ordered by the column %s of type %s", quotePath(path), schema.Name(typ)),
			}
		case !stats.covers(s.metadata.Metadata, s.Schema().Fields(), path):
			return nil, &expr.Error{
				Class: "DELTA_ZORDERING_ON_COLUMN_WITHOUT_STATS", SQLState: "KD00D",
				Message: fmt.Sprintf("no statistics are kept of the column %s: see delta.dataSkippingStatsColumns and delta.dataSkippingNumIndexedCols", quotePath(path)),
			}
		}
		node, err := expr.Parse(quotePath(path))
		if err != nil {
			return nil, err
		}
		bound, err := expr.Bind(node, expr.NewScope(s.Schema()))
		if err != nil {
			return nil, err
		}
		o.names, o.columns = append(o.names, strings.Join(path, ".")), append(o.columns, bound)
	}
	return o, nil
}

// columnAt finds a column, or a field within one, by its path as text.
func (m *tableMetadata) columnAt(text string) (path []string, typ arrow.DataType, err error) {
	names := splitColumnNames(text)
	if len(names) != 1 {
		return nil, nil, &SchemaError{text, "it names no column"}
	}
	fields := m.schema.Fields()
	for _, name := range names[0] {
		i := schema.Find(fields, name)
		if i < 0 {
			return nil, nil, &SchemaError{text, "the table does not have it"}
		}
		path, typ, fields = append(path, fields[i].Name), fields[i].Type, nil
		if st, ok := typ.(*arrow.StructType); ok {
			fields = st.Fields()
		}
	}
	return path, typ, nil
}

// dataFields are the table's columns that are in its files.
func (m *tableMetadata) dataFields() []arrow.Field {
	var fields []arrow.Field
	for _, f := range m.schema.Fields() {
		if !slices.Contains(m.PartitionColumns, f.Name) {
			fields = append(fields, f)
		}
	}
	return fields
}

// placing computes the rows' places in an order as a last column of its own.
type placing struct {
	order   *rowOrder
	columns []evaluated
	parts   []*ranges
	schema  *arrow.Schema
	env     *kernel.Env
	rows    atomic.Int64 // that went through
}

// evaluated is an expression that is often a plain column.
type evaluated struct {
	column int // -1: expr
	expr   *kernel.Expr
}

func evaluate(list []expr.Bound) ([]evaluated, error) {
	out := make([]evaluated, len(list))
	for i, b := range list {
		if c, ok := b.(expr.BoundColumn); ok {
			out[i].column = c.Index
			continue
		}
		e, err := kernel.Compile(b)
		if err != nil {
			return nil, err
		}
		out[i] = evaluated{-1, e}
	}
	return out, nil
}

// of gives the values, which the caller releases.
func (e evaluated) of(env *kernel.Env, b *exec.Batch) (arrow.Array, error) {
	if e.column < 0 {
		return e.expr.Eval(env, b.Columns, b.N, b.Selection)
	}
	a := b.Columns[e.column]
	a.Retain()
	return a, nil
}

const placeColumn = "_place"

// newPlacing places rows with these columns; the order's columns are at the positions that at gives.
func (o *rowOrder) newPlacing(env *kernel.Env, rows *arrow.Schema, at func(int) int, parts []*ranges) (*placing, error) {
	columns, err := evaluate(o.over(at))
	if err != nil {
		return nil, err
	}
	fields := append(rows.Fields()[:rows.NumFields():rows.NumFields()], arrow.Field{Name: placeColumn, Type: schema.BigInt})
	return &placing{order: o, columns: columns, parts: parts, schema: arrow.NewSchema(fields, nil), env: env}, nil
}

// over are the order's columns over others than the table's.
func (o *rowOrder) over(at func(int) int) []expr.Bound {
	list := make([]expr.Bound, len(o.columns))
	for i, c := range o.columns {
		list[i] = expr.MapColumns(c, at)
	}
	return list
}

// Schema is the input's and the place.
func (p *placing) Schema() *arrow.Schema { return p.schema }

// Worker places for one worker.
func (p *placing) Worker() (exec.StepWorker, error) { return &placer{placing: p}, nil }

type placer struct {
	*placing
	words []uint64
	ids   [][]uint32
	point []uint32
	out   []arrow.Array
}

func (p *placer) Push(_ context.Context, b *exec.Batch, yield func(*exec.Batch) error) error {
	p.rows.Add(int64(b.Len()))
	p.ids = resize(p.ids, len(p.columns))
	p.words = resize(p.words, b.N)
	for i, c := range p.columns {
		p.ids[i] = resize(p.ids[i], b.N)
		if err := p.place(c, p.parts[i], b, p.ids[i]); err != nil {
			return err
		}
	}
	places := p.places(b.N)
	defer places.Release()
	p.out = append(append(p.out[:0], b.Columns...), places)
	return yield(&exec.Batch{Columns: p.out, Selection: b.Selection, N: b.N})
}

func (p *placer) place(c evaluated, parts *ranges, b *exec.Batch, ids []uint32) error {
	a, err := c.of(p.env, b)
	if err != nil {
		return err
	}
	defer a.Release()
	return parts.ids(a, p.words, ids)
}

func (p *placer) places(n int) arrow.Array {
	b := array.NewInt64Builder(p.env.Alloc)
	defer b.Release()
	b.Reserve(n)
	curve, bits := hilbert.Interleave, p.order.bits()
	if p.order.hilbert {
		curve = hilbert.Index
	}
	p.point = resize(p.point, len(p.columns))
	for row := range n {
		for i, ids := range p.ids {
			p.point[i] = ids[row]
		}
		b.UnsafeAppend(int64(curve(p.point, bits)))
	}
	return b.NewArray()
}

// Close has nothing to free.
func (p *placer) Close() error { return nil }

// sampling gathers samples of columns, which are all that its rows have.
type sampling struct {
	columns []evaluated
	env     *kernel.Env

	mu      sync.Mutex
	samples []*rangeSample
}

// Worker gathers samples of its own.
func (s *sampling) Worker() (exec.SinkWorker, error) {
	w := &sampler{s: s}
	for range s.columns {
		w.samples = append(w.samples, &rangeSample{stride: 1})
	}
	return w, nil
}

// Finish has nothing left to do.
func (s *sampling) Finish(context.Context) error { return nil }

// Close has nothing to free.
func (s *sampling) Close() error { return nil }

type sampler struct {
	s       *sampling
	samples []*rangeSample
}

func (w *sampler) Push(_ context.Context, b *exec.Batch) error {
	for i, c := range w.s.columns {
		a, err := c.of(w.s.env, b)
		if err != nil {
			return err
		}
		err = w.samples[i].add(a, b.Selection)
		a.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *sampler) Close(context.Context) error {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if w.s.samples == nil {
		w.s.samples = w.samples
		return nil
	}
	for i, o := range w.samples {
		w.s.samples[i].merge(o)
	}
	return nil
}
