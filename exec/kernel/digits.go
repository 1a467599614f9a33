package kernel

import (
	"math"
	"strconv"

	"github.com/medallion-go/medallion/expr"
)

// digitTexts are the functions that print numbers in other bases or read such digits.
func digitTexts() map[string]builder {
	return map[string]builder{"bin": binaryDigits, "conv": convert, "unhex": unhex}
}

func binaryDigits(c *site) (kernel, error) {
	f := longsOf(c.args[0])
	if f == nil {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := f(args[0])
		return k.texted(16*k.n, func(dst []byte, i int) []byte { return strconv.AppendUint(dst, uint64(a(i)), 2) })
	}}, nil
}

// convert is conv: digits of one base in another.
func convert(c *site) (kernel, error) {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, from, to := textsOf(args[0]), valuesOf[int32](args[1]), valuesOf[int32](args[2])
		t := k.newText(a.size())
		for i := range k.rows() {
			t.row(i)
			s := trimBytes(a.at(i))
			if len(s) == 0 || !isBase(from.at(i)) || !isBase(max(to.at(i), -to.at(i))) {
				k.setNull(i)
				continue
			}
			v, negative, err := readDigits(c.pos, s, uint64(from.at(i)))
			if err != nil {
				return vec{}, err
			}
			t.data = appendDigits(t.data, v, negative, to.at(i))
		}
		return t.done()
	}}, nil
}

func isBase(n int32) bool { return n >= 2 && n <= 36 }

// trimBytes cuts blanks off both ends.
func trimBytes(s []byte) []byte {
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// readDigits reads up to the first character that is no digit of the base.
func readDigits(pos expr.Pos, s []byte, base uint64) (v uint64, negative bool, err error) {
	if s[0] == '-' {
		negative, s = true, s[1:]
	}
	for _, c := range s {
		d := uint64(digitOf(c))
		if d >= base {
			break
		}
		if v > (math.MaxUint64-d)/base {
			return 0, false, arithmeticOverflow(pos, "conv", "")
		}
		v = v*base + d
	}
	return v, negative, nil
}

// digitOf is the value of a digit in base 36, or 36.
func digitOf(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return c | 0x20 - 'a' + 10
	}
	return 36
}

// appendDigits writes a number as signed where the base is negative, else its 64 bits as unsigned: all ones for what is below the least BIGINT.
func appendDigits(dst []byte, v uint64, negative bool, base int32) []byte {
	high := int64(v) < 0
	switch {
	case base < 0 && (negative || high):
		dst = append(dst, '-')
		if high {
			v = -v
		}
	case base > 0 && negative && high:
		v = math.MaxUint64
	case base > 0 && negative:
		v = -v
	}
	start := len(dst)
	dst = strconv.AppendUint(dst, v, int(max(base, -base)))
	for i, c := range dst[start:] {
		if c >= 'a' {
			dst[start+i] = c - ('a' - 'A')
		}
	}
	return dst
}

// unhex reads two digits a byte, and one for the first byte of an odd number; NULL for anything else.
func unhex(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		t := k.newText(a.size()/2 + k.n)
		for i := range k.rows() {
			t.row(i)
			data, ok := appendUnhexed(t.data, a.at(i))
			if !ok {
				k.setNull(i)
				continue
			}
			t.data = data
		}
		return t.done()
	}}, nil
}

func appendUnhexed(dst, s []byte) ([]byte, bool) {
	if len(s)%2 == 1 {
		d := digitOf(s[0])
		if d >= 16 {
			return nil, false
		}
		dst, s = append(dst, d), s[1:]
	}
	for ; len(s) > 0; s = s[2:] {
		high, low := digitOf(s[0]), digitOf(s[1])
		if high >= 16 || low >= 16 {
			return nil, false
		}
		dst = append(dst, high<<4|low)
	}
	return dst, true
}
