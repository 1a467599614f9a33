package kernel

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// textShape are the functions of one text that change its letters or their order.
func textShape() map[string]builder {
	return map[string]builder{
		"lower": recased('A', appendLower), "upper": recased('a', appendUpper),
		"initcap": textual(appendInitCap), "reverse": reverse,
		"trim": trim(true, true), "ltrim": trim(true, false), "rtrim": trim(false, true), "btrim": trim(true, true),
	}
}

// textual maps one text to another; f appends to dst.
func textual(f func(dst, s []byte) []byte) builder {
	return func(*site) (kernel, error) {
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			a := textsOf(args[0])
			return k.texted(a.size(), func(dst []byte, i int) []byte { return f(dst, a.at(i)) })
		}}, nil
	}
}

func isASCII(s []byte) bool {
	const high = 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		if binary.LittleEndian.Uint64(s)&high != 0 {
			return false
		}
	}
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func appendLower(dst, s []byte) []byte {
	if !isASCII(s) {
		return append(dst, lowerText(string(s))...)
	}
	start := len(dst)
	dst = append(dst, s...)
	for i, c := range dst[start:] {
		if 'A' <= c && c <= 'Z' {
			dst[start+i] = c + ('a' - 'A')
		}
	}
	return dst
}

func appendUpper(dst, s []byte) []byte {
	if !isASCII(s) {
		return append(dst, upperText(string(s))...)
	}
	start := len(dst)
	dst = append(dst, s...)
	for i, c := range dst[start:] {
		if 'a' <= c && c <= 'z' {
			dst[start+i] = c - ('a' - 'A')
		}
	}
	return dst
}

// lowerText follows Unicode's full mappings: İ becomes i and a dot above, and Σ at the end of a word ς.
func lowerText(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == 'İ':
			b.WriteString("i̇")
		case r == 'Σ' && isFinal(s[:i], s[i+utf8.RuneLen(r):]):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// isFinal is Unicode's Final_Sigma: a letter before and none after, marks apart.
func isFinal(before, after string) bool {
	ignorable := func(r rune) bool {
		return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("'.·:’", r)
	}
	before = strings.TrimRightFunc(before, ignorable)
	after = strings.TrimLeftFunc(after, ignorable)
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	return isCased(last) && !isCased(next)
}

func isCased(r rune) bool { return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) }

