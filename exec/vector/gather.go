package vector

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Gather takes rows out of one column that is kept in several arrays (chunks). What it must know of them is worked out once, so that many Takes are
// cheap. It is safe for concurrent use until Release.
type Gather struct {
	alloc  memory.Allocator
	typ    arrow.DataType
	chunks []arrow.Array // as they came, to be released
	values []arrow.Array // a chunk, or its dictionary's values
	codes  [][]int32     // of a chunk with a dictionary: places in values, or in dict
	nulls  []Nulls       // of a chunk without one
	none   bool          // no chunk has NULLs
	dict   arrow.Array   // one dictionary for all chunks; nil: there is none
}

// Ref names row r of chunk c in a Gather.
func Ref(c, r int) int64 { return int64(c)<<32 | int64(r) }

// NewGather prepares chunks, at least one, for Take. It holds on to them until Release. Chunks with dictionaries give dictionaries where one for all of
// them is smaller than the values.
func NewGather(alloc memory.Allocator, chunks []arrow.Array) (*Gather, error) {
	g := &Gather{alloc: alloc, none: true, codes: make([][]int32, len(chunks)), nulls: make([]Nulls, len(chunks))}
	for _, c := range chunks {
		c.Retain()
		g.chunks = append(g.chunks, c)
		g.values = append(g.values, c)
	}
	if err := g.prepare(); err != nil {
		g.Release()
		return nil, err
	}
	return g, nil
}

func (g *Gather) prepare() error {
	var u unified
	if hasDictionary(g.chunks) {
		var err error
		if u, _, err = unify(g.alloc, g.chunks); err != nil {
			return err
		}
		g.dict = u.values
	}
	for i, c := range g.chunks {
		d, ok := c.(*array.Dictionary)
		if !ok {
			if c.DataType().ID() != arrow.NULL {
				g.nulls[i] = NullsOf(c)
			}
			g.none = g.none && g.nulls[i].None()
			continue
		}
		codes, err := Codes(d)
		if err != nil {
			return err
		}
		g.codes[i], g.values[i], g.none = codes, d.Dictionary(), false
		if g.dict != nil && u.recode[i] != nil {
			g.codes[i] = appendRecoded(make([]int32, 0, len(codes)), codes, u.recode[i])
		}
	}
	g.typ = g.values[0].DataType()
	return nil
}

// place is where the value of a ref lies in values; NULL is negative. It serves varying columns, whose chunks may have dictionaries of their own.
func (g *Gather) place(ref int64) int32 {
	if ref < 0 {
		return -1
	}
	c, r := ref>>32, int32(uint32(ref))
	switch {
	case g.codes[c] != nil:
		return g.codes[c][r]
	case g.nulls[c].At(int(r)):
		return -1
	default:
		return r
	}
}

// Release lets go of the chunks.
func (g *Gather) Release() {
	release(g.chunks)
	g.chunks = nil
	if g.dict != nil {
		g.dict.Release()
		g.dict = nil
	}
}

// Take returns the rows that refs name, in that order; a negative ref gives NULL.
func (g *Gather) Take(refs []int64) (arrow.Array, error) {
	if g.dict != nil {
		codes := make([]int32, len(refs))
		for i, r := range refs {
			codes[i] = -1
			if r >= 0 {
				codes[i] = g.codes[r>>32][uint32(r)]
			}
		}
		return NewDictionary(g.alloc, codes, g.dict), nil
	}
	if len(g.chunks) == 1 {
		return Take(g.alloc, g.chunks[0], positions(refs))
	}
	switch layoutOf(g.typ) {
	case void:
		return array.NewNull(len(refs)), nil
	case fixed1:
		return gatherWords[uint8](g, refs), nil
	case fixed2:
		return gatherWords[uint16](g, refs), nil
	case fixed4:
		return gatherWords[uint32](g, refs), nil
	case fixed8:
		return gatherWords[uint64](g, refs), nil
	case fixed16:
		return gatherWords[decimal128.Num](g, refs), nil
	case varying:
		return g.takeBytes(refs)
	default:
		return g.takeAny(refs)
	}
}

// TakeRows is Take for a column of one chunk: rows are positions in it.
func (g *Gather) TakeRows(rows []int32) (arrow.Array, error) {
	return Take(g.alloc, g.chunks[0], rows)
}

