package numberformat

import "strings"

// Read gives the digits of a number written in the format, as many behind the point as Scale says, and its sign; ok is false for any other text.
func (f *Format) Read(text string) (number string, negative, ok bool) {
	r := reader{rest: text}
	for _, t := range f.tokens {
		if !r.token(t) {
			return "", false, false
		}
	}
	if r.rest != "" || r.opened != r.closed || r.whole == "" && r.fraction == "" {
		return "", false, false
	}
	return r.whole + r.fraction + strings.Repeat("0", f.fraction-len(r.fraction)), r.negative, true
}

// reader is how far a text has been read.
type reader struct {
	rest                             string
	whole, fraction                  string
	behind, negative, opened, closed bool
}

func (r *reader) accept(c string) bool {
	rest, ok := strings.CutPrefix(r.rest, c)
	r.rest = rest
	return ok
}

func (r *reader) token(t token) bool {
	switch t.kind {
	case digits:
		return r.digits(t.runs)
	case point:
		r.behind = r.accept(".") || r.behind
	case dollar:
		return r.rest == "" || r.accept("$")
	case sign:
		if !r.accept("+") {
			r.minus()
		}
	case minus:
		r.minus()
	case openBracket:
		r.opened = r.accept("<")
	case closeBracket:
		if r.accept(">") {
			r.closed, r.negative = true, !r.negative
			return r.opened
		}
	case unknown:
		return false
	}
	return true
}

func (r *reader) minus() {
	if r.accept("-") {
		r.negative = !r.negative
	}
}

// digits reads digits, separators and white space, and compares the number of digits between separators with the runs, from the last one on.
func (r *reader) digits(runs []run) bool {
	counts := []int{0}
	i := 0
	for ; i < len(r.rest); i++ {
		c := r.rest[i]
		if c == ',' {
			counts = append(counts, 0)
			continue
		}
		if c >= '0' && c <= '9' {
			counts[len(counts)-1]++
			r.add(c)
			continue
		}
		if c != ' ' && (c < '\t' || c > '\r') && (c < 0x1C || c > 0x1F) {
			break
		}
	}
	r.rest = r.rest[i:]
	if len(counts) > len(runs) {
		return false
	}
	for j := range runs {
		want, got := runs[len(runs)-1-j], 0
		if j < len(counts) {
			got = counts[len(counts)-1-j]
		}
		if got > want.digits || want.exact && got < want.digits {
			return false
		}
	}
	return true
}

func (r *reader) add(c byte) {
	if r.behind {
		r.fraction += string(c)
	} else {
		r.whole += string(c)
	}
}
