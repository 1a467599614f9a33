package ndjson

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/columns"
)

// node is a column, or a part of a nested one, as the parser walks it.
type node struct {
	kind   columns.Kind
	col    *columns.Column // nil: the value is skipped
	name   string
	typ    arrow.DataType
	parent *node
	kids   []*node // of a struct its fields, of a list its element, of a map its value
	wanted int     // how many of kids are read
	depth  int
	needed bool // NULL is not allowed

	// The name as it mostly stands in the text: quotes and colon included, no space. Its first eight bytes are compared at once.
	key        string
	word, mask uint64

	// Objects mostly repeat the order of their fields. first is the field that the last object began with, next the one that came after this.
	first, next *node

	loose place // where the value came from when the name's case differs

	exact  map[string]*node
	folded map[string]*node // nil: names match exactly or not at all
}

// place is where a field of a row begins.
type place struct {
	line    int64
	row, at int
}

func newNode(parent *node, f arrow.Field, c *columns.Column) *node {
	n := &node{kind: c.Kind(), col: c, name: f.Name, typ: f.Type, parent: parent, depth: parent.depth + 1, needed: !f.Nullable}
	switch t := f.Type.(type) {
	case *arrow.StructType:
		for i, f := range t.Fields() {
			n.kids = append(n.kids, newNode(n, f, c.Kids()[i]))
		}
	case *arrow.MapType:
		n.kids = []*node{newNode(n, t.ItemField(), c.Kids()[1])}
	case *arrow.ListType:
		n.kids = []*node{newNode(n, t.ElemField(), c.Kids()[0])}
	}
	return n
}

// link makes what finds a struct's fields by name, for all structs below.
func (n *node) link(caseSensitive bool) {
	for _, k := range n.kids {
		k.link(caseSensitive)
	}
	if n.kind != columns.Struct || len(n.kids) == 0 {
		return
	}
	n.wanted = len(n.read())
	n.exact = make(map[string]*node, len(n.kids))
	if !caseSensitive {
		n.folded = make(map[string]*node, len(n.kids))
	}
	for i, k := range n.kids {
		k.setKey()
		k.next = n.kids[(i+1)%len(n.kids)]
		n.exact[k.name] = k
		if n.folded != nil {
			n.folded[strings.ToLower(k.name)] = k
		}
	}
	n.first = n.kids[0]
}

// read is the columns of the fields that are not skipped.
func (n *node) read() (columns []*columns.Column) {
	for _, k := range n.kids {
		if k.col != nil {
			columns = append(columns, k.col)
		}
	}
	return columns
}

func (n *node) setKey() {
	n.key = string(columns.AppendJSONString(nil, []byte(n.name))) + ":"
	for i := range min(len(n.key), 8) {
		n.word |= uint64(n.key[i]) << (8 * i)
		n.mask |= 0xff << (8 * i)
	}
}

// stands says whether the name and its colon are at d[at:]; at least 8 bytes follow at.
func (n *node) stands(d []byte, at int) bool {
	if load(d, at)&n.mask != n.word {
		return false
	}
	end := at + len(n.key)
	return len(n.key) <= 8 || end <= len(d) && string(d[at+8:end]) == n.key[8:]
}

// find is the field with this name, nil if there is none. exactly says that its case agrees too.
func (n *node) find(name []byte) (field *node, exactly bool) {
	if k := n.exact[string(name)]; k != nil || n.folded == nil {
		return k, k != nil
	}
	var lower [64]byte
	if len(name) > len(lower) {
		return n.folded[strings.ToLower(string(name))], false
	}
	for i, c := range name {
		switch {
		case c >= 0x80:
			return n.folded[strings.ToLower(string(name))], false
		case 'A' <= c && c <= 'Z':
			c |= 0x20
		}
		lower[i] = c
	}
	return n.folded[string(lower[:len(name)])], false
}

// within says whether n is a part of other, or other itself.
func (n *node) within(other *node) bool {
	for ; n != nil; n = n.parent {
		if n == other {
			return true
		}
	}
	return false
}

// path is the dotted name, for errors.
func (n *node) path() string {
	switch {
	case n.parent == nil:
		return ""
	case n.parent.parent == nil:
		return n.name
	}
	return n.parent.path() + "." + n.name
}
