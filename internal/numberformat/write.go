package numberformat

import (
	"bytes"
	"strings"
)

// Append writes a number, given as its digits before and behind the point without zeros around them. One with more digits than the format has becomes
// number signs.
func (f *Format) Append(dst []byte, negative bool, whole, fraction string) []byte {
	if len(whole) > f.whole || len(fraction) > f.fraction {
		whole, fraction = strings.Repeat("#", f.whole), strings.Repeat("#", f.fraction)
	}
	w := writer{
		negative: negative,
		whole:    strings.Repeat(" ", f.whole-len(whole)) + whole,
		fraction: fraction + strings.Repeat("0", f.fraction-len(fraction)),
	}
	for _, t := range f.tokens {
		w.token(t)
	}
	w.dropPoint()
	if text := string(w.out); text == "" || text == "+" || text == "-" {
		return append(dst, '0')
	}
	return append(dst, w.out...)
}

// writer is what has been written, and what is still to be.
type writer struct {
	out             []byte
	negative        bool
	whole, fraction string
	behind          bool
}

func (w *writer) token(t token) {
	switch t.kind {
	case digits:
		w.digits(t.runs)
	case point:
		if n := len(w.out); n > 0 && w.out[n-1] == ' ' {
			w.out[n-1] = '0'
		}
		w.out, w.behind = append(w.out, '.'), true
	case dollar:
		w.out = append(w.out, '$')
	case sign:
		w.dropPoint()
		if w.negative {
			w.mark('-')
		} else {
			w.mark('+')
		}
	case minus:
		if w.negative {
			w.dropPoint()
			w.mark('-')
		} else {
			w.out = append(w.out, ' ')
		}
	case openBracket:
		if w.negative {
			w.out = append(w.out, '<')
		}
	case closeBracket:
		w.dropPoint()
		if w.negative {
			w.mark('>')
		} else {
			w.out = append(w.out, "  "...)
		}
	case unknown:
	}
}

func (w *writer) digits(runs []run) {
	for i, r := range runs {
		if w.behind {
			w.out, w.fraction = append(w.out, w.fraction[:r.digits]...), w.fraction[r.digits:]
			continue
		}
		if i > 0 {
			w.separator()
		}
		for _, c := range []byte(w.whole[:r.digits]) {
			switch {
			case c == ' ' && r.exact:
				w.out = append(w.out, '0')
			case c == ' ':
				w.blank()
			default:
				w.out = append(w.out, c)
			}
		}
		w.whole = w.whole[r.digits:]
	}
}

func (w *writer) separator() {
	if n := len(w.out); n > 0 && w.out[n-1] >= '0' && w.out[n-1] <= '9' {
		w.out = append(w.out, ',')
		return
	}
	w.blank()
}

// blank puts a blank before a sign that stands at the end.
func (w *writer) blank() {
	w.out = append(w.out, ' ')
	for i := len(w.out) - 1; i > 0 && bytes.IndexByte([]byte("+-<"), w.out[i-1]) >= 0; i-- {
		w.out[i], w.out[i-1] = w.out[i-1], ' '
	}
}

// mark puts a sign before the blanks at the end.
func (w *writer) mark(c byte) {
	w.out = append(w.out, c)
	for i := len(w.out) - 1; i > 0 && w.out[i-1] == ' '; i-- {
		w.out[i], w.out[i-1] = ' ', c
	}
}

// dropPoint puts a blank in place of a point with nothing behind it.
func (w *writer) dropPoint() {
	i := bytes.IndexByte(w.out, '.')
	if i >= 0 && (i == len(w.out)-1 || w.out[i+1] == ' ') {
		w.out[i] = ' '
	}
}
