package columns

import (
	"fmt"
	"unicode/utf8"
)

// MalformedError says that a line of a text file, or a value in it, does not fit the schema.
type MalformedError struct {
	Line   int64  // 1 is the file's first; 0: not known
	Column string // the path of the value's column; "" if the whole line is malformed
	Type   string // of the column, as Arrow names it
	Value  string // the text, cut off if it is long
	Reason string // what is wrong with it
}

// Error names the line, the column, the value and what is wrong.
func (e *MalformedError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s: %s", e.Line, e.Reason, e.Value)
	}
	return fmt.Sprintf("line %d: column %s %s: %s: %s", e.Line, e.Column, e.Type, e.Reason, e.Value)
}

// Excerpt is text for a message: at most 200 bytes of it, valid UTF-8.
func Excerpt(text []byte) string {
	const most = 200
	if len(text) <= most {
		return string(AppendUTF8(nil, text))
	}
	cut := most
	for cut > most-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return string(AppendUTF8(nil, text[:cut])) + "…"
}
