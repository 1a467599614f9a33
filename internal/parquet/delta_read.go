package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errDelta = errors.New("DELTA_BINARY_PACKED values end early")

// deltaHeader is the front of DELTA_BINARY_PACKED data.
type deltaHeader struct {
	perMini, minis int // values of a miniblock, miniblocks of a block
	total          int
	first          int64
}

func readDeltaHeader(src []byte, most int) (h deltaHeader, rest []byte, err error) {
	var u [3]uint64
	for i := range u {
		v, n := binary.Uvarint(src)
		if n <= 0 {
			return h, nil, errDelta
		}
		u[i], src = v, src[n:]
	}
	first, n := binary.Varint(src)
	if n <= 0 {
		return h, nil, errDelta
	}
	if u[0] > 1<<16 || u[1] == 0 || u[1] > u[0] || u[0]%u[1] != 0 || u[0]/u[1]%8 != 0 {
		return h, nil, fmt.Errorf("DELTA_BINARY_PACKED blocks of %d values in %d miniblocks", u[0], u[1])
	}
	if u[2] > uint64(most) {
		return h, nil, fmt.Errorf("DELTA_BINARY_PACKED data of %d values where at most %d belong", u[2], most)
	}
	return deltaHeader{perMini: int(u[0] / u[1]), minis: int(u[1]), total: int(u[2]), first: first}, src[n:], nil
}

// decodeDelta decodes DELTA_BINARY_PACKED data of at most most values into the memory of dst, and gives what follows it. INT32 wraps as INT64 does; its upper
// half means nothing.
func decodeDelta(dst []int64, src []byte, most int) ([]int64, []byte, error) {
	h, src, err := readDeltaHeader(src, most)
	if err != nil || h.total == 0 {
		return dst[:0], src, err
	}
	dst = sized(dst, h.total)
	dst[0] = h.first
	last := h.first
	for at := 1; at < h.total; {
		least, n := binary.Varint(src)
		if n <= 0 || len(src)-n < h.minis {
			return nil, nil, errDelta
		}
		widths := src[n : n+h.minis]
		src = src[n+h.minis:]
		for _, w := range widths {
			if at >= h.total {
				break
			}
			k := min(h.perMini, h.total-at)
			size := h.perMini * int(w) / 8
			if w > 64 || len(src) < (k*int(w)+7)/8 {
				return nil, nil, errDelta
			}
			size = min(size, len(src)) // the last miniblock may lack its padding
			part := dst[at : at+k]
			unpackWide(part, src[:size], int(w))
			for i, d := range part {
				last += least + d
				part[i] = last
			}
			src = src[size:]
			at += k
		}
	}
	return dst, src, nil
}
