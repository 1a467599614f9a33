package expr

import "github.com/apache/arrow-go/v18/arrow"

func conditionalFunctions() []Function {
	return []Function{
		rewritten("coalesce", 1, many, "coalesce(a, b, …): first value that is not NULL", coalesce),
		rewritten("nvl", 2, 2, "nvl(a, b): a, or b where a is NULL", coalesce, "ifnull"),
		rewritten("nvl2", 3, 3, "nvl2(a, b, c): b where a is not NULL, else c", nvl2),
		rewritten("nullif", 2, 2, "nullif(a, b): NULL where a = b, else a", nullif),
		rewritten("nullifzero", 1, 1, "nullifzero(a): NULL where a = 0, else a", nullifZero),
		rewritten("zeroifnull", 1, 1, "zeroifnull(a): a, or 0 where a is NULL", zeroIfNull),
		rewritten("if", 3, 3, "if(condition, a, b): a where the condition is TRUE, else b", ifElse, "iff"),
		scalar("isnan", 1, 1, "isnan(a): whether a is NaN; FALSE for NULL", isNaNFunction()),
		scalar("nanvl", 2, 2, "nanvl(a, b): a, or b where a is NaN", nanvl),
	}
}

// caseOf joins branches whose results have been unified.
func caseOf(whens []BoundWhen, otherwise Bound) BoundCase {
	null := otherwise.Nullable()
	for _, w := range whens {
		null = null || w.Result.Nullable()
	}
	return BoundCase{Whens: whens, Else: otherwise, Typ: otherwise.Type(), Null: null}
}

// coalesce drops what can never be reached, and takes a nested coalesce's values as its own.
func coalesce(c *call) (Bound, error) {
	c.lazy = true
	if err := c.unify(CommonType); err != nil {
		return nil, err
	}
	values := flatten(c.args)
	for i, v := range values {
		if !v.Nullable() {
			values = values[:i+1]
			break
		}
	}
	last := len(values) - 1
	if last == 0 {
		return values[0], nil
	}
	whens := make([]BoundWhen, last)
	for i, v := range values[:last] {
		whens[i] = BoundWhen{Cond: isNotNull(v), Result: v}
	}
	b := caseOf(whens, values[last])
	b.Null = values[last].Nullable()
	return b, nil
}

// flatten undoes nested coalesces, so that their operands are not repeated once per level.
func flatten(values []Bound) []Bound {
	var flat []Bound
	for _, v := range values {
		if inner, ok := asCoalesce(v); ok {
			flat = append(flat, inner...)
		} else {
			flat = append(flat, v)
		}
	}
	return flat
}

func asCoalesce(b Bound) ([]Bound, bool) {
	c, ok := b.(BoundCase)
	if !ok {
		return nil, false
	}
	var values []Bound
	for _, w := range c.Whens {
		cond, ok := w.Cond.(BoundCall)
		if !ok || cond.Func != "isnotnull" || !Equal(cond.Args[0], w.Result) {
			return nil, false
		}
		values = append(values, w.Result)
	}
	return append(values, c.Else), true
}

func isNotNull(b Bound) Bound {
	return BoundCall{Func: "isnotnull", Args: []Bound{b}, Typ: typeBoolean}
}

func nvl2(c *call) (Bound, error) {
	cond := isNotNull(c.args[0])
	return c.choose(cond, 1, 2)
}

func ifElse(c *call) (Bound, error) {
	if t := c.args[0].Type(); !isBoolean(t) && !isNull(t) {
		return nil, c.unexpected(0, "BOOLEAN")
	}
	return c.choose(Convert(c.args[0], typeBoolean), 1, 2)
}

// choose is CASE WHEN cond THEN args[then] ELSE args[otherwise].
func (c *call) choose(cond Bound, then, otherwise int) (Bound, error) {
	results := call{Pos: c.Pos, name: c.name, nodes: c.nodes[then : otherwise+1], args: c.args[then : otherwise+1], lazy: true}
	if err := results.unify(CommonType); err != nil {
		return nil, err
	}
	return caseOf([]BoundWhen{{Cond: cond, Result: results.args[0]}}, results.args[1]), nil
}

func nullif(c *call) (Bound, error) {
	first := c.args[0]
	equal := &call{Pos: c.Pos, name: "=", nodes: c.nodes, args: []Bound{c.args[0], c.args[1]}, null: c.null}
	cond, err := compare(equal)
	if err != nil {
		return nil, err
	}
	null := literal(nil, first.Type())
	return caseOf([]BoundWhen{{Cond: cond, Result: null}}, first), nil
}

func nullifZero(c *call) (Bound, error) {
	c.args = append(c.args, literal(int32(0), typeInt))
	return nullif(c)
}

func zeroIfNull(c *call) (Bound, error) {
	c.args = append(c.args, literal(int32(0), typeInt))
	return coalesce(c)
}

// typeOf is the name of the argument's type, known now.
func typeOf(name func(arrow.DataType) string) binding {
	return func(c *call) (Bound, error) { return literal(name(c.args[0].Type()), typeString), nil }
}
