package kernel

import (
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/expr"
)

// compiler turns bound expressions into nodes.
type compiler struct {
	slots map[int]int // the ID of a lambda parameter that is in force → its place in scope.vars
	vars  int         // places so far
	plain bool        // inside a dictNode or a lambda: no further dictNodes
}

// site is where a function is called: what its builder may specialise on.
type site struct {
	pos    expr.Pos
	name   string
	args   []arrow.DataType
	consts []arrow.Array // per argument: its only value, or nil when it depends on the row
	typ    arrow.DataType
}

// builder chooses the kernel for a call.
type builder func(c *site) (kernel, error)

// Names lists the scalar functions and operators that have a kernel, in order.
func Names() []string {
	names := []string{"and", "or", "transform", "filter", "exists", "forall", "aggregate"}
	for name := range catalogue() {
		names = append(names, name)
	}
	for name := range combiningFunctions() {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// catalogue is the functions by name; and, or and those that take lambdas are nodes of their own.
var catalogue = sync.OnceValue(func() map[string]builder {
	all := map[string]builder{}
	for _, family := range []map[string]builder{
		arithmetic(), bitwise(), comparisons(), logic(), membership(),
		mathematics(), reals(), digitTexts(), rounding(),
		textShape(), textSlice(), textSearch(), textJoin(), textParts(), textLikeness(), textMasks(),
		likeFunctions(), regexps(), hashes(),
		charsets(), encodings(), urls(), ciphers(), raises(), formats(),
		dateParts(), dateMoves(), epochs(), dateTexts(), datetimes(), intervals(),
		collections(), documents(), variants(), vectorFunctions(),
	} {
		for name, b := range family {
			all[name] = b
		}
	}
	return all
})

// compile makes the largest parts that read one text column into dictNodes.
func (c *compiler) compile(b expr.Bound) (node, error) {
	index, ok := overText(b)
	if c.plain || !ok {
		return c.node(b)
	}
	c.plain = true
	inner, err := c.node(b)
	c.plain = false
	if err != nil {
		return nil, err
	}
	if _, bare := inner.(column); bare {
		return inner, nil
	}
	return &dictNode{inner: inner, index: index, typ: b.Type()}, nil
}

func (c *compiler) node(b expr.Bound) (node, error) {
	switch b := b.(type) {
	case expr.BoundColumn:
		return column{index: b.Index, name: b.Name}, nil
	case expr.BoundLiteral:
		value, err := literal(b)
		return constant{value: value}, err
	case expr.BoundCall:
		return c.call(b)
	case expr.BoundCast:
		return c.cast(b)
	case expr.BoundCase:
		return c.caseOf(b)
	case expr.BoundField:
		return c.field(b)
	case expr.BoundVar:
		slot, ok := c.slots[b.ID]
		if !ok {
			return nil, fmt.Errorf("kernel: lambda parameter %s stands outside its lambda", b.Name)
		}
		return variable{slot: slot}, nil
	case expr.BoundLambda:
		return nil, fmt.Errorf("kernel: the lambda %s stands where a value is needed", b)
	default:
		return nil, fmt.Errorf("kernel: no evaluation for %T", b)
	}
}

func (c *compiler) call(b expr.BoundCall) (node, error) {
	switch {
	case b.User != nil:
		return c.user(b)
	case isHigherOrder(b.Func):
		return c.elementwise(b)
	case b.Func == "aggregate":
		return c.aggregate(b)
	case b.Func == MightContain:
		return c.mightContain(b)
	case hasLambda(b):
		return c.combining(b)
	}
	args, err := c.all(b.Args)
	if err != nil {
		return nil, err
	}
	if b.Func == "and" || b.Func == "or" {
		return c.junction(b, args), nil
	}
	if len(args) > 1 && slices.ContainsFunc(args[1:], node.fails) {
		switch b.Func {
		case "in":
			return c.memberOf(b, args)
		case "nanvl":
			return c.unlessNaN(b, args)
		}
	}
	return c.function(b.Pos, b.Func, b.Args, args, b.Typ)
}

// memberOf is an IN of which a member may fail: as in Spark, members are evaluated up to the first that is equal.
func (c *compiler) memberOf(b expr.BoundCall, args []node) (node, error) {
	equal := make([]node, len(args)-1)
	for i, member := range args[1:] {
		var err error
		if equal[i], err = c.function(b.Pos, "=", []expr.Bound{b.Args[0], b.Args[i+1]}, []node{args[0], member}, b.Typ); err != nil {
			return nil, err
		}
	}
	return c.junction(expr.BoundCall{Func: "or", Typ: b.Typ}, equal), nil
}

// unlessNaN is a nanvl of which the second argument may fail: it is evaluated only where the first is NaN.
func (c *compiler) unlessNaN(b expr.BoundCall, args []node) (node, error) {
	isNaN, err := c.function(b.Pos, "isnan", b.Args[:1], args[:1], arrow.FixedWidthTypes.Boolean)
	if err != nil {
		return nil, err
	}
	return &caseNode{whens: []whenNode{{cond: isNaN, result: args[1]}}, other: args[0], typ: b.Typ}, nil
}

func (c *compiler) all(bound []expr.Bound) ([]node, error) {
	nodes := make([]node, len(bound))
	for i, b := range bound {
		var err error
		if nodes[i], err = c.compile(b); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

func (c *compiler) junction(b expr.BoundCall, args []node) node {
	out := args[0]
	for _, a := range args[1:] {
		out = &junction{left: out, right: a, or: b.Func == "or", typ: b.Typ}
	}
	return out
}

// function is a call of the catalogue; one whose arguments are all constant is computed here, unless that fails.
func (c *compiler) function(pos expr.Pos, name string, bound []expr.Bound, args []node, typ arrow.DataType) (node, error) {
	at := &site{pos: pos, name: name, typ: typ, args: make([]arrow.DataType, len(args)), consts: make([]arrow.Array, len(args))}
	for i, a := range args {
		at.args[i] = bound[i].Type()
		if k, ok := a.(constant); ok {
			at.consts[i] = k.value
		}
	}
	build, ok := catalogue()[name]
	if !ok {
		return nil, fmt.Errorf("kernel: function %s is not implemented", name)
	}
	k, err := build(at)
	if err != nil {
		return nil, err
	}
	return fuse(fold(&call{pos: pos, name: name, typ: typ, args: args, kernel: k})), nil
}

// fold computes a call of constants once; where that fails, the error belongs to the rows that reach the call.
func fold(c *call) node {
	if c.now {
		return c
	}
	for _, a := range c.args {
		if _, ok := a.(constant); !ok {
			return c
		}
	}
	s := &scope{env: foldingEnv(), n: 1}
	v, err := c.eval(s, nil)
	if err != nil {
		s.release()
		return c
	}
	v.arr.Retain()
	s.release()
	return constant{value: v.arr}
}

// unsupported is the error for argument types that the function has no kernel for.
func (c *site) unsupported() (kernel, error) {
	return kernel{}, fmt.Errorf("kernel: %s has no kernel for %v giving %s", c.name, c.args, c.typ)
}

// text is a constant STRING or BINARY argument; ok is false when it depends on the row or is NULL.
func (c *site) text(i int) (value string, ok bool) {
	if i >= len(c.consts) || c.consts[i] == nil || c.consts[i].IsNull(0) {
		return "", false
	}
	switch a := c.consts[i].(type) {
	case *array.String:
		return a.Value(0), true
	case *array.Binary:
		return string(a.Value(0)), true
	case *array.Dictionary:
		return string(textsOf(vec{arr: a}).at(0)), true
	}
	return "", false
}
