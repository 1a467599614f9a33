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

func unknownFunction(n Call) *Error {
	names := make([]string, 0, len(catalogue))
	for _, f := range Functions() {
		names = append(append(names, f.Name), f.Aliases...)
	}
	return &Error{
		Class: "UNRESOLVED_ROUTINE", SQLState: "42883", Line: n.Line, Column: n.Column, Message: "there is no function " + Quote(n.Func),
		Hint: "did you mean " + strings.Join(nearest(n.Func, names)[:3], ", ") + "?",
	}
}

// checkScalar refuses aggregates and window functions, and what belongs to aggregates only.
func (b *binder) checkScalar(n Call, f *Function) error {
	switch {
	case f.Kind == WindowFunction:
		return misplaced(n.Pos, "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "42601", "the window function "+f.Name+" needs an OVER clause")
	case f.Kind == GeneratorFunction && f.Name == "range":
		return misplaced(n.Pos, "NOT_A_SCALAR_FUNCTION", "42887", "range gives a table: it may stand in FROM only")
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
