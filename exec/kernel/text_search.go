package kernel

import (
	"bytes"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// textSearch are the functions that look for text in text.
func textSearch() map[string]builder {
	return map[string]builder{
		"contains": testing2(bytes.Contains), "startswith": testing2(bytes.HasPrefix), "endswith": testing2(bytes.HasSuffix),
		"instr": instr, "locate": locate, "replace": replace, "translate": translate, "split_part": splitPart,
		"ascii": measured(firstRune), "chr": chr,
	}
}

// testing2 is a BOOLEAN function of two texts.
func testing2(f func(s, t []byte) bool) builder {
	return func(*site) (kernel, error) {
		return kernel{pred: func(_ *frame, args []vec) (predicate, error) {
			a, b := textsOf(args[0]), textsOf(args[1])
			return predicate{test: func(i int) bool { return f(a.at(i), b.at(i)) }}, nil
		}}, nil
	}
}

// indexOf is the position of part in s in characters, from 1, at or after start, from 1; 0 where it is not there.
func indexOf(s, part []byte, start int) int32 {
	if start < 1 {
		return 0
	}
	if len(part) == 0 {
		return 1
	}
	rest := units(false).skip(s, start-1)
	at := bytes.Index(rest, part)
	if at < 0 {
		return 0
	}
	return int32(utf8.RuneCount(s[:len(s)-len(rest)+at])) + 1
}

func instr(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, b := textsOf(args[0]), textsOf(args[1])
		return mapped(k, func(i int) int32 { return indexOf(a.at(i), b.at(i), 1) }), nil
	}}, nil
}

// locate takes the part first. A NULL start gives 0, whatever the texts are.
func locate(c *site) (kernel, error) {
	return kernel{null: true, run: func(k *frame, args []vec) (vec, error) {
		part, a := textsOf(args[0]), textsOf(args[1])
		start := func(int) int { return 1 }
		if len(args) == 3 && !args[2].allNull() {
			from := valuesOf[int32](args[2])
			start = func(i int) int { return int(from.at(i)) }
		}
		return tried(k, true, func(i int) (int32, error) {
			switch {
			case len(args) == 3 && args[2].isNull(i):
				return 0, nil
			case args[0].isNull(i) || args[1].isNull(i):
				return 0, errNull
			}
			return indexOf(a.at(i), part.at(i), start(i)), nil
		})
	}}, nil
}

// replace puts another text, none by default, in place of every occurrence of a part.
func replace(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, part := textsOf(args[0]), textsOf(args[1])
		with := func(int) []byte { return nil }
		if len(args) == 3 {
			with = textsOf(args[2]).at
		}
		return k.texted(a.size(), func(dst []byte, i int) []byte { return appendReplaced(dst, a.at(i), part.at(i), with(i)) })
	}}, nil
}

func appendReplaced(dst, s, part, with []byte) []byte {
	for len(part) > 0 {
		at := bytes.Index(s, part)
		if at < 0 {
			break
		}
		dst = append(append(dst, s[:at]...), with...)
		s = s[at+len(part):]
	}
	return append(dst, s...)
}

// translate maps characters one to one; those without a partner are left out.
func translate(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, from, to := textsOf(args[0]), textsOf(args[1]), textsOf(args[2])
		var partners map[rune]rune
		build := func(i int) map[rune]rune {
			if partners == nil || !args[1].one || !args[2].one {
				partners = pairRunes(string(from.at(i)), []rune(string(to.at(i))))
			}
			return partners
		}
		return k.texted(a.size(), func(dst []byte, i int) []byte { return appendTranslated(dst, a.at(i), build(i)) })
	}}, nil
}

// pairRunes gives each character of from its partner in to, or -1; the first occurrence counts.
func pairRunes(from string, to []rune) map[rune]rune {
	m := map[rune]rune{}
	next := 0
	for _, r := range from {
		partner := rune(-1)
		if next < len(to) {
			partner = to[next]
		}
		next++
		if _, seen := m[r]; !seen {
			m[r] = partner
		}
	}
	return m
}

func appendTranslated(dst, s []byte, partners map[rune]rune) []byte {
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		switch p, ok := partners[r]; {
		case !ok:
			dst = append(dst, s[:size]...)
		case p >= 0:
			dst = utf8.AppendRune(dst, p)
		}
		s = s[size:]
	}
	return dst
}

// splitPart is the n-th part between delimiters, from 1, or negative from the end; empty where there is none.
func splitPart(c *site) (kernel, error) {
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, by, n := textsOf(args[0]), textsOf(args[1]), valuesOf[int32](args[2])
		t := k.newText(a.size())
		for i := range k.rows() {
			if n.at(i) == 0 {
				return vec{}, fault(c.pos, "INVALID_INDEX_OF_ZERO", "22003", "the first part is 1, the last -1", "the index 0 is invalid")
			}
			t.row(i)
			t.data = append(t.data, partOf(a.at(i), by.at(i), int(n.at(i)))...)
		}
		return t.done()
	}}, nil
}

func partOf(s, by []byte, n int) []byte {
	if len(by) == 0 {
		if n == 1 || n == -1 {
			return s
		}
		return nil
	}
	if n < 0 {
		if n += bytes.Count(s, by) + 2; n < 1 {
			return nil
		}
	}
	for ; ; n-- {
		at := bytes.Index(s, by)
		switch {
		case n == 1 && at < 0:
			return s
		case n == 1:
			return s[:at]
		case at < 0:
			return nil
		}
		s = s[at+len(by):]
	}
}

// firstRune is the code point of the first character, 0 for none.
func firstRune(s []byte) int {
	if len(s) == 0 {
		return 0
	}
	r, _ := utf8.DecodeRune(s)
	return int(r)
}

// chr is the character of a code, of which only the last byte counts; none for negative ones.
func chr(c *site) (kernel, error) {
	f := longsOf(c.args[0])
	if f == nil {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		code := f(args[0])
		return k.texted(k.n, func(dst []byte, i int) []byte {
			if code(i) < 0 {
				return dst
			}
			return utf8.AppendRune(dst, rune(code(i)&math.MaxUint8))
		})
	}}, nil
}

// concatTexts lays texts end to end.
func concatTexts(c *site) (kernel, error) {
	if c.typ.ID() == arrow.LIST {
		return concatLists(c)
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		in, size := make([]texts, len(args)), 0
		for j, a := range args {
			in[j] = textsOf(a)
			size += in[j].size()
		}
		return k.texted(size, func(dst []byte, i int) []byte {
			for j := range in {
				dst = append(dst, in[j].at(i)...)
			}
			return dst
		})
	}}, nil
}

// textJoin are concat and concat_ws.
func textJoin() map[string]builder {
	return map[string]builder{"concat": concatTexts, "concat_ws": concatWS}
}
