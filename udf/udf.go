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
// Columns1 and Columns2 make functions of whole columns, for what is cheaper many rows at a time. Decimals, whose precision no Go type tells, are for
// expr.UserFunction, which is a Function too: it works on Arrow arrays.
//
// A table is recomputed when its query has changed, and of a function the query knows the name alone: a function whose results change wants another name.
//
// Go code runs in this process only: a table whose query calls such a function is refused by engine/warehouse, by the function's name.
package udf

import "github.com/medallion-go/medallion/expr"

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
