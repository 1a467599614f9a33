package kernel

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// formatString is Java's Formatter over arguments of scalar types.
func formatString(c *site) (kernel, error) {
	return kernel{first: true, unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		values := make([]formatted, len(args)-1)
		for j, v := range args[1:] {
			values[j] = newFormatted(v)
		}
		var parts []specifier
		var last []byte
		t := k.newText(2 * a.size())
		for i := range k.rows() {
			var err error
			if parts == nil || !bytes.Equal(last, a.at(i)) {
				if parts, err = readFormat(string(a.at(i)), len(values)); err != nil {
					return vec{}, c.badFormat(a.at(i), err)
				}
				last = a.at(i)
			}
			t.row(i)
			for _, p := range parts {
				if t.data, err = p.append(t.data, values, i); err != nil {
					return vec{}, c.badFormat(a.at(i), err)
				}
			}
		}
		return t.done()
	}}, nil
}

func (c *site) badFormat(format []byte, err error) error {
	return fault(c.pos, "INVALID_PARAMETER_VALUE.PATTERN", "22023", "", "the format '%s' of %s: %v", format, c.name, err)
}

// formatted is an argument.
type formatted struct {
	isNull func(i int) bool
	whole  func(i int) int64   // of integers, dates and timestamps
	bits   int                 // of an integer's type
	real   func(i int) float64 // of FLOAT and DOUBLE
	truth  func(i int) bool    // of BOOLEAN
	text   func(dst []byte, i int) []byte
}

func newFormatted(v vec) formatted {
	f := formatted{isNull: v.isNull}
	if v.arr.DataType().ID() == arrow.NULL {
		return f
	}
	mask, printed := v.mask(), printerOf(v.arr)
	f.text = func(dst []byte, i int) []byte { return printed(dst, i&mask) }
	switch v.arr.DataType().ID() {
	case arrow.FLOAT32:
		x := valuesOf[float32](v)
		f.real = func(i int) float64 { return float64(x.at(i)) }
	case arrow.FLOAT64:
		f.real = valuesOf[float64](v).at
	case arrow.BOOL:
		f.truth = booleansOf(v).at
	case arrow.DATE32:
		f.whole, f.bits = valuesAsLongs[int32](v), 32
	case arrow.TIMESTAMP:
		f.whole, f.bits = valuesAsLongs[int64](v), 64
	default:
		if longs := longsOf(v.arr.DataType()); longs != nil {
			f.whole, f.bits = longs(v), v.arr.DataType().(arrow.FixedWidthDataType).BitWidth()
		}
	}
	if f.whole != nil {
		f.text = func(dst []byte, i int) []byte { return strconv.AppendInt(dst, f.whole(i), 10) }
	}
	return f
}

// append prints the argument of row i.
func (s specifier) append(dst []byte, values []formatted, i int) ([]byte, error) {
	if s.literal != "" {
		return append(dst, s.literal...), nil
	}
	v := values[s.argument]
	text, err := s.text(v, i)
	if err != nil {
		return dst, err
	}
	if s.conversion == 'S' || s.conversion == 'B' || s.conversion == 'X' || s.conversion == 'E' {
		text = upperText(text)
	}
	return append(dst, padded(text, s.width, strings.Contains(s.flags, "-"))...), nil
}

// padded fills with blanks up to a width in characters.
func padded(text string, width int, behind bool) string {
	blanks := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
	if behind {
		return text + blanks
	}
	return blanks + text
}

func (s specifier) text(v formatted, i int) (string, error) {
	null := v.isNull(i)
	switch s.conversion {
	case 'b', 'B':
		return s.cut(strconv.FormatBool(!null && (v.truth == nil || v.truth(i)))), nil
	case 's', 'S':
		if null {
			return s.cut("null"), nil
		}
		return s.cut(string(v.text(nil, i))), nil
	}
	if null {
		return s.cut("null"), nil
	}
	switch {
	case s.conversion == 'c' && v.whole != nil && v.bits <= 32:
		if r := v.whole(i); r >= 0 && r <= utf8.MaxRune {
			return string(rune(r)), nil
		}
		return "", errors.New("%c takes a code point")
	case s.conversion == 'd' && v.whole != nil:
		return s.signed(strconv.FormatInt(v.whole(i), 10)), nil
	case strings.IndexByte("xXo", s.conversion) >= 0 && v.whole != nil:
		return s.unsigned(v.whole(i), v.bits), nil
	case strings.IndexByte("feE", s.conversion) >= 0 && v.real != nil:
		return s.float(v.real(i)), nil
	}
	return "", fmt.Errorf("%%%c cannot print argument %d", s.conversion, s.argument+1)
}

