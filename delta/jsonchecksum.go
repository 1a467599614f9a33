package delta

import (
	"cmp"
	"crypto/md5" // the protocol's checksum; it protects against damage only
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// jsonLeaf is one value of a JSON document in canonical form, with the path to it.
type jsonLeaf struct{ path, value string }

// jsonChecksum is the MD5 of a JSON object's canonical form, its member checksum left out (Delta protocol: JSON checksum).
func jsonChecksum(text string) (string, error) {
	w := &canonicalWalk{s: &scanner{text: text}}
	w.object("", 0)
	if err := cmp.Or(w.s.err, w.err); err != nil {
		return "", err
	}
	slices.SortFunc(w.leaves, func(a, b jsonLeaf) int { return strings.Compare(a.path, b.path) })
	var form []byte
	for i, l := range w.leaves {
		if i > 0 {
			form = append(form, ',')
		}
		form = append(append(append(form, l.path...), '='), l.value...)
	}
	sum := md5.Sum(form)
	return hex.EncodeToString(sum[:]), nil
}

// canonicalWalk gathers the leaves of a JSON document.
type canonicalWalk struct {
	s      *scanner
	leaves []jsonLeaf
	err    error
}

func (w *canonicalWalk) object(path string, depth int) {
	var names []string
	for k := range w.s.members {
		if slices.Contains(names, k) {
			w.err = fmt.Errorf("%w: member %q is there twice", errJSON, k)
		}
		names = append(names, k)
		if path == "" && k == "checksum" {
			w.s.skip(0)
			continue
		}
		w.value(joinPath(path, canonicalString(k)), depth)
	}
}

func (w *canonicalWalk) value(path string, depth int) {
	if depth > maxJSONDepth {
		w.s.fail("less nesting")
		return
	}
	switch w.s.peek() {
	case '{':
		w.object(path, depth+1)
	case '[':
		w.s.open('[')
		for i := 0; w.s.element(); i++ {
			w.value(joinPath(path, strconv.Itoa(i)), depth+1)
		}
	case '"':
		w.leaves = append(w.leaves, jsonLeaf{path, canonicalString(w.s.str())})
	default:
		w.leaves = append(w.leaves, jsonLeaf{path, w.s.raw()})
	}
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "+" + name
}

// canonicalString percent-encodes every byte but letters, digits and -._~ and puts quotes around.
func canonicalString(v string) string {
	const hex = "0123456789ABCDEF"
	dst := []byte{'"'}
	for i := range len(v) {
		switch c := v[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', strings.IndexByte("-._~", c) >= 0:
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(append(dst, '"'))
}
