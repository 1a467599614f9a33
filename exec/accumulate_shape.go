package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

// shapes is schema_of_variant_agg: the type of each group's values together.
type shapes struct {
	env  *Env
	pos  expr.Pos
	of   []variant.Shape
	held int64 // about the bytes of of's parts
}

func (s *shapes) grow(n int) { s.of = growTo(s.of, n) }

func (s *shapes) update(groups []uint32, rows []int32, args []arrow.Array) error {
	values, ok := args[0].(*schema.VariantArray)
	if !ok {
		return nil // NULLs without a type
	}
	null := vector.RowNulls(values)
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		encoded := values.At(int(r))
		v, err := variant.New(encoded.Metadata, encoded.Value)
		if err != nil {
			return s.malformed()
		}
		shape, err := variant.ShapeOf(v)
		if err != nil {
			return s.malformed()
		}
		s.merge(g, shape)
	}
	return nil
}

func (s *shapes) merge(g uint32, shape variant.Shape) {
	before := s.of[g].Parts()
	s.of[g] = s.of[g].Merge(shape)
	s.held += shapeBytes * int64(s.of[g].Parts()-before)
}

// shapeBytes is about what a part of a shape takes, with its name.
const shapeBytes = 128

func (s *shapes) malformed() error {
	return &expr.Error{Class: "MALFORMED_VARIANT", SQLState: "22023", Message: "the bytes of a VARIANT are damaged", Line: s.pos.Line, Column: s.pos.Column}
}

func (s *shapes) stateTypes() []arrow.DataType { return []arrow.DataType{arrow.BinaryTypes.Binary} }

func (s *shapes) state(picked []uint32) ([]arrow.Array, error) {
	b := array.NewBinaryBuilder(s.env.Alloc, arrow.BinaryTypes.Binary)
	defer b.Release()
	for i := range pickedLen(picked, len(s.of)) {
		b.Append(s.of[pick(picked, i)].Append(nil))
	}
	return []arrow.Array{b.NewArray()}, nil
}

func (s *shapes) absorb(groups []uint32, state []arrow.Array) error {
	offs, data := vector.Strings(state[0])
	for i, g := range groups {
		shape, _, err := variant.ReadShape(data[offs[i]:offs[i+1]])
		if err != nil {
			return err
		}
		s.merge(g, shape)
	}
	return nil
}

// result is VOID for a group without values.
func (s *shapes) result(picked []uint32) (arrow.Array, error) {
	b := array.NewStringBuilder(s.env.Alloc)
	defer b.Release()
	var text []byte
	for i := range pickedLen(picked, len(s.of)) {
		text = s.of[pick(picked, i)].AppendText(text[:0], schema.Quote)
		b.BinaryBuilder.Append(text)
	}
	return b.NewArray(), nil
}

func (s *shapes) size() int64 { return shapeBytes*int64(cap(s.of)) + s.held }
func (s *shapes) release()    {}
