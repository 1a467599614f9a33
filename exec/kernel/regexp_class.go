package kernel

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// runeSet is a set of characters as ranges, in order and apart.
type runeSet []runeRange

type runeRange struct{ low, high rune }

func oneRune(r rune) runeSet { return runeSet{{r, r}} }

// with adds a range.
func (s runeSet) with(low, high rune) runeSet {
	out := make(runeSet, 0, len(s)+1)
	for _, r := range s {
		switch {
		case r.high+1 < low:
			out = append(out, r)
		case high+1 < r.low:
			out = append(out, runeRange{low, high})
			low, high = r.low, r.high
		default:
			low, high = min(low, r.low), max(high, r.high)
		}
	}
	return append(out, runeRange{low, high})
}

func (s runeSet) union(t runeSet) runeSet {
	for _, r := range t {
		s = s.with(r.low, r.high)
	}
	return s
}

func (s runeSet) complement() runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r.low > next {
			out = append(out, runeRange{next, r.low - 1})
		}
		next = r.high + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, runeRange{next, utf8.MaxRune})
	}
	return out
}

func (s runeSet) intersection(t runeSet) runeSet {
	return s.complement().union(t.complement()).complement()
}

// ranges writes the set as what stands between brackets in RE2.
func (s runeSet) ranges() string {
	var b strings.Builder
	for _, r := range s {
		if fmt.Fprintf(&b, `\x{%X}`, r.low); r.high > r.low {
			fmt.Fprintf(&b, `-\x{%X}`, r.high)
		}
	}
	return b.String()
}

// String is the set in RE2.
func (s runeSet) String() string {
	switch {
	case len(s) == 0:
		return `[^\x{0}-\x{10FFFF}]`
	case len(s) == 1 && s[0].low == s[0].high:
		return fmt.Sprintf(`\x{%X}`, s[0].low)
	}
	return "[" + s.ranges() + "]"
}

// escapedClass is Java's meaning of \d, \w, \s, \h, \v and their opposites.
func escapedClass(r rune) (runeSet, bool) {
	var set runeSet
	switch r | 0x20 {
	case 'd':
		set = runeSet{{'0', '9'}}
	case 'w':
		set = runeSet{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	case 's':
		set = runeSet{{'\t', '\r'}, {' ', ' '}}
	case 'h':
		set = runeSet{{'\t', '\t'}, {' ', ' '}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x180E, 0x180E}, {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}}
	case 'v':
		set = runeSet{{'\n', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}}
	default:
		return nil, false
	}
	if r < 'a' {
		set = set.complement()
	}
	return set, true
}

// property reads the name behind \p or \P: a category, a script, or one of POSIX's classes, which are ASCII's.
func (t *translator) property(negated bool) (runeSet, error) {
	var name string
	if t.accept("{") {
		var closed bool
		if name, t.rest, closed = strings.Cut(t.rest, "}"); !closed {
			return nil, errors.New("missing } of a property")
		}
	} else if t.rest != "" {
		name = string(t.next())
	}
	set := posixClass(name)
	if set == nil {
		table := unicode.Categories[strings.TrimPrefix(name, "Is")]
		if script := strings.TrimPrefix(name, "Is"); table == nil && script != name {
			table = unicode.Scripts[script]
		}
		if table == nil {
			return nil, fmt.Errorf("the property %s is not supported", name)
		}
		set = tableSet(table)
	}
	if negated {
		set = set.complement()
	}
	return set, nil
}

func tableSet(table *unicode.RangeTable) (set runeSet) {
	add := func(low, high, stride rune) {
		if stride == 1 {
			set = append(set, runeRange{low, high})
			return
		}
		for r := low; r <= high; r += stride {
			set = append(set, runeRange{r, r})
		}
	}
	for _, r := range table.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range table.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return set
}

func posixClass(name string) runeSet {
	digit, upper, lower := runeRange{'0', '9'}, runeRange{'A', 'Z'}, runeRange{'a', 'z'}
	switch name {
	case "Lower":
		return runeSet{lower}
	case "Upper":
		return runeSet{upper}
	case "ASCII":
		return runeSet{{0, 0x7F}}
	case "Alpha":
		return runeSet{upper, lower}
	case "Digit":
		return runeSet{digit}
	case "Alnum":
		return runeSet{digit, upper, lower}
	case "Punct":
		return runeSet{{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}
	case "Graph":
		return runeSet{{'!', '~'}}
	case "Print":
		return runeSet{{' ', '~'}}
	case "Blank":
		return runeSet{{'\t', '\t'}, {' ', ' '}}
	case "Cntrl":
		return runeSet{{0, 0x1F}, {0x7F, 0x7F}}
	case "XDigit":
		return runeSet{digit, {'A', 'F'}, {'a', 'f'}}
	case "Space":
		return runeSet{{'\t', '\r'}, {' ', ' '}}
	}
	return nil
}

// class reads what follows an opening bracket and writes it as a class of RE2, which nests and intersects none.
func (t *translator) class() error {
	negated := t.accept("^")
	set, intersected, err := t.members()
	if err != nil {
		return err
	}
	if intersected && t.flags.fold {
		return errors.New("&& without case is not supported")
	}
	switch {
	case negated && t.flags.fold:
		t.out.WriteString("[^" + set.ranges() + "]") // the complement's letters would be folded back in
	case negated:
		t.out.WriteString(set.complement().String())
	default:
		t.out.WriteString(set.String())
	}
	return nil
}

// members reads up to the closing bracket: characters, ranges, classes in classes, and && between sets.
func (t *translator) members() (set runeSet, intersected bool, err error) {
	for first := true; ; first = false {
		switch {
		case t.rest == "":
			return nil, false, errors.New("missing ]")
		case !first && t.accept("]"):
			return set, intersected, nil
		case t.accept("&&"):
			right, _, err := t.members()
			if err != nil {
				return nil, false, err
			}
			return set.intersection(right), true, nil
		case t.accept("["):
			negated := t.accept("^")
			inner, more, err := t.members()
			if err != nil {
				return nil, false, err
			}
			if negated {
				inner, more = inner.complement(), true
			}
			set, intersected = set.union(inner), intersected || more
		default:
			member, err := t.member()
			if err != nil {
				return nil, false, err
			}
			set = set.union(member)
		}
	}
}

// member reads a character, an escape or a range.
func (t *translator) member() (runeSet, error) {
	low, err := t.one()
	if err != nil || len(low) != 1 || low[0].low != low[0].high {
		return low, err
	}
	if !strings.HasPrefix(t.rest, "-") || strings.HasPrefix(t.rest, "-]") || strings.HasPrefix(t.rest, "-[") || t.rest == "-" {
		return low, nil
	}
	t.accept("-")
	high, err := t.one()
	if err != nil {
		return nil, err
	}
	if len(high) != 1 || high[0].low != high[0].high {
		return nil, errors.New("a range that ends in a class")
	}
	if high[0].low < low[0].low {
		return nil, errors.New("a range that ends before it begins")
	}
	return runeSet{{low[0].low, high[0].low}}, nil
}

func (t *translator) one() (runeSet, error) {
	r := t.next()
	if r != '\\' {
		return oneRune(r), nil
	}
	if t.rest == "" {
		return nil, errors.New("a backslash ends the pattern")
	}
	r = t.next()
	if r == 'Q' || r == 'R' || r == 'X' || r == 'N' || r >= '1' && r <= '9' {
		return nil, fmt.Errorf(`\%c in a class is not supported`, r)
	}
	return t.escaped(r)
}