// cut keeps as many characters as the precision says.
func (s specifier) cut(text string) string {
	if s.precision < 0 {
		return text
	}
	return string(units(false).first([]byte(text), s.precision))
}

// unsigned prints two's complement in the width of the type.
func (s specifier) unsigned(x int64, bits int) string {
	base, prefix := 16, "0x"
	if s.conversion == 'o' {
		base, prefix = 8, "0"
	}
	if !strings.Contains(s.flags, "#") {
		prefix = ""
	}
	text := strconv.FormatUint(uint64(x)&(math.MaxUint64>>(64-bits)), base)
	if strings.Contains(s.flags, "0") {
		text = strings.Repeat("0", max(0, s.width-len(text)-len(prefix))) + text
	}
	return prefix + text
}

// signed puts commas, sign and leading zeros to a plain number.
func (s specifier) signed(text string) string {
	has := func(flag string) bool { return strings.Contains(s.flags, flag) }
	digits, negative := strings.CutPrefix(text, "-")
	if has(",") {
		whole, fraction, point := strings.Cut(digits, ".")
		digits = string(numberPattern{whole: 1, group: 3}.append(nil, whole))
		if point {
			digits += "." + fraction
		}
	}
	before, behind := "", ""
	switch {
	case negative && has("("):
		before, behind = "(", ")"
	case negative:
		before = "-"
	case has("+"):
		before = "+"
	case has(" "):
		before = " "
	}
	if has("0") {
		digits = strings.Repeat("0", max(0, s.width-len(before)-len(digits)-len(behind))) + digits
	}
	return before + digits + behind
}

// float rounds the fewest digits that identify the number half up, as Java does.
func (s specifier) float(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		plain := s
		plain.flags = strings.NewReplacer("0", "", ",", "").Replace(s.flags)
		return plain.signed(strings.NewReplacer("+Inf", "Infinity", "-Inf", "-Infinity").Replace(strconv.FormatFloat(x, 'f', -1, 64)))
	}
	places := s.precision
	if places < 0 {
		places = 6
	}
	if s.conversion == 'f' {
		return s.signed(roundedText(strconv.FormatFloat(x, 'f', -1, 64), places))
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
	mantissa = roundedText(mantissa, places)
	power, _ := strconv.Atoi(exponent)
	if strings.HasPrefix(strings.TrimPrefix(mantissa, "-"), "10") {
		mantissa, power = strings.Replace(mantissa, "10", "1", 1), power+1
	}
	return s.signed(mantissa + fmt.Sprintf("e%+03d", power))
}

// roundedText rounds a plain number half away from zero to a number of places.
func roundedText(text string, places int) string {
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) <= places {
		fraction += strings.Repeat("0", places-len(fraction))
		return strings.TrimSuffix(whole+"."+fraction, ".")
	}
	up := fraction[places] >= '5'
	kept := []byte(whole + fraction[:places])
	if up {
		kept = incremented(kept)
	}
	at := len(kept) - places
	return strings.TrimSuffix(string(kept[:at])+"."+string(kept[at:]), ".")
}

// incremented adds one to digits, of which the first may be a minus.
func incremented(text []byte) []byte {
	for i := len(text) - 1; i >= 0 && text[i] != '-'; i-- {
		if text[i] < '9' {
			text[i]++
			return text
		}
		text[i] = '0'
	}
	if len(text) > 0 && text[0] == '-' {
		return append([]byte("-1"), text[1:]...)
	}
	return append([]byte{'1'}, text...)
}
