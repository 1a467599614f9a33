package deletionvector

import (
	"iter"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// Vector is a set of row positions. The zero Vector is empty. It may be read by many goroutines while none changes it.
type Vector struct {
	buckets []bucket // by high, ascending; none is empty
}

// bucket is the positions that have the same upper 32 bits.
type bucket struct {
	high uint32
	rows *roaring.Bitmap
}

// Of is the set of these positions.
func Of(rows ...int64) *Vector {
	v := &Vector{}
	for _, row := range rows {
		v.Add(row)
	}
	return v
}

// Upto is the vector of the first so many rows.
func Upto(rows int64) *Vector {
	v := &Vector{}
	for from := int64(0); from < rows; from += 1 << 32 {
		v.bucket(uint32(from>>32)).AddRange(0, uint64(min(rows-from, 1<<32)))
	}
	return v
}

// Add adds a position, which must not be negative.
func (v *Vector) Add(row int64) { v.bucket(uint32(row >> 32)).Add(uint32(row)) }

// AddAll adds positions below 2^32.
func (v *Vector) AddAll(rows []uint32) {
	if len(rows) > 0 {
		v.bucket(0).AddMany(rows)
	}
}

// bucket finds a bucket's positions, and makes the bucket where there is none.
func (v *Vector) bucket(high uint32) *roaring.Bitmap {
	at, found := slices.BinarySearchFunc(v.buckets, high, compareBucket)
	if !found {
		v.buckets = slices.Insert(v.buckets, at, bucket{high, roaring.New()})
	}
	return v.buckets[at].rows
}

func compareBucket(b bucket, high uint32) int { return int(int64(b.high) - int64(high)) }

// Union adds the positions of another set.
func (v *Vector) Union(other *Vector) {
	for _, b := range other.buckets {
		v.bucket(b.high).Or(b.rows)
	}
}

// Without is the positions that the other set does not have.
func (v *Vector) Without(other *Vector) *Vector {
	out := &Vector{}
	for _, b := range v.buckets {
		rows := b.rows
		if at, found := slices.BinarySearchFunc(other.buckets, b.high, compareBucket); found {
			rows = roaring.AndNot(rows, other.buckets[at].rows)
		}
		if !rows.IsEmpty() {
			out.buckets = append(out.buckets, bucket{b.high, rows.Clone()})
		}
	}
	return out
}

// Intersects reports whether the sets have a position in common.
func (v *Vector) Intersects(other *Vector) bool {
	for _, b := range v.buckets {
		if at, found := slices.BinarySearchFunc(other.buckets, b.high, compareBucket); found && b.rows.Intersects(other.buckets[at].rows) {
			return true
		}
	}
	return false
}

// Clone is a copy that can be changed by itself.
func (v *Vector) Clone() *Vector {
	out := &Vector{buckets: slices.Clone(v.buckets)}
	for i := range out.buckets {
		out.buckets[i].rows = out.buckets[i].rows.Clone()
	}
	return out
}

// Count is the number of positions.
func (v *Vector) Count() int64 {
	n := int64(0)
	for _, b := range v.buckets {
		n += int64(b.rows.GetCardinality())
	}
	return n
}

// Max is the greatest position, -1 where there is none.
func (v *Vector) Max() int64 {
	if len(v.buckets) == 0 {
		return -1
	}
	last := v.buckets[len(v.buckets)-1]
	return int64(last.high)<<32 | int64(last.rows.Maximum())
}

// Contains reports whether the position is in the set.
func (v *Vector) Contains(row int64) bool {
	at, found := slices.BinarySearchFunc(v.buckets, uint32(row>>32), compareBucket)
	return found && v.buckets[at].rows.Contains(uint32(row))
}

// Rows gives the positions, ascending.
func (v *Vector) Rows() iter.Seq[int64] { return v.from(0) }

// from gives the positions from one on.
func (v *Vector) from(first int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for _, b := range v.buckets {
			if b.high < uint32(first>>32) {
				continue
			}
			base := int64(b.high) << 32
			rows := b.rows.Iterator()
			if first > base {
				rows.AdvanceIfNeeded(uint32(first))
			}
			for rows.HasNext() {
				if !yield(base | int64(rows.Next())) {
					return
				}
			}
		}
	}
}

// CountIn is the number of positions from one on and before another.
func (v *Vector) CountIn(from, to int64) int64 {
	n := int64(0)
	for _, b := range v.buckets {
		base := int64(b.high) << 32
		if start, end := max(from-base, 0), min(to-base, math.MaxUint32+1); start < end {
			n += int64(b.rows.CardinalityInRange(uint64(start), uint64(end)))
		}
	}
	return n
}

// Live appends which of n rows are not in the set, as offsets from the position of the first. whole reports that all of them are not; nothing is then appended.
func (v *Vector) Live(first int64, n int, dst []int32) (_ []int32, whole bool) {
	if v.CountIn(first, first+int64(n)) == 0 {
		return dst, true
	}
	next := int32(0)
	for row := range v.from(first) {
		if row >= first+int64(n) {
			break
		}
		for at := int32(row - first); next < at; next++ {
			dst = append(dst, next)
		}
		next++
	}
	for ; next < int32(n); next++ {
		dst = append(dst, next)
	}
	return dst, false
}

// In appends which of n rows are in the set, as offsets from the position of the first.
func (v *Vector) In(first int64, n int, dst []int32) []int32 {
	for row := range v.from(first) {
		if row >= first+int64(n) {
			break
		}
		dst = append(dst, int32(row-first))
	}
	return dst
}