// positions are the rows of refs into a single chunk.
func positions(refs []int64) []int32 {
	idx := make([]int32, len(refs))
	for i, r := range refs {
		idx[i] = int32(max(r, -1))
	}
	return idx
}

func (g *Gather) takeNulls(refs []int64) (*memory.Buffer, int) {
	if g.none && !anyNegativeRef(refs) {
		return nil, 0
	}
	buf := newBuffer(g.alloc, int(bitutil.BytesForBits(int64(len(refs)))))
	dst, nulls := buf.Bytes(), 0
	for base := 0; base < len(refs); base += 8 {
		var b byte
		for k, r := range refs[base:min(base+8, len(refs))] {
			if r >= 0 && g.nulls[r>>32].Valid(int(uint32(r))) {
				b |= 1 << k
			} else {
				nulls++
			}
		}
		dst[base/8] = b
	}
	if nulls == 0 {
		buf.Release()
		return nil, 0
	}
	return buf, nulls
}

func anyNegativeRef(refs []int64) bool {
	var all int64
	for _, r := range refs {
		all |= r
	}
	return all < 0
}

func gatherWords[T word](g *Gather, refs []int64) arrow.Array {
	src := make([][]T, len(g.chunks))
	for i, c := range g.chunks {
		src[i] = arrow.GetValues[T](c.Data(), 1)
	}
	valid, nulls := g.takeNulls(refs)
	buf := newBuffer(g.alloc, len(refs)*layoutOf(g.typ).width())
	dst := arrow.GetData[T](buf.Bytes())
	var zero T
	for i, r := range refs {
		if r < 0 {
			dst[i] = zero
			continue
		}
		dst[i] = src[r>>32][uint32(r)]
	}
	return build(g.typ, len(refs), nulls, nil, valid, buf)
}

func (g *Gather) takeBytes(refs []int64) (arrow.Array, error) {
	from, src := make([][]int32, len(g.values)), make([][]byte, len(g.values))
	for i, c := range g.values {
		from[i], src[i] = offsets(c), content(c)
	}
	places := make([]int32, len(refs))
	offs := newBuffer(g.alloc, 4*(len(refs)+1))
	to, total := arrow.GetData[int32](offs.Bytes()), int64(0)
	to[0] = 0
	for i, r := range refs {
		places[i] = g.place(r)
		if p := places[i]; p >= 0 {
			o := from[r>>32][p:]
			total += int64(o[1] - o[0])
		}
		if total > math.MaxInt32 {
			offs.Release()
			return nil, errTooLong("gather", total)
		}
		to[i+1] = int32(total)
	}
	valid, nulls := codeNulls(g.alloc, places)
	data := newBuffer(g.alloc, int(total))
	dst := data.Bytes()
	for i, r := range refs {
		if p := places[i]; p >= 0 {
			o := from[r>>32][p:]
			copy(dst[to[i]:], src[r>>32][o[0]:o[1]])
		}
	}
	return build(g.typ, len(refs), nulls, nil, valid, offs, data), nil
}

// takeAny serves booleans and nested types: what is wanted of each chunk is taken, put together and brought into order.
func (g *Gather) takeAny(refs []int64) (arrow.Array, error) {
	wanted := make([][]int32, len(g.chunks))
	for _, r := range refs {
		if r >= 0 {
			wanted[r>>32] = append(wanted[r>>32], int32(uint32(r)))
		}
	}
	parts := make([]arrow.Array, 0, len(g.chunks))
	defer func() { release(parts) }()
	next := make([]int32, len(g.chunks))
	at := int32(0)
	for c, idx := range wanted {
		next[c] = at
		at += int32(len(idx))
		part, err := Take(g.alloc, g.chunks[c], idx)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	all, err := Concat(g.alloc, parts)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	order := make([]int32, len(refs))
	for i, r := range refs {
		order[i] = -1
		if r >= 0 {
			order[i] = next[r>>32]
			next[r>>32]++
		}
	}
	return Take(g.alloc, all, order)
}

// NewList makes an ARRAY column without NULLs of type t: row i is child[offs[i]:offs[i+1]]. It retains child.
func NewList(alloc memory.Allocator, t arrow.DataType, offs []int32, child arrow.Array) arrow.Array {
	buf := newBuffer(alloc, 4*len(offs))
	copy(arrow.GetData[int32](buf.Bytes()), offs)
	child.Retain()
	return build(t, len(offs)-1, 0, []arrow.Array{child}, nil, buf)
}
