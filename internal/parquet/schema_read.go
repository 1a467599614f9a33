package parquet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/parquet/meta"
)

// nodeKind is what a node of a file's schema becomes in Arrow.
type nodeKind uint8

const (
	nodeLeaf nodeKind = iota
	nodeStruct
	nodeList
	nodeMap
)

// node is a field of a file's schema. An entry of a leaf's levels is a slot of the node if its definition level is at least slotDef and its repetition level at
// most rep; the slot is not null if the definition level is at least def.
type node struct {
	kind     nodeKind
	field    arrow.Field
	def, rep uint8
	slotDef  uint8
	elemDef  uint8 // nodeList, nodeMap: definition level of an element
	kids     []*node
	leaf     *leafColumn // nodeLeaf
	first    *leafColumn // the first leaf below; the node's levels are read from it
}

// leafColumn is a leaf of a file's schema.
type leafColumn struct {
	index          int // among all leaves
	path           []string
	phys           meta.Type
	size           int // bytes of a FIXED_LEN_BYTE_ARRAY
	maxDef, maxRep uint8
	slotDef        uint8
	flat           bool // no ancestors: entries are rows
	leafType
}

func (l *leafColumn) name() string { return strings.Join(l.path, ".") }

// treeBuilder turns the flat list of schema elements into nodes.
type treeBuilder struct {
	elements []meta.SchemaElement
	next     int
	leaves   []*leafColumn
	file     string
}

// level is where in the tree a field is.
type level struct {
	def, rep, slotDef uint8
	path              []string
}

func (b *treeBuilder) corrupt(l level, format string, args ...any) error {
	return &CorruptError{File: b.file, Column: strings.Join(l.path, "."), Reason: fmt.Sprintf(format, args...)}
}

// build gives the top-level fields.
func (b *treeBuilder) build() ([]*node, error) {
	if len(b.elements) == 0 {
		return nil, b.corrupt(level{}, "no schema")
	}
	n := b.elements[0].NumChildren
	b.next = 1
	var top []*node
	for range n {
		k, err := b.field(level{})
		if err != nil {
			return nil, err
		}
		top = append(top, k)
	}
	if b.next != len(b.elements) {
		return nil, b.corrupt(level{}, "%d schema elements belong to no column", len(b.elements)-b.next)
	}
	return top, nil
}

// take gives the next element and the level of its inside.
func (b *treeBuilder) take(l level) (*meta.SchemaElement, level, error) {
	if b.next >= len(b.elements) {
		return nil, l, b.corrupt(l, "schema ends early")
	}
	e := &b.elements[b.next]
	b.next++
	l.path = append(l.path[:len(l.path):len(l.path)], e.Name)
	if len(l.path) > maxNesting {
		return nil, l, b.corrupt(l, "schema is nested deeper than %d", maxNesting)
	}
	switch e.Repetition {
	case meta.Required:
	case meta.Optional:
		l.def++
	case meta.Repeated:
		l.def++
		l.rep++
	default:
		return nil, l, b.corrupt(l, "schema element without repetition")
	}
	return e, l, nil
}

// field builds the field that comes next. A repeated field outside of LIST and MAP is a list of its own: required, with required elements.
func (b *treeBuilder) field(at level) (*node, error) {
	e, in, err := b.take(at)
	if err != nil {
		return nil, err
	}
	if e.Repetition == meta.Repeated {
		return b.repeatedField(e, at, in)
	}
	n := &node{def: in.def, rep: at.rep, slotDef: at.slotDef, field: arrow.Field{Name: e.Name, Nullable: e.Repetition == meta.Optional, Metadata: fieldMetadata(e)}}
	return n, b.inside(n, e, in)
}

func (b *treeBuilder) repeatedField(e *meta.SchemaElement, at, in level) (*node, error) {
	n := &node{kind: nodeList, def: at.def, rep: at.rep, slotDef: at.slotDef, elemDef: in.def, field: arrow.Field{Name: e.Name, Metadata: fieldMetadata(e)}}
	elem, err := b.element(e, in)
	if err != nil {
		return nil, err
	}
	n.adoptList(elem)
	return n, nil
}

// element makes the repeated element e itself the element of a list.
func (b *treeBuilder) element(e *meta.SchemaElement, in level) (*node, error) {
	in.slotDef = in.def
	n := &node{def: in.def, rep: in.rep, slotDef: in.def, field: arrow.Field{Name: "element", Metadata: fieldMetadata(e)}}
	return n, b.inside(n, e, in)
}

func (n *node) adoptList(elem *node) {
	elem.field.Name = "element"
	n.kids, n.first = []*node{elem}, elem.first
	n.field.Type = arrow.ListOfField(elem.field)
}

