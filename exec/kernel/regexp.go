package kernel

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/digits"
)

// regexps are the functions that take a regular expression.
func regexps() map[string]builder {
	return map[string]builder{
		"rlike": rlike, "regexp_extract": regexpExtract, "regexp_replace": regexpReplace, "split": split,
		"regexp_count": regexpCount, "regexp_extract_all": regexpExtractAll, "regexp_instr": regexpInstr, "regexp_substr": regexpSubstr,
	}
}

// regex is a regular expression argument: constant, or compiled again whenever it changes from row to row.
type regex struct {
	c        *site
	constant *expression
}

// regex reads argument i, which is compiled here when it is constant.
func (c *site) regex(i int) (regex, error) {
	text, ok := c.text(i)
	if !ok {
		return regex{c: c}, nil
	}
	re, err := compileRegexp(c.pos, c.name, text)
	return regex{c: c, constant: re}, err
}

func compileRegexp(pos expr.Pos, function, text string) (*expression, error) {
	re, err := newExpression(text)
	if err != nil {
		return nil, fault(pos, "INVALID_PARAMETER_VALUE.PATTERN", "22023", "there are no look-around, back-references and possessive quantifiers here",
			"the pattern '%s' of %s is invalid: %v", text, function, err)
	}
	return re, nil
}

// over gives the expression of each row.
func (r regex) over(v vec) func(i int) (*expression, error) {
	if r.constant != nil {
		return func(int) (*expression, error) { return r.constant, nil }
	}
	a := textsOf(v)
	var last []byte
	var re *expression
	return func(i int) (*expression, error) {
		if text := a.at(i); re == nil || !bytes.Equal(text, last) {
			var err error
			if re, err = compileRegexp(r.c.pos, r.c.name, string(text)); err != nil {
				return nil, err
			}
			last = text
		}
		return re, nil
	}
}

// rlike tells whether the expression matches anywhere.
func rlike(c *site) (kernel, error) {
	r, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	if r.constant != nil {
		return kernel{unsafe: true, pred: func(_ *frame, args []vec) (predicate, error) {
			a := textsOf(args[0])
			return predicate{test: func(i int) bool { return r.constant.match(a.at(i)) }}, nil
		}}, nil
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of := textsOf(args[0]), r.over(args[1])
		buf := k.zeroed(bitmapSize(k.n))
		b := buf.Bytes()
		for i := range k.rows() {
			re, err := of(i)
			if err != nil {
				return vec{}, err
			}
			if re.match(a.at(i)) {
				b[i>>3] |= 1 << (i & 7)
			}
		}
		return k.fixed(buf), nil
	}}, nil
}

// group checks the number of a capture group, 0 being the whole match.
func (r regex) group(re *expression, n int32) error {
	if n >= 0 && int(n) <= re.plain.NumSubexp() {
		return nil
	}
	return fault(r.c.pos, "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", "22023", "", "%s expects a group between 0 and %d, but got %d", r.c.name, re.plain.NumSubexp(), n)
}

// groupOf reads the optional third argument, 1 by default.
func groupOf(args []vec) func(i int) int32 {
	if len(args) < 3 {
		return func(int) int32 { return 1 }
	}
	return valuesOf[int32](args[2]).at
}

// regexpExtract is a group of the first match, or empty.
func regexpExtract(c *site) (kernel, error) {
	r, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of, group := textsOf(args[0]), r.over(args[1]), groupOf(args)
		t := k.newText(a.size())
		for i := range k.rows() {
			re, err := of(i)
			if err != nil {
				return vec{}, err
			}
			t.row(i)
			m := re.find(a.at(i))
			if m == nil {
				continue
			}
			g := group(i)
			if err := r.group(re, g); err != nil {
				return vec{}, err
			}
			if m[2*g] >= 0 {
				t.data = append(t.data, a.at(i)[m[2*g]:m[2*g+1]]...)
			}
		}
		return t.done()
	}}, nil
}

