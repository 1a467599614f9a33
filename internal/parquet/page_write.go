package parquet

import (
	"fmt"
	"hash/crc32"
	"math"

	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/rle"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// deltaChoice says whether integers without dictionary are encoded as deltas.
type deltaChoice uint8

const (
	deltaUnknown deltaChoice = iota
	deltaNo
	deltaYes
)

// endPage encodes the open page and opens the next.
func (c *column) endPage() error {
	if c.rows == 0 {
		return nil
	}
	if c.mode == modeDict && len(c.chunk.pages) == 0 {
		if err := c.reviewDictionary(); err != nil {
			return err
		}
	}
	enc := meta.RLEDictionary
	if c.mode == modePlain {
		var err error
		if enc, err = c.plainOrDelta(); err != nil {
			return err
		}
	}
	if err := c.encodePage(enc); err != nil {
		return fmt.Errorf("parquet: column %s: encode page: %w", c.leaf.name(), err)
	}
	if c.mode == modeDict && c.dict.size() >= c.cfg.DictionaryBytes {
		c.mode = modePlain
	}
	c.openPage()
	return nil
}

func (c *column) openPage() {
	c.rows, c.present = 0, 0
	c.valid.reset()
	c.page.reset()
	c.def, c.rep, c.codes, c.vals = c.def[:0], c.rep[:0], c.codes[:0], c.vals[:0]
	c.pageNo++
}

// reviewDictionary gives the dictionary up after the first page if it does not pay: over 95 % of the values were new, or many were and deltas are smaller than the
// codes alone, as for numbers that rise.
func (c *column) reviewDictionary() error {
	switch {
	case c.dict.n*20 > len(c.codes)*19:
		c.giveUpDictionary()
		return nil
	case c.dict.n*8 < len(c.codes) || !c.deltas():
		return nil
	}
	codes, err := appendCodesPage(c.scratch.page[:0], c.codes)
	if err != nil {
		return err
	}
	c.scratch.page = codes
	packed, err := c.scratch.compress(c.cfg.Compression, codes)
	if err != nil {
		return err
	}
	n := len(packed)
	c.vals = c.valuesOfCodes(c.vals[:0])
	deltas, err := c.packedDeltas()
	if err != nil {
		return err
	}
	c.vals = c.vals[:0]
	if deltas < n-n/8 {
		c.giveUpDictionary()
		c.delt = deltaYes
	}
	return nil
}

// valuesOfCodes appends the values of the page's codes, which have a fixed width.
func (c *column) valuesOfCodes(b []byte) []byte {
	w := c.width()
	for _, code := range c.codes {
		b = append(b, bytesOf(c.dict.fixed[code : code+1])[:w]...)
	}
	return b
}

// packedDeltas is the compressed size of the page's values as deltas.
func (c *column) packedDeltas() (int, error) {
	var err error
	if c.scratch.page, err = c.appendDelta(c.scratch.page[:0]); err != nil {
		return 0, err
	}
	packed, err := c.scratch.compress(c.cfg.Compression, c.scratch.page)
	return len(packed), err
}

// giveUpDictionary turns the codes of the first page back into values. The chunk then has no dictionary at all.
func (c *column) giveUpDictionary() {
	if c.leaf.kind == kindBytes {
		for _, code := range c.codes {
			v := c.dict.str(code)
			c.vals = appendPlain(c.vals, v)
			if c.bloom {
				c.hashes = append(c.hashes, xxhash.Sum64(v))
			}
		}
	} else {
		c.vals = c.valuesOfCodes(c.vals)
		c.hashFixed(c.vals)
	}
	c.codes = c.codes[:0]
	c.dict.drop()
	c.mode = modePlain
}

// deltas says whether values may be encoded as deltas: they are INT32 or INT64 that order as their numbers do.
func (c *column) deltas() bool {
	switch c.leaf.kind {
	case kindInt32, kindInt64, kindDecimal32, kindDecimal64:
		return !c.cfg.Version1
	default:
		return false
	}
}

// plainOrDelta picks the encoding of values without dictionary. The first such page of a chunk is tried both ways.
func (c *column) plainOrDelta() (meta.Encoding, error) {
	if !c.deltas() || c.delt == deltaNo {
		return meta.Plain, nil
	}
	if c.delt == deltaUnknown && c.present > 0 {
		plain, err := c.scratch.compress(c.cfg.Compression, c.vals)
		if err != nil {
			return 0, err
		}
		n := len(plain)
		deltas, err := c.packedDeltas()
		if err != nil {
			return 0, err
		}
		c.delt = deltaNo
		if deltas < n-n/8 {
			c.delt = deltaYes
		}
	}
	if c.delt == deltaYes {
		return meta.DeltaBinaryPacked, nil
	}
	return meta.Plain, nil
}

func (c *column) appendDelta(b []byte) ([]byte, error) {
	b = grow(b, len(c.vals)+1024)[:len(b)]
	var e delta.BinaryPackedEncoding
	var tail []byte
	var err error
	if c.width() == 4 {
		tail, err = e.EncodeInt32(b[len(b):len(b):cap(b)], viewOf[int32](c.vals))
	} else {
		tail, err = e.EncodeInt64(b[len(b):len(b):cap(b)], viewOf[int64](c.vals))
	}
	return adopt(b, tail), err
}

// encodePage puts the open page together, compresses it and keeps it with the chunk.
func (c *column) encodePage(enc meta.Encoding) error {
	b, err := c.appendAllLevels(c.scratch.page[:0])
	if err != nil {
		return err
	}
	switch {
	case enc == meta.RLEDictionary:
		b, err = appendCodesPage(b, c.codes)
	case enc == meta.DeltaBinaryPacked:
		b, err = c.appendDelta(b)
	case c.leaf.kind == kindBool:
		b = appendBits(b, c.vals)
	default:
		b = append(b, c.vals...)
	}
	c.scratch.page = b
	if err != nil {
		return err
	}
	h := meta.PageHeader{Type: meta.DataPage, NumValues: int32(c.entries()), Encoding: enc}
	page, err := c.scratch.seal(c.cfg.Compression, &h, b)
	if err != nil {
		return err
	}
	c.chunk.add(c, page, &h)
	return nil
}

func (c *column) appendAllLevels(b []byte) ([]byte, error) {
	if c.leaf.flat() {
		if c.leaf.maxDef > 0 {
			b = appendValidity(b, &c.valid)
		}
		return b, nil
	}
	var err error
	if c.leaf.maxRep > 0 {
		if b, err = appendLevels(b, c.rep, c.leaf.maxRep); err != nil {
			return nil, err
		}
	}
	if c.leaf.maxDef > 0 {
		b, err = appendLevels(b, c.def, c.leaf.maxDef)
	}
	return b, err
}

func appendCodesPage(b []byte, codes []int32) ([]byte, error) {
	b = grow(b, 4*len(codes)+64)[:len(b)]
	tail, err := new(rle.DictionaryEncoding).EncodeInt32(b[len(b):len(b):cap(b)], codes)
	return adopt(b, tail), err
}

// appendBits packs booleans, one byte each, into bits.
func appendBits(b, vals []byte) []byte {
	for ; len(vals) >= 8; vals = vals[8:] {
		b = append(b, vals[0]|vals[1]<<1|vals[2]<<2|vals[3]<<3|vals[4]<<4|vals[5]<<5|vals[6]<<6|vals[7]<<7)
	}
	if len(vals) > 0 {
		var x byte
		for i, v := range vals {
			x |= v << i
		}
		b = append(b, x)
	}
	return b
}

// seal compresses a page and puts its header in front. It completes h.
func (s *Scratch) seal(codec Codec, h *meta.PageHeader, body []byte) ([]byte, error) {
	packed, err := s.compress(codec, body)
	if err != nil {
		return nil, err
	}
	if len(body) > math.MaxInt32 || len(packed) > math.MaxInt32 {
		return nil, fmt.Errorf("page of %d bytes is too large for the format", len(body))
	}
	h.Uncompressed, h.Compressed = int32(len(body)), int32(len(packed))
	h.CRC, h.HasCRC = crc32.ChecksumIEEE(packed), true
	var buf [64]byte
	head := h.Append(buf[:0])
	page := make([]byte, 0, len(head)+len(packed))
	return append(append(page, head...), packed...), nil
}

// hashFixed hashes fixed-width values for the bloom filter.
func (c *column) hashFixed(v []byte) {
	if !c.bloom {
		return
	}
	for w := c.width(); len(v) > 0; v = v[w:] {
		c.hashes = append(c.hashes, xxhash.Sum64(v[:w]))
	}
}
