package expr

import (
	"fmt"
	"strings"
)

// bindCall resolves a scalar function.
func (b *binder) bindCall(n Call) (Bound, error) {
	f, err := lookup(n)
	if err != nil {
		return nil, err
	}
	if err := b.checkScalar(n, f); err != nil {
		return nil, err
	}
	if f.Lambda {
		return b.bindHigherOrder(n, f)
	}
	args, err := b.bindAll(n.Args)
	if err != nil {
		return nil, err
	}
	return f.bind(&call{Pos: n.Pos, name: f.Name, nodes: append([]Node(nil), n.Args...), args: args, null: anyNullable(args)})
}

// lookup finds the function and checks the number of arguments.
func lookup(n Call) (*Function, error) {
	f, ok := catalogue[n.Func]
	if n.User != nil {
		f, ok = n.User.entry(), true
	}
	if !ok {
		f, ok = catalogue[strings.ToLower(n.Func)]
	}
	if !ok {
		return nil, unknownFunction(n)
	}
	if _, star := starArg(n); star && f.Name != "count" {
		return nil, misplaced(n.Args[0].Position(), "INVALID_USAGE_OF_STAR_OR_REGEX", "42000", "* may stand in a select list and in count(*) only")
	}
	if got := len(n.Args); got < f.least || got > f.most {
		return nil, wrongCount(n.Pos, n.Func, f.arity(), got)
	}
	return f, nil
}

func starArg(n Call) (Star, bool) {
	if len(n.Args) == 0 {
		return Star{}, false
	}
	star, ok := n.Args[0].(Star)
	return star, ok
}

// arity says how many arguments the function takes.
func (f *Function) arity() string {
	switch {
	case f.least == f.most && f.most == 1:
		return "1 argument"
	case f.least == f.most:
		return fmt.Sprintf("%d arguments", f.least)
	case f.most == many:
		return fmt.Sprintf("%d or more arguments", f.least)
	}
	return fmt.Sprintf("%d to %d arguments", f.least, f.most)
}

func wrongCount(at Pos, function, want string, got int) *Error {
	return &Error{
		Class: "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", SQLState: "42605", Line: at.Line, Column: at.Column,
		Message: fmt.Sprintf("%s takes %s, not %d", function, want, got),
	}
}

// unknownFunction hints at names that are like the one written: a third of its letters may be others.
func unknownFunction(n Call) *Error {
	e := misplaced(n.Pos, "UNRESOLVED_ROUTINE", "42883", "there is no function "+Quote(n.Func))
	var like []string
	for _, f := range Functions() {
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			if EditDistance(strings.ToLower(n.Func), name) <= len(n.Func)/3+1 {
				like = append(like, name)
			}
		}
	}
	if len(like) > 0 {
		near := nearest(n.Func, like)
		e.Hint = "did you mean " + strings.Join(near[:min(len(near), 3)], ", ") + "?"
	}
	return e
}

// checkScalar refuses aggregates and window functions, and what belongs to aggregates only.
func (b *binder) checkScalar(n Call, f *Function) error {
	switch {
	case f.Kind == WindowFunction:
		return misplaced(n.Pos, "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "42601", "the window function "+f.Name+" needs an OVER clause")
	case f.table:
		return misplaced(n.Pos, "NOT_A_SCALAR_FUNCTION", "42887", f.Name+" gives a table: it may stand in FROM only")
	case f.Kind == GeneratorFunction:
		return misplaced(n.Pos, "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "42K0E", f.Name+" gives rows: it may stand in a select list, FROM or LATERAL VIEW only")
	case f.Kind == AggregateFunction && b.aggregate != "":
		return misplaced(n.Pos, "NESTED_AGGREGATE_FUNCTION", "42607", "the aggregate "+f.Name+" cannot stand inside "+b.aggregate)
	case f.Kind == AggregateFunction:
		return misplaced(n.Pos, "UNSUPPORTED_EXPR_FOR_OPERATOR", "42K0E", "the aggregate "+f.Name+" cannot stand here")
	case n.Distinct:
		return misplaced(n.Pos, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", f.Name+" is no aggregate and takes no DISTINCT")
	case n.Filter != nil:
		return misplaced(n.Pos, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", f.Name+" is no aggregate and takes no FILTER")
	}
	return nil
}
