package expr

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
)

// WITHIN GROUP (ORDER BY …) orders what an aggregate sees. A call carries the keys among its arguments, which are thus resolved, counted and moved as all
// arguments are: percentile_cont(key, p, how), percentile_disc(key, p, how), mode(key, TRUE, how) and listagg(a, separator, key, how, key, how …). How is
// an INT constant, the sum of these.
const (
	withinDescending = 1
	withinNullsFirst = 2
)

// ordersWithin tells how many keys a function takes in WITHIN GROUP.
func ordersWithin(function string) (least, most int) {
	switch function {
	case "percentile_cont", "percentile_disc":
		return 1, 1
	case "mode":
		return 0, 1
	case "listagg", "string_agg":
		return 0, many
	}
	return 0, 0
}

// parseWithinGroup reads WITHIN GROUP (ORDER BY …), if it is there, and puts its keys among the arguments.
func (p *Parser) parseWithinGroup(c *Call) error {
	t := p.Peek()
	least, most := ordersWithin(c.Func)
	if !p.Accept("WITHIN", "GROUP") {
		if least > 0 {
			return withinGroupError(t.Pos, "WITHIN_GROUP_MISSING", c.Func+" needs WITHIN GROUP (ORDER BY …)")
		}
		if most > 0 && len(c.Args) > 2 {
			return wrongCount(c.Pos, c.Func, "1 or 2 arguments", len(c.Args))
		}
		return nil
	}
	if err := p.Expect("(", "ORDER", "BY"); err != nil {
		return err
	}
	keys, err := p.ParseSorts()
	if err != nil {
		return err
	}
	switch {
	case most == 0:
		return misplaced(t.Pos, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", c.Func+" takes no WITHIN GROUP")
	case c.Distinct && most == 1:
		return withinGroupError(t.Pos, "DISTINCT_UNSUPPORTED", c.Func+" takes no DISTINCT")
	case len(keys) > most:
		return withinGroupError(t.Pos, "WRONG_NUM_ORDERINGS", fmt.Sprintf("%s takes one key in WITHIN GROUP, not %d", c.Func, len(keys)))
	}
	if err := c.orderWithin(keys, t.Pos); err != nil {
		return err
	}
	return p.Expect(")")
}

func withinGroupError(at Pos, sub, message string) *Error {
	return misplaced(at, "INVALID_WITHIN_GROUP_EXPRESSION."+sub, "42K0K", message)
}

// orderWithin puts the keys among the arguments.
func (c *Call) orderWithin(keys []Sort, at Pos) error {
	want := map[string]int{"percentile_cont": 1, "percentile_disc": 1, "mode": 0}
	if n, fixed := want[c.Func]; fixed && n != len(c.Args) {
		return wrongCount(at, c.Func, fmt.Sprintf("%d arguments before WITHIN GROUP", n), len(c.Args))
	}
	switch c.Func {
	case "percentile_cont", "percentile_disc":
		c.Args = []Node{keys[0].Arg, c.Args[0], howWithin(keys[0])}
	case "mode":
		c.Args = []Node{keys[0].Arg, Literal{Pos: at, Value: true, Type: typeBoolean}, howWithin(keys[0])}
	default:
		if len(c.Args) == 1 {
			c.Args = append(c.Args, Literal{Pos: at, Type: arrow.Null})
		}
		for _, k := range keys {
			c.Args = append(c.Args, k.Arg, howWithin(k))
		}
	}
	return nil
}

func howWithin(s Sort) Literal {
	how := int32(0)
	if s.Descending {
		how |= withinDescending
	}
	if s.NullsFirst {
		how |= withinNullsFirst
	}
	return Literal{Pos: s.Arg.Position(), Value: how, Type: typeInt}
}

// WithinGroup takes a call apart into the arguments that stand in its parentheses and the keys that stand behind WITHIN GROUP; it has none where keys is nil.
func WithinGroup(c Call) (args []Node, keys []Sort) {
	args, rest := c.Args, []Node(nil)
	switch {
	case (c.Func == "percentile_cont" || c.Func == "percentile_disc") && len(args) == 3:
		args, rest = c.Args[1:2], []Node{c.Args[0], c.Args[2]}
	case c.Func == "mode" && len(args) == 3:
		args, rest = nil, []Node{c.Args[0], c.Args[2]}
	case c.Func == "listagg" && len(args) > 2, c.Func == "string_agg" && len(args) > 2:
		args, rest = c.Args[:2], c.Args[2:]
	}
	for i := 0; i+1 < len(rest); i += 2 {
		how, ok := rest[i+1].(Literal)
		n, whole := how.Value.(int32)
		if !ok || !whole {
			return c.Args, nil
		}
		keys = append(keys, Sort{Arg: rest[i], Descending: n&withinDescending != 0, NullsFirst: n&withinNullsFirst != 0})
	}
	return args, keys
}

// WithinKeys are the keys of an aggregate's WITHIN GROUP, and at which of its arguments the first stands; each is followed by how it orders.
func (b BoundAggregate) WithinKeys() (keys []BoundSort, at int) {
	switch {
	case b.Func == "listagg":
		at = 2
	case len(b.Args) == 3 && b.Func == "mode", len(b.Args) == 3 && b.Func == "percentile_cont", len(b.Args) == 3 && b.Func == "percentile_disc":
		return []BoundSort{sortWithin(b.Args[0], b.Args[2])}, 0
	default:
		return nil, 0
	}
	for i := at; i+1 < len(b.Args); i += 2 {
		keys = append(keys, sortWithin(b.Args[i], b.Args[i+1]))
	}
	return keys, at
}

func sortWithin(key, how Bound) BoundSort {
	l, _ := how.(BoundLiteral)
	n, _ := l.Value.(int32)
	return BoundSort{Arg: key, Descending: n&withinDescending != 0, NullsFirst: n&withinNullsFirst != 0}
}
