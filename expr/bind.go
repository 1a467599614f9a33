package expr

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// Bind resolves a scalar expression against the columns in s: it finds every column and function, checks the types and spells out every implicit cast. An
// Alias is bound as what it names. Aggregates and window functions have no place here; see BindAggregate and BindWindow. Every error is an *Error.
func Bind(n Node, s Scope) (Bound, error) {
	b := binder{scope: s}
	bound, err := b.bind(n)
	if err != nil {
		return nil, err
	}
	return bound, checkSize(bound, n.Position())
}

// BindPredicate is Bind for a condition: it must be BOOLEAN, or NULL.
func BindPredicate(n Node, s Scope) (Bound, error) {
	b, err := Bind(n, s)
	if err != nil {
		return nil, err
	}
	return predicate(b, n.Position())
}

func predicate(b Bound, at Pos) (Bound, error) {
	if !isBoolean(b.Type()) && !isNull(b.Type()) {
		return nil, &Error{
			Class: "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", SQLState: "42K09", Line: at.Line, Column: at.Column,
			Message: fmt.Sprintf("the condition %s is %s, not BOOLEAN", sketch(b), TypeSQL(b.Type())),
		}
	}
	return Convert(b, typeBoolean), nil
}

// checkSize refuses expressions whose operands were repeated (by BETWEEN, CASE, nullif …) beyond all reason.
func checkSize(b Bound, at Pos) error {
	size := 0
	Walk(b, func(Bound) bool {
		size++
		return size <= 2*maxNodes
	})
	if size > 2*maxNodes {
		return tooComplex(at)
	}
	return nil
}

// binder is one Bind call.
type binder struct {
	scope     Scope
	vars      []BoundVar // lambda parameters in scope, the innermost last
	lastVar   int
	aggregate string // the aggregate whose arguments are being bound, or ""
}

func (b *binder) bind(n Node) (Bound, error) {
	switch n := n.(type) {
	case Column:
		return b.bindColumn(n)
	case Literal:
		return BoundLiteral{Value: n.Value, Typ: n.Type}, nil
	case Parameter:
		return nil, &Error{
			Class: "UNBOUND_SQL_PARAMETER", SQLState: "42P02", Message: "the parameter " + n.String() + " has no value", Line: n.Line, Column: n.Column,
			Hint: "give it one, or write the value as a literal",
		}
	case Call:
		return b.bindCall(n)
	case Cast:
		arg, err := b.bind(n.Arg)
		if err != nil {
			return nil, err
		}
		return explicitly(arg, n.Type, n.Try, n.Pos)
	case Case:
		return b.bindCase(n)
	case Field:
		arg, err := b.bind(n.Arg)
		if err != nil {
			return nil, err
		}
		return b.bindField(arg, n.Name, n.Pos)
	case Alias:
		return b.bind(n.Arg)
	case Lambda:
		return nil, misplaced(n.Pos, "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION", "42K0D",
			"a lambda is an argument of higher-order functions only, as transform and filter are")
	case Over:
		return nil, misplaced(n.Pos, "UNSUPPORTED_EXPR_FOR_OPERATOR", "42K0E",
			"the window function "+n.Call.Func+" may stand in a select list, QUALIFY or ORDER BY only")
	case Subquery:
		return nil, misplaced(n.Pos, "UNSUPPORTED_FEATURE", "0A000", "a sub-query may stand in the clauses of a query only, not here")
	case Star:
		return nil, misplaced(n.Pos, "INVALID_USAGE_OF_STAR_OR_REGEX", "42000", "* may stand in a select list and in count(*) only")
	}
	return nil, misplaced(Pos{}, "INTERNAL_ERROR", "XX000", "there is no expression to bind")
}

func misplaced(at Pos, class, state, message string) *Error {
	return &Error{Class: class, SQLState: state, Message: message, Line: at.Line, Column: at.Column}
}

func (b *binder) bindAll(nodes []Node) ([]Bound, error) {
	bounds := make([]Bound, len(nodes))
	for i, n := range nodes {
		bound, err := b.bind(n)
		if err != nil {
			return nil, err
		}
		bounds[i] = bound
	}
	return bounds, nil
}

// bindColumn takes a lambda's parameter before a column of the same name.
func (b *binder) bindColumn(n Column) (Bound, error) {
	bound, fields, ok := b.lookupVar(n)
	if !ok {
		var err error
		if bound, fields, err = b.scope.lookup(n); err != nil {
			return nil, err
		}
	}
	for _, name := range fields {
		field, err := b.bindField(bound, name, n.Pos)
		if err != nil {
			return nil, err
		}
		bound = field
	}
	return bound, nil
}

