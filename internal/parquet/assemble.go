package parquet

import (
	"errors"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

var errShape = errors.New("the leaves of a nested column do not have the same shape")

// assemble makes the data of a column from what its leaves have read. (Dremel's record assembly, a column at a time.)
func (f *File) assemble(n *node, readers map[*leafColumn]*leafReader) (arrow.ArrayData, error) {
	if n.kind == nodeLeaf {
		return readers[n.leaf].finish()
	}
	o := &readers[n.first].out
	var valid, offsets *memory.Buffer
	var slots, nulls, elements int
	var err error
	if n.kind == nodeStruct {
		valid, slots, nulls = f.validity(n, o)
	} else {
		valid, offsets, slots, nulls, elements, err = f.offsets(n, o)
	}
	defer releaseAll(valid, offsets)
	if err != nil {
		return nil, err
	}
	var kids []arrow.ArrayData
	defer func() { releaseData(kids) }()
	for _, k := range n.kids {
		d, err := f.assemble(k, readers)
		if err != nil {
			return nil, err
		}
		kids = append(kids, d)
	}
	want := slots
	if n.kind != nodeStruct {
		want = elements
	}
	for _, k := range kids {
		if k.Len() != want {
			return nil, errShape
		}
	}
	switch n.kind {
	case nodeStruct:
		return array.NewData(n.field.Type, slots, []*memory.Buffer{valid}, kids, nulls, 0), nil
	case nodeMap:
		if kids[0].NullN() > 0 {
			return nil, errors.New("a map has a NULL key")
		}
		entries := array.NewData(n.field.Type.(*arrow.MapType).Elem(), elements, []*memory.Buffer{nil}, kids, 0, 0)
		defer entries.Release()
		return array.NewData(n.field.Type, slots, []*memory.Buffer{valid, offsets}, []arrow.ArrayData{entries}, nulls, 0), nil
	}
	return array.NewData(n.field.Type, slots, []*memory.Buffer{valid, offsets}, kids, nulls, 0), nil
}

func releaseAll(bs ...*memory.Buffer) {
	for _, b := range bs {
		if b != nil {
			b.Release()
		}
	}
}

func releaseData(ds []arrow.ArrayData) {
	for _, d := range ds {
		d.Release()
	}
}

// validity makes the validity bitmap of a struct from the levels of its first leaf; nil when no slot is null.
func (f *File) validity(n *node, o *leafOutput) (valid *memory.Buffer, slots, nulls int) {
	b := buffer{alloc: f.cfg.Alloc}
	bm := b.extend((len(o.def) + 7) / 8)
	clear(bm)
	for i, d := range o.def {
		if d < n.slotDef || len(o.rep) > 0 && o.rep[i] > n.rep {
			continue
		}
		if d >= n.def {
			bm[slots>>3] |= 1 << (slots & 7)
		} else {
			nulls++
		}
		slots++
	}
	if nulls == 0 {
		b.release()
		return nil, slots, 0
	}
	return b.take(), slots, nulls
}

// offsets makes the validity bitmap and the offsets of a list or map from the levels of its first leaf.
func (f *File) offsets(n *node, o *leafOutput) (valid, offsets *memory.Buffer, slots, nulls, elements int, err error) {
	if len(o.rep) != len(o.def) {
		return nil, nil, 0, 0, 0, errShape
	}
	vb, ob := buffer{alloc: f.cfg.Alloc}, buffer{alloc: f.cfg.Alloc}
	bm := vb.extend((len(o.def) + 7) / 8)
	clear(bm)
	offs := viewOf[int32](ob.extend(4 * (len(o.def) + 1)))
	for i, d := range o.def {
		r := o.rep[i]
		if d < n.slotDef {
			continue
		}
		if r <= n.rep {
			if d >= n.def {
				bm[slots>>3] |= 1 << (slots & 7)
			} else {
				nulls++
			}
			offs[slots] = int32(elements)
			slots++
		}
		if d >= n.elemDef && r <= n.rep+1 {
			elements++
		}
	}
	offs[slots] = int32(elements)
	ob.mem.Resize(4 * (slots + 1))
	if nulls == 0 {
		vb.release()
		return nil, ob.take(), slots, 0, elements, nil
	}
	return vb.take(), ob.take(), slots, nulls, elements, nil
}
