package delta

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
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

// pruner decides by statistics which pieces a predicate may keep rows of. It is immutable.
type pruner struct {
	root   prunable
	leaves []leaf
}

// leaf is a primitive column, at any depth of structs, that the predicate reads.
type leaf struct {
	column    int           // position of the top-level column
	fields    []arrow.Field // from the top-level column down
	path      []string      // their physical names
	partition bool          // it is a partition column
	typ       arrow.DataType
}

// prunable is a predicate's node over bounds, one per leaf.
type prunable interface{ verdict(b []bounds) verdict }

// newPruner compiles a predicate over columns of the table. Nodes that statistics say nothing about may have any outcome. nil keeps everything.
func newPruner(predicate expr.Bound, columns []arrow.Field, m *Metadata) *pruner {
	p := &pruner{root: fixed(mayTrue)}
	if predicate != nil {
		c := prunerCompiler{p, columns, m}
		p.root = c.compile(predicate)
	}
	return p
}

// prunerCompiler is a pruner in the making.
type prunerCompiler struct {
	*pruner
	columns []arrow.Field // that the predicate reads
	table   *Metadata
}

// mayKeep reports whether a filter by the predicate may keep a row of the piece.
func (p *pruner) mayKeep(b []bounds) bool { return p.root.verdict(b)&mayTrue != 0 }

// trivial reports whether nothing can be pruned.
func (p *pruner) trivial() bool {
	v, ok := p.root.(fixed)
	return ok && verdict(v)&mayTrue != 0
}

type (
	fixed    verdict
	both     struct{ a, b prunable }
	either   struct{ a, b prunable }
	negation struct{ a prunable }
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
	constant bounds
}

func (o operand) of(b []bounds) bounds {
	if o.leaf >= 0 {
		return b[o.leaf]
	}
	return o.constant
}

func (f fixed) verdict([]bounds) verdict { return verdict(f) }

// verdict of AND is FALSE where one side may be FALSE, and otherwise what both may be at once.
func (n both) verdict(b []bounds) verdict {
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

func (n either) verdict(b []bounds) verdict {
	return negated(both{negation{n.a}, negation{n.b}}.verdict(b))
}

func (n negation) verdict(b []bounds) verdict { return negated(n.a.verdict(b)) }

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

func (n nullTest) verdict(b []bounds) verdict {
	var v verdict
	x := n.a.of(b)
	if x.mayNull {
		v |= mayTrue
	}
	if x.mayNaN || x.mayNonNaN {
		v |= mayFalse
	}
	return v
}

func (n truth) verdict(b []bounds) verdict {
	return ordering{a: n.a, b: operand{leaf: -1, constant: exactly(intScalar(1))}, want: equal}.verdict(b)
}

func (n ordering) verdict(b []bounds) verdict {
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
	case !x.mayNull && !y.mayNull:
	case !n.nullSafe:
		v |= mayNull
	default:
		if x.mayNull && y.mayNull {
			v |= mayTrue
		}
		v |= mayFalse
	}
	return v
}

// comparisons are the orders that make each operator true.
var comparisons = map[string]orders{"=": equal, "<=>": equal, "<": less, "<=": less | equal, ">": greater, ">=": greater | equal}

func (p *prunerCompiler) compile(e expr.Bound) prunable {
	switch e := e.(type) {
	case expr.BoundLiteral:
		switch e.Value {
		case true:
			return fixed(mayTrue)
		case false:
			return fixed(mayFalse)
		case nil:
			return fixed(mayNull)
		}
	case expr.BoundColumn, expr.BoundField:
		if o, ok := p.operand(e); ok {
			return truth{o}
		}
	case expr.BoundCall:
		return p.call(e)
	case expr.BoundCast, expr.BoundCase, expr.BoundLambda, expr.BoundVar:
	}
	return fixed(anything)
}

func (p *prunerCompiler) call(e expr.BoundCall) prunable {
	switch e.Func {
	case "and":
		return both{p.compile(e.Args[0]), p.compile(e.Args[1])}
	case "or":
		return either{p.compile(e.Args[0]), p.compile(e.Args[1])}
	case "not":
		return negation{p.compile(e.Args[0])}
	case "isnull", "isnotnull":
		o, ok := p.operand(e.Args[0])
		switch {
		case !ok:
			return fixed(mayTrue | mayFalse)
		case e.Func == "isnull":
			return nullTest{o}
		default:
			return negation{nullTest{o}}
		}
	case "in":
		var n prunable = fixed(mayFalse)
		for _, item := range e.Args[1:] {
			n = either{n, p.compare(e.Args[0], item, equal, false)}
		}
		return n
	case "like", "startswith":
		return p.prefix(e)
	}
	if want, ok := comparisons[e.Func]; ok {
		return p.compare(e.Args[0], e.Args[1], want, e.Func == "<=>")
	}
	return fixed(anything)
}

