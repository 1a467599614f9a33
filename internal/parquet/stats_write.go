package parquet

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// Longer bounds of strings are cut: a cut minimum is still a lower bound, a cut maximum is raised to be an upper one.
const (
	maxIndexBound = 64   // bytes, in the column index
	maxChunkBound = 1024 // bytes, in chunk statistics and in Footer
)

// encodeMin gives the minimum as statistics have it, and whether it is exact.
func (b *bounds) encodeMin(l *leafPlan, most int) ([]byte, bool) {
	if l.kind == kindBytes {
		return cutMin(l, b.minB, most)
	}
	return encodeFixed(l.kind, b.minI, b.minF, b.minD), true
}

// encodeMax gives the maximum as statistics have it, and whether it is exact; nil when no short upper bound exists.
func (b *bounds) encodeMax(l *leafPlan, most int) ([]byte, bool) {
	if l.kind == kindBytes {
		return cutMax(l, b.maxB, most)
	}
	return encodeFixed(l.kind, b.maxI, b.maxF, b.maxD), true
}

func encodeFixed(k valueKind, i int64, f float64, d decimal128.Num) []byte {
	switch k {
	case kindBool:
		return []byte{byte(i)}
	case kindInt64, kindDecimal64:
		return binary.LittleEndian.AppendUint64(nil, uint64(i))
	case kindFloat:
		return binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(f)))
	case kindDouble:
		return binary.LittleEndian.AppendUint64(nil, math.Float64bits(f))
	case kindDecimal:
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(d.HighBits())), d.LowBits())
	}
	return binary.LittleEndian.AppendUint32(nil, uint32(i))
}

// cutMin cuts a lower bound to at most most bytes, strings between characters.
func cutMin(l *leafPlan, v []byte, most int) ([]byte, bool) {
	if len(v) <= most {
		return append([]byte{}, v...), true
	}
	return append([]byte{}, v[:cutAt(l, v, most)]...), false
}

// cutMax cuts an upper bound to at most most bytes and raises its last character, or byte, that can be raised.
func cutMax(l *leafPlan, v []byte, most int) ([]byte, bool) {
	if len(v) <= most {
		return append([]byte{}, v...), true
	}
	v = append([]byte{}, v[:cutAt(l, v, most)]...)
	if l.typ.ID() != arrow.STRING {
		for n := len(v); n > 0; n-- {
			if v[n-1] != 0xFF {
				v[n-1]++
				return v[:n], false
			}
		}
		return nil, false
	}
	for len(v) > 0 {
		r, n := utf8.DecodeLastRune(v)
		v = v[:len(v)-n]
		if r++; r == 0xD800 {
			r = 0xE000 // surrogates are no characters
		}
		if r <= utf8.MaxRune && !(r == utf8.RuneError+1 && n == 1) {
			return utf8.AppendRune(v, r), false
		}
	}
	return nil, false
}

// cutAt is where v may be cut: between characters for strings, anywhere for bytes.
func cutAt(l *leafPlan, v []byte, n int) int {
	if l.typ.ID() == arrow.STRING {
		for k := n; k > n-utf8.UTFMax; k-- {
			if utf8.RuneStart(v[k]) {
				return k
			}
		}
	}
	return n
}

// statistics fills the statistics of a chunk.
func (b *bounds) statistics(l *leafPlan, s *meta.Statistics) {
	if !b.some {
		return
	}
	var exact bool
	s.MinValue, exact = b.encodeMin(l, maxChunkBound)
	s.MinExact = exactness(exact)
	s.MaxValue, exact = b.encodeMax(l, maxChunkBound)
	s.MaxExact = exactness(exact)
}

func exactness(exact bool) meta.Exactness {
	if exact {
		return meta.Exact
	}
	return meta.Inexact
}

// footerStats describes all the leaf's values in the file.
func (c *column) footerStats() ColumnStats {
	t := &c.total
	s := ColumnStats{
		Path: c.leaf.path, Type: c.leaf.typ, Values: t.entries, NullCount: t.entries - t.values,
		HasNaN: t.bounds.nan,
	}
	var e meta.Statistics
	t.bounds.statistics(c.leaf, &e)
	s.Min, s.MinExact = decodeBound(c.leaf.kind, e.MinValue), e.MinExact == meta.Exact
	s.Max, s.MaxExact = decodeBound(c.leaf.kind, e.MaxValue), e.MaxExact == meta.Exact
	return s
}

// boundaryOrder tells whether the bounds of the pages that have any rise or fall throughout.
func boundaryOrder(l *leafPlan, x *meta.ColumnIndex) meta.BoundaryOrder {
	up, down := true, true
	last := -1
	for i, null := range x.NullPages {
		if null {
			continue
		}
		if last >= 0 {
			lo, hi := compareEncoded(l.kind, x.MinValues[last], x.MinValues[i]), compareEncoded(l.kind, x.MaxValues[last], x.MaxValues[i])
			up = up && lo <= 0 && hi <= 0
			down = down && lo >= 0 && hi >= 0
		}
		last = i
	}
	switch {
	case up:
		return meta.Ascending
	case down:
		return meta.Descending
	}
	return meta.Unordered
}

// compareEncoded compares two bounds in their encoded form.
func compareEncoded(k valueKind, a, b []byte) int {
	switch x := decodeBound(k, a).(type) {
	case int64:
		return compareOrdered(x, decodeBound(k, b).(int64))
	case float32:
		return compareOrdered(x, decodeBound(k, b).(float32))
	case float64:
		return compareOrdered(x, decodeBound(k, b).(float64))
	case decimal128.Num:
		return x.Cmp(decodeBound(k, b).(decimal128.Num))
	}
	return bytes.Compare(a, b)
}

func compareOrdered[T int64 | float32 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// decodeBound gives an encoded bound as the Go value that ColumnStats promises; nil when it does not have the length that it must have.
func decodeBound(k valueKind, v []byte) any {
	if v == nil {
		return nil
	}
	switch n := len(v); k {
	case kindBool:
		if n == 1 {
			return v[0] != 0
		}
	case kindInt8, kindInt16, kindInt32:
		if n == 4 {
			return int64(int32(binary.LittleEndian.Uint32(v)))
		}
	case kindInt64:
		if n == 8 {
			return int64(binary.LittleEndian.Uint64(v))
		}
	case kindFloat:
		if n == 4 {
			return math.Float32frombits(binary.LittleEndian.Uint32(v))
		}
	case kindDouble:
		if n == 8 {
			return math.Float64frombits(binary.LittleEndian.Uint64(v))
		}
	case kindDecimal32:
		if n == 4 {
			return decimal128.FromI64(int64(int32(binary.LittleEndian.Uint32(v))))
		}
	case kindDecimal64:
		if n == 8 {
			return decimal128.FromI64(int64(binary.LittleEndian.Uint64(v)))
		}
	case kindDecimal:
		if lo, hi, ok := twosComplement(v); ok && n > 0 {
			return decimal128.New(int64(hi), lo)
		}
	case kindBytes:
		return v
	case kindNull:
	}
	return nil
}
