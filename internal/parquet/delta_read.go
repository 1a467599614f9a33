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

// deltaReader decodes DELTA_BINARY_PACKED data (parquet-format, Encodings.md), as many values at a time as are asked for. INT32 wraps as INT64 does; its upper half
// means nothing.
type deltaReader struct {
	deltaHeader
	src    []byte // what follows the miniblock at hand
	widths []byte // of the miniblocks of the block at hand that follow
	left   int    // values behind the miniblock at hand
	packed []byte // the miniblock at hand, or several of the same width, and what follows
	width  int    // bits of a delta in it
	at, n  int    // position in it, and how many values it has
	least  int64
	last   int64 // the value before the one at hand
	owed   int   // values that were passed over, whose deltas are not added to last yet

	deltas [deltaStep]int32 // scratch
	wide   [deltaStep]int64 // scratch
}

// deltaStep is how many values are decoded at a time: in groups of 8, so that each begins at a byte.
const deltaStep = 128

// open readies at most most values. The first value counts as a miniblock of its own.
func (d *deltaReader) open(src []byte, most int) error {
	h, rest, err := readDeltaHeader(src, most)
	d.deltaHeader, d.src, d.widths, d.width, d.least, d.last, d.owed = h, rest, nil, 0, 0, h.first, 0
	d.at, d.n = 0, min(h.total, 1)
	d.left = h.total - d.n
	return err
}

// step goes to the next miniblock when the one at hand is at its end, and gives how many of up to n values may be decoded at once.
func (d *deltaReader) step(n int) (int, error) {
	if d.at == d.n {
		if err := d.next(); err != nil {
			return 0, err
		}
	}
	return min(n, d.n-d.at, deltaStep), nil
}

// next goes to the next miniblock, or the next few of a block if their deltas have the same width: they lie side by side, as one would.
func (d *deltaReader) next() error {
	if d.left == 0 {
		return errShortValues
	}
	if len(d.widths) == 0 {
		least, n := binary.Varint(d.src)
		if n <= 0 || len(d.src)-n < d.minis {
			return errDelta
		}
		d.least, d.widths, d.src = least, d.src[n:n+d.minis], d.src[n+d.minis:]
	}
	d.width = int(d.widths[0])
	minis := 1
	for minis < len(d.widths) && int(d.widths[minis]) == d.width && minis*d.perMini < d.left {
		minis++
	}
	d.widths = d.widths[minis:]
	d.at, d.n = 0, min(minis*d.perMini, d.left)
	if d.width > 64 || len(d.src) < (d.n*d.width+7)/8 {
		return errDelta
	}
	d.left -= d.n
	d.packed, d.src = d.src, d.src[min(minis*d.perMini*d.width/8, len(d.src)):] // the last miniblock may lack its padding
	return nil
}

// skip passes over n values. Their deltas are added when a value behind them is asked for.
func (d *deltaReader) skip(n int) { d.owed += n }

// settle adds the deltas of the values that were passed over.
func (d *deltaReader) settle() error {
	for d.owed > 0 {
		k, err := d.step(d.owed)
		if err != nil {
			return err
		}
		d.pass(k)
		d.owed -= k
	}
	return nil
}

// pass adds the next n deltas, which step has given.
func (d *deltaReader) pass(n int) {
	sum := int64(n) * d.least
	if d.width <= 32 {
		part := d.deltas[:n]
		unpackInts(part, d.packed, d.at, d.width)
		for _, x := range part {
			sum += int64(uint32(x))
		}
	} else {
		part := d.wide[:n]
		unpackWide(part, d.packed, d.at, d.width)
		for _, x := range part {
			sum += x
		}
	}
	d.last += sum
	d.at += n
}

// takeDeltas decodes the next values.
func takeDeltas[T int32 | int64](d *deltaReader, dst []T) error {
	if err := d.settle(); err != nil {
		return err
	}
	for len(dst) > 0 {
		k, err := d.step(len(dst))
		if err != nil {
			return err
		}
		addDeltas(d, dst[:k])
		dst = dst[k:]
	}
	return nil
}

// pickDeltas passes over n values and decodes those at the positions pos, which ascend.
func pickDeltas[T int32 | int64](d *deltaReader, dst []T, pos []int32, n int) error {
	if err := d.settle(); err != nil {
		return err
	}
	var part [deltaStep]T
	base := 0
	for len(pos) > 0 {
		k, err := d.step(n - base)
		if err != nil {
			return err
		}
		if int(pos[0]) >= base+k {
			d.pass(k)
			base += k
			continue
		}
		addDeltas(d, part[:k])
		i := 0
		for ; i < len(pos) && int(pos[i]) < base+k; i++ {
			dst[i] = part[int(pos[i])-base]
		}
		dst, pos = dst[i:], pos[i:]
		base += k
	}
	d.skip(n - base)
	return nil
}

// addDeltas decodes the next values, as many as step has given.
func addDeltas[T int32 | int64](d *deltaReader, dst []T) {
	least, last := d.least, d.last
	if d.width <= 32 {
		deltas := d.deltas[:len(dst)]
		unpackInts(deltas, d.packed, d.at, d.width)
		for i, x := range deltas {
			last += least + int64(uint32(x))
			dst[i] = T(last)
		}
	} else {
		deltas := d.wide[:len(dst)]
		unpackWide(deltas, d.packed, d.at, d.width)
		for i, x := range deltas {
			last += least + x
			dst[i] = T(last)
		}
	}
	d.last = last
	d.at += len(dst)
}

// decodeAll decodes DELTA_BINARY_PACKED data of at most most values into the memory of dst, and gives what follows it.
func (d *deltaReader) decodeAll(dst []int64, src []byte, most int) ([]int64, []byte, error) {
	if err := d.open(src, most); err != nil {
		return nil, nil, err
	}
	dst = sized(dst, d.total)
	err := takeDeltas(d, dst)
	return dst, d.src, err
}