func (b *binder) lookupVar(n Column) (v Bound, fields []string, ok bool) {
	for i := len(b.vars) - 1; i >= 0; i-- {
		if strings.EqualFold(b.vars[i].Name, n.Path[0]) {
			return b.vars[i], n.Path[1:], true
		}
	}
	return nil, nil, false
}

// bindField takes a field out of a struct, out of each struct in an array, or a value out of a map with string keys.
func (b *binder) bindField(arg Bound, name string, at Pos) (Bound, error) {
	switch t := arg.Type().(type) {
	case *arrow.StructType:
		return structField(arg, t, name, at)
	case *arrow.MapType:
		if isString(t.KeyType()) {
			return BoundCall{Pos: at, Func: "[]", Args: []Bound{arg, literal(name, typeString)}, Typ: t.ItemType(), Null: true}, nil
		}
	case *arrow.ListType:
		if element, ok := t.Elem().(*arrow.StructType); ok {
			return b.fieldOfEach(arg, t, element, name, at)
		}
		return nil, misplaced(at, "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09",
			fmt.Sprintf("the elements of %s have no field %s: they are %s", sketch(arg), Quote(name), TypeSQL(t.Elem())))
	}
	return nil, &Error{
		Class: "INVALID_EXTRACT_BASE_FIELD_TYPE", SQLState: "42000", Line: at.Line, Column: at.Column,
		Message: fmt.Sprintf("there is no field %s in %s, which is %s", Quote(name), sketch(arg), TypeSQL(arg.Type())),
	}
}

func structField(arg Bound, t *arrow.StructType, name string, at Pos) (Bound, error) {
	found, names := -1, make([]string, t.NumFields())
	for i, f := range t.Fields() {
		names[i] = Quote(f.Name)
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		if found >= 0 {
			return nil, misplaced(at, "AMBIGUOUS_REFERENCE_TO_FIELDS", "42000", fmt.Sprintf("%s has more than one field %s", sketch(arg), Quote(name)))
		}
		found = i
	}
	if found < 0 {
		return nil, &Error{
			Class: "FIELD_NOT_FOUND", SQLState: "42704", Line: at.Line, Column: at.Column,
			Message: fmt.Sprintf("%s has no field %s", sketch(arg), Quote(name)), Hint: "did you mean " + strings.Join(nearest(name, names), ", ") + "?",
		}
	}
	f := t.Field(found)
	return BoundField{Arg: arg, Index: found, Name: f.Name, Typ: f.Type, Null: f.Nullable || arg.Nullable()}, nil
}

// fieldOfEach is transform(array, x -> x.name).
func (b *binder) fieldOfEach(arg Bound, list *arrow.ListType, element *arrow.StructType, name string, at Pos) (Bound, error) {
	v := b.newVar("x", element, list.ElemField().Nullable)
	field, err := structField(v, element, name, at)
	if err != nil {
		return nil, err
	}
	lambda := BoundLambda{Params: []BoundVar{v}, Body: field}
	return BoundCall{
		Pos: at, Func: "transform", Args: []Bound{arg, lambda}, Typ: schema.ArrayOf(field.Type(), field.Nullable()), Null: arg.Nullable(),
	}, nil
}

func (b *binder) newVar(name string, t arrow.DataType, null bool) BoundVar {
	b.lastVar++
	return BoundVar{ID: b.lastVar, Name: name, Typ: t, Null: null}
}

func (b *binder) bindCase(n Case) (Bound, error) {
	results := &call{Pos: n.Pos, name: "case", lazy: true}
	conds := make([]Bound, len(n.Whens))
	for i, w := range n.Whens {
		cond, err := b.bind(w.Cond)
		if err != nil {
			return nil, err
		}
		if !isBoolean(cond.Type()) {
			return nil, misplaced(w.Cond.Position(), "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09",
				fmt.Sprintf("the condition %s of CASE is %s, not BOOLEAN", sketch(cond), TypeSQL(cond.Type())))
		}
		conds[i] = cond
		results.nodes = append(results.nodes, w.Result)
	}
	otherwise := n.Else
	if otherwise == nil {
		otherwise = Literal{Pos: n.Pos, Type: arrow.Null}
	}
	results.nodes = append(results.nodes, otherwise)
	var err error
	if results.args, err = b.bindAll(results.nodes); err != nil {
		return nil, err
	}
	if err := results.unify(CommonType); err != nil {
		return nil, err
	}
	whens := make([]BoundWhen, len(conds))
	for i, cond := range conds {
		whens[i] = BoundWhen{Cond: cond, Result: results.args[i]}
	}
	return caseOf(whens, results.args[len(conds)]), nil
}
