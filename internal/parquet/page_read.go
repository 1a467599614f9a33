package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// pageReader is the data page at hand.
type pageReader struct {
	left     int     // entries not read yet
	defs     hybrid  // flat: levels of 0 and 1
	def, rep []uint8 // nested: levels not read yet
	levels   [2][]uint8
	values   valueReader
	body     buffer // memory of the unpacked page
}

// nextPage goes to the next data page, and reads a dictionary page on the way.
func (r *leafReader) nextPage() error {
	for {
		if r.src.left() == 0 {
			if !r.src.nextExtent() {
				return errShortChunk
			}
			if first := r.src.cur.firstRow; first >= 0 {
				if first != r.row && !r.seeking {
					return errLeftOut
				}
				r.row = first
			}
			continue
		}
		h, err := r.readHeader()
		if err != nil {
			return err
		}
		if r.passesOver(&h) {
			r.src.skip(int(h.Compressed))
			r.row += int64(h.NumValues)
			continue
		}
		body, err := r.readBody(&h)
		if err != nil {
			return err
		}
		switch {
		case h.Type == meta.DictionaryPage && h.HasDictionary:
			if err := r.readDictionary(&h, body); err != nil {
				return err
			}
			continue
		case h.Type == meta.IndexPage:
			continue
		case h.Type == meta.DataPage && h.HasData:
			err = r.openV1(&h, body)
		case h.Type == meta.DataPageV2 && h.HasDataV2:
			err = r.openV2(&h, body)
		default:
			err = fmt.Errorf("a page of type %s without its header", h.Type)
		}
		if err != nil || r.page.left > 0 {
			return err
		}
	}
}

// passesOver reports whether all rows of a data page come before the one that is wanted, so that its body need not be looked at.
func (r *leafReader) passesOver(h *meta.PageHeader) bool {
	data := h.Type == meta.DataPage && h.HasData || h.Type == meta.DataPageV2 && h.HasDataV2
	return r.seeking && r.leaf.flat && data && r.row+int64(h.NumValues) <= r.target
}

// readHeader gives the header of the next page.
func (r *leafReader) readHeader() (h meta.PageHeader, err error) {
	for n := 256; ; n *= 4 {
		b, err := r.src.peek(n)
		if err != nil {
			return h, err
		}
		head, size, err := meta.DecodePageHeader(b)
		if errors.Is(err, meta.ErrShort) && len(b) == n && n < maxPageHeader {
			continue
		}
		if err != nil {
			return h, fmt.Errorf("page header: %w", err)
		}
		h = head
		r.src.skip(size)
		break
	}
	if h.Compressed < 0 || int64(h.Compressed) > r.src.left() {
		return h, fmt.Errorf("a page of %d bytes where %d are left", h.Compressed, r.src.left())
	}
	if h.Uncompressed < 0 || int(h.Uncompressed) > r.f.cfg.MaxPageBytes || int(h.Compressed) > r.f.cfg.MaxPageBytes {
		return h, fmt.Errorf("a page of %d bytes, where the limit is %d", max(h.Uncompressed, h.Compressed), r.f.cfg.MaxPageBytes)
	}
	if h.NumValues < 0 {
		return h, fmt.Errorf("a page of %d values", h.NumValues)
	}
	return h, nil
}

// readBody gives the body of the page as it is in the file.
func (r *leafReader) readBody(h *meta.PageHeader) ([]byte, error) {
	body, err := r.src.peek(int(h.Compressed))
	if err != nil {
		return nil, err
	}
	if len(body) != int(h.Compressed) {
		return nil, io.ErrUnexpectedEOF
	}
	r.src.skip(len(body))
	if h.HasCRC && !r.f.cfg.unchecked && crc32.ChecksumIEEE(body) != h.CRC {
		return nil, errors.New("the checksum of a page does not match")
	}
	return body, nil
}

// unpack decompresses a body to size bytes. The result is valid until the next page.
func (r *leafReader) unpack(body []byte, size int) ([]byte, error) {
	if r.codec == meta.Uncompressed {
		if len(body) != size {
			return nil, fmt.Errorf("%d bytes where the header says %d", len(body), size)
		}
		return body, nil
	}
	if r.codec == meta.Snappy {
		if b, ok := stored(body, size); ok {
			return b, nil
		}
	}
	dst := r.page.body.room(size)
	return dst, r.dec.unpack(r.codec, dst, body)
}

// openV1 reads the levels of a data page V1, which lie in front of the values, compressed with them.
func (r *leafReader) openV1(h *meta.PageHeader, body []byte) error {
	b, err := r.unpack(body, int(h.Uncompressed))
	if err != nil {
		return err
	}
	if err := r.checkEntries(int(h.NumValues)); err != nil {
		return err
	}
	var rep, def []byte
	if r.leaf.maxRep > 0 {
		if rep, b, err = splitLevels(b, h.RepEncoding, int(h.NumValues), r.leaf.maxRep); err != nil {
			return err
		}
	}
	if r.leaf.maxDef > 0 {
		if def, b, err = splitLevels(b, h.DefEncoding, int(h.NumValues), r.leaf.maxDef); err != nil {
			return err
		}
	}
	return r.openLevels(h, rep, def, b)
}

