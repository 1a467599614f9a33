package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// Generate gives for each row those of a generator, beside columns of the row.
type Generate struct {
	env    *Env
	schema *arrow.Schema
	keep   []int // of the input's columns
	gen    expr.BoundGenerator
	args   exprs
}

var _ Step = (*Generate)(nil)

// NewGenerate compiles the generator's arguments; schema is the output's: the kept columns, then the generator's.
func NewGenerate(env *Env, schema *arrow.Schema, keep []int, gen expr.BoundGenerator) (*Generate, error) {
	if schema.NumFields() != len(keep)+len(gen.Columns) {
		return nil, fmt.Errorf("exec: generate: %d columns kept and %d generated for %d", len(keep), len(gen.Columns), schema.NumFields())
	}
	args, err := compileAll(gen.Args)
	if err != nil {
		return nil, err
	}
	return &Generate{env: env.withDefaults(), schema: schema, keep: keep, gen: gen, args: args}, nil
}

// Schema is the output's.
func (g *Generate) Schema() *arrow.Schema { return g.schema }

// Worker has positions of its own.
func (g *Generate) Worker() (StepWorker, error) { return &generateWorker{Generate: g}, nil }

type generateWorker struct {
	*Generate
	yield  func(*Batch) error // of the push that runs
	cols   []arrow.Array      // its batch's
	source arrow.Array        // the elements, or nil
	parent []int32            // rows of the batch, one for each row to be given
	child  []int32            // its element in source; -1 for the row of NULLs of an outer generator
	pos    []int32            // its position in its array
	number []int64            // its number, for range
	parts  *variantParts      // its part of a VARIANT, for variant_explode
}

func (w *generateWorker) Push(ctx context.Context, b *Batch, yield func(*Batch) error) error {
	w.yield, w.cols = yield, b.Columns
	if w.gen.Func == "stack" {
		return w.stack(ctx, b)
	}
	args, err := w.args.eval(w.env, b)
	if err != nil {
		return err
	}
	defer releaseAll(args)
	w.parent, w.child, w.pos, w.number = w.parent[:0], w.child[:0], w.pos[:0], w.number[:0]
	switch w.gen.Func {
	case "range":
		err = w.series(ctx, args, b)
	case "variant_explode":
		w.parts = newVariantParts(w.env.Alloc)
		defer w.parts.release()
		err = w.explodeVariants(ctx, args[0], b)
	default:
		err = w.explode(ctx, args[0], b)
	}
	if err != nil {
		return err
	}
	return w.flush()
}

func (w *generateWorker) Close() error { return nil }

// stack gives the batch once per row of the stack. Columns are handed on as they are.
func (w *generateWorker) stack(ctx context.Context, b *Batch) error {
	width := len(w.gen.Columns)
	for from := 0; from < len(w.args); from += width {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		values, err := w.args[from:from+width].eval(w.env, b)
		if err != nil {
			return err
		}
		cols := make([]arrow.Array, 0, len(w.keep)+width)
		for _, k := range w.keep {
			cols = append(cols, b.Columns[k])
		}
		err = w.yield(&Batch{Columns: append(cols, values...), Selection: b.Selection, N: b.N})
		releaseAll(values)
		if err != nil {
			return err
		}
	}
	return nil
}

// explode walks through the elements of an array, or the entries of a map, row by row.
func (w *generateWorker) explode(ctx context.Context, lists arrow.Array, b *Batch) error {
	offs, source := vector.Lists(lists)
	nulls := vector.NullsOf(lists)
	w.source = source
	return eachRow(b, func(row int32) error {
		from, to := offs[row], offs[row+1]
		if !nulls.None() && nulls.At(int(row)) {
			to = from
		}
		if from == to && w.gen.Outer {
			w.parent, w.child, w.pos = append(w.parent, row), append(w.child, -1), append(w.pos, -1)
		}
		for at := from; at < to; {
			n := min(to-at, int32(MaxRows-len(w.parent)))
			for i := range n {
				w.parent, w.child, w.pos = append(w.parent, row), append(w.child, at+i), append(w.pos, at+i-from)
			}
			at += n
			if err := w.flushFull(ctx); err != nil {
				return err
			}
		}
		return w.flushFull(ctx)
	})
}

