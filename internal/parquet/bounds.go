package parquet

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// bounds is the least and the greatest of some values of a leaf. Which of the fields count depends on the leaf's kind; none do before some is set.
type bounds struct {
	some       bool
	nan        bool // a NaN was seen; it is in neither bound
	minI, maxI int64
	minF, maxF float64
	minD, maxD decimal128.Num
	minB, maxB []byte // own memory
	pmin, pmax uint64 // prefixes of minB, maxB
}

func (b *bounds) reset() {
	b.some, b.nan = false, false
	b.minB, b.maxB = b.minB[:0], b.maxB[:0]
}

// addFixed takes in values in PLAIN layout, booleans as bytes.
func (b *bounds) addFixed(k valueKind, v []byte) {
	if len(v) == 0 {
		return
	}
	switch k {
	case kindBool:
		lo, hi := extremes(v)
		b.addInts(int64(lo), int64(hi))
	case kindInt8, kindInt16, kindInt32, kindDecimal32:
		lo, hi := extremes(viewOf[int32](v))
		b.addInts(int64(lo), int64(hi))
	case kindInt64, kindDecimal64:
		lo, hi := extremes(viewOf[int64](v))
		b.addInts(lo, hi)
	case kindFloat:
		addFloats(b, viewOf[float32](v))
	case kindDouble:
		addFloats(b, viewOf[float64](v))
	case kindDecimal:
		for ; len(v) > 0; v = v[16:] {
			d := decimalOf(v)
			b.addDecimals(d, d)
		}
	case kindNull, kindBytes:
	}
}

func extremes[T uint8 | int32 | int64](v []T) (lo, hi T) {
	lo, hi = v[0], v[0]
	for _, x := range v {
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

func (b *bounds) addInts(lo, hi int64) {
	if !b.some {
		b.some, b.minI, b.maxI = true, lo, hi
		return
	}
	b.minI, b.maxI = min(b.minI, lo), max(b.maxI, hi)
}

func addFloats[T float32 | float64](b *bounds, v []T) {
	lo, hi := T(math.Inf(1)), T(math.Inf(-1))
	seen := 0
	for _, x := range v {
		if x < lo {
			lo = x
		}
		if x > hi {
			hi = x
		}
		if x != x {
			seen++
		}
	}
	b.nan = b.nan || seen > 0
	if seen == len(v) {
		return
	}
	b.addFloat(float64(lo), float64(hi))
}

// addFloat takes in the bounds of some floats. A zero minimum is taken as -0 and a zero maximum as +0, since the two compare equal.
func (b *bounds) addFloat(lo, hi float64) {
	if b.some {
		lo, hi = min(b.minF, lo), max(b.maxF, hi)
	}
	if lo == 0 {
		lo = math.Copysign(0, -1)
	}
	if hi == 0 {
		hi = 0
	}
	b.some, b.minF, b.maxF = true, lo, hi
}

func decimalOf(bigEndian []byte) decimal128.Num {
	return decimal128.New(int64(binary.BigEndian.Uint64(bigEndian)), binary.BigEndian.Uint64(bigEndian[8:16]))
}

func (b *bounds) addDecimals(lo, hi decimal128.Num) {
	if !b.some {
		b.some, b.minD, b.maxD = true, lo, hi
		return
	}
	if lo.Less(b.minD) {
		b.minD = lo
	}
	if b.maxD.Less(hi) {
		b.maxD = hi
	}
}

// addBytes takes in one string.
func (b *bounds) addBytes(v []byte) {
	p := prefix(v)
	if !b.some {
		b.some = true
		b.setMin(v, p)
		b.setMax(v, p)
		return
	}
	if p < b.pmin || p == b.pmin && bytes.Compare(v, b.minB) < 0 {
		b.setMin(v, p)
	} else if p > b.pmax || p == b.pmax && bytes.Compare(v, b.maxB) > 0 {
		b.setMax(v, p)
	}
}

func (b *bounds) setMin(v []byte, p uint64) { b.minB, b.pmin = append(b.minB[:0], v...), p }
func (b *bounds) setMax(v []byte, p uint64) { b.maxB, b.pmax = append(b.maxB[:0], v...), p }

// merge takes in the bounds of other values of the same leaf.
func (b *bounds) merge(k valueKind, o *bounds) {
	b.nan = b.nan || o.nan
	if !o.some {
		return
	}
	switch k {
	case kindBytes:
		b.addBytes(o.minB)
		b.addBytes(o.maxB)
	case kindFloat, kindDouble:
		b.addFloat(o.minF, o.maxF)
	case kindDecimal:
		b.addDecimals(o.minD, o.maxD)
	default:
		b.addInts(o.minI, o.maxI)
	}
}
