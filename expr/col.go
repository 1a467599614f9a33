package expr

import "strings"

// Col is an expression of the Go type T: the same Nodes as SQL text gives, built by code that the Go compiler checks. A nullable column has the type of its
// values. Like SQL text it is resolved by Bind; what Go cannot see (that the column exists, its precision) is checked there.
type Col[T any] struct{ node Node }

// Typed is a Col of any type.
type Typed interface{ Node() Node }

// Named is the column of that name, with dots before struct fields. Field is safer: it takes the name from the row type.
func Named[T any](name string) Col[T] {
	return Col[T]{Column{Path: strings.Split(name, ".")}}
}

// Node is the expression as Bind takes it.
func (c Col[T]) Node() Node { return c.node }

// String prints SQL.
func (c Col[T]) String() string { return c.node.String() }

// Eq is c = v.
func (c Col[T]) Eq(v T) Col[bool] { return Compare(c, Equals, Lit(v)) }

// Ne is c <> v.
func (c Col[T]) Ne(v T) Col[bool] { return Compare(c, Differs, Lit(v)) }

// Lt is c < v.
func (c Col[T]) Lt(v T) Col[bool] { return Compare(c, Less, Lit(v)) }

// Le is c <= v.
func (c Col[T]) Le(v T) Col[bool] { return Compare(c, AtMost, Lit(v)) }

// Gt is c > v.
func (c Col[T]) Gt(v T) Col[bool] { return Compare(c, Greater, Lit(v)) }

// Ge is c >= v.
func (c Col[T]) Ge(v T) Col[bool] { return Compare(c, AtLeast, Lit(v)) }

// Between is c >= low AND c <= high.
func (c Col[T]) Between(low, high T) Col[bool] { return All(c.Ge(low), c.Le(high)) }

// In is c IN (values); of no values it is FALSE.
func (c Col[T]) In(values ...T) Col[bool] {
	if len(values) == 0 {
		return Lit(false)
	}
	args := []Node{c.node}
	for _, v := range values {
		args = append(args, Lit(v).node)
	}
	return callOf[bool]("in", args...)
}

// IsNull is c IS NULL.
func (c Col[T]) IsNull() Col[bool] { return callOf[bool]("isnull", c.node) }

// IsNotNull is c IS NOT NULL.
func (c Col[T]) IsNotNull() Col[bool] { return callOf[bool]("isnotnull", c.node) }

// OrElse is c, or v where c is NULL.
func (c Col[T]) OrElse(v T) Col[T] { return callOf[T]("coalesce", c.node, Lit(v).node) }

// Asc is c as an ordering key, NULLs first.
func (c Col[T]) Asc() Sort { return Sort{Arg: c.node, NullsFirst: true} }

// Desc is c as a descending ordering key, NULLs last.
func (c Col[T]) Desc() Sort { return Sort{Arg: c.node, Descending: true} }

// As names the expression in a select list.
func (c Col[T]) As(name string) Alias { return Alias{Arg: c.node, Name: name} }

func callOf[T any](function string, args ...Node) Col[T] {
	return Col[T]{Call{Func: function, Args: args}}
}

// CallUser is a call of a user's function, whose result is T. Package udf has it for functions of typed arguments.
func CallUser[T any](u *UserFunction, args ...Typed) Col[T] {
	c := Call{Func: strings.ToLower(u.Name), User: u}
	for _, a := range args {
		c.Args = append(c.Args, a.Node())
	}
	return Col[T]{c}
}
