package delta

import "strings"

// maxInterned bounds the table: what repeats are names of columns and values of partitions.
const maxInterned = 4096

// interner keeps one copy of each of the strings that repeat.
type interner map[string]string

func newInterner() interner { return make(interner) }

func (t interner) intern(v string) string {
	if c, ok := t[v]; ok {
		return c
	}
	c := strings.Clone(v)
	if len(t) < maxInterned {
		t[c] = c
	}
	return c
}
