// Package numberformat reads and writes decimal numbers by the formats of to_number and to_char: 9, 0, '.', ',', $, S, MI and PR.
package numberformat

import (
	"fmt"
	"strings"
)

// Format is a parsed format.
type Format struct {
	tokens          []token
	whole, fraction int // digits before and behind the point
}

// token is one part of a format.
type token struct {
	kind tokenKind
	runs []run // of digits, in order: a separator is between two of them
}

// run is a number of digits: just as many, or at most.
type run struct {
	digits int
	exact  bool
}

type tokenKind uint8

const (
	digits tokenKind = iota
	point
	dollar
	sign        // S: + or -
	minus       // MI: - or nothing
	openBracket // PR: < and > around a negative number
	closeBracket
	unknown
)

// Fault is what is wrong with a format: a sub-class of INVALID_FORMAT.
type Fault struct{ Class, Message string }

// Error is the message.
func (f *Fault) Error() string { return f.Message }

// Parse reads a format; the error is a *Fault.
func Parse(text string) (*Format, error) {
	f := &Format{}
	if err := f.check(text, f.scan(text)); err != nil {
		return nil, err
	}
	behind := false
	for _, t := range f.tokens {
		behind = behind || t.kind == point
		for _, r := range t.runs {
			if behind {
				f.fraction += r.digits
			} else {
				f.whole += r.digits
			}
		}
	}
	return f, nil
}

// Precision is how many digits a number may have.
func (f *Format) Precision() int { return f.whole + f.fraction }

// Scale is how many of them are behind the point.
func (f *Format) Scale() int { return f.fraction }

// separators says what is wrong with the separators of a group of digits.
type separators struct {
	misplaced bool // at an end, or next to another
	any       bool
	behind    bool // the group is behind the point
}

// scan cuts the format into tokens.
func (f *Format) scan(text string) (groups []separators) {
	behind := false
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case strings.IndexByte("09,G", c) >= 0:
			size := len(text[i:]) - len(strings.TrimLeft(text[i:], "09,G"))
			t, g := group(strings.ReplaceAll(text[i:i+size], "G", ","), behind)
			f.tokens, groups = append(f.tokens, t), append(groups, g)
			i += size
			continue
		case c == '.' || c == 'D':
			f.tokens, behind = append(f.tokens, token{kind: point}), true
		case c == '$':
			f.tokens = append(f.tokens, token{kind: dollar})
		case c == 'S':
			f.tokens = append(f.tokens, token{kind: sign})
		case strings.HasPrefix(text[i:], "MI"):
			f.tokens = append(f.tokens, token{kind: minus})
			i++
		case strings.HasPrefix(text[i:], "PR"):
			f.tokens = append(append([]token{{kind: openBracket}}, f.tokens...), token{kind: closeBracket})
			i++
		default:
			f.tokens = append(f.tokens, token{kind: unknown})
		}
		i++
	}
	return groups
}

// group reads runs of digits between separators. Before the point, a run that begins with 0 has just its digits.
func group(text string, behind bool) (token, separators) {
	t, g := token{kind: digits}, separators{any: strings.Contains(text, ","), behind: behind}
	for _, part := range strings.Split(text, ",") {
		if part == "" {
			g.misplaced = true
			continue
		}
		t.runs = append(t.runs, run{digits: len(part), exact: part[0] == '0' && !behind})
	}
	return t, g
}

// check holds the tokens to their order: [MI|S] [$] digits [. digits] [MI|S|PR].
func (f *Format) check(text string, groups []separators) error {
	fault := func(class, why string) error {
		return &Fault{Class: class, Message: fmt.Sprintf("the format '%s' %s", text, why)}
	}
	switch first := f.first(digits); {
	case text == "":
		return fault("EMPTY", "is empty")
	case first < 0 || !f.hasDigit():
		return fault("WRONG_NUM_DIGIT", "has no digit")
	case first < f.first(dollar):
		return fault("CUR_MUST_BEFORE_DIGIT", "has its $ behind digits")
	case f.first(point) >= 0 && f.first(point) < f.first(dollar):
		return fault("CUR_MUST_BEFORE_DEC", "has its $ behind the point")
	}
	for _, g := range groups {
		if g.misplaced && !g.behind {
			return fault("CONT_THOUSANDS_SEPS", "has a separator that is not between digits")
		}
		if g.any && g.behind {
			return fault("THOUSANDS_SEPS_MUST_BEFORE_DEC", "has a separator behind the point")
		}
	}
	count := map[tokenKind]int{}
	for _, t := range f.tokens {
		if count[t.kind]++; count[t.kind] > 1 && t.kind != digits && t.kind != unknown && t.kind != openBracket {
			return fault("WRONG_NUM_TOKEN", "has a part twice that may be there once")
		}
	}
	if !f.ordered() {
		return fault("UNEXPECTED_TOKEN", "has a part out of place")
	}
	return nil
}

func (f *Format) first(kind tokenKind) int {
	for i, t := range f.tokens {
		if t.kind == kind {
			return i
		}
	}
	return -1
}

func (f *Format) hasDigit() bool {
	for _, t := range f.tokens {
		if len(t.runs) > 0 {
			return true
		}
	}
	return false
}

func (f *Format) ordered() bool {
	next := 0
	for _, allowed := range [][]tokenKind{
		{openBracket}, {minus, sign}, {dollar}, {digits}, {point}, {digits}, {dollar}, {minus, sign, closeBracket},
	} {
		for _, kind := range allowed {
			if next < len(f.tokens) && f.tokens[next].kind == kind {
				next++
				break
			}
		}
	}
	return next == len(f.tokens)
}
