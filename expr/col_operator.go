package expr

import (
	"github.com/medallion-go/medallion/schema"
)

// Comparison is an operator of Compare.
type Comparison string

// The comparisons. Same is equality where NULL equals NULL.
const (
	Equals  Comparison = "="
	Differs Comparison = "<>"
	Less    Comparison = "<"
	AtMost  Comparison = "<="
	Greater Comparison = ">"
	AtLeast Comparison = ">="
	Same    Comparison = "<=>"
)

// Number is the Go types that arithmetic works on.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~float32 | ~float64 | schema.Decimal
}

// Compare is a op b.
func Compare[T any](a Col[T], op Comparison, b Col[T]) Col[bool] {
	return callOf[bool](string(op), a.node, b.node)
}

// All is TRUE where every condition is; of none it is TRUE.
func All(conditions ...Col[bool]) Col[bool] { return join("and", true, conditions) }

// Any is TRUE where at least one condition is; of none it is FALSE.
func Any(conditions ...Col[bool]) Col[bool] { return join("or", false, conditions) }

func join(function string, none bool, conditions []Col[bool]) Col[bool] {
	if len(conditions) == 0 {
		return Lit(none)
	}
	all := conditions[0]
	for _, c := range conditions[1:] {
		all = callOf[bool](function, all.node, c.node)
	}
	return all
}

// Not is TRUE where c is FALSE.
func Not(c Col[bool]) Col[bool] { return callOf[bool]("not", c.node) }

// Add is a + b.
func Add[T Number](a, b Col[T]) Col[T] { return callOf[T]("+", a.node, b.node) }

// Sub is a - b.
func Sub[T Number](a, b Col[T]) Col[T] { return callOf[T]("-", a.node, b.node) }

// Mul is a * b.
func Mul[T Number](a, b Col[T]) Col[T] { return callOf[T]("*", a.node, b.node) }

// Div is a / b as a DOUBLE, whatever the type of a and b; a zero b is an error.
func Div[T Number](a, b Col[T]) Col[float64] { return CastTo[float64](callOf[T]("/", a.node, b.node)) }

// If is a where the condition is TRUE, else b.
func If[T any](condition Col[bool], a, b Col[T]) Col[T] {
	return Col[T]{Case{Whens: []When{{Cond: condition.node, Result: a.node}}, Else: b.node}}
}

// CastTo is CAST(c AS T's type); a value that does not convert is an error. For a schema.Decimal use CastToDecimal.
func CastTo[T any](c Typed) Col[T] { return Col[T]{Cast{Arg: c.Node(), Type: columnType[T]()}} }

// TryCastTo is CastTo that gives NULL for a value that does not convert.
func TryCastTo[T any](c Typed) Col[T] {
	return Col[T]{Cast{Arg: c.Node(), Type: columnType[T](), Try: true}}
}

// CastToDecimal is CAST(c AS DECIMAL(precision, scale)).
func CastToDecimal(c Typed, precision, scale int32) Col[schema.Decimal] {
	return Col[schema.Decimal]{Cast{Arg: c.Node(), Type: decimalOf(precision, scale)}}
}

// Count is count(*), or with columns the number of rows in which none of them is NULL.
func Count(columns ...Typed) Col[int64] {
	if len(columns) == 0 {
		return callOf[int64]("count", Star{})
	}
	args := make([]Node, len(columns))
	for i, c := range columns {
		args[i] = c.Node()
	}
	return callOf[int64]("count", args...)
}

// Sum adds up over a group. Whole numbers are summed as BIGINT and decimals with ten more digits, so that it is storing the sum in a T that can overflow.
func Sum[T Number](c Col[T]) Col[T] { return callOf[T]("sum", c.node) }

// Min is the least value of a group.
func Min[T any](c Col[T]) Col[T] { return callOf[T]("min", c.node) }

// Max is the greatest value of a group.
func Max[T any](c Col[T]) Col[T] { return callOf[T]("max", c.node) }

// Assignment gives a column a value: in an UPDATE, a MERGE or a projection.
type Assignment struct {
	Column string
	Value  Node
}

// Set assigns value to a column of the same Go type. It panics if to is not a plain column.
func Set[T any](to, value Col[T]) Assignment {
	c, ok := to.node.(Column)
	if !ok || len(c.Path) != 1 {
		panic("expr: Set wants a column of the table, not " + to.String())
	}
	return Assignment{Column: c.Path[0], Value: value.node}
}

// String prints column = value.
func (a Assignment) String() string { return Quote(a.Column) + " = " + a.Value.String() }
