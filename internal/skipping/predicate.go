package skipping

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// verdict is the set of outcomes that a predicate may have over the rows of a piece of the table. A piece whose verdict lacks mayTrue holds no row that a
// filter keeps; one whose verdict is mayTrue alone holds no other.
type verdict uint8

const (
	mayTrue verdict = 1 << iota
	mayFalse
	mayNull
	anything = mayTrue | mayFalse | mayNull
)

// Predicate decides which pieces a filter may keep rows of. It is immutable.
type Predicate struct {
	root   node
	leaves []Leaf
}

// Leaf is a primitive column, at any depth of structs, that a predicate reads.
type Leaf struct {
	Column int           // position of the top-level column
	Fields []arrow.Field // from the top-level column down
	Type   arrow.DataType
}

// New compiles a predicate over columns. Parts of it that statistics say nothing about may have any outcome. nil keeps everything.
func New(predicate expr.Bound, columns []arrow.Field) *Predicate {
	p := &Predicate{root: fixed(mayTrue)}
	if predicate != nil {
		c := compiler{p, columns}
		p.root = c.compile(predicate)
	}
	return p
}

// Leaves are the columns whose bounds decide, one after the other.
func (p *Predicate) Leaves() []Leaf { return p.leaves }

// MayKeep reports whether a filter by the predicate may keep a row of a piece; b are the bounds of the leaves there.
func (p *Predicate) MayKeep(b []Bounds) bool { return p.root.verdict(b)&mayTrue != 0 }

// KeepsAll reports whether a filter by the predicate is certain to keep all rows of a piece.
func (p *Predicate) KeepsAll(b []Bounds) bool { return p.root.verdict(b) == mayTrue }

// Trivial reports whether nothing can be ruled out.
func (p *Predicate) Trivial() bool {
	v, ok := p.root.(fixed)
	return ok && verdict(v)&mayTrue != 0
}

// node is a part of a predicate over bounds, one per leaf.
type node interface{ verdict(b []Bounds) verdict }

type (
	fixed    verdict
	both     struct{ a, b node }
	either   struct{ a, b node }
	negation struct{ a node }
	nullTest struct{ a operand }
	truth    struct{ a operand }
	ordering struct {
		a, b     operand
		want     orders
		nullSafe bool
	}
)

// operand is a leaf (≥ 0) or a constant.
type operand struct {
	leaf     int
	constant Bounds
}

func (o operand) of(b []Bounds) Bounds {
	if o.leaf >= 0 {
		return b[o.leaf]
	}
	return o.constant
}

func (f fixed) verdict([]Bounds) verdict { return verdict(f) }

// verdict of AND is FALSE where one side may be FALSE, and otherwise what both may be at once.
func (n both) verdict(b []Bounds) verdict {
	x, y := n.a.verdict(b), n.b.verdict(b)
	v := (x | y) & mayFalse
	if x&mayTrue != 0 && y&mayTrue != 0 {
		v |= mayTrue
	}
	if x&mayNull != 0 && y&(mayTrue|mayNull) != 0 || y&mayNull != 0 && x&mayTrue != 0 {
		v |= mayNull
	}
	return v
}

func (n either) verdict(b []Bounds) verdict {
	return negated(both{negation{n.a}, negation{n.b}}.verdict(b))
}

func (n negation) verdict(b []Bounds) verdict { return negated(n.a.verdict(b)) }

func negated(v verdict) verdict {
	n := v & mayNull
	if v&mayTrue != 0 {
		n |= mayFalse
	}
	if v&mayFalse != 0 {
		n |= mayTrue
	}
	return n
}

func (n nullTest) verdict(b []Bounds) verdict {
	var v verdict
	x := n.a.of(b)
	if x.MayNull {
		v |= mayTrue
	}
	if x.MayNaN || x.MayNonNaN {
		v |= mayFalse
	}
	return v
}

func (n truth) verdict(b []Bounds) verdict {
	return ordering{a: n.a, b: operand{leaf: -1, constant: Exactly(Int(1))}, want: equal}.verdict(b)
}

func (n ordering) verdict(b []Bounds) verdict {
	var v verdict
	x, y := n.a.of(b), n.b.of(b)
	got := compareBounds(x, y)
	if got&n.want != 0 {
		v |= mayTrue
	}
	if got&^n.want != 0 {
		v |= mayFalse
	}
	switch {
	case !x.MayNull && !y.MayNull:
	case !n.nullSafe:
		v |= mayNull
	default:
		if x.MayNull && y.MayNull {
			v |= mayTrue
		}
		v |= mayFalse
	}
	return v
}

// unsure is a test that a row may fail although its bounds pass.
type unsure struct{ a node }

func (n unsure) verdict(b []Bounds) verdict {
	v := n.a.verdict(b)
	if v&mayTrue != 0 {
		v |= mayFalse
	}
	return v
}
