package exec

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
)

// accumulator holds the state of one aggregate function for numbered groups, column-wise. It serves one goroutine.
type accumulator interface {
	// grow makes room for groups up to n-1; new ones have seen no rows.
	grow(n int)
	// update adds rows: rows[i] of args (nil: row i) belongs to groups[i].
	update(groups []uint32, rows []int32, args []arrow.Array) error
	// absorb adds partial results: row i of a state belongs to groups[i].
	absorb(groups []uint32, state []arrow.Array) error
	// state gives the partial results of the picked groups (nil: all), to spill or to hand over. The caller releases them.
	state(picked []uint32) ([]arrow.Array, error)
	// stateTypes are the types of state's columns.
	stateTypes() []arrow.DataType
	// result gives the function's values for the picked groups (nil: all). The caller releases them.
	result(picked []uint32) (arrow.Array, error)
	// size is the bytes of memory held.
	size() int64
	// release frees what is not plain memory.
	release()
}

// directMerge is an accumulator that takes over the states of another one of its kind as they are.
type directMerge interface {
	accumulator
	// merge adds the states of from's picked groups (nil: all), the i-th of which is groups[i] here.
	merge(groups, picked []uint32, from accumulator) error
}

// apart tells whether the states of groups lie apart, so that different groups may be merged at the same time.
func apart(a accumulator) bool {
	switch a.(type) {
	case *counts, *totals, *floatTotals, *extremes, *bitTotals, *follower:
		return true
	}
	return false
}

// newAccumulator returns the accumulator of one aggregate. Constants among its arguments are evaluated here.
func newAccumulator(env *Env, a expr.BoundAggregate) (accumulator, error) {
	if a.Distinct && !ignoresDuplicates(a.Func) {
		return newDistinct(env, a)
	}
	if a.User != nil {
		return newUserStates(env, a)
	}
	switch a.Func {
	case "count":
		return &counts{alloc: env.Alloc}, nil
	case "count_if":
		return &counts{alloc: env.Alloc, whenTrue: true}, nil
	case "sum", "avg", "mean", "try_sum", "try_avg":
		return newTotals(env, a)
	case "bit_and", "bit_or", "bit_xor":
		return &bitTotals{env: env, name: a.Func, typ: a.Typ}, nil
	case "min":
		return newExtremes(env, a, false)
	case "max":
		return newExtremes(env, a, true)
	case "bool_and", "every":
		return newExtremes(env, a, false)
	case "bool_or", "some", "any":
		return newExtremes(env, a, true)
	case "stddev", "std", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop":
		return newMoments(env, a)
	case "covar_pop", "covar_samp", "corr", "regr_sxx", "regr_syy", "regr_sxy", "regr_slope", "regr_intercept", "regr_r2":
		return &comoments{env: env, agg: a}, nil
	case "skewness", "kurtosis":
		return &highMoments{env: env, kurtosis: a.Func == "kurtosis"}, nil
	}
	return newKeepingAccumulator(env, a)
}

// newKeepingAccumulator returns the accumulator of an aggregate that keeps more of a group than a few numbers.
func newKeepingAccumulator(env *Env, a expr.BoundAggregate) (accumulator, error) {
	switch a.Func {
	case "percentile", "median", "percentile_cont", "percentile_disc":
		return newPercentiles(env, a)
	case "approx_percentile":
		return newApproxPercentiles(env, a)
	case "approx_count_distinct":
		return newSketches(env, a)
	case "mode":
		return newModes(env, a)
	case "listagg":
		return newTexts(env, a)
	case "histogram_numeric":
		return newHistograms(env, a)
	case "schema_of_variant_agg":
		return &shapes{env: env, pos: a.Pos}, nil
	case "bitmap_construct_agg", "bitmap_or_agg", "bitmap_and_agg":
		return &bitmaps{env: env, name: a.Func, pos: a.Pos}, nil
	case "first", "first_value", "any_value", "last", "last_value", "max_by", "min_by", "single_value":
		if len(a.Args) == 3 {
			return newTopPicker(env, a)
		}
		return newPicker(env, a)
	case "collect_list", "array_agg":
		return &lists{alloc: env.Alloc, typ: a.Typ}, nil
	case "collect_set":
		return newDistinct(env, a)
	default:
		return nil, fmt.Errorf("exec: no aggregate function %s", a.Func)
	}
}

// ignoresDuplicates tells whether DISTINCT makes no difference to a function.
func ignoresDuplicates(name string) bool {
	switch name {
	case "min", "max", "bool_and", "every", "bool_or", "some", "any", "first", "first_value", "any_value", "last", "last_value", "max_by", "min_by",
		"approx_count_distinct", "bit_and", "bit_or":
		return true
	}
	return false
}

// errOverflow is the error of a result that does not fit its type.
func errOverflow(a expr.BoundAggregate) error {
	if id := a.Typ.ID(); id == arrow.INTERVAL_MONTHS || id == arrow.DURATION {
		return &expr.Error{
			Class: "INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION", SQLState: "22015", Message: "the result of " + a.Func + " is no interval",
			Line: a.Line, Column: a.Column, Hint: "use try_" + a.Func + " to get NULL instead",
		}
	}
	return &expr.Error{
		Class: "ARITHMETIC_OVERFLOW", SQLState: "22003", Message: "the result of " + a.Func + " does not fit into " + a.Typ.String(),
		Line: a.Line, Column: a.Column, Hint: "cast the argument to a wider type",
	}
}

// growTo lengthens s with zeros.
func growTo[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(doubled(s, n-len(s)), make([]T, n-len(s))...)
}

// doubled makes room for n more by doubling: append alone grows big slices by a quarter, and so copies them four times as often.
func doubled[T any](s []T, n int) []T {
	if len(s)+n <= cap(s) {
		return s
	}
	return slices.Grow(s, max(n, len(s)))
}

// pick is the i-th picked group.
func pick(picked []uint32, i int) int {
	if picked == nil {
		return i
	}
	return int(picked[i])
}

func pickedLen(picked []uint32, all int) int {
	if picked == nil {
		return all
	}
	return len(picked)
}

func int64s(alloc memory.Allocator, n int, value func(i int) int64) arrow.Array {
	b := array.NewInt64Builder(alloc)
	defer b.Release()
	b.Reserve(n)
	for i := range n {
		b.UnsafeAppend(value(i))
	}
	return b.NewArray()
}

func float64s(alloc memory.Allocator, n int, value func(i int) (v float64, ok bool)) arrow.Array {
	b := array.NewFloat64Builder(alloc)
	defer b.Release()
	b.Reserve(n)
	for i := range n {
		if v, ok := value(i); ok {
			b.UnsafeAppend(v)
		} else {
			b.AppendNull()
		}
	}
	return b.NewArray()
}

func decimals(alloc memory.Allocator, n int, value func(i int) decimal128.Num) arrow.Array {
	b := array.NewDecimal128Builder(alloc, &arrow.Decimal128Type{Precision: 38})
	defer b.Release()
	b.Reserve(n)
	for i := range n {
		b.UnsafeAppend(value(i))
	}
	return b.NewArray()
}
