package parquet

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/parquet-go/parquet-go/encoding/rle"
)

// minRun is the number of equal bytes of a bitmap from which a run is cheaper than the bits.
const minRun = 4

// appendLevels appends levels as data page V1 has them: a length, then the RLE and bit-packing hybrid.
func appendLevels(b []byte, levels []uint8, most uint8) ([]byte, error) {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	e := rle.Encoding{BitWidth: bits.Len8(most)}
	b = grow(b, len(levels)+len(levels)/4+64)[:at+4]
	packed, err := e.EncodeLevels(b[at+4:at+4:cap(b)], levels)
	if err != nil {
		return nil, err
	}
	b = adopt(b, packed)
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b, nil
}

// adopt appends tail to b, without a copy when it was written into the free space of b.
func adopt(b, tail []byte) []byte {
	n := len(b)
	if len(tail) > 0 && cap(b)-n >= len(tail) && &b[:n+1][n] == &tail[0] {
		return b[:n+len(tail)]
	}
	return append(b, tail...)
}

// appendValidity is appendLevels for levels of 0 and 1 that are a bitmap: the bits of the bitmap are the bit-packed form already.
func appendValidity(b []byte, m *bitmap) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	src, n := m.b, m.n
	for i := 0; i < len(src); {
		run := equalBytes(src[i:])
		values := min(8*run, n-8*i)
		if i+run == len(src)-1 && src[i] == 0xFF && src[i+run] == 1<<(n-8*(i+run))-1 { // the last, partial byte goes on with ones
			run, values = run+1, n-8*i
		}
		if run >= minRun || i+run == len(src) && run > 0 {
			b = binary.AppendUvarint(b, uint64(values)<<1)
			b = append(b, src[i]&1)
			i += run
			continue
		}
		end := i + max(1, run)
		for end < len(src) && equalBytes(src[end:]) < minRun {
			end++
		}
		b = binary.AppendUvarint(b, uint64(end-i)<<1|1)
		b = append(b, src[i:end]...)
		i = end
	}
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}

// equalBytes is how many bytes at the front are the same, if they are all zeros or all ones; else 0.
func equalBytes(b []byte) int {
	if b[0] != 0 && b[0] != 0xFF {
		return 0
	}
	n := 1
	for n+8 <= len(b) && bytes.Equal(b[n:n+8], b[n-1:n+7]) {
		n += 8
	}
	for n < len(b) && b[n] == b[0] {
		n++
	}
	return n
}
