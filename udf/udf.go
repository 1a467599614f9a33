// Package udf makes functions of typed Go functions, for SQL text and typed columns.
//
//	slug := udf.Scalar1("slug", func(name string) (string, error) {
//		return strings.ToLower(strings.ReplaceAll(name, " ", "-")), nil
//	})
//	pipeline := medallion.Pipeline{Lake: lake, Functions: []udf.Function{slug}}
//
// makes slug(name) a part of the SQL of that pipeline, and slug.Call(column) an expression. There is no registry: a function is known where it is named.
//
// A function's types are Go's for Delta's: bool, int8 to int64, float32, float64, string, []byte, time.Time, schema.Date, schema.TimestampNTZ, slices, maps
// and structs of them. A parameter that is no pointer takes no NULL: for a row with a NULL there a scalar function is not called and gives NULL, and an
// aggregate passes over it. A pointer takes NULL as nil; a result that is a pointer may be nil. Arguments are converted as ANSI store assignment does. An error
// ends the query as FAILED_EXECUTE_UDF with the place of the call. Functions are called from several goroutines, once for each row that reaches them; they
// must give the same result for the same arguments, unless they are made Volatile.
//
// Decimals, whose precision no Go type tells, and whole columns at once are for expr.UserFunction, which is a Function too: it works on Arrow arrays.
//
// Go code runs in this process only: a table whose query calls such a function is refused by engine/warehouse, by the function's name.
package udf

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// Function is a function of any type.
type Function interface {
	Definition() *expr.UserFunction
}

// Volatile makes of a function one that may give another result for the same arguments, such as a random number: it is called for each row anew.
func Volatile(f Function) Function {
	d := *f.Definition()
	d.Volatile = true
	return &d
}

// Func1 is a scalar function of one argument.
type Func1[A, R any] struct{ definition *expr.UserFunction }

// Scalar1 makes a scalar function of one argument.
func Scalar1[A, R any](name string, f func(A) (R, error)) Func1[A, R] {
	type args struct{ A A }
	return Func1[A, R]{scalar(name, func(x *args) (R, error) { return f(x.A) })}
}

// Definition is the function erased of its types.
func (f Func1[A, R]) Definition() *expr.UserFunction { return f.definition }

// Call is the function of an expression, whose type is checked when it is bound.
func (f Func1[A, R]) Call(a expr.Typed) expr.Col[R] { return expr.CallUser[R](f.definition, a) }

// Func2 is a scalar function of two arguments.
type Func2[A, B, R any] struct{ definition *expr.UserFunction }

// Scalar2 makes a scalar function of two arguments.
func Scalar2[A, B, R any](name string, f func(A, B) (R, error)) Func2[A, B, R] {
	type args struct {
		A A
		B B
	}
	return Func2[A, B, R]{scalar(name, func(x *args) (R, error) { return f(x.A, x.B) })}
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
	type args struct {
		A A
		B B
		C C
	}
	return Func3[A, B, C, R]{scalar(name, func(x *args) (R, error) { return f(x.A, x.B, x.C) })}
}

// Definition is the function erased of its types.
func (f Func3[A, B, C, R]) Definition() *expr.UserFunction { return f.definition }

// Call is the function of three expressions.
func (f Func3[A, B, C, R]) Call(a, b, c expr.Typed) expr.Col[R] {
	return expr.CallUser[R](f.definition, a, b, c)
}

// scalar makes a function of the fields of In.
func scalar[In, R any](name string, f func(*In) (R, error)) *expr.UserFunction {
	u := &expr.UserFunction{Name: name}
	in, err := rowsOf[In]()
	if err != nil {
		u.Fault = err
		return u
	}
	out, err := rowsOf[cell[R]]()
	if err != nil {
		u.Fault = err
		return u
	}
	u.Params, u.Result, u.Nullable = in.params(), out.schema.Field(0).Type, out.schema.Field(0).Nullable
	u.Eval = func(alloc memory.Allocator, args []arrow.Array, n int) (arrow.Array, error) {
		rows, err := in.decode(args, n)
		if err != nil {
			return nil, err
		}
		results := make([]cell[R], n)
		for i := range rows {
			if results[i].V, err = f(&rows[i]); err != nil {
				return nil, err
			}
		}
		return out.encode(alloc, results)
	}
	return u
}

// cell is a row of one column.
type cell[T any] struct{ V T }

// rows turns columns into structs and back.
type rows[R any] struct {
	schema *arrow.Schema
	codec  *schema.Codec[R]
}

func rowsOf[R any]() (*rows[R], error) {
	s, err := schema.Of[R]()
	if err != nil {
		return nil, err
	}
	codec, err := schema.NewCodec[R](s)
	return &rows[R]{s, codec}, err
}

// params are the columns as parameters.
func (r *rows[R]) params() []expr.UserParam {
	params := make([]expr.UserParam, r.schema.NumFields())
	for i, f := range r.schema.Fields() {
		params[i] = expr.UserParam{Type: f.Type, TakesNulls: f.Nullable}
	}
	return params
}

func (r *rows[R]) decode(columns []arrow.Array, n int) ([]R, error) {
	fields := r.schema.Fields()
	for i := range fields {
		fields[i].Type = columns[i].DataType()
	}
	rec := array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, int64(n))
	defer rec.Release()
	return r.codec.Decode(rec, make([]R, 0, n))
}

// encode makes the one column of rows.
func (r *rows[R]) encode(alloc memory.Allocator, list []R) (arrow.Array, error) {
	rec, err := r.codec.Encode(alloc, list)
	if err != nil {
		return nil, err
	}
	defer rec.Release()
	column := rec.Column(0)
	column.Retain()
	return column, nil
}
