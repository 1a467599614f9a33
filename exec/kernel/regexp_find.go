package kernel

import (
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// expression is a regular expression of Java, compiled as one of RE2.
type expression struct {
	text   string         // in Java's syntax
	plain  *regexp.Regexp // for texts that end in no line break
	breaks *regexp.Regexp // for those that do, where the pattern has a $
	own    []int          // the groups of breaks that are the pattern's
	ends   []int          // the groups of breaks that are a line break behind $
	empty  bool           // may match nothing
	back   bool           // a match depends on the character before it
}

func newExpression(text string) (*expression, error) {
	t := translator{rest: text}
	if err := t.run(); err != nil {
		return nil, err
	}
	plain, err := regexp.Compile(t.out.String())
	if err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(t.out.String(), syntax.Perl)
	if err != nil {
		return nil, err
	}
	e := &expression{text: text, plain: plain, empty: mayBeEmpty(parsed), back: looksBack(parsed)}
	if len(t.ends) == 0 {
		return e, nil
	}
	t = translator{rest: text, breaks: true}
	if err := t.run(); err != nil {
		return nil, err
	}
	e.own, e.ends = t.own, t.ends
	e.breaks, err = regexp.Compile(t.out.String())
	return e, err
}

// endsInBreak tells whether $ has two places in s.
func (e *expression) endsInBreak(s []byte) bool {
	if e.breaks == nil {
		return false
	}
	r, _ := utf8.DecodeLastRune(s)
	return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

// match tells whether the expression matches anywhere.
func (e *expression) match(s []byte) bool {
	if e.endsInBreak(s) {
		return e.breaks.Match(s)
	}
	return e.plain.Match(s)
}

// find is the first match with its groups, or nil.
func (e *expression) find(s []byte) []int {
	if !e.endsInBreak(s) {
		return e.plain.FindSubmatchIndex(s)
	}
	return e.withoutBreak(e.breaks.FindSubmatchIndex(s))
}

// withoutBreak leaves out the line break that $ took in, and its group.
func (e *expression) withoutBreak(m []int) []int {
	if m == nil {
		return nil
	}
	end := m[1]
	for _, g := range e.ends {
		if m[2*g] >= 0 {
			end = m[2*g]
		}
	}
	out := []int{min(m[0], end), min(m[1], end)}
	for _, g := range e.own {
		out = append(out, min(m[2*g], end), min(m[2*g+1], end))
	}
	return out
}

// matches are all matches with their groups, as Java finds them one after the other: right behind a match there may be an empty one.
func (e *expression) matches(s []byte) (all [][]int) {
	broken := e.endsInBreak(s)
	switch {
	case !broken && (!e.empty || e.back):
		return e.plain.FindAllSubmatchIndex(s, -1)
	case e.back:
		for _, m := range e.breaks.FindAllSubmatchIndex(s, -1) {
			all = append(all, e.withoutBreak(m))
		}
		return all
	}
	for from := 0; from <= len(s); {
		m := e.find(s[from:])
		if m == nil {
			break
		}
		all = append(all, displaced(m, from))
		from = m[1]
		if m[1] == m[0] {
			_, size := utf8.DecodeRune(s[from:])
			from += max(1, size)
		}
	}
	return all
}

// mayBeEmpty tells whether the expression can match nothing.
func mayBeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return mayBeEmpty(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || mayBeEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, part := range re.Sub {
			if !mayBeEmpty(part) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, part := range re.Sub {
			if mayBeEmpty(part) {
				return true
			}
		}
		return false
	default: // assertions, *, ?
		return true
	}
}

// looksBack tells whether a match depends on the character before it.
func looksBack(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	default:
	}
	for _, part := range re.Sub {
		if looksBack(part) {
			return true
		}
	}
	return false
}

// displaced adds a number to the positions of the groups that took part.
func displaced(match []int, by int) []int {
	for i := range match {
		if match[i] >= 0 {
			match[i] += by
		}
	}
	return match
}
