package parquet

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

var errLevelsShort = errors.New("levels or indices end early")

// hybrid decodes the RLE and bit-packing hybrid (parquet-format, Encodings.md), as many values at a time as are asked for, so that a run of any length costs
// no memory.
type hybrid struct {
	src    []byte // what follows the run at hand
	width  int    // bits of a value
	left   int    // values left of the run at hand
	packed []byte // of a bit-packed run
	at     int    // position in packed, in values
	isRun  bool   // repeats value; else bit-packed
	value  uint32
}

func newHybrid(src []byte, width int) hybrid { return hybrid{src: src, width: width} }

// next reads the header of the next run.
func (h *hybrid) next() error {
	for h.left == 0 {
		u, n := binary.Uvarint(h.src)
		if n <= 0 || u>>1 > 1<<31 {
			return errLevelsShort
		}
		h.src = h.src[n:]
		if u&1 == 0 {
			if err := h.startRun(int(u >> 1)); err != nil {
				return err
			}
			continue
		}
		h.isRun, h.at = false, 0
		size := min(int(u>>1)*h.width, len(h.src)) // some writers cut the last group short
		h.packed, h.src = h.src[:size], h.src[size:]
		h.left = int(u>>1) * 8
		if h.width > 0 {
			h.left = min(h.left, size*8/h.width)
		}
		if h.left == 0 {
			return errLevelsShort
		}
	}
	return nil
}

func (h *hybrid) startRun(n int) error {
	size := (h.width + 7) / 8
	if len(h.src) < size {
		return errLevelsShort
	}
	h.value = 0
	for i := range size {
		h.value |= uint32(h.src[i]) << (8 * i)
	}
	h.src, h.isRun, h.left = h.src[size:], true, n
	if h.width < 32 && h.value>>h.width != 0 {
		return errors.New("a run repeats a value wider than its bits")
	}
	return nil
}

// codes decodes into dst.
func (h *hybrid) codes(dst []int32) error { return decodeHybrid(h, dst) }

// levels decodes into dst.
func (h *hybrid) levels(dst []uint8) error { return decodeHybrid(h, dst) }

func decodeHybrid[T uint8 | int32](h *hybrid, dst []T) error {
	for len(dst) > 0 {
		if err := h.next(); err != nil {
			return err
		}
		k := min(h.left, len(dst))
		if h.isRun {
			part := dst[:k]
			for i := range part {
				part[i] = T(h.value)
			}
		} else {
			unpack(dst[:k], h.packed, h.at, h.width)
			h.at += k
		}
		h.left -= k
		dst = dst[k:]
	}
	return nil
}

// bits ors n values of one bit into the bitmap b from position at on, and counts the ones.
func (h *hybrid) bits(b []byte, at, n int) (ones int, err error) {
	for n > 0 {
		if err := h.next(); err != nil {
			return 0, err
		}
		k := min(h.left, n)
		switch {
		case !h.isRun:
			copyBits(b, at, h.packed, h.at, k)
			ones += countBits(h.packed, h.at, k)
			h.at += k
		case h.value == 1:
			fillBits(b, at, k)
			ones += k
		}
		h.left -= k
		at += k
		n -= k
	}
	return ones, nil
}

// unpack reads values of width bits, at most 56, from position at (in values) on.
func unpack[T uint8 | int32 | int64](dst []T, src []byte, at, width int) {
	if width == 0 {
		clear(dst)
		return
	}
	mask := uint64(1)<<width - 1
	bit := at * width
	i := 0
	for ; i < len(dst) && bit>>3+8 <= len(src); i++ {
		dst[i] = T(binary.LittleEndian.Uint64(src[bit>>3:]) >> (bit & 7) & mask)
		bit += width
	}
	for ; i < len(dst); i++ {
		dst[i] = T(load(src[bit>>3:]) >> (bit & 7) & mask)
		bit += width
	}
}

// load reads up to 8 bytes as a number; bytes that are missing count as zero.
func load(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b)
	}
	var v uint64
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	return v
}

// unpackWide is unpack for any width up to 64.
func unpackWide(dst []int64, src []byte, width int) {
	if width <= 56 {
		unpack(dst, src, 0, width)
		return
	}
	mask := ^uint64(0) >> (64 - width)
	for i := range dst {
		bit := i * width
		v := load(src[bit>>3:]) >> (bit & 7)
		if s := bit & 7; s+width > 64 {
			v |= uint64(src[bit>>3+8]) << (64 - s)
		}
		dst[i] = int64(v & mask)
	}
}

// bitPackedLevels decodes the deprecated encoding BIT_PACKED, which fills bytes from the highest bit on.
func bitPackedLevels(dst []uint8, src []byte, width int) {
	for i := range dst {
		var v uint8
		for k := range width {
			at := i*width + k
			v = v<<1 | src[at>>3]>>(7-at&7)&1
		}
		dst[i] = v
	}
}

// levelWidth is the number of bits of levels up to most.
func levelWidth(most uint8) int { return bits.Len8(most) }
