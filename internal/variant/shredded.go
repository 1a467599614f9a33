package variant

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Storage is how a column of variants lies in memory: a struct of two binary fields.
func Storage() *arrow.StructType {
	return arrow.StructOf(arrow.Field{Name: "metadata", Type: arrow.BinaryTypes.Binary}, arrow.Field{Name: "value", Type: arrow.BinaryTypes.Binary})
}

// group is a value as a shredded column holds it: as it is in value, or of a type of its own in typed, or an object in both.
type group struct {
	value *array.Binary // nil: there is none
	typed arrow.Array   // nil: there is none

	element *group // typed is a list
	fields  []field
	names   map[string]struct{} // of fields
}

type field struct {
	name string
	*group
}

// Unshred makes the variants of a Parquet column: a group of metadata, value and, where they are shredded, typed_value. The result is an array of Storage.
func Unshred(alloc memory.Allocator, s *array.Struct) (arrow.Array, error) {
	fields := s.DataType().(*arrow.StructType)
	at, ok := fields.FieldIdx("metadata")
	if !ok {
		return nil, fmt.Errorf("%w: its column has no metadata", ErrMalformed)
	}
	metadata, ok := s.Field(at).(*array.Binary)
	if !ok {
		return nil, fmt.Errorf("%w: its metadata is %s", ErrMalformed, s.Field(at).DataType())
	}
	g, err := newGroup(s)
	if err != nil {
		return nil, err
	}
	if g.typed == nil && g.value == nil {
		return nil, fmt.Errorf("%w: its column has no value", ErrMalformed)
	}
	if g.typed == nil {
		return whole(s, fields), nil
	}
	b := array.NewStructBuilder(alloc, Storage())
	defer b.Release()
	b.Reserve(s.Len())
	var build Builder
	var scratch []byte
	for i := range s.Len() {
		if s.IsNull(i) {
			b.AppendNull()
			continue
		}
		build.Reset()
		if err := g.append(&build, metadata.Value(i), i); err != nil {
			return nil, err
		}
		scratch = build.Metadata(scratch[:0])
		b.Append(true)
		b.FieldBuilder(0).(*array.BinaryBuilder).Append(scratch)
		b.FieldBuilder(1).(*array.BinaryBuilder).Append(build.Value())
	}
	return b.NewArray(), nil
}

// whole is a column that is not shredded, with its fields in order.
func whole(s *array.Struct, fields *arrow.StructType) arrow.Array {
	d := s.Data()
	metadata, _ := fields.FieldIdx("metadata")
	value, _ := fields.FieldIdx("value")
	parts := []arrow.ArrayData{d.Children()[metadata], d.Children()[value]}
	data := array.NewData(Storage(), d.Len(), d.Buffers()[:1], parts, d.NullN(), d.Offset())
	defer data.Release()
	return array.NewStructData(data)
}

func newGroup(s *array.Struct) (*group, error) {
	g := &group{}
	fields := s.DataType().(*arrow.StructType)
	if i, ok := fields.FieldIdx("value"); ok {
		if g.value, ok = s.Field(i).(*array.Binary); !ok {
			return nil, fmt.Errorf("%w: its value is %s", ErrMalformed, s.Field(i).DataType())
		}
	}
	i, ok := fields.FieldIdx("typed_value")
	if !ok {
		return g, nil
	}
	g.typed = s.Field(i)
	switch t := g.typed.(type) {
	case *array.Struct:
		return g, g.object(t)
	case *array.List:
		inner, ok := t.ListValues().(*array.Struct)
		if !ok {
			return nil, fmt.Errorf("%w: its elements are %s", ErrMalformed, t.ListValues().DataType())
		}
		var err error
		g.element, err = newGroup(inner)
		return g, err
	}
	return g, nil
}

func (g *group) object(s *array.Struct) error {
	g.names = make(map[string]struct{}, s.NumField())
	for i, f := range s.DataType().(*arrow.StructType).Fields() {
		inner, ok := s.Field(i).(*array.Struct)
		if !ok {
			return fmt.Errorf("%w: its field %s is %s", ErrMalformed, f.Name, f.Type)
		}
		sub, err := newGroup(inner)
		if err != nil {
			return err
		}
		g.fields = append(g.fields, field{f.Name, sub})
		g.names[f.Name] = struct{}{}
	}
	return nil
}

// append appends row i. A value that is missing where there must be one is a null; ErrMalformed tells of one that is there twice.
func (g *group) append(b *Builder, metadata []byte, i int) error {
	typed, plain := g.typed != nil && g.typed.IsValid(i), g.value != nil && g.value.IsValid(i)
	switch {
	case typed && g.fields != nil:
		return g.appendObject(b, metadata, i, plain)
	case typed && plain:
		return fmt.Errorf("%w: a value is there twice", ErrMalformed)
	case typed && g.element != nil:
		return g.appendList(b, metadata, i)
	case typed:
		return g.appendScalar(b, i)
	case plain:
		v, err := New(metadata, g.value.Value(i))
		if err != nil {
			return err
		}
		return b.Copy(v)
	default:
		b.Null()
		return nil
	}
}

// missing tells that an object does not have the field in row i.
func (g *group) missing(i int) bool {
	return (g.typed == nil || g.typed.IsNull(i)) && (g.value == nil || g.value.IsNull(i))
}

func (g *group) appendObject(b *Builder, metadata []byte, i int, partly bool) error {
	start := b.Pos()
	var members []Member
	for _, f := range g.fields {
		if f.missing(i) {
			continue
		}
		members = append(members, Member{f.name, b.ID(f.name), b.Pos() - start})
		if err := f.append(b, metadata, i); err != nil {
			return err
		}
	}
	if partly { // the fields that have no column
		v, err := New(metadata, g.value.Value(i))
		if err != nil {
			return err
		}
		if kind, err := v.Kind(); err != nil || kind != Object {
			return fmt.Errorf("%w: an object has a value that is none", ErrMalformed)
		}
		err = v.Each(func(name string, element Value) error {
			if _, ok := g.names[name]; ok {
				return nil // its column counts
			}
			members = append(members, Member{name, b.ID(name), b.Pos() - start})
			return b.Copy(element)
		})
		if err != nil {
			return err
		}
	}
	return b.Object(start, members)
}

func (g *group) appendList(b *Builder, metadata []byte, i int) error {
	from, to := g.typed.(*array.List).ValueOffsets(i)
	start := b.Pos()
	offsets := make([]int, 0, to-from)
	for k := from; k < to; k++ {
		offsets = append(offsets, b.Pos()-start)
		if err := g.element.append(b, metadata, int(k)); err != nil {
			return err
		}
	}
	b.Array(start, offsets)
	return nil
}

func (g *group) appendScalar(b *Builder, i int) error {
	if !b.Scalar(g.typed, i) {
		return fmt.Errorf("%w: a value is shredded as %s", ErrMalformed, g.typed.DataType())
	}
	return nil
}