// splitLevels cuts levels off the front of a page.
func splitLevels(b []byte, e meta.Encoding, n int, most uint8) (levels, rest []byte, err error) {
	switch e {
	case meta.RLE:
		if len(b) < 4 {
			return nil, nil, errLevelsShort
		}
		size := binary.LittleEndian.Uint32(b)
		if uint64(size) > uint64(len(b)-4) {
			return nil, nil, errLevelsShort
		}
		return b[4 : 4+size : 4+size], b[4+size:], nil
	case meta.BitPacked:
		size := (n*levelWidth(most) + 7) / 8
		if size > len(b) {
			return nil, nil, errLevelsShort
		}
		return b[:size:size], b[size:], nil
	}
	return nil, nil, fmt.Errorf("levels encoded as %s", e)
}

// openV2 reads the levels of a data page V2, which lie in front of the values and are never compressed.
func (r *leafReader) openV2(h *meta.PageHeader, body []byte) error {
	if err := r.checkEntries(int(h.NumValues)); err != nil {
		return err
	}
	if h.DefLength < 0 || h.RepLength < 0 || int64(h.DefLength)+int64(h.RepLength) > int64(min(len(body), int(h.Uncompressed))) {
		return fmt.Errorf("levels of %d and %d bytes in a page of %d", h.RepLength, h.DefLength, len(body))
	}
	rep := body[:h.RepLength:h.RepLength]
	def := body[h.RepLength : h.RepLength+h.DefLength : h.RepLength+h.DefLength]
	b := body[h.RepLength+h.DefLength:]
	if h.IsCompressed && (len(b) > 0 || int(h.Uncompressed) != len(rep)+len(def)) {
		var err error
		if b, err = r.unpack(b, int(h.Uncompressed)-len(rep)-len(def)); err != nil {
			return err
		}
	}
	h.DefEncoding, h.RepEncoding = meta.RLE, meta.RLE
	return r.openLevels(h, rep, def, b)
}

// checkEntries bounds the entries of a page: those of a flat leaf are rows, and those of a nested one are decoded all at once.
func (r *leafReader) checkEntries(n int) error {
	if r.leaf.flat && int64(n) > r.groupRows-r.row {
		return fmt.Errorf("a page of %d rows where %d are left of the row group", n, r.groupRows-r.row)
	}
	if !r.leaf.flat && n > r.f.cfg.MaxPageValues {
		return fmt.Errorf("a page of %d values, where the limit is %d", n, r.f.cfg.MaxPageValues)
	}
	return nil
}

// openLevels readies the levels, then the values.
func (r *leafReader) openLevels(h *meta.PageHeader, rep, def, values []byte) error {
	p, n := &r.page, int(h.NumValues)
	present := n
	switch {
	case !r.leaf.flat:
		var err error
		if p.rep, err = decodeLevels(&p.levels[0], rep, h.RepEncoding, n, r.leaf.maxRep); err != nil {
			return err
		}
		if p.def, err = decodeLevels(&p.levels[1], def, h.DefEncoding, n, r.leaf.maxDef); err != nil {
			return err
		}
		present = countEqual(p.def, r.leaf.maxDef)
	case r.leaf.maxDef > 0 && h.DefEncoding == meta.BitPacked:
		p.levels[0] = sized(p.levels[0], len(def))
		for i, x := range def {
			p.levels[0][i] = bits.Reverse8(x)
		}
		p.defs = hybrid{width: 1, packed: p.levels[0], left: n}
	case r.leaf.maxDef > 0:
		p.defs = newHybrid(def, 1)
	}
	p.left = n
	return p.values.open(r, h.Encoding, values, present)
}

// decodeLevels decodes n levels up to most into the memory of mem.
func decodeLevels(mem *[]uint8, src []byte, e meta.Encoding, n int, most uint8) ([]uint8, error) {
	*mem = sized(*mem, n)
	dst := *mem
	if most == 0 {
		clear(dst)
		return dst, nil
	}
	if e == meta.BitPacked {
		bitPackedLevels(dst, src, levelWidth(most))
	} else {
		h := newHybrid(src, levelWidth(most))
		if err := h.levels(dst); err != nil {
			return nil, err
		}
	}
	top := uint8(0)
	for _, v := range dst {
		top = max(top, v)
	}
	if top > most {
		return nil, fmt.Errorf("a level of %d where %d is the highest", top, most)
	}
	return dst, nil
}

func countEqual(levels []uint8, v uint8) int {
	n := 0
	for _, x := range levels {
		if x == v {
			n++
		}
	}
	return n
}
