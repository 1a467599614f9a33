package parquet

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// maxStretch is how many rows go through the column at a time: their values stay in the cache, and the limits are looked at in between.
const maxStretch = 4096

// valueMode is how the values of a chunk are encoded from here on.
type valueMode uint8

const (
	modeDict  valueMode = iota
	modePlain           // delta or plain: the first page decides
)

// column writes one leaf: the open page and the finished pages of the chunk at hand.
type column struct {
	leaf    *leafPlan
	cfg     *WriterConfig
	scratch *Scratch

	// The open page.
	rows     int
	valid    bitmap  // definition levels of a flat leaf
	def, rep []uint8 // levels of a nested leaf
	codes    []int32 // values in modeDict
	vals     []byte  // values in modePlain, as PLAIN; booleans as bytes
	present  int     // number of values
	page     bounds
	seen     []uint32 // per code: the last page that it was seen in, for bounds of strings
	pageNo   uint32

	dict dictionary
	mode valueMode
	delt deltaChoice

	xlat  []uint64 // codes of the incoming dictionary at hand, see Scratch
	round uint32

	chunk  chunk
	total  chunkTotals // of all chunks before
	bloom  bool
	hashes []uint64 // of values that are in no dictionary, for the bloom filter
}

func newColumn(l *leafPlan, cfg *WriterConfig) *column {
	c := &column{leaf: l, cfg: cfg, scratch: cfg.Scratch}
	for _, p := range cfg.BloomFilters {
		c.bloom = c.bloom || p == l.name()
	}
	c.startChunk()
	return c
}

// startChunk readies the column for a new row group.
func (c *column) startChunk() {
	c.chunk = chunk{}
	c.hashes, c.mode, c.delt = nil, modeDict, deltaUnknown
	if !c.dictionaryWorks() {
		c.mode = modePlain
		return
	}
	c.dict.reset()
	c.seen = c.seen[:0]
}

func (c *column) dictionaryWorks() bool {
	switch c.leaf.kind {
	case kindNull, kindBool, kindDecimal:
		return false
	}
	return true
}

// entries is the number of levels of the open page.
func (c *column) entries() int {
	if c.leaf.flat() {
		return c.rows
	}
	return len(c.def)
}

// held is about what the column's part of the row group will take in the file.
func (c *column) held() int64 {
	return c.chunk.size + int64(c.dict.size()+len(c.vals)+len(c.codes)+len(c.def)/8+len(c.valid.b))
}

// append takes in rows of a batch.
func (c *column) append(a arrow.Array, r rowSet) error {
	leaf := c.leafArray(a)
	if d, ok := leaf.(*array.Dictionary); ok {
		c.xlat, c.round = c.scratch.translation(d.Dictionary().Len())
	}
	step := c.stretchRows(a.Len(), leaf)
	for n, i := r.len(), 0; i < n; {
		k := min(step, n-i, c.cfg.PageRows-c.rows)
		part := rowSet{from: r.from + i, to: r.from + i + k}
		if r.sel != nil {
			part.sel = r.sel[i : i+k]
		}
		if err := c.appendStretch(a, part); err != nil {
			return err
		}
		if c.mode == modeDict && len(c.codes) >= allDistinct && c.dict.n == len(c.codes) && len(c.chunk.pages) == 0 {
			c.giveUpDictionary()
		}
		if i += k; c.rows >= c.cfg.PageRows || len(c.vals) >= c.cfg.PageBytes || len(c.def) >= 8*c.cfg.PageRows || c.mode == modeDict && c.dict.size() >= c.cfg.DictionaryBytes {
			if err := c.endPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *column) appendStretch(a arrow.Array, r rowSet) error {
	s, err := c.shred(a, r)
	if err != nil {
		return err
	}
	c.rows += r.len()
	c.present += s.n
	if c.leaf.kind == kindBytes {
		return c.appendBytes(s)
	}
	v, err := c.gather(s)
	if err != nil {
		return err
	}
	c.page.addFixed(c.leaf.kind, v)
	if c.mode == modeDict {
		c.codes = c.appendCodes(c.codes, v)
		return nil
	}
	c.vals = append(c.vals, v...)
	c.hashFixed(v)
	return nil
}

// appendCodes appends the codes of fixed-width values.
func (c *column) appendCodes(codes []int32, v []byte) []int32 {
	k := len(codes)
	if c.width() == 4 {
		src := viewOf[uint32](v)
		codes = grow(codes, len(src))
		for i, x := range src {
			codes[k+i] = c.dict.codeOfFixed(uint64(x))
		}
		return codes
	}
	src := viewOf[uint64](v)
	codes = grow(codes, len(src))
	for i, x := range src {
		codes[k+i] = c.dict.codeOfFixed(x)
	}
	return codes
}

// width is the number of bytes of a value in c.vals; 0 for strings.
func (c *column) width() int {
	switch c.leaf.kind {
	case kindBool:
		return 1
	case kindInt8, kindInt16, kindInt32, kindFloat, kindDecimal32:
		return 4
	case kindInt64, kindDouble, kindDecimal64:
		return 8
	case kindDecimal:
		return 16
	}
	return 0
}

// stretchRows is how many rows may be taken at a time, from a batch of n rows with these leaf values, without the page growing far beyond its limit.
func (c *column) stretchRows(n int, leaf arrow.Array) int {
	if n == 0 || c.leaf.flat() && c.leaf.kind != kindBytes {
		return maxStretch
	}
	perRow := c.valueBytes(leaf) / n
	return max(1, min(maxStretch, c.cfg.PageBytes/4/max(1, perRow)))
}

// leafArray goes down from the column to the leaf's array.
func (c *column) leafArray(a arrow.Array) arrow.Array {
	for _, st := range c.leaf.steps {
		switch st.kind {
		case stepStruct:
			a = structOf(a).Field(st.child)
		case stepList:
			_, a = listParts(a)
		case stepLeaf:
		}
	}
	return a
}

// structOf is a struct, also where it is the storage of an extension type.
func structOf(a arrow.Array) *array.Struct {
	if e, ok := a.(array.ExtensionArray); ok {
		a = e.Storage()
	}
	return a.(*array.Struct)
}

// valueBytes is about how many bytes of values a leaf's array holds.
func (c *column) valueBytes(a arrow.Array) int {
	if c.leaf.kind != kindBytes {
		return a.Len() * c.width()
	}
	d, ok := a.(*array.Dictionary)
	if !ok {
		offs, _ := stringParts(a)
		return int(offs[len(offs)-1] - offs[0])
	}
	if d.Dictionary().Len() == 0 {
		return 0
	}
	offs, _ := stringParts(d.Dictionary())
	return int(offs[len(offs)-1]-offs[0]) / d.Dictionary().Len() * a.Len()
}

// stringParts gives the n+1 offsets of a STRING or BINARY array, and the bytes that they point into.
func stringParts(a arrow.Array) ([]int32, []byte) {
	d := a.Data()
	if d.Len() == 0 || d.Buffers()[1] == nil {
		return make([]int32, d.Len()+1), nil
	}
	offs := viewOf[int32](d.Buffers()[1].Bytes())[d.Offset() : d.Offset()+d.Len()+1]
	if d.Buffers()[2] == nil {
		return offs, nil
	}
	return offs, d.Buffers()[2].Bytes()
}
