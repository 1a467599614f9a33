package kernel

import (
	"math"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// textSlice are lengths and parts of text, which count characters in STRING and bytes in BINARY.
func textSlice() map[string]builder {
	return map[string]builder{
		"length": length, "octet_length": measured(func(s []byte) int { return len(s) }),
		"substring": substring, "left": left, "right": right,
		"lpad": pad(true), "rpad": pad(false), "repeat": repeat,
	}
}

func measured(f func(s []byte) int) builder {
	return func(*site) (kernel, error) {
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			a := textsOf(args[0])
			return mapped(k, func(i int) int32 { return int32(f(a.at(i))) }), nil
		}}, nil
	}
}

func length(c *site) (kernel, error) {
	if c.args[0].ID() == arrow.BINARY {
		return measured(func(s []byte) int { return len(s) })(c)
	}
	return measured(utf8.RuneCount)(c)
}

// units is how a type counts: characters, or bytes for BINARY.
type units bool

func unitsOf(t arrow.DataType) units { return t.ID() == arrow.BINARY }

func (bytes units) count(s []byte) int {
	if bytes {
		return len(s)
	}
	return utf8.RuneCount(s)
}

// skip cuts n units off the front.
func (bytes units) skip(s []byte, n int) []byte {
	if bool(bytes) || isASCII(s[:min(n, len(s))]) {
		return s[min(n, len(s)):]
	}
	for ; n > 0 && len(s) > 0; n-- {
		_, size := utf8.DecodeRune(s)
		s = s[size:]
	}
	return s
}

// first keeps at most n units.
func (bytes units) first(s []byte, n int) []byte { return s[:len(s)-len(bytes.skip(s, n))] }

// slice takes length units from position pos: from 1 at the front, or negative from the end. What lies before the front counts, but is empty.
func (bytes units) slice(s []byte, pos, length int) []byte {
	start := pos - 1
	switch {
	case pos == 0:
		start = 0
	case pos < 0:
		start = pos + bytes.count(s)
	}
	end := start + length
	if end <= start || end <= 0 {
		return nil
	}
	if start > 0 {
		s = bytes.skip(s, start)
		end -= start
	}
	return bytes.first(s, end)
}

func substring(c *site) (kernel, error) {
	u := unitsOf(c.args[0])
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, pos := textsOf(args[0]), valuesOf[int32](args[1])
		if len(args) == 2 {
			return k.texted(a.size(), func(dst []byte, i int) []byte {
				return append(dst, u.slice(a.at(i), int(pos.at(i)), math.MaxInt32)...)
			})
		}
		size := valuesOf[int32](args[2])
		return k.texted(a.size(), func(dst []byte, i int) []byte {
			return append(dst, u.slice(a.at(i), int(pos.at(i)), int(size.at(i)))...)
		})
	}}, nil
}

// sized is a function of a text and a number.
func sized(f func(dst, s []byte, n int) []byte) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, n := textsOf(args[0]), valuesOf[int32](args[1])
		return k.texted(a.size(), func(dst []byte, i int) []byte { return f(dst, a.at(i), int(n.at(i))) })
	}}, nil
}

func left(c *site) (kernel, error) {
	u := unitsOf(c.args[0])
	return sized(func(dst, s []byte, n int) []byte { return append(dst, u.slice(s, 1, n)...) })
}

func right(c *site) (kernel, error) {
	u := unitsOf(c.args[0])
	return sized(func(dst, s []byte, n int) []byte {
		if n <= 0 {
			return dst
		}
		return append(dst, u.slice(s, -n, math.MaxInt32)...)
	})
}

func repeat(*site) (kernel, error) {
	return sized(func(dst, s []byte, n int) []byte {
		for range n {
			if len(dst) > math.MaxInt32 {
				break // reported when the result is done
			}
			dst = append(dst, s...)
		}
		return dst
	})
}

// pad fills up to a length with a text over and over, blanks (or zero bytes) by default, or cuts to it.
func pad(front bool) builder {
	return func(c *site) (kernel, error) {
		u := unitsOf(c.args[0])
		filler := []byte(" ")
		if u {
			filler = []byte{0}
		}
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			a, size := textsOf(args[0]), valuesOf[int32](args[1])
			fill := func(int) []byte { return filler }
			if len(args) == 3 {
				fill = textsOf(args[2]).at
			}
			return k.texted(a.size(), func(dst []byte, i int) []byte { return u.pad(dst, a.at(i), fill(i), int(size.at(i)), front) })
		}}, nil
	}
}

func (bytes units) pad(dst, s, fill []byte, size int, front bool) []byte {
	if size <= 0 {
		return dst
	}
	missing := size - bytes.count(s)
	if missing <= 0 || len(fill) == 0 {
		return append(dst, bytes.first(s, size)...)
	}
	if !front {
		dst = append(dst, s...)
	}
	for per := bytes.count(fill); missing > 0 && len(dst) <= math.MaxInt32; missing -= per {
		dst = append(dst, bytes.first(fill, missing)...)
	}
	if front {
		dst = append(dst, s...)
	}
	return dst
}