func (p *prunerCompiler) compare(a, b expr.Bound, want orders, nullSafe bool) prunable {
	x, okX := p.operand(a)
	y, okY := p.operand(b)
	if !okX || !okY || scaleOf(a.Type()) != scaleOf(b.Type()) {
		return fixed(anything)
	}
	return ordering{x, y, want, nullSafe}
}

// prefix is LIKE 'abc%' or startswith(x, 'abc'): only values between the prefix and its last continuation match, but not all that lie there.
func (p *prunerCompiler) prefix(e expr.BoundCall) prunable {
	pattern, ok := e.Args[1].(expr.BoundLiteral)
	text, isText := pattern.Value.(string)
	o, okArg := p.operand(e.Args[0])
	if !ok || !isText || !okArg || len(e.Args) > 2 {
		return fixed(anything)
	}
	if e.Func == "like" {
		if i := strings.IndexAny(text, `%_\`); i >= 0 {
			text = text[:i]
		}
	}
	within := bounds{min: textScalar(text), max: textScalar(text + "\xff"), mayNonNaN: true} // no UTF-8 has the byte FF
	return unsure{ordering{o, operand{leaf: -1, constant: within}, equal, false}}
}

// unsure is a test that a row may fail although its bounds pass.
type unsure struct{ a prunable }

func (n unsure) verdict(b []bounds) verdict {
	v := n.a.verdict(b)
	if v&mayTrue != 0 {
		v |= mayFalse
	}
	return v
}

// operand resolves a constant, a column, a field of a struct or an integer that is merely widened.
func (p *prunerCompiler) operand(e expr.Bound) (operand, bool) {
	switch e := e.(type) {
	case expr.BoundLiteral:
		if e.Value == nil {
			return operand{leaf: -1, constant: onlyNull()}, true
		}
		v, ok := scalarOf(e.Value)
		return operand{leaf: -1, constant: exactly(v)}, ok
	case expr.BoundColumn, expr.BoundField:
		return p.leaf(e)
	case expr.BoundCast:
		if isInteger(e.Typ) && isInteger(e.Arg.Type()) && e.Typ.(arrow.FixedWidthDataType).BitWidth() >= e.Arg.Type().(arrow.FixedWidthDataType).BitWidth() {
			return p.operand(e.Arg)
		}
	case expr.BoundCall, expr.BoundCase, expr.BoundLambda, expr.BoundVar:
	}
	return operand{}, false
}

func scaleOf(t arrow.DataType) int32 {
	if d, ok := t.(*arrow.Decimal128Type); ok {
		return d.Scale
	}
	return 0
}

func isInteger(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64:
		return true
	default:
		return false
	}
}

func (p *prunerCompiler) leaf(e expr.Bound) (operand, bool) {
	typ := e.Type()
	if kindOf(typ) == scalarNone {
		return operand{}, false
	}
	var names []string // below the column, outermost last
	for {
		switch n := e.(type) {
		case expr.BoundField:
			names = append(names, n.Name)
			e = n.Arg
			continue
		case expr.BoundColumn:
			slices.Reverse(names)
			l, ok := newLeaf(p.table, n.Index, p.columns[n.Index], names)
			if !ok {
				return operand{}, false
			}
			l.typ = typ
			p.leaves = append(p.leaves, l)
			return operand{leaf: len(p.leaves) - 1}, true
		default:
			return operand{}, false
		}
	}
}

// newLeaf finds the field that the names lead to from a column; ok is false where there is none.
func newLeaf(m *Metadata, column int, top arrow.Field, names []string) (l leaf, ok bool) {
	l = leaf{column: column, fields: []arrow.Field{top}, path: []string{m.physical(top)}, typ: top.Type}
	l.partition = len(names) == 0 && containsString(m.PartitionColumns, top.Name)
	for _, name := range names {
		st, isStruct := l.typ.(*arrow.StructType)
		if !isStruct {
			return l, false
		}
		i := schema.Find(st.Fields(), name)
		if i < 0 {
			return l, false
		}
		f := st.Field(i)
		l.fields, l.path, l.typ = append(l.fields, f), append(l.path, m.physical(f)), f.Type
	}
	return l, true
}
