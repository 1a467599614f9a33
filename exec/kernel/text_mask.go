package kernel

import (
	"unicode"
	"unicode/utf8"
)

// textMasks are mask and luhn_check, which look at the kind of each character.
func textMasks() map[string]builder {
	return map[string]builder{"mask": mask, "luhn_check": luhnCheck}
}

// mask puts one character in place of all capitals, one for small letters, one for digits and one for all others; a NULL keeps them.
func mask(*site) (kernel, error) {
	return kernel{first: true, run: func(k *frame, args []vec) (vec, error) {
		a := textsOf(args[0])
		var masks [4]func(i int) []byte
		for j := range masks {
			by := args[j+1]
			if by.allNull() {
				masks[j] = func(int) []byte { return nil }
				continue
			}
			x := textsOf(by)
			masks[j] = func(i int) []byte {
				if by.isNull(i) {
					return nil
				}
				return x.at(i)
			}
		}
		return k.texted(a.size(), func(dst []byte, i int) []byte {
			return appendMasked(dst, a.at(i), [4][]byte{masks[0](i), masks[1](i), masks[2](i), masks[3](i)})
		})
	}}, nil
}

func appendMasked(dst, s []byte, masks [4][]byte) []byte {
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		by := masks[kindOf(r)]
		if by == nil {
			by = s[:size]
		}
		dst = append(dst, by...)
		if r > 0xFFFF && masks[kindOf(r)] != nil {
			dst = append(dst, by...) // Java sees two characters
		}
		s = s[size:]
	}
	return dst
}

// kindOf is the place of a character's mask.
func kindOf(r rune) int {
	switch {
	case r > 0xFFFF:
		return 3
	case isUpper(r):
		return 0
	case isLower(r):
		return 1
	case unicode.IsDigit(r):
		return 2
	}
	return 3
}

// isUpper and isLower are Unicode's properties Uppercase and Lowercase, which have more than letters.
func isUpper(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Other_Uppercase) }

func isLower(r rune) bool { return unicode.In(r, unicode.Ll, unicode.Other_Lowercase) }

// luhnCheck tells whether digits, and nothing else, end in their Luhn check digit.
func luhnCheck(*site) (kernel, error) {
	return kernel{pred: func(_ *frame, args []vec) (predicate, error) {
		a := textsOf(args[0])
		return predicate{test: func(i int) bool { return checksLuhn(a.at(i)) }}, nil
	}}, nil
}

func checksLuhn(s []byte) bool {
	sum, second, empty := 0, false, len(s) == 0
	for ; len(s) > 0; second = !second {
		r, size := utf8.DecodeLastRune(s)
		d := digitValue(r)
		if d < 0 {
			return false
		}
		if second {
			d *= 2
		}
		sum += d%10 + d/10
		s = s[:len(s)-size]
	}
	return !empty && sum%10 == 0
}

// digitValue is the value of a decimal digit of any script within 16 bits, or -1. Unicode orders each script's digits from a zero on.
func digitValue(r rune) int {
	if r > 0xFFFF || !unicode.IsDigit(r) {
		return -1
	}
	d := 0
	for zero := r; d < 9 && unicode.IsDigit(zero-1); d++ {
		zero--
	}
	return d
}
