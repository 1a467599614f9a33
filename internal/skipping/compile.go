package skipping

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// compiler is a Predicate in the making.
type compiler struct {
	*Predicate
	columns []arrow.Field // that the predicate reads
}

// comparisons are the orders that make each operator true.
var comparisons = map[string]orders{"=": equal, "<=>": equal, "<>": less | greater, "<": less, "<=": less | equal, ">": greater, ">=": greater | equal}

func (c *compiler) compile(e expr.Bound) node {
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
		if o, ok := c.operand(e); ok {
			return truth{o}
		}
	case expr.BoundCall:
		return c.call(e)
	case expr.BoundCast, expr.BoundCase, expr.BoundLambda, expr.BoundVar:
	}
	return fixed(anything)
}

func (c *compiler) call(e expr.BoundCall) node {
	switch e.Func {
	case "and":
		return both{c.compile(e.Args[0]), c.compile(e.Args[1])}
	case "or":
		return either{c.compile(e.Args[0]), c.compile(e.Args[1])}
	case "not":
		return negation{c.compile(e.Args[0])}
	case "isnull", "isnotnull":
		o, ok := c.operand(e.Args[0])
		switch {
		case !ok:
			return fixed(mayTrue | mayFalse)
		case e.Func == "isnull":
			return nullTest{o}
		default:
			return negation{nullTest{o}}
		}
	case "in":
		var n node = fixed(mayFalse)
		for _, item := range e.Args[1:] {
			n = either{n, c.compare(e.Args[0], item, equal, false)}
		}
		return n
	case "like", "startswith":
		return c.prefix(e)
	}
	if want, ok := comparisons[e.Func]; ok {
		return c.compare(e.Args[0], e.Args[1], want, e.Func == "<=>")
	}
	return fixed(anything)
}

func (c *compiler) compare(a, b expr.Bound, want orders, nullSafe bool) node {
	x, okX := c.operand(a)
	y, okY := c.operand(b)
	if !okX || !okY || scaleOf(a.Type()) != scaleOf(b.Type()) {
		return fixed(anything)
	}
	return ordering{x, y, want, nullSafe}
}

// prefix is LIKE 'abc%' or startswith(x, 'abc'): only values between the prefix and its last continuation match, but not all that lie there.
func (c *compiler) prefix(e expr.BoundCall) node {
	pattern, ok := e.Args[1].(expr.BoundLiteral)
	text, isText := pattern.Value.(string)
	o, okArg := c.operand(e.Args[0])
	if !ok || !isText || !okArg || len(e.Args) > 2 {
		return fixed(anything)
	}
	if e.Func == "like" {
		if i := strings.IndexAny(text, `%_\`); i >= 0 {
			text = text[:i]
		}
	}
	within := Bounds{Min: Text(text), Max: Text(text + "\xff"), MayNonNaN: true} // no UTF-8 has the byte FF
	return unsure{ordering{o, operand{leaf: -1, constant: within}, equal, false}}
}

// operand resolves a constant, a column, a field of a struct or an integer that is merely widened.
func (c *compiler) operand(e expr.Bound) (operand, bool) {
	switch e := e.(type) {
	case expr.BoundLiteral:
		if e.Value == nil {
			return operand{leaf: -1, constant: OnlyNull()}, true
		}
		v, ok := ScalarOf(e.Value)
		return operand{leaf: -1, constant: Exactly(v)}, ok
	case expr.BoundColumn, expr.BoundField:
		return c.leaf(e)
	case expr.BoundCast:
		if IsInteger(e.Typ) && IsInteger(e.Arg.Type()) && e.Typ.(arrow.FixedWidthDataType).BitWidth() >= e.Arg.Type().(arrow.FixedWidthDataType).BitWidth() {
			return c.operand(e.Arg)
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

func (c *compiler) leaf(e expr.Bound) (operand, bool) {
	typ := e.Type()
	if KindOf(typ) == KindNone {
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
			l, ok := newLeaf(n.Index, c.columns[n.Index], names)
			if !ok {
				return operand{}, false
			}
			l.Type = typ
			return operand{leaf: c.place(l)}, true
		default:
			return operand{}, false
		}
	}
}

// place is where a leaf is among the predicate's.
func (c *compiler) place(l Leaf) int {
	at := slices.IndexFunc(c.leaves, func(o Leaf) bool {
		return o.Column == l.Column && slices.EqualFunc(o.Fields, l.Fields, func(a, b arrow.Field) bool { return a.Name == b.Name })
	})
	if at < 0 {
		at = len(c.leaves)
		c.leaves = append(c.leaves, l)
	}
	return at
}

// newLeaf finds the field that the names lead to from a column; ok is false where there is none.
func newLeaf(column int, top arrow.Field, names []string) (l Leaf, ok bool) {
	l = Leaf{Column: column, Fields: []arrow.Field{top}, Type: top.Type}
	for _, name := range names {
		st, isStruct := l.Type.(*arrow.StructType)
		if !isStruct {
			return l, false
		}
		i := schema.Find(st.Fields(), name)
		if i < 0 {
			return l, false
		}
		f := st.Field(i)
		l.Fields, l.Type = append(l.Fields, f), f.Type
	}
	return l, true
}
