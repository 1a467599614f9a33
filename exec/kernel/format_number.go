package kernel

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/numberformat"
)

// formats are the functions that write values by a format or read them.
func formats() map[string]builder {
	return map[string]builder{
		"format_number": formatNumber, "format_string": formatString, "to_char": toChar, "to_number": toNumber, "try_to_number": toNumber,
	}
}

// numberPattern is how format_number writes: digits at least before the point, at least and at most behind it.
type numberPattern struct {
	whole, least, most int
	group              int // digits between commas; 0: none
	percent            bool
}

// formatNumber takes a number of places, or a pattern.
func formatNumber(c *site) (kernel, error) {
	fixed := func(v vec) func(i int) (numberPattern, bool, error) {
		places := valuesOf[int32](v)
		return func(i int) (numberPattern, bool, error) {
			n := int(places.at(i))
			return numberPattern{whole: 1, least: n, most: n, group: 3}, n >= 0, nil
		}
	}
	if isText(c.args[1]) {
		fixed = func(v vec) func(i int) (numberPattern, bool, error) {
			patterns := textsOf(v)
			return func(i int) (numberPattern, bool, error) {
				p, err := c.numberPattern(string(patterns.at(i)))
				return p, true, err
			}
		}
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		pattern, write := fixed(args[1]), plainNumbers(args[0])
		t := k.newText(16 * k.n)
		for i := range k.rows() {
			p, ok, err := pattern(i)
			if err != nil {
				return vec{}, err
			}
			t.row(i)
			if !ok {
				k.setNull(i)
				continue
			}
			t.data = p.append(t.data, write(i, p))
		}
		return t.done()
	}}, nil
}

// numberPattern reads #, 0, commas, a point and a % at the end; an empty pattern is #,##0.
func (c *site) numberPattern(text string) (p numberPattern, err error) {
	if text == "" {
		text = "#,##0"
	}
	body, percent := strings.CutSuffix(text, "%")
	whole, fraction, _ := strings.Cut(body, ".")
	if i := strings.LastIndexByte(whole, ','); i >= 0 {
		p.group = len(whole) - i - 1
	}
	digits := strings.ReplaceAll(whole, ",", "")
	zeros, marks := strings.TrimLeft(digits, "#"), strings.TrimLeft(fraction, "0")
	if strings.Trim(zeros, "0") != "" || strings.Trim(marks, "#") != "" || digits+fraction == "" || strings.HasSuffix(whole, ",") {
		return p, fault(c.pos, "UNSUPPORTED_FEATURE.NUMBER_PATTERN", "0A000", "use #, 0, commas, a point and % at the end",
			"the pattern '%s' of %s is not supported", text, c.name)
	}
	p.whole, p.least, p.most, p.percent = len(zeros), len(fraction)-len(marks), len(fraction), percent
	if p.whole == 0 && p.least == 0 && digits != "" {
		p.whole = 1 // #.## writes a zero before the point
	}
	return p, nil
}

// plainNumbers give a number as sign, digits and point, rounded half to even to a pattern's places.
func plainNumbers(v vec) func(i int, p numberPattern) string {
	switch t := v.arr.DataType().(type) {
	case *arrow.Decimal128Type:
		x := valuesOf[num](v)
		return func(i int, p numberPattern) string {
			u, scale := x.at(i).BigInt(), t.Scale
			if p.percent {
				u.Mul(u, big.NewInt(100))
			}
			negative := u.Sign() < 0
			if drop := scale - int32(min(p.most, math.MaxInt16)); drop > 0 {
				u, scale = halfEven.divide(u, bigPow10(drop)), scale-drop
			}
			text := bigText(u.Abs(u), scale)
			if negative {
				text = "-" + text
			}
			return text
		}
	case *arrow.Float32Type:
		x := valuesOf[float32](v)
		return func(i int, p numberPattern) string { return p.double(float64(x.at(i))) }
	case *arrow.Float64Type:
		x := valuesOf[float64](v)
		return func(i int, p numberPattern) string { return p.double(x.at(i)) }
	}
	x := longsOf(v.arr.DataType())(v)
	return func(i int, p numberPattern) string {
		if p.percent {
			return new(big.Int).Mul(big.NewInt(x(i)), big.NewInt(100)).String()
		}
		return strconv.FormatInt(x(i), 10)
	}
}

// double writes the fewest digits that identify a number, or rounds the number itself where these are too many.
func (p numberPattern) double(x float64) string {
	if p.percent {
		x *= 100
	}
	text := strconv.FormatFloat(x, 'f', -1, 64)
	if _, fraction, _ := strings.Cut(text, "."); len(fraction) > p.most {
		text = strconv.FormatFloat(x, 'f', p.most, 64)
	}
	return text
}

// append writes a plain number by the pattern.
func (p numberPattern) append(dst []byte, text string) []byte {
	digits, negative := strings.CutPrefix(text, "-")
	if negative {
		dst = append(dst, '-')
	}
	switch digits {
	case "NaN":
		return append(dst, digits...)
	case "+Inf", "Inf":
		return append(dst, "∞"...)
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	whole = strings.TrimLeft(whole, "0")
	whole = strings.Repeat("0", max(0, p.whole-len(whole))) + whole
	for i, c := range []byte(whole) {
		if rest := len(whole) - i; i > 0 && p.group > 0 && rest%p.group == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c)
	}
	fraction = strings.TrimRight(fraction, "0")
	fraction += strings.Repeat("0", max(0, p.least-len(fraction)))
	if fraction != "" {
		dst = append(append(dst, '.'), fraction...)
	}
	if p.percent {
		dst = append(dst, '%')
	}
	return dst
}

// constantFormat is the number format in the second argument.
func (c *site) constantFormat() (*numberformat.Format, error) {
	text, _ := c.text(1)
	format, err := numberformat.Parse(text)
	if err != nil {
		return nil, fault(c.pos, "INVALID_FORMAT.UNEXPECTED_TOKEN", "42601", "", "%v", err)
	}
	return format, nil
}

func toChar(c *site) (kernel, error) {
	t, ok := c.args[0].(*arrow.Decimal128Type)
	if !ok {
		return c.unsupported()
	}
	format, err := c.constantFormat()
	if err != nil {
		return kernel{}, err
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[num](args[0])
		return k.texted((format.Precision()+4)*k.n, func(dst []byte, i int) []byte {
			digits, negative := strings.CutPrefix(a.at(i).ToString(t.Scale), "-")
			whole, fraction, _ := strings.Cut(digits, ".")
			return format.Append(dst, negative, strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0"))
		})
	}}, nil
}

func toNumber(c *site) (kernel, error) {
	format, err := c.constantFormat()
	if err != nil {
		return kernel{}, err
	}
	try := tries(c.name)
	return kernel{unsafe: !try, run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		return tried(k, try, func(i int) (num, error) {
			digits, negative, ok := format.Read(string(a.at(i)))
			if !ok {
				return num{}, fault(c.pos, "INVALID_FORMAT.MISMATCH_INPUT", "42601", "use try_to_number to get NULL instead", "'%s' is not of the format of %s", a.at(i), c.name)
			}
			u, _ := new(big.Int).SetString(digits, 10)
			if negative {
				u.Neg(u)
			}
			return decimal128.FromBigInt(u), nil
		})
	}}, nil
}