// upperText follows Unicode's full mappings, where one letter may become several.
func upperText(s string) string {
	var b strings.Builder
	for _, r := range s {
		if long := longUpper(r); long != "" {
			b.WriteString(long)
			continue
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// longUpper is the capital form of the letters that have one of more than one letter (Unicode's SpecialCasing, unconditional part).
func longUpper(r rune) string {
	switch r {
	case 'ß':
		return "SS"
	case 'ŉ':
		return "ʼN"
	case 'ǰ':
		return "J̌"
	case 'ΐ':
		return "Ϊ́"
	case 'ΰ':
		return "Ϋ́"
	case 'և':
		return "ԵՒ"
	case 'ẖ':
		return "H̱"
	case 'ẗ':
		return "T̈"
	case 'ẘ':
		return "W̊"
	case 'ẙ':
		return "Y̊"
	case 'ẚ':
		return "Aʾ"
	}
	switch {
	case 'ﬀ' <= r && r <= 'ﬆ':
		return [...]string{"FF", "FI", "FL", "FFI", "FFL", "ST", "ST"}[r-'ﬀ']
	case 'ﬓ' <= r && r <= 'ﬗ':
		return [...]string{"ՄՆ", "ՄԵ", "ՄԻ", "ՎՆ", "ՄԽ"}[r-'ﬓ']
	case 'ᾀ' <= r && r <= 'ᾯ':
		base := [...]rune{'Ἀ', 'Ἠ', 'Ὠ'}[(r-'ᾀ')/16]
		return string([]rune{base + (r-'ᾀ')%8, 'Ι'})
	}
	if r < 'ΐ' || r > 'ῼ' {
		return ""
	}
	return longGreek(r)
}

// longGreek are the Greek letters whose capital form has several characters, the series with iota subscript apart.
func longGreek(r rune) string {
	return map[rune]string{
		'ᾳ': "ΑΙ", 'ᾼ': "ΑΙ", 'ῃ': "ΗΙ", 'ῌ': "ΗΙ", 'ῳ': "ΩΙ", 'ῼ': "ΩΙ", 'ᾲ': "ᾺΙ", 'ᾴ': "ΆΙ",
		'ῂ': "ῊΙ", 'ῄ': "ΉΙ", 'ῲ': "ῺΙ", 'ῴ': "ΏΙ", 'ᾶ': "Α͂", 'ῆ': "Η͂", 'ῖ': "Ι͂", 'ῦ': "Υ͂",
		'ῶ': "Ω͂", 'ᾷ': "Α͂Ι", 'ῇ': "Η͂Ι", 'ῷ': "Ω͂Ι", 'ῒ': "Ϊ̀", 'ΐ': "Ϊ́", 'ῗ': "Ϊ͂", 'ῢ': "Ϋ̀",
		'ΰ': "Ϋ́", 'ῧ': "Ϋ͂", 'ῤ': "Ρ̓", 'ὐ': "Υ̓", 'ὒ': "Υ̓̀", 'ὔ': "Υ̓́", 'ὖ': "Υ̓͂",
	}[r]
}

// appendInitCap makes the first letter of every word, as blanks divide them, a capital and the others small.
func appendInitCap(dst, s []byte) []byte {
	first := true
	for _, r := range lowerText(string(s)) {
		if first {
			dst = appendTitle(dst, r)
		} else {
			dst = utf8.AppendRune(dst, r)
		}
		first = r == ' '
	}
	return dst
}

// appendTitle is a letter at the start of a word: of those with a capital form of several letters, only the first is a capital.
func appendTitle(dst []byte, r rune) []byte {
	title := unicode.ToTitle(r)
	long := longUpper(r)
	if title != r || long == "" {
		return utf8.AppendRune(dst, title)
	}
	first := strings.IndexFunc(long, isCased)
	capital, size := utf8.DecodeRuneInString(long[first:])
	dst = utf8.AppendRune(append(dst, long[:first]...), capital)
	return append(dst, lowerText(long[first+size:])...)
}

func reverse(c *site) (kernel, error) {
	switch c.typ.ID() {
	case arrow.LIST:
		return reverseList(c)
	case arrow.BINARY:
		return textual(appendReversedBytes)(c)
	default:
		return textual(appendReversed)(c)
	}
}

func appendReversedBytes(dst, s []byte) []byte {
	start := len(dst)
	dst = append(dst, s...)
	slices.Reverse(dst[start:])
	return dst
}

func appendReversed(dst, s []byte) []byte {
	for len(s) > 0 {
		_, size := utf8.DecodeLastRune(s)
		dst = append(dst, s[len(s)-size:]...)
		s = s[:len(s)-size]
	}
	return dst
}

// trim cuts blanks off, or any of the characters that its first argument of two names.
func trim(left, right bool) builder {
	return func(c *site) (kernel, error) {
		if len(c.args) == 1 {
			return trimBlanks(left, right), nil
		}
		cut := func(s []byte, set []byte) []byte {
			if left {
				s = trimStart(s, set)
			}
			if right {
				s = trimEnd(s, set)
			}
			return s
		}
		text, set := 1, 0
		if c.name == "btrim" {
			text, set = 0, 1
		}
		return kernel{run: func(k *frame, args []vec) (vec, error) {
			a, chars := textsOf(args[text]), textsOf(args[set])
			return k.texted(a.size(), func(dst []byte, i int) []byte { return append(dst, cut(a.at(i), chars.at(i))...) })
		}}, nil
	}
}

func trimStart(s, set []byte) []byte {
	for len(s) > 0 {
		_, size := utf8.DecodeRune(s)
		if !hasRune(set, s[:size]) {
			break
		}
		s = s[size:]
	}
	return s
}

func trimEnd(s, set []byte) []byte {
	for len(s) > 0 {
		_, size := utf8.DecodeLastRune(s)
		if !hasRune(set, s[len(s)-size:]) {
			break
		}
		s = s[:len(s)-size]
	}
	return s
}

// hasRune tells whether set has the character r as one of its characters.
func hasRune(set, r []byte) bool {
	for len(set) > 0 {
		_, size := utf8.DecodeRune(set)
		if string(set[:size]) == string(r) {
			return true
		}
		set = set[size:]
	}
	return false
}
