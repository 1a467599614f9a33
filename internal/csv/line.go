package csv

import (
	"fmt"
	"unicode/utf8"
)

// Line takes one record apart that stands alone, as from_csv has it: line breaks are text like any other, and no quote is malformed.
type Line struct {
	Comma, Quote, Escape byte
	text                 []byte // unescaped values
}

// Token is a field of a record.
type Token struct {
	Text   []byte // valid until the next record
	Quoted bool
}

// Split appends the fields of a record. In a field that begins with a quote the escape makes a quote or an escape behind it plain. Where a quote ends the field
// before its comma, the field is all that stands up to the comma, quotes included; a field whose quote is never closed ends with the record.
func (l *Line) Split(dst []Token, record []byte) []Token {
	l.text = l.text[:0]
	if cap(l.text) < len(record) {
		l.text = make([]byte, 0, len(record)) // values are no longer than they are written, so none moves
	}
	for at := 0; ; at++ {
		start := len(l.text)
		quoted := at < len(record) && record[at] == l.Quote
		if quoted {
			at = l.quoted(record, at+1)
		} else {
			at = l.plain(record, at)
		}
		dst = append(dst, Token{Text: l.text[start:], Quoted: quoted})
		if at >= len(record) {
			return dst
		}
	}
}

// plain copies up to the comma, and gives where that is.
func (l *Line) plain(record []byte, at int) int {
	for at < len(record) && record[at] != l.Comma {
		l.text = append(l.text, record[at])
		at++
	}
	return at
}

// quoted reads what follows an opening quote and gives where the comma behind it is.
func (l *Line) quoted(record []byte, at int) int {
	start := len(l.text)
	var last byte // a quote or escape that has not been dealt with
	for ; at < len(record); at++ {
		c := record[at]
		switch {
		case last == l.Escape && last != 0 && (c == l.Quote || c == l.Escape):
			l.text = append(l.text, c)
			last = 0
		case last == l.Quote && last != 0 && c == l.Quote:
			l.text = append(l.text, c)
		case last == l.Quote && last != 0:
			return l.closed(record, at, start)
		case c == l.Quote || c == l.Escape:
			last = c
		default:
			if last != 0 {
				l.text = append(l.text, last)
			}
			l.text = append(l.text, c)
			last = 0
		}
	}
	return at
}

// closed goes on behind a closing quote: blanks before the comma are passed over; anything else shows that the field was not quoted after all.
func (l *Line) closed(record []byte, at, start int) int {
	next := at
	for next < len(record) && record[next] != l.Comma && record[next] <= ' ' {
		next++
	}
	if next == len(record) || record[next] == l.Comma {
		return next
	}
	l.text = append(l.text, l.Quote, l.Quote)
	copy(l.text[start+1:], l.text[start:len(l.text)-2])
	l.text[start] = l.Quote
	return l.plain(record, at)
}

// Character is the value of an option that must be one ASCII character, and no line break.
func Character(value string) (byte, error) {
	if len(value) != 1 || value[0] == 0 || value[0] >= utf8.RuneSelf || value[0] == '\n' || value[0] == '\r' {
		return 0, fmt.Errorf("%q is not one ASCII character, or is a line break", value)
	}
	return value[0], nil
}
