package files

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// glob is a set of patterns over keys. A pattern is a list of segments between slashes: *, ? and [a-z] match within one segment, ** matches any number of
// whole segments, {a,b} is either. A pattern that ends in a slash matches everything below it.
//
// A name that begins with an underscore or a dot is hidden: it matches only a segment that begins with the same character, as in Spark.
type glob struct {
	text     string
	patterns [][]string
	prefix   string // that all matching keys begin with
}

// maxPatterns bounds what braces expand to.
const maxPatterns = 1024

var errTooManyPatterns = errors.New("the braces stand for more than 1024 patterns")

func parseGlob(text string) (glob, error) {
	g := glob{text: text}
	if text == "" {
		return g, errors.New("the pattern is empty")
	}
	expanded, err := expandBraces(text)
	if err != nil {
		return g, err
	}
	for i, p := range expanded {
		if strings.HasSuffix(p, "/") {
			p += "**/*"
		}
		segments := strings.Split(strings.ReplaceAll(p, "[!", "[^"), "/")
		if err := checkSegments(segments); err != nil {
			return g, err
		}
		g.patterns = append(g.patterns, slices.CompactFunc(segments, func(a, b string) bool { return a == "**" && b == "**" }))
		if fixed := fixedPrefix(p); i == 0 {
			g.prefix = fixed
		} else {
			g.prefix = commonPrefix(g.prefix, fixed)
		}
	}
	return g, nil
}

func checkSegments(segments []string) error {
	for _, s := range segments {
		if s == "" {
			return errors.New("a segment between slashes is empty")
		}
		if _, err := path.Match(s, ""); err != nil {
			return fmt.Errorf("segment %q: %w", s, err)
		}
	}
	return nil
}

// match says whether the key is one that the pattern means.
func (g glob) match(key string) bool {
	names := strings.Split(key, "/")
	for _, p := range g.patterns {
		if matchSegments(p, names) {
			return true
		}
	}
	return false
}

func matchSegments(pattern, names []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			return matchAnywhere(pattern[1:], names)
		}
		if len(names) == 0 || !matchName(pattern[0], names[0]) {
			return false
		}
		pattern, names = pattern[1:], names[1:]
	}
	return len(names) == 0
}

// matchAnywhere tries the pattern after a **, which takes any number of names that are not hidden.
func matchAnywhere(pattern, names []string) bool {
	for {
		if len(pattern) == 0 && len(names) == 0 {
			return true
		}
		if len(pattern) > 0 && matchSegments(pattern, names) {
			return true
		}
		if len(names) == 0 || isHidden(names[0]) {
			return false
		}
		names = names[1:]
	}
}

func matchName(pattern, name string) bool {
	if isHidden(name) && pattern[0] != name[0] {
		return false
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil // the pattern has been checked
}

func isHidden(name string) bool {
	return name != "" && (name[0] == '_' || name[0] == '.')
}

// fixedPrefix is what stands before the first character with a meaning.
func fixedPrefix(pattern string) string {
	if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// expandBraces lists the patterns that {a,b} stand for. Braces nest; a backslash takes the meaning from the character after it.
func expandBraces(text string) ([]string, error) {
	open := indexUnescaped(text, '{')
	if open < 0 {
		return []string{text}, nil
	}
	parts, end, err := splitBraces(text, open)
	if err != nil {
		return nil, err
	}
	tails, err := expandBraces(text[end+1:])
	if err != nil {
		return nil, err
	}
	var out []string
	for _, part := range parts {
		middles, err := expandBraces(part)
		if err != nil {
			return nil, err
		}
		for _, m := range middles {
			for _, t := range tails {
				out = append(out, text[:open]+m+t)
			}
		}
		if len(out) > maxPatterns {
			return nil, errTooManyPatterns
		}
	}
	return out, nil
}

func indexUnescaped(text string, c byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case c:
			return i
		}
	}
	return -1
}

// splitBraces cuts what stands in the braces that open at open at its own commas.
func splitBraces(text string, open int) (parts []string, end int, err error) {
	depth, start := 0, open+1
	for i := open; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '{':
			depth++
		case ',':
			if depth == 1 {
				parts, start = append(parts, text[start:i]), i+1
			}
		case '}':
			if depth--; depth == 0 {
				return append(parts, text[start:i]), i, nil
			}
		}
	}
	return nil, 0, errors.New("a brace is not closed")
}
