package exec

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
)

// exprs are compiled expressions over one input, shared by the workers of an operator. A plain column is handed on without evaluation.
type exprs []compiled

type compiled struct {
	column int // ≥ 0: the input's column itself
	expr   *kernel.Expr
	typ    arrow.DataType
}

func compileAll(bounds []expr.Bound) (exprs, error) {
	out := make(exprs, len(bounds))
	for i, b := range bounds {
		if c, ok := b.(expr.BoundColumn); ok {
			out[i] = compiled{column: c.Index, typ: c.Typ}
			continue
		}
		e, err := kernel.Compile(b)
		if err != nil {
			return nil, err
		}
		out[i] = compiled{column: -1, expr: e, typ: b.Type()}
	}
	return out, nil
}

// types are the expressions' types.
func (x exprs) types() []arrow.DataType {
	out := make([]arrow.DataType, len(x))
	for i, c := range x {
		out[i] = c.typ
	}
	return out
}

// eval computes all expressions for the selected rows of b; positions that are not selected hold anything. The caller releases the columns.
func (x exprs) eval(env *Env, b *Batch) ([]arrow.Array, error) {
	out := make([]arrow.Array, 0, len(x))
	for _, c := range x {
		a, err := c.eval(env, b)
		if err != nil {
			releaseAll(out)
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func (c compiled) eval(env *Env, b *Batch) (arrow.Array, error) {
	if c.column < 0 {
		return c.expr.Eval(env.Kernel, b.Columns, b.N, b.Selection)
	}
	if c.column >= len(b.Columns) {
		return nil, fmt.Errorf("exec: column %d of a batch of %d columns", c.column, len(b.Columns))
	}
	b.Columns[c.column].Retain()
	return b.Columns[c.column], nil
}

// constant evaluates an expression that uses no columns.
func constant(env *Env, b expr.Bound) (arrow.Array, error) {
	e, err := kernel.Compile(b)
	if err != nil {
		return nil, err
	}
	return e.Eval(env.Kernel, nil, 1, nil)
}

func constantBool(env *Env, b expr.Bound) (bool, error) {
	a, err := constant(env, b)
	if err != nil {
		return false, err
	}
	defer a.Release()
	v, ok := a.(*array.Boolean)
	if !ok {
		return false, fmt.Errorf("exec: %s is no BOOLEAN", b)
	}
	return v.IsValid(0) && v.Value(0), nil
}

func constantFloat(env *Env, b expr.Bound) (float64, error) {
	a, err := constant(env, b)
	if err != nil {
		return 0, err
	}
	defer a.Release()
	v, err := doubles(a)
	if err != nil || a.IsNull(0) {
		return 0, fmt.Errorf("exec: %s is no number", b)
	}
	return v[0], nil
}

func constantInt(env *Env, b expr.Bound) (int64, error) {
	a, err := constant(env, b)
	if err != nil {
		return 0, err
	}
	defer a.Release()
	switch v := a.(type) {
	case *array.Int32:
		return int64(v.Value(0)), nil
	case *array.Int64:
		return v.Value(0), nil
	case *array.Int16:
		return int64(v.Value(0)), nil
	case *array.Int8:
		return int64(v.Value(0)), nil
	default:
		return 0, fmt.Errorf("exec: %s is no integer", b)
	}
}
