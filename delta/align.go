package delta

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// aligner converts values to the types of columns by ANSI store assignment. Fields of structs are matched by name without regard to case, at every depth, as
// Spark does in UPDATE and MERGE.
type aligner struct {
	grows bool // a value may lack fields of a struct: with schema evolution
	vars  int
}

// firstVar is above the numbers that binding gives the parameters of lambdas.
const firstVar = 1 << 20

// align converts a value to the type. Fields that it lacks are those of keep, nil for NULL.
func (a *aligner) align(value expr.Bound, to arrow.DataType, keep expr.Bound) (expr.Bound, error) {
	from := value.Type()
	if sameFields(from, to) {
		if err := expr.CanAssign(from, to); err != nil {
			return nil, err
		}
		return expr.Convert(value, to), nil
	}
	switch to := to.(type) {
	case *arrow.StructType:
		if from, ok := from.(*arrow.StructType); ok {
			return a.alignStruct(value, from, to, keep)
		}
	case *arrow.ListType:
		if from, ok := from.(*arrow.ListType); ok {
			return a.alignList(value, from, to)
		}
	case *arrow.MapType:
		if from, ok := from.(*arrow.MapType); ok && schema.Equal(from.KeyType(), to.KeyType()) {
			return a.alignMap(value, from, to)
		}
	}
	return nil, expr.CanAssign(from, to)
}

// sameFields reports whether the types have the same structs, with the same fields in the same order, or are not both nested alike.
func sameFields(from, to arrow.DataType) bool {
	f, nested := from.(arrow.NestedType)
	t, both := to.(arrow.NestedType)
	if !nested || !both || from.ID() != to.ID() {
		return true
	}
	_, isStruct := from.(*arrow.StructType)
	return slices.EqualFunc(f.Fields(), t.Fields(), func(x, y arrow.Field) bool {
		return (!isStruct || schema.Find([]arrow.Field{x}, y.Name) == 0) && sameFields(x.Type, y.Type)
	})
}

func (a *aligner) alignStruct(value expr.Bound, from, to *arrow.StructType, keep expr.Bound) (expr.Bound, error) {
	if !a.grows && from.NumFields() != to.NumFields() {
		return nil, expr.CanAssign(from, to)
	}
	made := expr.BoundCall{Func: "named_struct", Typ: to}
	kept := false
	for i, f := range to.Fields() {
		v, err := a.field(value, from, f, keep, i)
		if err != nil {
			return nil, err
		}
		kept = kept || keep != nil && schema.Find(from.Fields(), f.Name) < 0
		made.Args = append(made.Args, expr.BoundLiteral{Value: f.Name, Typ: schema.String}, v)
	}
	if !value.Nullable() {
		return made, nil
	}
	null := expr.Bound(isNull(value))
	if kept { // what the row had of the struct stays
		null = expr.And(null, isNull(keep))
	}
	return expr.BoundCase{Whens: []expr.BoundWhen{{Cond: null, Result: expr.BoundLiteral{Typ: to}}}, Else: made, Typ: to, Null: true}, nil
}

func isNull(e expr.Bound) expr.BoundCall {
	return expr.BoundCall{Func: "isnull", Args: []expr.Bound{e}, Typ: schema.Boolean}
}

// field is what becomes field i of a struct.
func (a *aligner) field(value expr.Bound, from *arrow.StructType, f arrow.Field, keep expr.Bound, i int) (expr.Bound, error) {
	if keep != nil {
		keep = expr.BoundField{Arg: keep, Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable || keep.Nullable()}
	}
	j := schema.Find(from.Fields(), f.Name)
	switch {
	case j >= 0:
		g := from.Field(j)
		if g.Nullable && !f.Nullable {
			return nil, fmt.Errorf("field %s: %w", f.Name, expr.CanAssign(arrow.StructOf(g), arrow.StructOf(f)))
		}
		v, err := a.align(expr.BoundField{Arg: value, Index: j, Name: g.Name, Typ: g.Type, Null: g.Nullable || value.Nullable()}, f.Type, keep)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		return v, nil
	case a.grows && keep != nil:
		return keep, nil
	case a.grows && f.Nullable:
		return expr.BoundLiteral{Typ: f.Type}, nil
	default:
		return nil, &SchemaError{f.Name, "the value does not have this field of the struct"}
	}
}

func (a *aligner) alignList(value expr.Bound, from, to *arrow.ListType) (expr.Bound, error) {
	if from.ElemField().Nullable && !to.ElemField().Nullable {
		return nil, expr.CanAssign(from, to)
	}
	x := a.variable("x", from.Elem(), from.ElemField().Nullable)
	body, err := a.align(x, to.Elem(), nil)
	if err != nil {
		return nil, err
	}
	lambda := expr.BoundLambda{Params: []expr.BoundVar{x}, Body: body}
	return expr.BoundCall{Func: "transform", Args: []expr.Bound{value, lambda}, Typ: to, Null: value.Nullable()}, nil
}

func (a *aligner) alignMap(value expr.Bound, from, to *arrow.MapType) (expr.Bound, error) {
	if from.ItemField().Nullable && !to.ItemField().Nullable {
		return nil, expr.CanAssign(from, to)
	}
	params := []expr.BoundVar{a.variable("k", from.KeyType(), false), a.variable("v", from.ItemType(), from.ItemField().Nullable)}
	body, err := a.align(params[1], to.ItemType(), nil)
	if err != nil {
		return nil, err
	}
	lambda := expr.BoundLambda{Params: params, Body: body}
	return expr.BoundCall{Func: "transform_values", Args: []expr.Bound{value, lambda}, Typ: to, Null: value.Nullable()}, nil
}

func (a *aligner) variable(name string, t arrow.DataType, null bool) expr.BoundVar {
	a.vars++
	return expr.BoundVar{ID: firstVar + a.vars, Name: name, Typ: t, Null: null}
}
