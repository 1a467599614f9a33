package csv

// tokens takes records apart into text alone, for headers and for inference.
type tokens struct {
	syntax  syntax
	oneLine bool
	d       []byte // padded, a newline at d[end]
	at, end int
	final   bool
}

// record reads one record and gives where the next begins, or what is wrong.
func (t *tokens) record() (fields []string, next int) {
	var scratch []byte
	for at := t.at; ; {
		text, _, end := t.syntax.field(t.d, at, t.end, t.oneLine, t.final, &scratch)
		if end < 0 {
			return nil, end
		}
		fields = append(fields, string(text))
		if t.d[end] == '\n' {
			if end >= t.end && !t.final {
				return nil, incomplete
			}
			return fields, end + 1
		}
		at = end + 1
	}
}

// field reads the field at d[at:]. It gives its text, borrowed from d or scratch, whether it was quoted, and where the comma or newline behind it stands,
// or what is wrong.
func (s *syntax) field(d []byte, at, end int, oneLine, final bool, scratch *[]byte) (text []byte, isQuoted bool, next int) {
	if d[at] != s.quote {
		next = s.fieldEnd(d, at)
		text = d[at:next]
		if n := len(text); n > 0 && d[next] == '\n' && text[n-1] == '\r' {
			text = text[:n-1]
		}
		return text, false, next
	}
	closing, escapes := s.quoted(d, at+1, end, oneLine, final)
	if closing < 0 {
		return nil, true, closing
	}
	text = d[at+1 : closing]
	if escapes {
		*scratch = s.unescape((*scratch)[:0], text)
		text = *scratch
	}
	next = closing + 1
	if d[next] == '\r' && (d[next+1] == '\n' || next+1 >= end) {
		next++
	}
	if d[next] != s.comma && d[next] != '\n' {
		return nil, true, malformed
	}
	return text, true, next
}
