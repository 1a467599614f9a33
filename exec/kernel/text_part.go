package kernel

import (
	"bytes"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
)

// textParts are the functions that take text apart at delimiters, put text into text, or choose among texts.
func textParts() map[string]builder {
	return map[string]builder{
		"substring_index": substringIndex, "overlay": overlay, "find_in_set": findInSet, "elt": elt, "space": space, "quote": textual(appendQuoted),
		"bit_length": measured(func(s []byte) int { return 8 * len(s) }),
	}
}

// substringIndex is what stands before the n-th delimiter, or for negative n behind the n-th from the end. Delimiters may overlap.
func substringIndex(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, by, n := textsOf(args[0]), textsOf(args[1]), valuesOf[int32](args[2])
		return k.texted(a.size(), func(dst []byte, i int) []byte {
			return append(dst, beforeDelimiter(a.at(i), by.at(i), int(n.at(i)))...)
		})
	}}, nil
}

func beforeDelimiter(s, by []byte, n int) []byte {
	if len(by) == 0 || n == 0 {
		return nil
	}
	if n < 0 {
		return behindDelimiter(s, by, -n)
	}
	at := -1
	for ; n > 0; n-- {
		next := bytes.Index(s[at+1:], by)
		if next < 0 {
			return s
		}
		at += 1 + next
	}
	return s[:at]
}

func behindDelimiter(s, by []byte, n int) []byte {
	end := len(s) // of the text in which the next delimiter from the end lies
	at := 0
	for ; n > 0; n-- {
		if at = bytes.LastIndex(s[:end], by); at < 0 {
			return s
		}
		end = at + len(by) - 1
	}
	return s[at+len(by):]
}

// overlay puts a text in place of as many units of another as the fourth argument says, or as it has itself where that is negative.
func overlay(c *site) (kernel, error) {
	u := unitsOf(c.typ)
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, by, pos, size := textsOf(args[0]), textsOf(args[1]), valuesOf[int32](args[2]), valuesOf[int32](args[3])
		return k.texted(a.size()+by.size(), func(dst []byte, i int) []byte {
			length := int(size.at(i))
			if length < 0 {
				length = u.count(by.at(i))
			}
			start := int(pos.at(i))
			dst = append(dst, u.slice(a.at(i), 1, start-1)...)
			dst = append(dst, by.at(i)...)
			return append(dst, u.slice(a.at(i), start+length, math.MaxInt32)...)
		})
	}}, nil
}

// findInSet is the place from 1 of a text among others that commas divide; 0 where it is not there or has a comma itself.
func findInSet(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, set := textsOf(args[0]), textsOf(args[1])
		return mapped(k, func(i int) int32 { return placeIn(set.at(i), a.at(i)) }), nil
	}}, nil
}

func placeIn(set, s []byte) int32 {
	if bytes.IndexByte(s, ',') >= 0 {
		return 0
	}
	for place := int32(1); ; place++ {
		member, rest, more := bytes.Cut(set, []byte(","))
		switch {
		case bytes.Equal(member, s):
			return place
		case !more:
			return 0
		}
		set = rest
	}
}

// elt is the n-th of its further arguments, from 1.
func elt(c *site) (kernel, error) {
	last := len(c.args) - 1
	return kernel{first: true, unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		n, choices, size := valuesOf[int32](args[0]), make([]texts, last), 0
		for j, a := range args[1:] {
			if !a.allNull() {
				choices[j] = textsOf(a)
				size = max(size, choices[j].size())
			}
		}
		t := k.newText(size)
		for i := range k.rows() {
			j := int(n.at(i))
			if j < 1 || j > last {
				return vec{}, fault(c.pos, "INVALID_ARRAY_INDEX", "22003", "", "the index %d is out of bounds: elt has %d values", j, last)
			}
			t.row(i)
			if args[j].isNull(i) {
				k.setNull(i)
				continue
			}
			t.data = append(t.data, choices[j-1].at(i)...)
		}
		return t.done()
	}}, nil
}

func space(c *site) (kernel, error) {
	if c.args[0].ID() != arrow.INT32 {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		n := valuesOf[int32](args[0])
		return k.texted(8*k.n, func(dst []byte, i int) []byte {
			for range n.at(i) {
				if len(dst) > math.MaxInt32 {
					break // reported when the result is done
				}
				dst = append(dst, ' ')
			}
			return dst
		})
	}}, nil
}

// appendQuoted writes a text as a literal.
func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '\'')
	for _, c := range s {
		if c == '\'' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '\'')
}
