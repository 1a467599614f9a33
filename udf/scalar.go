package udf

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
)

// Func1 is a scalar function of one argument.
type Func1[A, R any] struct{ definition *expr.UserFunction }

// Scalar1 makes a scalar function of one argument.
func Scalar1[A, R any](name string, f func(A) (R, error)) Func1[A, R] {
	return Columns1(name, func(a []A) ([]R, error) {
		return each(len(a), func(i int) (R, error) { return f(a[i]) })
	})
}

// Columns1 makes a scalar function of one argument that is called with its values in many rows, and gives as many results in the same order. The values may
// not be changed, and are gone when it returns.
func Columns1[A, R any](name string, f func([]A) ([]R, error)) Func1[A, R] {
	a, errA := columnOf[A]()
	r, errR := columnOf[R]()
	u := newScalar(name, r, errors.Join(errA, errR), a.field)
	u.Eval = func(alloc memory.Allocator, args []arrow.Array, n int) (arrow.Array, error) {
		as, err := a.read(args[0], n)
		if err != nil {
			return nil, err
		}
		return results(alloc, r, n, func() ([]R, error) { return f(as) })
	}
	return Func1[A, R]{u}
}

// Definition is the function erased of its types.
func (f Func1[A, R]) Definition() *expr.UserFunction { return f.definition }

// Call is the function of an expression, whose type is checked when it is bound.
func (f Func1[A, R]) Call(a expr.Typed) expr.Col[R] { return expr.CallUser[R](f.definition, a) }

// Func2 is a scalar function of two arguments.
type Func2[A, B, R any] struct{ definition *expr.UserFunction }

// Scalar2 makes a scalar function of two arguments.
func Scalar2[A, B, R any](name string, f func(A, B) (R, error)) Func2[A, B, R] {
	return Columns2(name, func(a []A, b []B) ([]R, error) {
		return each(len(a), func(i int) (R, error) { return f(a[i], b[i]) })
	})
}

// Columns2 is Columns1 for two arguments.
func Columns2[A, B, R any](name string, f func([]A, []B) ([]R, error)) Func2[A, B, R] {
	a, errA := columnOf[A]()
	b, errB := columnOf[B]()
	r, errR := columnOf[R]()
	u := newScalar(name, r, errors.Join(errA, errB, errR), a.field, b.field)
	u.Eval = func(alloc memory.Allocator, args []arrow.Array, n int) (arrow.Array, error) {
		as, err := a.read(args[0], n)
		if err != nil {
			return nil, err
		}
		bs, err := b.read(args[1], n)
		if err != nil {
			return nil, err
		}
		return results(alloc, r, n, func() ([]R, error) { return f(as, bs) })
	}
	return Func2[A, B, R]{u}
}

// Definition is the function erased of its types.
func (f Func2[A, B, R]) Definition() *expr.UserFunction { return f.definition }

// Call is the function of two expressions.
func (f Func2[A, B, R]) Call(a, b expr.Typed) expr.Col[R] {
	return expr.CallUser[R](f.definition, a, b)
}

// Func3 is a scalar function of three arguments.
type Func3[A, B, C, R any] struct{ definition *expr.UserFunction }

// Scalar3 makes a scalar function of three arguments. One of more takes a struct.
func Scalar3[A, B, C, R any](name string, f func(A, B, C) (R, error)) Func3[A, B, C, R] {
	a, errA := columnOf[A]()
	b, errB := columnOf[B]()
	c, errC := columnOf[C]()
	r, errR := columnOf[R]()
	u := newScalar(name, r, errors.Join(errA, errB, errC, errR), a.field, b.field, c.field)
	u.Eval = func(alloc memory.Allocator, args []arrow.Array, n int) (arrow.Array, error) {
		as, err := a.read(args[0], n)
		if err != nil {
			return nil, err
		}
		bs, err := b.read(args[1], n)
		if err != nil {
			return nil, err
		}
		cs, err := c.read(args[2], n)
		if err != nil {
			return nil, err
		}
		return results(alloc, r, n, func() ([]R, error) {
			return each(n, func(i int) (R, error) { return f(as[i], bs[i], cs[i]) })
		})
	}
	return Func3[A, B, C, R]{u}
}

// Definition is the function erased of its types.
func (f Func3[A, B, C, R]) Definition() *expr.UserFunction { return f.definition }

// Call is the function of three expressions.
func (f Func3[A, B, C, R]) Call(a, b, c expr.Typed) expr.Col[R] {
	return expr.CallUser[R](f.definition, a, b, c)
}

// newScalar declares a function of the parameters and the result.
func newScalar[R any](name string, result column[R], fault error, params ...arrow.Field) *expr.UserFunction {
	u := &expr.UserFunction{Name: name, Fault: fault, Result: result.field.Type, Nullable: result.field.Nullable}
	for _, p := range params {
		u.Params = append(u.Params, expr.UserParam{Type: p.Type, TakesNulls: p.Nullable})
	}
	return u
}

// results are what f gives for n rows, as an array.
func results[R any](alloc memory.Allocator, r column[R], n int, f func() ([]R, error)) (arrow.Array, error) {
	list, err := f()
	if err != nil {
		return nil, err
	}
	if len(list) != n {
		return nil, fmt.Errorf("it gave %d values for %d rows", len(list), n)
	}
	return r.write(alloc, list)
}

// each calls f for the rows 0 to n-1.
func each[R any](n int, f func(i int) (R, error)) ([]R, error) {
	list := make([]R, n)
	for i := range list {
		var err error
		if list[i], err = f(i); err != nil {
			return nil, err
		}
	}
	return list, nil
}
