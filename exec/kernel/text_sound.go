package kernel

import (
	"bytes"
	"unicode/utf8"
)

// textLikeness are the functions that tell how texts sound and how far they are apart.
func textLikeness() map[string]builder {
	return map[string]builder{"soundex": textual(appendSoundex), "levenshtein": levenshtein}
}

// soundexCodes are the codes of A to Z: 0 divides equal neighbours, 7 does not.
const soundexCodes = "01230127022455012623017202"

// appendSoundex writes a letter and three digits; a text that does not begin with an ASCII letter stays as it is.
func appendSoundex(dst, s []byte) []byte {
	if len(s) == 0 || !isLetter(s[0]) {
		return append(dst, s...)
	}
	start := len(dst)
	dst = append(dst, s[0]&^0x20)
	last := soundexCode(s[0])
	for _, c := range s[1:] {
		if !isLetter(c) {
			last = '0'
			continue
		}
		code := soundexCode(c)
		if code == '7' {
			continue
		}
		if code != '0' && code != last {
			if dst = append(dst, code); len(dst) == start+4 {
				return dst
			}
		}
		last = code
	}
	return append(dst, "000"[len(dst)-start-1:]...)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func soundexCode(letter byte) byte { return soundexCodes[letter&^0x20-'A'] }

// levenshtein is the number of characters to insert, delete or change, or -1 where that is more than the third argument.
func levenshtein(*site) (kernel, error) {
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a, b := textsOf(args[0]), textsOf(args[1])
		var d distance
		if len(args) == 2 {
			return mapped(k, func(i int) int32 { return d.between(a.at(i), b.at(i)) }), nil
		}
		most := valuesOf[int32](args[2])
		return mapped(k, func(i int) int32 {
			if n := d.between(a.at(i), b.at(i)); n <= most.at(i) {
				return n
			}
			return -1
		}), nil
	}}, nil
}

// distance is scratch memory for edit distances.
type distance struct {
	row  []int32 // distances of the prefixes of one text to a prefix of the other
	a, b []rune
}

func (d *distance) between(s, t []byte) int32 {
	if bytes.Equal(s, t) {
		return 0
	}
	d.a, d.b = appendRunes(d.a[:0], s), appendRunes(d.b[:0], t)
	d.row = d.row[:0]
	for j := range len(d.b) + 1 {
		d.row = append(d.row, int32(j))
	}
	for i, x := range d.a {
		diagonal := d.row[0]
		d.row[0] = int32(i + 1)
		for j, y := range d.b {
			changed := diagonal
			if x != y {
				changed++
			}
			diagonal = d.row[j+1]
			d.row[j+1] = min(changed, diagonal+1, d.row[j]+1)
		}
	}
	return d.row[len(d.b)]
}

func appendRunes(dst []rune, s []byte) []rune {
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		dst, s = append(dst, r), s[size:]
	}
	return dst
}
