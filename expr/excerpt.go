package expr

import (
	"strings"
	"unicode/utf8"
)

// excerptRunes is how much of a long line Excerpt shows.
const excerptRunes = 120

// Excerpt shows people where in text, which was parsed, the error is: its line, and below it a caret under the column. It is empty where the error has no
// place in text.
func (e *Error) Excerpt(text string) string {
	if e.Line < 1 {
		return ""
	}
	lines := strings.Split(text, "\n")
	if e.Line > len(lines) {
		return ""
	}
	line := []rune(strings.TrimRight(lines[e.Line-1], "\r"))
	at := min(max(e.Column-1, 0), len(line))
	from := max(0, at-excerptRunes/2)
	to := min(len(line), from+excerptRunes)
	shown, under := string(line[from:to]), string(line[from:at])
	if from > 0 {
		shown, under = "…"+shown, " "+under
	}
	if to < len(line) {
		shown += "…"
	}
	return shown + "\n" + blanks(under) + "^\n"
}

// blanks is as wide as text: tabs stay, for they are as wide as the reader's terminal has them.
func blanks(text string) string {
	var b strings.Builder
	b.Grow(utf8.RuneCountInString(text))
	for _, r := range text {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}
