package skipping

import "math"

// Bounds is what is known of a column in a file, row group or page. The zero Bounds is no rows at all; see Unknown.
type Bounds struct {
	Min, Max  Scalar // every value that is neither NULL nor NaN lies between them; KindNone: unknown
	MayNull   bool   // false is a proof that no row is NULL
	MayNaN    bool   // false is a proof that no row is NaN
	MayNonNaN bool   // false is a proof that there is no value besides NULL and NaN
}

// Unknown is the bounds of a column of which nothing is known.
func Unknown() Bounds { return Bounds{MayNull: true, MayNaN: true, MayNonNaN: true} }

// Exactly is the bounds of a column that has one value in all rows.
func Exactly(v Scalar) Bounds {
	if v.Kind == KindFloat && math.IsNaN(v.Float) {
		return Bounds{MayNaN: true}
	}
	return Bounds{Min: v, Max: v, MayNonNaN: true}
}

// OnlyNull is the bounds of a column that is NULL in all rows.
func OnlyNull() Bounds { return Bounds{MayNull: true} }

// Or is b, with what o tells of the same rows where b tells nothing.
func (b Bounds) Or(o Bounds) Bounds {
	if b.Min.Kind == KindNone {
		b.Min = o.Min
	}
	if b.Max.Kind == KindNone {
		b.Max = o.Max
	}
	b.MayNull = b.MayNull && o.MayNull
	b.MayNaN = b.MayNaN && o.MayNaN
	b.MayNonNaN = b.MayNonNaN && o.MayNonNaN
	return b
}

// orders is the set of results that comparing a row of one column with one of another may have.
type orders uint8

const (
	less orders = 1 << iota
	equal
	greater
)

// compareBounds is every order in which a value within a may stand to one within b; NULLs apart.
func compareBounds(a, b Bounds) orders {
	var o orders
	if a.MayNonNaN && b.MayNonNaN {
		o |= compareRanges(a, b)
	}
	if a.MayNaN && b.MayNonNaN {
		o |= greater
	}
	if a.MayNonNaN && b.MayNaN {
		o |= less
	}
	if a.MayNaN && b.MayNaN {
		o |= equal
	}
	return o
}

func compareRanges(a, b Bounds) orders {
	var o orders
	if !haveOrder(a.Min, b.Max) || a.Min.Compare(b.Max) < 0 {
		o |= less
	}
	if !haveOrder(a.Max, b.Min) || a.Max.Compare(b.Min) > 0 {
		o |= greater
	}
	below := haveOrder(a.Max, b.Min) && a.Max.Compare(b.Min) < 0
	above := haveOrder(a.Min, b.Max) && a.Min.Compare(b.Max) > 0
	if !below && !above {
		o |= equal
	}
	return o
}

func haveOrder(a, b Scalar) bool { return a.Kind != KindNone && a.Kind == b.Kind }
