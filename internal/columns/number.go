package columns

import (
	"math"
	"math/bits"
	"strconv"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// pow10 are the powers of ten that a uint64 holds.
var pow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// exact are the powers of ten that a float64 holds exactly.
var exact = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// ParseInt reads an optional sign and digits, nothing else.
func ParseInt(b []byte) (int64, bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	for len(b) > 19 && b[0] == '0' {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	var m uint64 // 19 digits fit
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		m = m*10 + uint64(c)
	}
	return Signed(m, negative)
}

// Signed is ±m if an int64 holds it.
func Signed(m uint64, negative bool) (int64, bool) {
	if negative {
		return -int64(m), m <= 1<<63
	}
	return int64(m), m <= math.MaxInt64
}

// Ratio is m/10^fraction, correctly rounded, if that is one division of exact numbers.
func Ratio(m uint64, fraction int) (float64, bool) {
	if m >= 1<<53 || fraction >= len(exact) {
		return 0, false
	}
	return float64(m) / exact[fraction], true
}

// decimalText is a number's text taken apart.
type decimalText struct {
	negative bool
	digits   []byte // with the point among them
	point    int    // where in digits; its length if there is none
	exponent int    // clipped to ±maxExponent
}

const maxExponent = 1 << 20

// takeApart reads [sign] digits [. digits] [e [sign] digits] with at least one digit before or behind the point.
func takeApart(b []byte) (t decimalText, ok bool) {
	t.negative = len(b) > 0 && b[0] == '-'
	if t.negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	i, points := 0, 0
	t.point = -1
	for ; i < len(b) && (b[i]-'0' <= 9 || b[i] == '.'); i++ {
		if b[i] == '.' {
			t.point = i
			points++
		}
	}
	t.digits = b[:i]
	if points > 1 || i == points {
		return t, false
	}
	if points == 0 {
		t.point = i
	}
	if b = b[i:]; len(b) == 0 {
		return t, true
	}
	if b[0]|0x20 != 'e' {
		return t, false
	}
	t.exponent, ok = parseExponent(b[1:])
	return t, ok
}

func parseExponent(b []byte) (int, bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	e := 0
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		e = min(e*10+int(c), maxExponent)
	}
	if negative {
		e = -e
	}
	return e, len(b) > 0
}

// ParseFloat reads a decimal number, correctly rounded to 32 or 64 bits. What rounds to infinity is refused, as are NaN and the infinities.
func ParseFloat(b []byte, size int) (float64, bool) {
	if _, ok := takeApart(b); !ok {
		return 0, false
	}
	// ParseFloat keeps its argument only in the error, which is dropped here, so the string does not outlive b.
	f, err := strconv.ParseFloat(unsafe.String(&b[0], len(b)), size)
	return f, err == nil
}

// SpecialFloat reads the words for NaN and the infinities that Spark knows in JSON and CSV.
func SpecialFloat(b []byte) (float64, bool) {
	switch string(b) {
	case "NaN":
		return math.NaN(), true
	case "Infinity", "+Infinity", "+INF", "Inf", "+Inf":
		return math.Inf(1), true
	case "-Infinity", "-INF", "-Inf":
		return math.Inf(-1), true
	}
	return 0, false
}

// SmallDecimal is ±m/10^fraction as the unscaled value of a DECIMAL(precision, scale), if that is exact and below 10^18.
func SmallDecimal(m uint64, digits, fraction int, negative bool, precision, scale int32) (decimal128.Num, bool) {
	shift := int(scale) - fraction
	if shift < 0 || digits+shift > 18 || digits+shift > int(precision) {
		return decimal128.Num{}, false
	}
	v := int64(m * pow10[shift])
	if negative {
		v = -v
	}
	return decimal128.FromI64(v), true
}

// ParseDecimal reads a decimal number as the unscaled value of a DECIMAL(precision, scale). Digits beyond the scale are rounded half up, as Spark
// does; a number with too many digits before the point is refused.
func ParseDecimal(b []byte, precision, scale int32) (decimal128.Num, bool) {
	t, ok := takeApart(b)
	if !ok {
		return decimal128.Num{}, false
	}
	first := t.significant()
	if first == len(t.digits) {
		return decimal128.Num{}, true
	}
	before := t.point - first // digits before the point, from the first significant one; negative for 0.00…
	if first > t.point {
		before++
	}
	keep := before + t.exponent + int(scale)
	if keep > int(precision) {
		return decimal128.Num{}, false
	}
	v := t.round(first, keep)
	if !v.FitsInPrecision(precision) {
		return decimal128.Num{}, false
	}
	if t.negative {
		v = v.Negate()
	}
	return v, true
}

// significant is where the first digit that is not 0 stands.
func (t decimalText) significant() int {
	first := 0
	for first < len(t.digits) && (t.digits[first] == '0' || t.digits[first] == '.') {
		first++
	}
	return first
}

// round is the first keep digits from first on, filled up with zeros or rounded half up; keep is at most 38.
func (t decimalText) round(first, keep int) decimal128.Num {
	var hi, lo uint64
	taken, up := 0, false
	for _, c := range t.digits[first:] {
		if c == '.' {
			continue
		}
		if taken >= keep {
			up = taken == keep && c >= '5'
			break
		}
		hi, lo = timesTen(hi, lo, uint64(c-'0'))
		taken++
	}
	for ; taken < keep; taken++ {
		hi, lo = timesTen(hi, lo, 0)
	}
	v := decimal128.New(int64(hi), lo)
	if up && keep >= 0 {
		v = v.Add(decimal128.FromU64(1))
	}
	return v
}

// timesTen is (hi, lo)·10 + digit.
func timesTen(hi, lo, digit uint64) (uint64, uint64) {
	carry, low := bits.Mul64(lo, 10)
	low, c := bits.Add64(low, digit, 0)
	return hi*10 + carry + c, low
}
