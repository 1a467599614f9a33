package expr

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// EqualNode reports whether two expressions are written alike, wherever they stand. Names are compared without case.
func EqualNode(a, b Node) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case Column:
		b, ok := b.(Column)
		return ok && slices.EqualFunc(a.Path, b.Path, strings.EqualFold)
	case Literal:
		b, ok := b.(Literal)
		return ok && equalType(a.Type, b.Type) && equalValue(a.Value, b.Value)
	case Parameter:
		b, ok := b.(Parameter)
		return ok && a.Name == b.Name && a.Index == b.Index
	case Call:
		b, ok := b.(Call)
		return ok && equalCall(a, b)
	case Cast:
		b, ok := b.(Cast)
		return ok && a.Try == b.Try && equalType(a.Type, b.Type) && EqualNode(a.Arg, b.Arg)
	case Case:
		b, ok := b.(Case)
		return ok && slices.EqualFunc(a.Whens, b.Whens, equalWhen) && EqualNode(a.Else, b.Else)
	case Field:
		b, ok := b.(Field)
		return ok && strings.EqualFold(a.Name, b.Name) && EqualNode(a.Arg, b.Arg)
	case Lambda:
		b, ok := b.(Lambda)
		return ok && slices.EqualFunc(a.Params, b.Params, strings.EqualFold) && EqualNode(a.Body, b.Body)
	case Over:
		b, ok := b.(Over)
		return ok && equalCall(a.Call, b.Call) && equalWindow(a.Window, b.Window)
	case Subquery:
		b, ok := b.(Subquery)
		return ok && equalSubquery(a, b)
	case Star:
		b, ok := b.(Star)
		return ok && strings.EqualFold(a.Qualifier, b.Qualifier) && slices.EqualFunc(a.Except, b.Except, strings.EqualFold)
	case Alias:
		b, ok := b.(Alias)
		return ok && strings.EqualFold(a.Name, b.Name) && EqualNode(a.Arg, b.Arg)
	}
	return false
}

func equalCall(a, b Call) bool {
	return strings.EqualFold(a.Func, b.Func) && a.User == b.User && a.Distinct == b.Distinct && slices.EqualFunc(a.Args, b.Args, EqualNode) && EqualNode(a.Filter, b.Filter)
}

func equalWhen(a, b When) bool { return EqualNode(a.Cond, b.Cond) && EqualNode(a.Result, b.Result) }

func equalWindow(a, b Window) bool {
	return strings.EqualFold(a.Name, b.Name) && slices.EqualFunc(a.PartitionBy, b.PartitionBy, EqualNode) &&
		slices.EqualFunc(a.OrderBy, b.OrderBy, equalSort) && a.Frame.Unit == b.Frame.Unit &&
		equalFrameBound(a.Frame.Start, b.Frame.Start) && equalFrameBound(a.Frame.End, b.Frame.End)
}

func equalSort(a, b Sort) bool {
	return a.Descending == b.Descending && a.NullsFirst == b.NullsFirst && EqualNode(a.Arg, b.Arg)
}

func equalFrameBound(a, b FrameBound) bool { return a.Kind == b.Kind && EqualNode(a.Offset, b.Offset) }

// Equal reports whether two expressions over the same input are the same: they have the same type and give the same value for every row. Columns count
// by position, lambda parameters by their lambda. Different expressions that happen to agree are not found out.
func Equal(a, b Bound) bool { return equality{}.equal(a, b) }

// equality holds the pairs of lambda parameters that stand for each other, the innermost last.
type equality struct{ vars [][2]int }

func (e equality) equal(a, b Bound) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case BoundColumn:
		b, ok := b.(BoundColumn)
		return ok && a.Index == b.Index && equalType(a.Typ, b.Typ)
	case BoundLiteral:
		b, ok := b.(BoundLiteral)
		return ok && equalType(a.Typ, b.Typ) && equalValue(a.Value, b.Value)
	case BoundCall:
		b, ok := b.(BoundCall)
		return ok && a.Func == b.Func && a.User == b.User && !(a.User != nil && a.User.Volatile) && equalType(a.Typ, b.Typ) && slices.EqualFunc(a.Args, b.Args, e.equal)
	case BoundCast:
		b, ok := b.(BoundCast)
		return ok && a.Try == b.Try && equalType(a.Typ, b.Typ) && e.equal(a.Arg, b.Arg)
	case BoundCase:
		b, ok := b.(BoundCase)
		return ok && equalType(a.Typ, b.Typ) && slices.EqualFunc(a.Whens, b.Whens, e.equalWhen) && e.equal(a.Else, b.Else)
	case BoundField:
		b, ok := b.(BoundField)
		return ok && a.Index == b.Index && e.equal(a.Arg, b.Arg)
	case BoundLambda:
		b, ok := b.(BoundLambda)
		return ok && e.equalLambda(a, b)
	case BoundVar:
		b, ok := b.(BoundVar)
		return ok && equalType(a.Typ, b.Typ) && e.equalVar(a.ID, b.ID)
	}
	return false
}

func (e equality) equalWhen(a, b BoundWhen) bool {
	return e.equal(a.Cond, b.Cond) && e.equal(a.Result, b.Result)
}

func (e equality) equalLambda(a, b BoundLambda) bool {
	if len(a.Params) != len(b.Params) {
		return false
	}
	inner := equality{vars: slices.Clone(e.vars)}
	for i, v := range a.Params {
		if !equalType(v.Typ, b.Params[i].Typ) {
			return false
		}
		inner.vars = append(inner.vars, [2]int{v.ID, b.Params[i].ID})
	}
	return inner.equal(a.Body, b.Body)
}

func (e equality) equalVar(a, b int) bool {
	for _, pair := range slices.Backward(e.vars) {
		if pair[0] == a || pair[1] == b {
			return pair[0] == a && pair[1] == b
		}
	}
	return a == b
}

func equalType(a, b arrow.DataType) bool {
	if a == nil || b == nil {
		return a == b
	}
	return arrow.TypeEqual(a, b)
}

// equalValue compares constants by what they are: NaN equals NaN, and 0.0 is not -0.0.
func equalValue(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Float64bits(a) == math.Float64bits(b)
	case float32:
		b, ok := b.(float32)
		return ok && math.Float32bits(a) == math.Float32bits(b)
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	}
	if _, ok := b.([]byte); ok {
		return false // not comparable with ==
	}
	return a == b
}
