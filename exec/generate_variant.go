package exec

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

// maxPartBytes bounds the bytes of a batch of parts but for its last: they may be many times those of their rows, as each has the names of its fields with it.
const maxPartBytes = 16 << 20

// variantParts are keys and values of the fields and elements gathered so far.
type variantParts struct {
	keys   *array.StringBuilder
	values *array.ExtensionBuilder
	build  variant.Builder
	names  []byte // the metadata of the part that is being added
	bytes  int
}

func newVariantParts(alloc memory.Allocator) *variantParts {
	return &variantParts{keys: array.NewStringBuilder(alloc), values: array.NewExtensionBuilder(alloc, schema.VariantType.(arrow.ExtensionType))}
}

func (p *variantParts) release() {
	p.keys.Release()
	p.values.Release()
}

// add adds a part. Elements of an array have no key.
func (p *variantParts) add(kind variant.Kind, key string, part variant.Value) error {
	p.build.Reset()
	if err := p.build.Copy(part); err != nil {
		return err
	}
	if kind == variant.Object {
		p.keys.Append(key)
	} else {
		p.keys.AppendNull()
	}
	p.names = p.build.Metadata(p.names[:0])
	storage := p.values.StorageBuilder().(*array.StructBuilder)
	storage.Append(true)
	storage.FieldBuilder(0).(*array.BinaryBuilder).Append(p.names)
	storage.FieldBuilder(1).(*array.BinaryBuilder).Append(p.build.Value())
	p.bytes += len(key) + len(p.names) + len(p.build.Value())
	return nil
}

func (p *variantParts) addNull() {
	p.keys.AppendNull()
	p.values.AppendNull()
}

// columns are the generated ones, behind the positions; the builders start anew.
func (p *variantParts) columns(positions arrow.Array) []arrow.Array {
	p.bytes = 0
	return []arrow.Array{positions, p.keys.NewArray(), p.values.NewArray()}
}

// explodeVariants walks through the fields and elements of VARIANTs, row by row.
func (w *generateWorker) explodeVariants(ctx context.Context, arg arrow.Array, b *Batch) error {
	a, ok := arg.(*schema.VariantArray)
	if !ok {
		return fmt.Errorf("exec: variant_explode over %s", arg.DataType())
	}
	return eachRow(b, func(row int32) error {
		n := int32(0)
		err := eachPart(a, int(row), func(kind variant.Kind, key string, part variant.Value) error {
			if err := w.parts.add(kind, key, part); err != nil {
				return w.malformed()
			}
			w.parent, w.pos = append(w.parent, row), append(w.pos, n)
			n++
			return w.flushParts(ctx)
		})
		switch {
		case errors.Is(err, variant.ErrMalformed):
			return w.malformed()
		case err != nil || n > 0 || !w.gen.Outer:
			return err
		}
		w.parts.addNull()
		w.parent, w.pos = append(w.parent, row), append(w.pos, -1)
		return w.flushFull(ctx)
	})
}

// flushParts gives the rows gathered so far if they are many, or large.
func (w *generateWorker) flushParts(ctx context.Context) error {
	if w.parts.bytes < maxPartBytes {
		return w.flushFull(ctx)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return w.flush()
}

func (w *generateWorker) malformed() error {
	return &expr.Error{Class: "MALFORMED_VARIANT", SQLState: "22023", Message: "the bytes of a VARIANT are damaged", Line: w.gen.Line, Column: w.gen.Column}
}

// eachPart calls use with what a row's object or array is made of. Other values, and NULL, have no parts.
func eachPart(a *schema.VariantArray, row int, use func(kind variant.Kind, key string, part variant.Value) error) error {
	if a.IsNull(row) {
		return nil
	}
	encoded := a.At(row)
	v, err := variant.New(encoded.Metadata, encoded.Value)
	if err != nil {
		return err
	}
	kind, err := v.Kind()
	if err != nil || kind != variant.Object && kind != variant.Array {
		return err
	}
	return v.Each(func(key string, part variant.Value) error { return use(kind, key, part) })
}
