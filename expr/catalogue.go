package expr

import (
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// FunctionKind says where a function may stand.
type FunctionKind uint8

// The kinds of function. Aggregates may stand as window functions too. A generator gives rows and stands in a select list, FROM or LATERAL VIEW, unless IsTableFunction.
const (
	ScalarFunction FunctionKind = iota
	AggregateFunction
	WindowFunction
	GeneratorFunction
)

// String is scalar, aggregate, window or generator.
func (k FunctionKind) String() string {
	switch k {
	case ScalarFunction:
		return "scalar"
	case AggregateFunction:
		return "aggregate"
	case WindowFunction:
		return "window"
	case GeneratorFunction:
		return "generator"
	}
	return "unknown"
}

// Function is one entry of the catalogue: what Bind knows by a name. Operators are in it under their symbols.
type Function struct {
	Name    string // canonical: what BoundCall.Func, BoundAggregate.Func, BoundWindow.Func or BoundGenerator.Func says
	Aliases []string
	Kind    FunctionKind
	Doc     string // one line: how it is called and what it gives
	// Rewritten functions are replaced by other expressions in Bind; no engine sees them. Lambda ones have a BoundLambda among their arguments.
	Rewritten, Lambda bool

	least, most int // arguments; most is many without an end
	bind        binding
	aggregate   typing
	generator   rows
	table       bool // of a generator: it stands in FROM alone
}

// binding checks and converts a call's arguments and gives the bound expression; it is nil for Lambda functions, which the binder itself resolves.
type binding func(c *call) (Bound, error)

// typing does the same for an aggregate or window function and gives the result's type.
type typing func(c *call) (arrow.DataType, error)

const many = 1 << 16

// Functions lists the catalogue, ordered by name. The result is the caller's own.
func Functions() []Function {
	all := allFunctions()
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// IsAggregate reports whether the call is one of an aggregate function.
func (c Call) IsAggregate() bool {
	if c.User != nil {
		return c.User.NewAccumulator != nil
	}
	return hasKind(c.Func, AggregateFunction)
}

// IsWindow reports whether a function of this name, whatever its case, is one that needs OVER: row_number, lag and their kin. Aggregates are not.
func IsWindow(name string) bool { return hasKind(name, WindowFunction) }

// IsFunction reports whether the catalogue has a function of this name, whatever its case and kind.
func IsFunction(name string) bool {
	_, ok := catalogue[strings.ToLower(name)]
	return ok
}

func hasKind(name string, kind FunctionKind) bool {
	f, ok := catalogue[strings.ToLower(name)]
	return ok && f.Kind == kind
}

// catalogue maps every name and alias to its function. It is never changed.
var catalogue = index(allFunctions())

func index(functions []Function) map[string]*Function {
	byName := make(map[string]*Function, 2*len(functions))
	for i := range functions {
		f := &functions[i]
		byName[f.Name] = f
		for _, alias := range f.Aliases {
			byName[alias] = f
		}
	}
	return byName
}

func allFunctions() []Function {
	return slices.Concat(
		operators(), bitFunctions(), mathFunctions(), realFunctions(), conditionalFunctions(),
		stringFunctions(), textFunctions(), patternFunctions(), hashFunctions(),
		encodingFunctions(), cipherFunctions(), raisingFunctions(), formatFunctions(),
		dateFunctions(), timestampFunctions(), datetimeFunctions(), intervalFunctions(), documentFunctions(), variantFunctions(), vectorFunctions(), csvFunctions(), timeWindowFunctions(), conversionFunctions(),
		collectionFunctions(), lambdaFunctions(), aggregateFunctions(), windowFunctions(),
		generatorFunctions(),
	)
}

// scalar makes an entry.
func scalar(name string, least, most int, doc string, bind binding, aliases ...string) Function {
	return Function{Name: name, Aliases: aliases, Doc: doc, least: least, most: most, bind: bind}
}

// rewritten makes an entry for a function that Bind replaces.
func rewritten(name string, least, most int, doc string, bind binding, aliases ...string) Function {
	f := scalar(name, least, most, doc, bind, aliases...)
	f.Rewritten = true
	return f
}

// returns is the binding of a function with fixed types, NULL where any argument is.
func returns(t arrow.DataType, params ...wanted) binding {
	return func(c *call) (Bound, error) {
		if err := c.want(params...); err != nil {
			return nil, err
		}
		return c.result(t), nil
	}
}

// returnsFirst is the binding of a function that gives the type of its first argument.
func returnsFirst(params ...wanted) binding {
	return func(c *call) (Bound, error) {
		if err := c.want(params...); err != nil {
			return nil, err
		}
		return c.result(c.args[0].Type()), nil
	}
}

// filled appends default arguments, so that engines see the long form only.
func filled(count int, bind binding, defaults ...Bound) binding {
	return func(c *call) (Bound, error) {
		c.fill(count, defaults...)
		return bind(c)
	}
}

// orNull marks a function that can give NULL without a NULL argument.
func orNull(bind binding) binding { return nullability(true, bind) }

// neverNull marks a function that gives a value for NULL too.
func neverNull(bind binding) binding { return nullability(false, bind) }

func nullability(null bool, bind binding) binding {
	return func(c *call) (Bound, error) {
		c.null = null
		return bind(c)
	}
}
