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
	packed []byte // a bit-packed run, and what follows it
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
		h.packed, h.src = h.src, h.src[size:]
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
func (h *hybrid) codes(dst []int32) error { return decodeHybrid(h, dst, unpackInts) }

// levels decodes into dst.
func (h *hybrid) levels(dst []uint8) error { return decodeHybrid(h, dst, unpack) }

func decodeHybrid[T uint8 | int32](h *hybrid, dst []T, unpack func(dst []T, src []byte, at, width int)) error {
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

// passOnes passes over n values of one bit if all of them are ones that one run repeats.
func (h *hybrid) passOnes(n int) (bool, error) {
	if n > 0 {
		if err := h.next(); err != nil {
			return false, err
		}
	}
	if !h.isRun || h.value != 1 || h.left < n {
		return false, nil
	}
	h.left -= n
	return true, nil
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
