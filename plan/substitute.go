package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// substitute replaces the columns of b. Where a replacement may be NULL and its column was not, everything computed from it may be NULL too. It is
// false where that cannot be carried through, because a lambda's variables depend on it.
func substitute(b expr.Bound, replace func(expr.BoundColumn) expr.Bound) (expr.Bound, bool) {
	s := substitution{replace: replace, ok: true}
	b, _ = s.bound(b)
	return b, s.ok
}

type substitution struct {
	replace func(expr.BoundColumn) expr.Bound
	ok      bool
}

// bound returns b over the replacements and whether it lost the proof that it is never NULL.
func (s *substitution) bound(b expr.Bound) (expr.Bound, bool) {
	switch b := b.(type) {
	case expr.BoundColumn:
		r := s.replace(b)
		s.ok = s.ok && !expr.Volatile(r) // it would be evaluated as often as the column is read
		return r, !b.Null && r.Nullable()
	case expr.BoundCall:
		return s.call(b)
	case expr.BoundCast:
		before := b.Nullable()
		b.Arg, _ = s.bound(b.Arg)
		return b, !before && b.Nullable()
	case expr.BoundCase:
		return s.cases(b)
	case expr.BoundField:
		arg, weaker := s.bound(b.Arg)
		weaker = weaker && !b.Null
		b.Arg, b.Null = arg, b.Null || weaker
		return b, weaker
	case expr.BoundLambda:
		body, weaker := s.bound(b.Body)
		b.Body = body
		return b, weaker
	case expr.BoundLiteral, expr.BoundVar:
		return b, false
	}
	return b, false
}

func (s *substitution) call(c expr.BoundCall) (expr.Bound, bool) {
	args := make([]expr.Bound, len(c.Args))
	lost, lambda := false, false
	for i, a := range c.Args {
		_, isLambda := a.(expr.BoundLambda)
		arg, weaker := s.bound(a)
		args[i] = arg
		lost = lost || weaker
		lambda = lambda || isLambda
	}
	if lost && lambda {
		s.ok = false
	}
	c.Args = args
	if !lost || c.Null || c.Func == "isnull" || c.Func == "isnotnull" || c.Func == "<=>" {
		return c, false
	}
	c.Null = true
	return c, true
}

func (s *substitution) cases(c expr.BoundCase) (expr.Bound, bool) {
	whens := make([]expr.BoundWhen, len(c.Whens))
	lost := false
	for i, w := range c.Whens {
		cond, weakerCond := s.bound(w.Cond)
		result, weakerResult := s.bound(w.Result)
		whens[i] = expr.BoundWhen{Cond: cond, Result: result}
		lost = lost || weakerCond || weakerResult
	}
	otherwise, weakerElse := s.bound(c.Else)
	lost = (lost || weakerElse) && !c.Null
	c.Whens, c.Else, c.Null = whens, otherwise, c.Null || lost
	return c, lost
}

// toColumns returns the replacement of column i by column at(i) of in, with the name and nullability that it has there.
func toColumns(in *arrow.Schema, at func(int) int) func(expr.BoundColumn) expr.Bound {
	return func(c expr.BoundColumn) expr.Bound {
		i := at(c.Index)
		f := in.Field(i)
		return expr.BoundColumn{Index: i, Name: f.Name, Typ: c.Typ, Null: f.Nullable}
	}
}

// toExprs returns the replacement of column i by exprs[i].
func toExprs(exprs []expr.Bound) func(expr.BoundColumn) expr.Bound {
	return func(c expr.BoundColumn) expr.Bound { return exprs[c.Index] }
}

// cheap tells whether computing b twice costs next to nothing.
func cheap(b expr.Bound) bool {
	switch b := b.(type) {
	case expr.BoundColumn, expr.BoundLiteral:
		return true
	case expr.BoundField:
		return cheap(b.Arg)
	case expr.BoundCast:
		return cheap(b.Arg) && b.Typ.ID() != arrow.STRING && exactCast(b.Arg.Type(), b.Typ)
	case expr.BoundCall, expr.BoundCase, expr.BoundLambda, expr.BoundVar:
		return false
	}
	return false
}
