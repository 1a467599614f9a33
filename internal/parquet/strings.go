package parquet

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/parquet-go/parquet-go/bloom/xxhash"
)

// appendPlain appends a string as PLAIN does: the length, then the bytes.
func appendPlain(b, v []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
	return append(b, v...)
}

// appendBytes appends the present strings of a stretch to the open page.
func (c *column) appendBytes(s stretch) error {
	if s.n == 0 {
		return nil
	}
	if d, ok := s.arr.(*array.Dictionary); ok {
		return c.appendEncoded(d, s)
	}
	offs, data := stringParts(s.arr)
	if c.mode == modeDict {
		c.stringCodes(offs, data, s)
		return nil
	}
	for i := range s.n {
		p := s.at(i)
		c.appendString(data[offs[p]:offs[p+1]])
	}
	return nil
}

// at is the position of the i-th value of a stretch.
func (s *stretch) at(i int) int {
	if s.pos != nil {
		return int(s.pos[i])
	}
	return s.from + i
}

// appendString appends one string in modePlain.
func (c *column) appendString(v []byte) {
	c.vals = appendPlain(c.vals, v)
	c.page.addBytes(v)
	if c.bloom {
		c.hashes = append(c.hashes, xxhash.Sum64(v))
	}
}

// stringCodes appends codes in modeDict.
func (c *column) stringCodes(offs []int32, data []byte, s stretch) {
	k := len(c.codes)
	c.codes = grow(c.codes, s.n)
	codes := c.codes[k:]
	if s.pos == nil {
		o := offs[s.from : s.from+s.n+1]
		for i := range codes {
			v := data[o[i]:o[i+1]]
			codes[i] = c.see(c.dict.codeOf(v), v)
		}
		return
	}
	for i, p := range s.pos {
		v := data[offs[p]:offs[p+1]]
		codes[i] = c.see(c.dict.codeOf(v), v)
	}
}

// see notes that the value v with this code is on the open page, for the page's bounds.
func (c *column) see(code int32, v []byte) int32 {
	if int(code) >= len(c.seen) {
		c.seen = append(c.seen, c.pageNo-1)
	}
	if c.seen[code] != c.pageNo {
		c.seen[code] = c.pageNo
		c.page.addBytes(v)
	}
	return code
}

// appendEncoded appends the values of a dictionary array without expanding it: each entry of its dictionary that occurs is looked up once.
func (c *column) appendEncoded(d *array.Dictionary, s stretch) error {
	if d.Dictionary().NullN() > 0 {
		return fmt.Errorf("parquet: column %s: a dictionary array whose dictionary holds NULL", c.leaf.name())
	}
	offs, data := stringParts(d.Dictionary())
	index, err := c.indices(d, s)
	if err != nil {
		return err
	}
	if c.mode == modePlain {
		for _, x := range index {
			c.appendString(data[offs[x]:offs[x+1]])
		}
		return nil
	}
	k := len(c.codes)
	c.codes = grow(c.codes, len(index))
	codes := c.codes[k:]
	for i, x := range index {
		e := c.xlat[x]
		code := int32(uint32(e))
		v := data[offs[x]:offs[x+1]]
		if uint32(e>>32) != c.round {
			code = c.dict.codeOf(v)
			c.xlat[x] = uint64(c.round)<<32 | uint64(uint32(code))
		}
		codes[i] = c.see(code, v)
	}
	return nil
}

// indices gives the stretch's indices into the dictionary, checked against its length.
func (c *column) indices(d *array.Dictionary, s stretch) ([]int32, error) {
	c.scratch.codes = sized(c.scratch.codes, s.n)
	out := c.scratch.codes
	b, off := d.Indices().Data().Buffers()[1].Bytes(), d.Data().Offset()
	switch d.Indices().DataType().ID() {
	case arrow.INT32, arrow.UINT32:
		pickIndices(out, viewOf[int32](b)[off:], s)
	case arrow.INT8:
		pickIndices(out, viewOf[int8](b)[off:], s)
	case arrow.UINT8:
		pickIndices(out, b[off:], s)
	case arrow.INT16:
		pickIndices(out, viewOf[int16](b)[off:], s)
	default:
		for i := range out {
			out[i] = int32(d.GetValueIndex(s.at(i)))
		}
	}
	most := uint32(0)
	for _, x := range out {
		most = max(most, uint32(x))
	}
	if int64(most) >= int64(d.Dictionary().Len()) {
		return nil, fmt.Errorf("parquet: column %s: dictionary index %d of %d", c.leaf.name(), int32(most), d.Dictionary().Len())
	}
	return out, nil
}

func pickIndices[T int8 | uint8 | int16 | int32](dst []int32, src []T, s stretch) {
	if s.pos == nil {
		for i, v := range src[s.from : s.from+s.n] {
			dst[i] = int32(v)
		}
		return
	}
	for i, p := range s.pos {
		dst[i] = int32(src[p])
	}
}
