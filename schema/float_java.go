package schema

import (
	"math"
	"math/big"
	"math/bits"
)

// javaDigits are the digits of a number as Double.toString and Float.toString find them until Java 18: enough to tell it from its neighbours, but not always the
// fewest. The number is 0.d₁d₂… · 10^point; there are no zeros at the end.
type javaDigits struct {
	text  [24]byte
	n     int
	point int
}

// floatParts are those of a positive number: fraction · 2^(exponent-52), with the highest of its 53 bits set.
type floatParts struct {
	fraction    uint64
	exponent    int
	significant int // bits that the type has for the fraction
}

const fractionBits = 52

func partsOf(x float64, size int) floatParts {
	if size == 32 {
		b := math.Float32bits(float32(x))
		p := floatParts{fraction: uint64(b & (1<<23 - 1)), exponent: int(b >> 23 & 0xFF), significant: 24}
		return p.normal(23, 127)
	}
	b := math.Float64bits(x)
	p := floatParts{fraction: b & (1<<fractionBits - 1), exponent: int(b >> fractionBits & 0x7FF), significant: 53}
	return p.normal(fractionBits, 1023)
}

// normal puts the highest bit of a fraction of so many bits in its place.
func (p floatParts) normal(width, bias int) floatParts {
	if p.exponent == 0 { // subnormal
		p.significant = bits.Len64(p.fraction)
		p.exponent = p.significant - width
		p.fraction <<= width + 1 - p.significant
	} else {
		p.fraction |= 1 << width
	}
	p.fraction <<= fractionBits - width
	p.exponent -= bias
	return p
}

// digitsOf finds the digits of a positive finite number of 32 or 64 bits.
func digitsOf(x float64, size int) (d javaDigits) {
	p := partsOf(x, size)
	zeros := bits.TrailingZeros64(p.fraction)
	width := fractionBits + 1 - zeros
	after := max(0, width-p.exponent-1) // bits behind the point
	if after == 0 && p.exponent <= 62 {
		d.whole(p)
		return d
	}
	s := scaled{fraction: p.fraction >> zeros, point: estimatedPoint(p)}
	s.b5 = max(0, -s.point)
	s.s5 = max(0, s.point)
	s.b2, s.s2 = s.b5+after+p.exponent, s.s5+after
	s.m2 = s.b2 - p.significant
	s.b2 -= width - 1
	common := min(s.b2, s.s2)
	s.b2, s.s2, s.m2 = s.b2-common, s.s2-common, s.m2-common
	if width == 1 { // the next smaller number is half as far away
		s.m2--
	}
	if s.m2 < 0 {
		s.b2, s.s2, s.m2 = s.b2-s.m2, s.s2-s.m2, 0
	}
	d.divide(s, width)
	return d
}

// whole writes a number without a fraction, to as many digits as its type tells apart.
func (d *javaDigits) whole(p floatParts) {
	v := p.fraction
	if p.exponent >= fractionBits {
		v <<= p.exponent - fractionBits
	} else {
		v >>= fractionBits - p.exponent
	}
	if dropped := p.exponent - p.significant - 1; dropped > 1 {
		places := int(float64(dropped) * math.Log10(2))
		unit := uint64(1)
		for range places {
			unit *= 10
		}
		rest := v % unit
		v, d.point = v/unit, places
		if rest >= unit/2 && unit > 1 {
			v++
		}
	}
	for ; v%10 == 0; v /= 10 {
		d.point++
	}
	var reversed [20]byte
	for ; v > 0; v /= 10 {
		reversed[d.n] = byte('0' + v%10)
		d.n++
	}
	for i := range d.n {
		d.text[i] = reversed[d.n-1-i]
	}
	d.point += d.n
}

// estimatedPoint is the number's decimal exponent, or one more.
func estimatedPoint(p floatParts) int {
	m := math.Float64frombits(1023<<fractionBits | p.fraction&(1<<fractionBits-1))
	// The products are rounded each on its own, as Java does.
	d := float64((m-1.5)*0.289529654) + 0.176091259 + float64(float64(p.exponent)*0.301029995663981)
	return int(math.Floor(d))
}