// regexpReplace replaces every match from a position on; in the replacement, $1 or ${name} is a group and \ takes the next character as it is.
func regexpReplace(c *site) (kernel, error) {
	r, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of, with := textsOf(args[0]), r.over(args[1]), textsOf(args[2])
		start := func(int) int32 { return 1 }
		if len(args) == 4 {
			start = valuesOf[int32](args[3]).at
		}
		t := k.newText(a.size())
		for i := range k.rows() {
			re, err := of(i)
			if err != nil {
				return vec{}, err
			}
			t.row(i)
			if t.data, err = r.replace(t.data, a.at(i), re, with.at(i), int(start(i))); err != nil {
				return vec{}, err
			}
		}
		return t.done()
	}}, nil
}

func (r regex) replace(dst, s []byte, re *expression, with []byte, start int) ([]byte, error) {
	if start < 1 {
		return nil, fault(r.c.pos, "INVALID_PARAMETER_VALUE.START", "22023", "positions count from 1", "the position %d of %s is invalid", start, r.c.name)
	}
	rest := units(false).skip(s, start-1) // a text of its own: ^ is at its start
	dst = append(dst, s[:len(s)-len(rest)]...)
	s = rest
	done := 0
	for _, m := range re.matches(s) {
		dst = append(dst, s[done:m[0]]...)
		var err error
		if dst, err = r.expand(dst, s, re, with, m); err != nil {
			return nil, err
		}
		done = m[1]
	}
	return append(dst, s[done:]...), nil
}

// expand writes the replacement of one match as Java does: $ and the longest number that is a group, ${name}, and \ before any character.
func (r regex) expand(dst, s []byte, re *expression, with []byte, m []int) ([]byte, error) {
	invalid := func() error {
		return fault(r.c.pos, "INVALID_REGEXP_REPLACE", "22023", "write \\$ and \\\\ for the characters themselves",
			"the replacement '%s' of %s is invalid", with, r.c.name)
	}
	for i := 0; i < len(with); {
		switch with[i] {
		case '\\':
			if i+1 == len(with) {
				return nil, invalid()
			}
			dst = append(dst, with[i+1])
			i += 2
		case '$':
			g, size := groupReference(re, with[i+1:])
			if size == 0 {
				return nil, invalid()
			}
			if m[2*g] >= 0 {
				dst = append(dst, s[m[2*g]:m[2*g+1]]...)
			}
			i += 1 + size
		default:
			dst = append(dst, with[i])
			i++
		}
	}
	return dst, nil
}

// groupReference reads what follows $; size is 0 where that is no group.
func groupReference(re *expression, b []byte) (group, size int) {
	if len(b) > 0 && b[0] == '{' {
		end := bytes.IndexByte(b, '}')
		if end < 0 {
			return 0, 0
		}
		if g := re.plain.SubexpIndex(string(b[1:end])); g > 0 {
			return g, end + 1
		}
		return 0, 0
	}
	for n := 1; n <= digits.Count(b); n++ {
		g, err := strconv.Atoi(string(b[:n]))
		if err != nil || g > re.plain.NumSubexp() {
			break
		}
		group, size = g, n
	}
	return group, size
}

// split cuts text at every match, at most limit-1 times where the limit is positive.
func split(c *site) (kernel, error) {
	if c.typ.ID() != arrow.LIST {
		return c.unsupported()
	}
	r, err := c.regex(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of := textsOf(args[0]), r.over(args[1])
		limit := func(int) int32 { return -1 }
		if len(args) == 3 {
			limit = valuesOf[int32](args[2]).at
		}
		return k.textLists(func(i int, add func([]byte)) error {
			re, err := of(i)
			if err != nil {
				return err
			}
			splitBy(a.at(i), re, int(limit(i)), add)
			return nil
		})
	}}, nil
}

func splitBy(s []byte, re *expression, limit int, add func([]byte)) {
	if re.text == "" && len(s) > 0 {
		splitRunes(s, limit, add)
		return
	}
	done, parts := 0, 1
	for _, m := range re.matches(s) {
		if limit > 0 && parts == limit {
			break
		}
		if m[1] == 0 { // an empty match at the start gives no empty first part
			continue
		}
		add(s[done:m[0]])
		done, parts = m[1], parts+1
	}
	add(s[done:])
}

// splitRunes gives every character, the last of a limited number with what follows it.
func splitRunes(s []byte, limit int, add func([]byte)) {
	for n := 1; len(s) > 0; n++ {
		_, size := utf8.DecodeRune(s)
		if n == limit {
			size = len(s)
		}
		add(s[:size])
		s = s[size:]
	}
}
