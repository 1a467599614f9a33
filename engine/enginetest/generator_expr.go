package enginetest

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

var typeBoolean arrow.DataType = arrow.FixedWidthTypes.Boolean

// total is an expression that cannot fail.
func (g *generator) total(s *arrow.Schema) expr.Bound {
	return g.expression(s, func(b expr.Bound) bool { return !plan.MayFail(b) }, 3)
}

// totalOf is an expression of a type that cannot fail.
func (g *generator) totalOf(s *arrow.Schema, t arrow.DataType) expr.Bound {
	for range 50 {
		b, err := expr.Bind(g.value(variables(s), t, 3), expr.NewScope(s))
		if err == nil && arrow.TypeEqual(b.Type(), t) && !plan.MayFail(b) {
			return b
		}
	}
	return expr.BoundLiteral{Value: true, Typ: typeBoolean}
}

// expression calls any function. Where nothing that is wanted comes of many tries, it is a column.
func (g *generator) expression(s *arrow.Schema, wanted func(expr.Bound) bool, depth int) expr.Bound {
	for range 200 {
		b, err := expr.Bind(g.call(variables(s), g.calls.any(g), depth), expr.NewScope(s))
		if err == nil && (wanted == nil || wanted(b)) {
			return b
		}
	}
	f := s.Field(g.rng.IntN(s.NumFields()))
	b, err := expr.Bind(column(f.Name), expr.NewScope(s))
	if err != nil {
		return expr.BoundLiteral{Value: int32(0), Typ: arrow.PrimitiveTypes.Int32}
	}
	return b
}

// variable is what an expression may name: a column, or a lambda's parameter.
type variable struct {
	name string
	typ  arrow.DataType
}

func variables(s *arrow.Schema) []variable {
	vars := make([]variable, s.NumFields())
	for i, f := range s.Fields() {
		vars[i] = variable{f.Name, f.Type}
	}
	return vars
}

func column(name string) expr.Node { return expr.Column{Path: []string{name}} }

// value is a written expression of a type, or of one near to it.
func (g *generator) value(vars []variable, t arrow.DataType, depth int) expr.Node {
	if depth > 0 && g.chance(70) {
		if s, ok := g.calls.giving(g, t); ok {
			return g.call(vars, s, depth)
		}
	}
	var fitting []variable
	for _, v := range vars {
		if schema.Equal(v.typ, t) {
			fitting = append(fitting, v)
		}
	}
	if len(fitting) > 0 && g.chance(80) {
		return column(pick(g, fitting).name)
	}
	return g.constant(t)
}

// call is a call of the signature, with arguments of its types.
func (g *generator) call(vars []variable, s signature, depth int) expr.Node {
	if s.lambda {
		return g.lambda(vars, s, depth)
	}
	if s.cast != nil {
		return expr.Cast{Arg: g.value(vars, s.args[0], depth-1), Type: s.cast, Try: g.chance(50)}
	}
	args := make([]expr.Node, len(s.args))
	for i, t := range s.args {
		switch domain := domains(s.function, i); {
		case domain != nil:
			args[i] = pick(g, domain)
		case slices.Contains(s.constants, i):
			args[i] = g.constant(t)
		default:
			args[i] = g.value(vars, t, depth-1)
		}
	}
	return exact(expr.Call{Func: s.function, Args: args})
}

// exact rounds what may differ in its last digit to fewer digits.
func exact(c expr.Call) expr.Node {
	switch c.Func {
	case "exp", "ln", "log10", "log2", "power", "stddev_samp", "stddev_pop", "var_samp", "var_pop":
		return expr.Cast{Arg: c, Type: arrow.PrimitiveTypes.Float32}
	}
	return c
}
