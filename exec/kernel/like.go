package kernel

import (
	"bytes"
	"unicode/utf8"

	"github.com/medallion-go/medallion/internal/simd"
)

// likeFunctions are LIKE and ILIKE.
func likeFunctions() map[string]builder {
	return map[string]builder{"like": like(false), "ilike": like(true)}
}

// like compiles a constant pattern once, and another one whenever it changes from row to row.
func like(fold bool) builder {
	return func(c *site) (kernel, error) {
		escape := '\\'
		if len(c.args) == 3 {
			text, ok := c.text(2)
			if !ok || utf8.RuneCountInString(text) != 1 {
				return kernel{}, fault(c.pos, "INVALID_ESCAPE_CHAR", "42604", "", "ESCAPE takes a constant of one character")
			}
			escape, _ = utf8.DecodeRuneInString(text)
		}
		if text, ok := c.text(1); ok {
			p, err := compileLike(c, text, escape, fold)
			if err != nil {
				return kernel{}, err
			}
			return kernel{pred: func(_ *frame, args []vec) (predicate, error) { return p.over(textsOf(args[0])), nil }}, nil
		}
		return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) { return likeRows(k, c, args, escape, fold) }}, nil
	}
}

func likeRows(k *frame, c *site, args []vec, escape rune, fold bool) (vec, error) {
	a, patterns := textsOf(args[0]), textsOf(args[1])
	buf := k.zeroed(bitmapSize(k.n))
	b := buf.Bytes()
	var last []byte
	var p *pattern
	for i := range k.rows() {
		if text := patterns.at(i); p == nil || !bytes.Equal(text, last) {
			var err error
			if p, err = compileLike(c, string(text), escape, fold); err != nil {
				return vec{}, err
			}
			last = text
		}
		if p.match(a.at(i)) {
			b[i>>3] |= 1 << (i & 7)
		}
	}
	return k.fixed(buf), nil
}

// pattern is a LIKE pattern: pieces divided by %. Within a piece, blanks are the places of _.
type pattern struct {
	pieces []piece
	fold   bool
}

// piece is text with single-character gaps: literals[0] _ literals[1] _ …
type piece struct{ literals [][]byte }

func compileLike(c *site, text string, escape rune, fold bool) (*pattern, error) {
	if fold {
		text = lowerText(text)
	}
	p := &pattern{fold: fold}
	current := piece{literals: [][]byte{nil}}
	escaped := false
	for _, r := range text {
		last := len(current.literals) - 1
		switch {
		case escaped:
			if r != '_' && r != '%' && r != escape {
				return nil, fault(c.pos, "INVALID_FORMAT.ESC_IN_THE_MIDDLE", "42601", "",
					"the pattern '%s' is invalid: the escape character may not precede '%c'", text, r)
			}
			current.literals[last] = utf8.AppendRune(current.literals[last], r)
			escaped = false
		case r == escape:
			escaped = true
		case r == '_':
			current.literals = append(current.literals, nil)
		case r == '%':
			p.pieces = append(p.pieces, current)
			current = piece{literals: [][]byte{nil}}
		default:
			current.literals[last] = utf8.AppendRune(current.literals[last], r)
		}
	}
	if escaped {
		return nil, fault(c.pos, "INVALID_FORMAT.ESC_AT_THE_END", "42601", "", "the pattern '%s' is invalid: the escape character may not end it", text)
	}
	p.pieces = append(p.pieces, current)
	return p, nil
}

// over is the pattern as a test of texts. Patterns without _ are matched without the places of single characters.
func (p *pattern) over(a texts) predicate {
	literals := make([][]byte, len(p.pieces))
	for i, s := range p.pieces {
		if p.fold || len(s.literals) > 1 {
			return predicate{test: func(i int) bool { return p.match(a.at(i)) }}
		}
		literals[i] = s.literals[0]
	}
	if len(literals) == 1 {
		return equalText(a, string(literals[0]))
	}
	q := predicate{test: func(i int) bool { return hasPieces(a.at(i), literals) }}
	if longest := longest(literals[1 : len(literals)-1]); len(longest) > 0 && a.codes == nil && a.mask != 0 {
		q.word, q.few = func(i, m int) uint64 { return q.search(a, i, m, longest) }, 8
	}
	return q
}

// hasPieces tells whether s begins with the first and ends in the last of pieces, at least two, and has the others between them in that order.
func hasPieces(s []byte, pieces [][]byte) bool {
	last := len(pieces) - 1
	prefix, suffix := pieces[0], pieces[last]
	if len(s) < len(prefix)+len(suffix) || !bytes.HasPrefix(s, prefix) || !bytes.HasSuffix(s, suffix) {
		return false
	}
	s = s[len(prefix) : len(s)-len(suffix)]
	for _, piece := range pieces[1:last] {
		at := bytes.Index(s, piece)
		if at < 0 {
			return false
		}
		s = s[at+len(piece):]
	}
	return true
}

func longest(texts [][]byte) (out []byte) {
	for _, t := range texts {
		if len(t) > len(out) {
			out = t
		}
	}
	return out
}

// search looks for part in the texts of rows i to i+m as if they were one, and tests the rows that have it.
func (p predicate) search(a texts, i, m int, part []byte) (w uint64) {
	ends := a.offsets[i+1 : i+m+1]
	for from, row := int(a.offsets[i]), 0; ; {
		at := simd.Index(a.data[from:ends[m-1]], part)
		if at < 0 {
			return w
		}
		for from += at; int(ends[row]) <= from; {
			row++
		}
		if from+len(part) > int(ends[row]) { // across an end
			from++
			continue
		}
		w |= b2u(p.test(i+row)) << (row & 63)
		from = int(ends[row])
	}
}

// match holds the first and the last piece to the ends and looks for the others from left to right.
func (p *pattern) match(s []byte) bool {
	if p.fold {
		s = appendLower(nil, s)
	}
	last := len(p.pieces) - 1
	end, ok := p.pieces[0].at(s)
	if !ok {
		return false
	}
	if last == 0 {
		return end == len(s)
	}
	s = s[end:]
	for _, piece := range p.pieces[1:last] {
		if s, ok = piece.find(s); !ok {
			return false
		}
	}
	return p.pieces[last].ends(s)
}

// at matches the piece at the start of s and tells where it ends.
func (p piece) at(s []byte) (end int, ok bool) {
	for i, literal := range p.literals {
		if i > 0 {
			if end == len(s) {
				return 0, false
			}
			_, size := utf8.DecodeRune(s[end:])
			end += size
		}
		if !bytes.HasPrefix(s[end:], literal) {
			return 0, false
		}
		end += len(literal)
	}
	return end, true
}

// find is what follows the first match of the piece.
func (p piece) find(s []byte) (rest []byte, ok bool) {
	for {
		skip := bytes.Index(s, p.literals[0])
		if skip < 0 {
			return nil, false
		}
		if end, ok := p.at(s[skip:]); ok {
			return s[skip+end:], true
		}
		if skip == len(s) {
			return nil, false
		}
		_, size := utf8.DecodeRune(s[skip:])
		s = s[skip+size:]
	}
}

// ends tells whether s ends in the piece.
func (p piece) ends(s []byte) bool {
	for i := len(p.literals) - 1; i >= 0; i-- {
		rest, ok := bytes.CutSuffix(s, p.literals[i])
		if !ok {
			return false
		}
		if s = rest; i > 0 {
			if len(s) == 0 {
				return false
			}
			_, size := utf8.DecodeLastRune(s)
			s = s[:len(s)-size]
		}
	}
	return true
}