// scaled is a number as the quotient B / S times 10^point, where B = fraction · 5^b5 · 2^b2 and S = 5^s5 · 2^s2, and half the distance to its neighbours as M / S,
// where M = 5^b5 · 2^m2.
type scaled struct {
	fraction   uint64
	b5, b2     int
	s5, s2, m2 int
	point      int
}

// powerBits is how many bits 5^n has, as Java reckons.
func powerBits(n int) int {
	if n == 0 {
		return 0
	}
	if n > 26 {
		return 3 * n
	}
	return bits.Len64(pow5(n))
}

func pow5(n int) uint64 {
	v := uint64(1)
	for range n {
		v *= 5
	}
	return v
}

func (d *javaDigits) divide(s scaled, width int) {
	b, tens := width+s.b2+powerBits(s.b5), s.s2+1+powerBits(s.s5+1)
	switch {
	case b < 32 && tens < 32:
		divideSmall[int32](d, s)
	case b < 64 && tens < 64:
		divideSmall[int64](d, s)
	default:
		d.divideBig(s)
	}
}

// more tells whether there must be another digit, because of the form with an exponent.
func (s *scaled) more() bool { return s.point < -3 || s.point >= 8 }

// first takes the first digit, which is not written where it is 0.
func (d *javaDigits) first(s *scaled, q byte, high bool) {
	if q == 0 && !high {
		s.point--
		return
	}
	d.add(q)
}

func (d *javaDigits) add(q byte) {
	d.text[d.n] = '0' + q
	d.n++
}

// divideSmall takes digits off the quotient until the rest is nearer to 0, or to the next digit, than half the distance to a neighbour. T may overflow as Java's
// integers do.
func divideSmall[T int32 | int64](d *javaDigits, s scaled) {
	b, by, m := (T(s.fraction)*T(pow5(s.b5)))<<s.b2, T(pow5(s.s5))<<s.s2, T(pow5(s.b5))<<s.m2
	tens := by * 10
	q := b / by
	b, m = 10*(b%by), m*10
	low, high := b < m, b+m > tens
	d.first(&s, byte(q), high)
	if s.more() {
		low, high = false, false
	}
	for !low && !high {
		q = b / by
		b, m = 10*(b%by), m*10
		low, high = m <= 0 || b < m, m <= 0 || b+m > tens
		d.add(byte(q))
	}
	nearer := 0
	switch twice := b<<1 - tens; {
	case twice > 0:
		nearer = 1
	case twice < 0:
		nearer = -1
	}
	d.finish(s.point, low, high, nearer)
}

func (d *javaDigits) divideBig(s scaled) {
	power := func(five, two int) *big.Int {
		v := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(five)), nil)
		return v.Lsh(v, uint(two))
	}
	by, m, tens, ten := power(s.s5, s.s2), power(s.b5+1, s.m2+1), power(s.s5+1, s.s2+1), big.NewInt(10)
	b := power(s.b5, s.b2)
	b.Mul(b, new(big.Int).SetUint64(s.fraction))
	var q, sum big.Int
	next := func() (low, high bool) {
		q.QuoRem(b, by, b)
		b.Mul(b, ten)
		return b.Cmp(m) < 0, tens.Cmp(sum.Add(b, m)) <= 0
	}
	low, high := next()
	d.first(&s, byte(q.Uint64()), high)
	if s.more() {
		low, high = false, false
	}
	for !low && !high {
		m.Mul(m, ten)
		low, high = next()
		d.add(byte(q.Uint64()))
	}
	d.finish(s.point, low, high, b.Lsh(b, 1).Cmp(tens))
}

// finish rounds the last digit: up where the rest is nearer to that, and to the even one where it is as near to either.
func (d *javaDigits) finish(exponent int, low, high bool, nearer int) {
	d.point = exponent + 1
	if high && (!low || nearer > 0 || nearer == 0 && d.text[d.n-1]&1 != 0) {
		d.roundUp()
	}
	for d.n > 1 && d.text[d.n-1] == '0' {
		d.n--
	}
}

func (d *javaDigits) roundUp() {
	i := d.n - 1
	for ; d.text[i] == '9'; i-- {
		d.text[i] = '0'
		if i == 0 {
			d.text[0] = '1'
			d.point++
			return
		}
	}
	d.text[i]++
}
