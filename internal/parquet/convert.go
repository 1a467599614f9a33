package parquet

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/parquet/meta"
)

var (
	errTimestamp = errors.New("a timestamp is outside the range of 64-bit microseconds")
	errDecimal   = errors.New("a decimal does not fit into 128 bits")
)

// physicalWidth is the number of bytes of a value in the file, PLAIN; 0 for booleans and BYTE_ARRAY.
func (l *leafColumn) physicalWidth() int {
	switch l.phys {
	case meta.Int32, meta.Float:
		return 4
	case meta.Int64, meta.Double:
		return 8
	case meta.Int96:
		return 12
	case meta.FixedLenByteArray:
		return l.size
	}
	return 0
}

// convert fills dst with values from the file's PLAIN layout in Arrow's. src holds as many.
func (l *leafColumn) convert(dst, src []byte) error {
	n := len(dst) / l.width
	switch l.conv {
	case asIs:
		copy(dst, src)
	case toInt8:
		for i := range dst {
			dst[i] = src[4*i]
		}
	case toInt16:
		for i := range n {
			copy(dst[2*i:2*i+2], src[4*i:])
		}
	case fromUint8:
		for i := range n {
			dst[2*i], dst[2*i+1] = src[4*i], 0
		}
	case fromUint16:
		for i := range n {
			copy(dst[4*i:], []byte{src[4*i], src[4*i+1], 0, 0})
		}
	case fromUint32:
		for i := range n {
			binary.LittleEndian.PutUint64(dst[8*i:], uint64(binary.LittleEndian.Uint32(src[4*i:])))
		}
	case fromHalf:
		for i := range n {
			binary.LittleEndian.PutUint32(dst[4*i:], math.Float32bits(halfFloat(binary.LittleEndian.Uint16(src[2*i:]))))
		}
	case fromMillis, fromNanos, fromInt96:
		return l.convertTimes(dst, src, n)
	default:
		return l.convertDecimals(viewOf[[2]uint64](dst), src)
	}
	return nil
}

func (l *leafColumn) convertTimes(dst, src []byte, n int) error {
	for i := range n {
		var v int64
		ok := true
		switch l.conv {
		case fromMillis:
			ms := int64(binary.LittleEndian.Uint64(src[8*i:]))
			v = ms * 1000
			ok = v/1000 == ms
		case fromNanos:
			v = datetime.FloorDiv(int64(binary.LittleEndian.Uint64(src[8*i:])), 1000)
		default:
			v, ok = int96Micros(src[12*i:])
		}
		if !ok {
			return errTimestamp
		}
		binary.LittleEndian.PutUint64(dst[8*i:], uint64(v))
	}
	return nil
}

// int96Micros turns a legacy timestamp (nanoseconds of the day, Julian day) into microseconds without passing through nanoseconds since 1970, which reach only
// from 1677 to 2262.
func int96Micros(b []byte) (int64, bool) {
	const unixEpoch = 2_440_588
	nanos := int64(binary.LittleEndian.Uint64(b))
	day := int64(int32(binary.LittleEndian.Uint32(b[8:]))) - unixEpoch
	if day > math.MaxInt64/datetime.MicrosPerDay-1 || day < math.MinInt64/datetime.MicrosPerDay+1 {
		return 0, false
	}
	base, add := day*datetime.MicrosPerDay, datetime.FloorDiv(nanos, 1000)
	sum := base + add
	return sum, (sum > base) == (add > 0)
}

// convertDecimals makes 128-bit numbers, least significant half first.
func (l *leafColumn) convertDecimals(dst [][2]uint64, src []byte) error {
	switch l.conv {
	case decimal32:
		for i := range dst {
			v := int64(int32(binary.LittleEndian.Uint32(src[4*i:])))
			d := &dst[i]
			d[0], d[1] = uint64(v), uint64(v>>63)
		}
	case decimal64:
		for i := range dst {
			v := binary.LittleEndian.Uint64(src[8*i:])
			d := &dst[i]
			d[0], d[1] = v, uint64(int64(v)>>63)
		}
	case fromUint64:
		for i := range dst {
			dst[i] = [2]uint64{binary.LittleEndian.Uint64(src[8*i:]), 0}
		}
	default:
		for i := range dst {
			lo, hi, ok := twosComplement(src[i*l.size : (i+1)*l.size])
			if !ok {
				return errDecimal
			}
			dst[i] = [2]uint64{lo, hi}
		}
	}
	return nil
}

// twosComplement reads a signed big-endian number of any length; it is not ok if the number needs more than 128 bits. No bytes are zero.
func twosComplement(b []byte) (lo, hi uint64, ok bool) {
	var sign uint64
	if len(b) > 0 {
		sign = uint64(int64(int8(b[0])) >> 7)
	}
	for len(b) > 16 {
		if b[0] != byte(sign) {
			return 0, 0, false
		}
		b = b[1:]
	}
	lo, hi = sign, sign
	for _, x := range b {
		hi = hi<<8 | lo>>56
		lo = lo<<8 | uint64(x)
	}
	return lo, hi, len(b) < 16 || hi>>63 == sign&1
}

// halfFloat widens an IEEE 754 binary16 number.
func halfFloat(h uint16) float32 {
	sign, exp, frac := uint32(h>>15)<<31, uint32(h>>10&31), uint32(h&1023)
	switch {
	case exp == 31:
		return math.Float32frombits(sign | 0xFF<<23 | frac<<13)
	case exp == 0 && frac == 0:
		return math.Float32frombits(sign)
	case exp == 0: // subnormal: normalise
		shift := uint32(bits.LeadingZeros32(frac)) - 21
		return math.Float32frombits(sign | (113-shift)<<23 | frac<<shift&1023<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}