// eachRow calls f for the selected rows.
func eachRow(b *Batch, f func(row int32) error) error {
	if b.Selection == nil {
		for row := range int32(b.N) {
			if err := f(row); err != nil {
				return err
			}
		}
		return nil
	}
	for _, row := range b.Selection {
		if err := f(row); err != nil {
			return err
		}
	}
	return nil
}

func (w *generateWorker) flushFull(ctx context.Context) error {
	if len(w.parent) < MaxRows {
		return nil
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return w.flush()
}

// flush gives the rows gathered so far.
func (w *generateWorker) flush() error {
	n := len(w.parent)
	if n == 0 {
		return nil
	}
	cols, err := w.columns()
	if err == nil {
		err = w.yield(&Batch{Columns: cols, N: n})
	}
	releaseAll(cols)
	w.parent, w.child, w.pos, w.number = w.parent[:0], w.child[:0], w.pos[:0], w.number[:0]
	return err
}

// columns are the kept columns and the generated ones of the rows gathered so far; also beside an error they are the caller's.
func (w *generateWorker) columns() ([]arrow.Array, error) {
	cols := make([]arrow.Array, 0, len(w.keep)+len(w.gen.Columns))
	for _, k := range w.keep {
		c, err := vector.Take(w.env.Alloc, w.cols[k], w.parent)
		if err != nil {
			return cols, err
		}
		cols = append(cols, c)
	}
	generated, err := w.generated()
	return append(cols, generated...), err
}

func (w *generateWorker) generated() ([]arrow.Array, error) {
	switch w.gen.Func {
	case "range":
		return []arrow.Array{wholeNumbers(w.env, w.number)}, nil
	case "inline":
		return w.fields(w.source)
	case "variant_explode":
		return w.parts.columns(positions(w.env, w.pos)), nil
	case "posexplode":
		elements, err := w.elements()
		return append([]arrow.Array{positions(w.env, w.pos)}, elements...), err
	default:
		return w.elements()
	}
}

// elements are an array's elements, or a map's keys and values.
func (w *generateWorker) elements() ([]arrow.Array, error) {
	if entries, ok := w.source.(*array.Struct); ok && w.args[0].typ.ID() == arrow.MAP {
		return w.fields(entries)
	}
	elements, err := vector.Take(w.env.Alloc, w.source, w.child)
	if err != nil {
		return nil, err
	}
	return []arrow.Array{elements}, nil
}

// fields are the fields of structs. Those of one that is NULL are NULL.
func (w *generateWorker) fields(source arrow.Array) ([]arrow.Array, error) {
	structs, ok := source.(*array.Struct)
	if !ok {
		return nil, fmt.Errorf("exec: the fields of %s", source.DataType())
	}
	if nulls := vector.NullsOf(structs); !nulls.None() {
		for i, c := range w.child {
			if c >= 0 && nulls.At(int(c)) {
				w.child[i] = -1
			}
		}
	}
	out := make([]arrow.Array, 0, structs.NumField())
	for i := range structs.NumField() {
		field, err := vector.Take(w.env.Alloc, structs.Field(i), w.child)
		if err != nil {
			return out, err
		}
		out = append(out, field)
	}
	return out, nil
}

// positions makes a column of positions, NULL where one is negative.
func positions(env *Env, pos []int32) arrow.Array {
	b := array.NewInt32Builder(env.Alloc)
	defer b.Release()
	b.Reserve(len(pos))
	for _, p := range pos {
		if p < 0 {
			b.UnsafeAppendBoolToBitmap(false)
		} else {
			b.UnsafeAppend(p)
		}
	}
	return b.NewArray()
}
