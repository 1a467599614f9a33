package kernel

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// translator writes a pattern in Java's syntax as one in RE2's that matches the same, or fails for what RE2 has no equal of. In Java, $ is also before a
// line break that ends the text: with breaks, it is written so that it takes such a line break in as a group.
type translator struct {
	rest   string
	breaks bool
	out    strings.Builder
	flags  javaFlags
	outer  []javaFlags // of the groups that are open
	groups int         // written so far
	own    []int       // the numbers of those that are the pattern's
	ends   []int       // the numbers of those that are a line break behind $
}

// javaFlags are the flags that change what the translator writes.
type javaFlags struct{ dotAll, unixLines, multiLine, fold bool }

// What . does not match by default, and what \R does.
const (
	lineBreaks = `\n\r\x{85}\x{2028}\x{2029}`
	lastBreak  = `(?:(\r\n|[` + lineBreaks + `])?\z)`
	anyBreak   = `(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])`
)

func (t *translator) run() error {
	for t.rest != "" {
		r := t.next()
		var err error
		switch r {
		case '\\':
			err = t.escape()
		case '[':
			err = t.class()
		case '(':
			err = t.group()
		case ')':
			if len(t.outer) > 0 {
				t.flags, t.outer = t.outer[len(t.outer)-1], t.outer[:len(t.outer)-1]
			}
			t.out.WriteByte(')')
		case '.':
			t.dot()
		case '*', '+', '?':
			err = t.quantifier(string(r))
		case '{':
			err = t.repetition()
		case '$':
			t.dollar()
		case '^', '|':
			t.out.WriteRune(r)
		default:
			t.literal(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *translator) next() rune {
	r, size := utf8.DecodeRuneInString(t.rest)
	t.rest = t.rest[size:]
	return r
}

// accept consumes a prefix.
func (t *translator) accept(prefix string) bool {
	rest, ok := strings.CutPrefix(t.rest, prefix)
	t.rest = rest
	return ok
}

func (t *translator) literal(r rune) { t.out.WriteString(regexp.QuoteMeta(string(r))) }

func (t *translator) dollar() {
	switch {
	case t.flags.multiLine:
		t.out.WriteByte('$')
	case !t.breaks:
		t.ends = append(t.ends, 0)
		t.out.WriteString(`\z`)
	default:
		t.groups++
		t.ends = append(t.ends, t.groups)
		t.out.WriteString(lastBreak)
	}
}

// open begins a group with a number.
func (t *translator) open(text string) {
	t.groups++
	t.own = append(t.own, t.groups)
	t.out.WriteString(text)
}

func (t *translator) dot() {
	switch {
	case t.flags.dotAll:
		t.out.WriteString("(?s:.)")
	case t.flags.unixLines:
		t.out.WriteString(`[^\n]`)
	default:
		t.out.WriteString("[^" + lineBreaks + "]")
	}
}

// quantifier reads what may follow a quantifier: ? makes it reluctant.
func (t *translator) quantifier(q string) error {
	if strings.HasPrefix(t.rest, "+") {
		return errors.New("possessive quantifiers are not supported")
	}
	t.out.WriteString(q)
	if t.accept("?") {
		t.out.WriteByte('?')
	}
	return nil
}

// repetition reads {n}, {n,} or {n,m}; a brace is nothing else in Java.
func (t *translator) repetition() error {
	bounds, rest, closed := strings.Cut(t.rest, "}")
	least, most, _ := strings.Cut(bounds, ",")
	if !closed || least == "" || strings.Trim(least+most, "0123456789") != "" {
		return errors.New("illegal repetition")
	}
	t.rest = rest
	return t.quantifier("{" + bounds + "}")
}

// group reads what follows an opening parenthesis.
func (t *translator) group() error {
	outer := t.flags
	for _, refused := range []string{"?=", "?!", "?<=", "?<!"} {
		if strings.HasPrefix(t.rest, refused) {
			return errors.New("look-around is not supported")
		}
	}
	switch {
	case t.accept("?<"):
		name, rest, closed := strings.Cut(t.rest, ">")
		if !closed || !all(name, "", false) || name == "" || !isLetter(name[0]) {
			return errors.New("a group's name has letters and digits")
		}
		t.rest = rest
		t.open("(?P<" + name + ">")
	case t.accept("?>"):
		return errors.New("atomic groups are not supported")
	case t.accept("?"):
		return t.setFlags(outer)
	default:
		t.open("(")
	}
	t.outer = append(t.outer, outer)
	return nil
}

// setFlags reads (?flags), which hold up to the end of the group, or (?flags:…), which do for themselves.
func (t *translator) setFlags(outer javaFlags) error {
	on, written := true, "(?"
	for t.rest != "" {
		switch r := t.next(); r {
		case 'i':
			t.flags.fold = on
			written += "i"
		case 'm':
			t.flags.multiLine = on
			written += "m"
		case 's':
			t.flags.dotAll = on
		case 'd':
			t.flags.unixLines = on
		case 'u':
		case '-':
			if !on {
				return errors.New("unknown flags")
			}
			on = false
			written += "-"
		case ':':
			t.out.WriteString(strings.TrimSuffix(written, "-") + ":")
			t.outer = append(t.outer, outer)
			return nil
		case ')':
			if written = strings.TrimSuffix(written, "-"); written != "(?" {
				t.out.WriteString(written + ")")
			}
			return nil
		default:
			return fmt.Errorf("the flag %c is not supported", r)
		}
	}
	return errors.New("missing )")
}

// escape reads what follows a backslash outside of a class.
func (t *translator) escape() error {
	if t.rest == "" {
		return errors.New("a backslash ends the pattern")
	}
	switch r := t.next(); r {
	case 'b', 'B', 'A', 'z':
		t.out.WriteString(`\` + string(r))
	case 'R':
		t.out.WriteString(anyBreak)
	case 'Q':
		quoted, rest, _ := strings.Cut(t.rest, `\E`)
		t.out.WriteString(regexp.QuoteMeta(quoted))
		t.rest = rest
	case 'Z', 'G', 'X', 'N', 'k':
		return fmt.Errorf(`\%c is not supported`, r)
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return errors.New("back-references are not supported")
	default:
		set, err := t.escaped(r)
		if err != nil {
			return err
		}
		t.out.WriteString(set.String())
	}
	return nil
}

// escaped is the set of characters that an escape stands for.
func (t *translator) escaped(r rune) (runeSet, error) {
	if set, ok := escapedClass(r); ok {
		return set, nil
	}
	switch r {
	case 'p', 'P':
		return t.property(r == 'P')
	case 'a', 'e', 'f', 'n', 'r', 't':
		return oneRune(map[rune]rune{'a': 7, 'e': 27, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}[r]), nil
	case 'c':
		if t.rest == "" {
			return nil, errors.New(`\c without a character`)
		}
		return oneRune(t.next() ^ 64), nil
	case '0':
		return t.octal()
	case 'u':
		return t.hexadecimal(4)
	case 'x':
		if t.accept("{") {
			digits, rest, _ := strings.Cut(t.rest, "}")
			t.rest = digits + rest
			return t.hexadecimal(len(digits))
		}
		return t.hexadecimal(2)
	}
	if r < utf8.RuneSelf && isLetter(byte(r)) {
		return nil, fmt.Errorf(`there is no escape \%c`, r)
	}
	return oneRune(r), nil
}

// octal reads one to three digits, of which three begin with at most 3.
func (t *translator) octal() (runeSet, error) {
	n := 0
	for most := min(3, len(t.rest)); n < most && t.rest[n] >= '0' && t.rest[n] <= '7' && (n < 2 || t.rest[0] <= '3'); n++ {
	}
	v, err := strconv.ParseUint(t.rest[:n], 8, 16)
	if err != nil {
		return nil, errors.New("illegal octal escape")
	}
	t.rest = t.rest[n:]
	return oneRune(rune(v)), nil
}

func (t *translator) hexadecimal(digits int) (runeSet, error) {
	if len(t.rest) < digits {
		return nil, errors.New("illegal hexadecimal escape")
	}
	v, err := strconv.ParseUint(t.rest[:digits], 16, 32)
	if err != nil || v > utf8.MaxRune {
		return nil, errors.New("illegal hexadecimal escape")
	}
	t.rest = t.rest[digits:]
	return oneRune(rune(v)), nil
}