// inside gives n, whose element is e, its kind, type and children.
func (b *treeBuilder) inside(n *node, e *meta.SchemaElement, in level) error {
	if e.Type != meta.NoType {
		return b.leaf(n, e, in)
	}
	if e.NumChildren <= 0 {
		return b.corrupt(in, "a group without fields")
	}
	switch {
	case e.Logical.Kind == meta.LogicalList || e.Logical.Kind == meta.LogicalNone && e.Converted == meta.ConvList:
		return b.list(n, e, in)
	case e.Logical.Kind == meta.LogicalMap || e.Logical.Kind == meta.LogicalNone && (e.Converted == meta.ConvMap || e.Converted == meta.ConvMapKeyValue):
		return b.mapping(n, e, in)
	}
	return b.structure(n, e.NumChildren, in)
}

func (b *treeBuilder) structure(n *node, children int32, in level) error {
	n.kind = nodeStruct
	var fields []arrow.Field
	for range children {
		k, err := b.field(in)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, k)
		fields = append(fields, k.field)
	}
	n.first = n.kids[0].first
	n.field.Type = arrow.StructOf(fields...)
	return nil
}

// list reads a LIST group by the rules for old files too (parquet-format, LogicalTypes.md, Lists): the repeated field is the element itself unless it is a
// group of one field that is neither repeated nor named in one of the old ways.
func (b *treeBuilder) list(n *node, e *meta.SchemaElement, in level) error {
	outer := e.Name
	r, mid, err := b.take(in)
	if err != nil {
		return err
	}
	if e.NumChildren != 1 || r.Repetition != meta.Repeated {
		return b.corrupt(in, "a LIST that does not hold one repeated field")
	}
	n.kind, n.elemDef = nodeList, mid.def
	var elem *node
	if b.elementItself(r, outer) {
		elem, err = b.element(r, mid)
	} else {
		mid.slotDef = mid.def
		elem, err = b.field(mid)
	}
	if err != nil {
		return err
	}
	n.adoptList(elem)
	return nil
}

// elementItself says that the repeated field r of a LIST is its element, not a wrapper around it.
func (b *treeBuilder) elementItself(r *meta.SchemaElement, outer string) bool {
	if r.Type != meta.NoType || r.NumChildren != 1 || b.next >= len(b.elements) {
		return true
	}
	if r.Logical.Kind == meta.LogicalList || r.Logical.Kind == meta.LogicalMap || b.elements[b.next].Repetition == meta.Repeated {
		return true
	}
	return r.Name == "array" || r.Name == outer+"_tuple"
}

func (b *treeBuilder) mapping(n *node, e *meta.SchemaElement, in level) error {
	r, mid, err := b.take(in)
	if err != nil {
		return err
	}
	if e.NumChildren != 1 || r.Repetition != meta.Repeated || r.Type != meta.NoType || r.NumChildren != 2 {
		return b.corrupt(in, "a MAP that does not hold one repeated group of key and value")
	}
	n.kind, n.elemDef = nodeMap, mid.def
	mid.slotDef = mid.def
	for range 2 {
		k, err := b.field(mid)
		if err != nil {
			return err
		}
		n.kids = append(n.kids, k)
	}
	n.first = n.kids[0].first
	key, value := n.kids[0].field, n.kids[1].field
	key.Name, value.Name, key.Nullable = "key", "value", false
	n.field.Type = arrow.MapOfFields(key, value)
	return nil
}

func (b *treeBuilder) leaf(n *node, e *meta.SchemaElement, in level) error {
	if e.NumChildren != 0 {
		return b.corrupt(in, "a leaf with fields")
	}
	l := &leafColumn{
		index: len(b.leaves), path: in.path, phys: e.Type, size: int(e.TypeLength), maxDef: in.def, maxRep: in.rep, slotDef: in.slotDef,
		flat: len(in.path) == 1 && in.rep == 0,
	}
	if e.Type == meta.FixedLenByteArray && (e.TypeLength <= 0 || e.TypeLength > 1<<20) {
		return b.corrupt(in, "FIXED_LEN_BYTE_ARRAY of %d bytes", e.TypeLength)
	}
	var what string
	l.leafType, what = typeOfLeaf(e)
	if what != "" {
		return &UnsupportedError{File: b.file, Column: l.name(), What: "reading " + what}
	}
	b.leaves = append(b.leaves, l)
	n.kind, n.leaf, n.first, n.field.Type = nodeLeaf, l, l, l.typ
	return nil
}

func fieldMetadata(e *meta.SchemaElement) arrow.Metadata {
	if !e.HasFieldID {
		return arrow.Metadata{}
	}
	return arrow.NewMetadata([]string{fieldIDKey}, []string{strconv.Itoa(int(e.FieldID))})
}

// leavesOf calls visit for the leaves below n, in order.
func (n *node) leavesOf(visit func(*leafColumn)) {
	if n.kind == nodeLeaf {
		visit(n.leaf)
	}
	for _, k := range n.kids {
		k.leavesOf(visit)
	}
}
