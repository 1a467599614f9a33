package parquet

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// rowSet is some rows of a batch: the positions [from, to), or those that sel lists.
type rowSet struct {
	from, to int
	sel      []int32
}

func (r rowSet) len() int {
	if r.sel != nil {
		return len(r.sel)
	}
	return r.to - r.from
}

// stretch is the present values of some rows of a leaf: positions in its array, all of [from, from+n) when pos is nil.
type stretch struct {
	arr     arrow.Array
	from, n int
	pos     []int32
}

// shred appends the levels of the rows r of the column a, and tells which values of the leaf are present. (Dremel's record shredding.)
func (c *column) shred(a arrow.Array, r rowSet) (stretch, error) {
	if c.leaf.flat() {
		return c.shredFlat(a, r)
	}
	return c.shredNested(a, r)
}

// shredFlat is shred for a leaf without ancestors: its definition levels are the validity bits.
func (c *column) shredFlat(a arrow.Array, r rowSet) (stretch, error) {
	s := stretch{arr: a, from: r.from, n: r.len(), pos: r.sel}
	if c.leaf.kind == kindNull {
		c.valid.extend(s.n)
		s.n, s.pos = 0, nil
		return s, nil
	}
	if a.NullN() == 0 {
		if c.leaf.maxDef > 0 {
			c.valid.ones(s.n)
		}
		return s, nil
	}
	bm, off := a.NullBitmapBytes(), a.Data().Offset()
	if r.sel == nil {
		s.pos = appendSet(c.scratch.pos[:0], bm, off+r.from, s.n, int32(r.from))
	} else {
		s.pos = appendPresent(c.scratch.pos[:0], bm, off, r.sel)
	}
	c.scratch.pos = s.pos
	if c.leaf.maxDef == 0 {
		if len(s.pos) < s.n {
			return s, c.nullError(0)
		}
		return s, nil
	}
	at := c.valid.extend(s.n)
	if r.sel == nil {
		copyBits(c.valid.b, at, bm, off+r.from, s.n)
	} else {
		for i, p := range r.sel {
			c.valid.b[(at+i)>>3] |= bit(bm, off+int(p)) << ((at + i) & 7)
		}
	}
	s.n = len(s.pos)
	return s, nil
}

// appendPresent appends those of the positions sel whose bit is set.
func appendPresent(pos []int32, bm []byte, off int, sel []int32) []int32 {
	k := len(pos)
	pos = grow(pos, len(sel))
	for _, p := range sel {
		pos[k] = p
		k += int(bit(bm, off+int(p)))
		if k == len(pos) {
			break
		}
	}
	return pos[:k]
}

// nullError says that the schema forbids a null that is there. at is the step of the leaf's way.
func (c *column) nullError(at int) error {
	return fmt.Errorf("parquet: column %s: NULL in a field that is not nullable (nesting level %d)", c.leaf.name(), at)
}

// shredNested is shred for any nesting. Entries carry the position of their value, or -1 once an ancestor is null or a list empty.
func (c *column) shredNested(a arrow.Array, r rowSet) (stretch, error) {
	sc := c.scratch
	d0 := len(c.def)
	idx := sized(sc.idx, r.len())
	if r.sel != nil {
		copy(idx, r.sel)
	} else {
		for i := range idx {
			idx[i] = int32(r.from + i)
		}
	}
	c.def = grow(c.def, len(idx))
	clear(c.def[d0:])
	if c.leaf.maxRep > 0 {
		c.rep = grow(c.rep, len(idx))
		clear(c.rep[d0:])
	}
	for i, st := range c.leaf.steps {
		if !c.define(a, idx, c.def[d0:], st.nullable) {
			sc.idx = idx
			return stretch{}, c.nullError(i)
		}
		switch st.kind {
		case stepStruct:
			a = structOf(a).Field(st.child) // already shifted by the struct's offset
		case stepList:
			offs, values := listParts(a)
			idx = c.open(offs, idx, d0, st.rep)
			a = values
		case stepLeaf:
		}
	}
	sc.idx = idx
	pos := compact(sized(sc.pos, len(idx)), idx)
	sc.pos = pos
	if c.leaf.kind == kindNull {
		pos = pos[:0]
	}
	return stretch{arr: a, n: len(pos), pos: pos}, nil
}

// define raises the definition levels of the entries that are present in a, and marks those that are null. It is false when a null is not allowed.
func (c *column) define(a arrow.Array, idx []int32, def []uint8, nullable bool) bool {
	if a.NullN() == 0 {
		if nullable {
			for i, j := range idx {
				def[i] += uint8(^j >> 31 & 1)
			}
		}
		return true
	}
	if a.DataType().ID() == arrow.NULL {
		for i := range idx {
			idx[i] = -1
		}
		return nullable
	}
	bm, off := a.NullBitmapBytes(), a.Data().Offset()
	ok := true
	for i, j := range idx {
		if j < 0 {
			continue
		}
		if bit(bm, off+int(j)) == 0 {
			idx[i] = -1
			ok = nullable
			continue
		}
		if nullable {
			def[i]++
		}
	}
	return ok
}

// listParts gives the offsets of a list or map, from its first slot on, and its values.
func listParts(a arrow.Array) ([]int32, arrow.Array) {
	switch l := a.(type) {
	case *array.Map:
		return l.Offsets()[l.Data().Offset():], l.ListValues()
	case *array.List:
		return l.Offsets()[l.Data().Offset():], l.ListValues()
	}
	return nil, nil
}

// open replaces each entry by the elements of its list. An entry that is null, or whose list is empty, stays as one dead entry.
func (c *column) open(offs, idx []int32, d0 int, rep uint8) []int32 {
	sc := c.scratch
	sc.def = append(sc.def[:0], c.def[d0:]...)
	sc.rep = append(sc.rep[:0], c.rep[d0:]...)
	def, reps, out := c.def[:d0], c.rep[:d0], sc.idx2[:0]
	for i, j := range idx {
		if j < 0 || offs[j] == offs[j+1] {
			def, reps, out = append(def, sc.def[i]), append(reps, sc.rep[i]), append(out, -1)
			continue
		}
		d, r := sc.def[i]+1, sc.rep[i]
		for k := offs[j]; k < offs[j+1]; k++ {
			def, reps, out = append(def, d), append(reps, r), append(out, k)
			r = rep
		}
	}
	c.def, c.rep = def, reps
	sc.idx2 = idx
	return out
}

// compact copies the positions that are not negative.
func compact(dst, idx []int32) []int32 {
	k := 0
	for _, j := range idx {
		dst[k] = j
		k += int(^j >> 31 & 1)
		if k == len(dst) {
			break
		}
	}
	return dst[:k]
}
