package enginetest

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// aggregate groups by up to three columns, and projects what comes of it: collected values in order, inexact ones rounded.
func (g *generator) aggregate(in plan.Node) plan.Node {
	var groups []expr.Bound
	if g.chance(80) {
		in = g.ordered(in)
		groups = g.some(plan.ColumnsOf(in))
	}
	groupNames := make([]string, len(groups))
	for i := range groupNames {
		groupNames[i] = g.name()
	}
	var aggs []expr.BoundAggregate
	var aggNames []string
	for range 1 + g.rng.IntN(4) {
		if a, ok := g.aggregateCall(in, groups); ok {
			aggs, aggNames = append(aggs, a), append(aggNames, g.name())
		}
	}
	if len(aggs) == 0 && len(groups) == 0 {
		return in
	}
	return g.finished(must(plan.NewAggregate(in, groups, groupNames, aggs, aggNames)), aggs, len(groups))
}

// aggregateCall is an aggregate whose value does not depend on the order of rows.
func (g *generator) aggregateCall(in plan.Node, groups []expr.Bound) (a expr.BoundAggregate, ok bool) {
	for range 20 {
		call, ok := g.aggregateText(in.Schema(), groups, false)
		if !ok {
			continue
		}
		if g.chance(20) {
			call.Filter = expr.Unbind(g.predicate(in))
		}
		a, err := expr.BindAggregate(call, expr.NewScope(in.Schema()))
		if err == nil && !anyMayFail(a.Args...) {
			return a, true
		}
	}
	return a, false
}

func anyMayFail(list ...expr.Bound) bool {
	for _, b := range list {
		if plan.MayFail(b) {
			return true
		}
	}
	return false
}

// aggregateText is a call of any aggregate. What sums is of numbers so small that every sum is exact. What picks a row's value picks among equal ones: the
// groups' own columns; in an ordered window it may pick any.
func (g *generator) aggregateText(s *arrow.Schema, groups []expr.Bound, window bool) (call expr.Call, ok bool) {
	name := pick(g, aggregates())
	vars := variables(s)
	var args []expr.Node
	distinct := !window && g.chance(15)
	switch name {
	case "count":
		args = []expr.Node{expr.Star{}}
		if g.chance(60) {
			args = []expr.Node{g.value(vars, pick(g, basicTypes()), 2)}
		} else {
			distinct = false
		}
	case "count_if", "bool_and", "bool_or":
		args, distinct = []expr.Node{g.value(vars, typeBoolean, 2)}, false
	case "sum", "avg", "try_sum", "try_avg", "stddev_samp", "stddev_pop", "var_samp", "var_pop", "median":
		args = []expr.Node{g.value(vars, pick(g, []arrow.DataType{schema.TinyInt, schema.SmallInt, schema.Int, schema.DecimalOf(10, 2)}), 1)}
	case "percentile":
		args = append([]expr.Node{g.value(vars, schema.Int, 1)}, pick(g, parsed("0.5D", "0D", "1D", "0.25D")))
	case "bit_and", "bit_or", "bit_xor":
		args = []expr.Node{g.value(vars, pick(g, []arrow.DataType{schema.TinyInt, schema.Int, schema.BigInt}), 1)}
	case "bitmap_construct_agg":
		args = []expr.Node{expr.Call{Func: "bitmap_bit_position", Args: []expr.Node{g.value(vars, schema.Int, 1)}}}
	case "bitmap_or_agg", "bitmap_and_agg":
		args = []expr.Node{g.value(vars, schema.Binary, 1)}
	case "regr_count", "regr_avgx", "regr_avgy":
		args, distinct = []expr.Node{g.value(vars, schema.Int, 1), g.value(vars, schema.SmallInt, 1)}, false
	case "percentile_cont", "percentile_disc", "approx_percentile":
		args, distinct = append([]expr.Node{g.value(vars, schema.Int, 1)}, pick(g, parsed("0.5D", "0D", "1D", "0.25D"))), false
		if name != "approx_percentile" {
			args = append(args, expr.Literal{Value: int32(g.rng.IntN(4)), Type: schema.Int})
		}
	case "mode":
		how := expr.Literal{Value: int32(g.rng.IntN(4)), Type: schema.Int}
		args, distinct = []expr.Node{g.value(vars, pick(g, basicTypes()), 1), expr.Literal{Value: true, Type: typeBoolean}, how}, false
	case "listagg":
		v := g.value(vars, schema.String, 1)
		args = []expr.Node{v, pick(g, parsed("','", "NULL", "''")), v, expr.Literal{Value: int32(g.rng.IntN(4)), Type: schema.Int}}
	case "max_by", "min_by":
		v := g.value(vars, pick(g, basicTypes()), 1)
		args, distinct = []expr.Node{v, v}, false
	case "first", "last", "any_value":
		if !window && len(groups) == 0 {
			return call, false
		}
		if args, distinct = []expr.Node{g.value(vars, pick(g, basicTypes()), 1)}, false; !window {
			args[0] = expr.Unbind(pick(g, groups))
		}
		if g.chance(30) {
			args = append(args, parsed("TRUE")...)
		}
	default: // min, max, collect_list, collect_set
		args = []expr.Node{g.value(vars, pick(g, allTypes()), 2)}
	}
	return expr.Call{Func: name, Args: args, Distinct: distinct}, true
}

// inexact aggregates may give 0 where another order of rows gives next to nothing, or go by the order of rows; corr fails for some.
func inexact(aggregate string) bool {
	switch aggregate {
	case "covar_pop", "covar_samp", "corr", "regr_sxx", "regr_sxy", "regr_syy", "regr_slope", "regr_intercept", "regr_r2", "skewness", "kurtosis", "histogram_numeric":
		return true
	}
	return false
}

// aggregates are the names of the aggregates that random plans call.
func aggregates() []string {
	var names []string
	for _, f := range expr.Functions() {
		if f.Kind == expr.AggregateFunction && !inexact(f.Name) && f.Name != "schema_of_variant_agg" { // random plans have no VARIANT
			names = append(names, f.Name)
		}
	}
	return names
}

// finished projects aggregates to what is certain about them. They stand behind the columns of the input, kept of them.
func (g *generator) finished(n plan.Node, aggs []expr.BoundAggregate, kept int) plan.Node {
	exprs, names := plan.ColumnsOf(n), make([]string, n.Schema().NumFields())
	for i, c := range exprs {
		names[i] = g.name()
		if i < kept {
			continue
		}
		call := expr.Call{Func: aggs[i-kept].Func, Args: []expr.Node{expr.Unbind(c)}}
		rounded := exact(call)
		switch to, inexact := rounded.(expr.Cast); {
		case inexact:
			exprs[i] = expr.BoundCast{Arg: c, Typ: to.Type}
		case call.Func == "collect_list" || call.Func == "collect_set":
			sorted, err := expr.Bind(expr.Call{Func: "sort_array", Args: call.Args}, expr.NewScope(n.Schema()))
			if err == nil {
				exprs[i] = sorted
			} else {
				exprs[i] = expr.BoundCall{Func: "size", Args: []expr.Bound{c}, Typ: schema.Int, Null: c.Nullable()}
			}
		}
	}
	return must(plan.NewProject(n, exprs, names))
}

// window computes functions over one window, in which the order of rows is total.
func (g *generator) window(in plan.Node) plan.Node {
	in = g.ordered(in)
	columns := plan.ColumnsOf(in)
	w := expr.Window{OrderBy: sortNodes(g.everything(columns))}
	if g.chance(70) {
		for _, b := range g.some(columns) {
			w.PartitionBy = append(w.PartitionBy, expr.Unbind(b))
		}
	}
	var funcs []expr.BoundWindow
	var names []string
	var rounding []expr.BoundAggregate
	for range 1 + g.rng.IntN(3) {
		f, ok := g.windowCall(in.Schema(), w)
		if ok {
			funcs, names, rounding = append(funcs, f), append(names, g.name()), append(rounding, expr.BoundAggregate{Func: f.Func})
		}
	}
	if len(funcs) == 0 {
		return in
	}
	return g.finished(must(plan.NewWindow(in, funcs, names)), rounding, len(columns))
}

func sortNodes(keys []expr.BoundSort) []expr.Sort {
	sorts := make([]expr.Sort, len(keys))
	for i, k := range keys {
		sorts[i] = expr.Sort{Arg: expr.Unbind(k.Arg), Descending: k.Descending, NullsFirst: k.NullsFirst}
	}
	return sorts
}

func (g *generator) windowCall(s *arrow.Schema, w expr.Window) (f expr.BoundWindow, ok bool) {
	for range 20 {
		call, ok := g.windowText(s)
		if !ok {
			continue
		}
		over := expr.Over{Call: call, Window: w}
		if !expr.IsWindow(call.Func) || call.Func == "nth_value" {
			over.Window.Frame = g.frame()
		}
		f, err := expr.BindWindow(over, expr.NewScope(s))
		if err == nil && !anyMayFail(f.Args...) {
			return f, true
		}
	}
	return f, false
}

// windowText is a call of a window function or an aggregate.
func (g *generator) windowText(s *arrow.Schema) (expr.Call, bool) {
	if g.chance(50) {
		return g.aggregateText(s, nil, true)
	}
	value := func() expr.Node { return g.value(variables(s), pick(g, basicTypes()), 1) }
	switch name := pick(g, []string{"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "nth_value"}); name {
	case "ntile":
		return expr.Call{Func: name, Args: parsed(fmt.Sprint(1 + g.rng.IntN(4)))}, true
	case "lag", "lead":
		args := append([]expr.Node{value()}, pick(g, parsed("1", "0", "2", "-1")))
		if g.chance(30) {
			args = append(args, parsed("NULL", "TRUE")...)
		}
		return expr.Call{Func: name, Args: args}, true
	case "nth_value":
		return expr.Call{Func: name, Args: append([]expr.Node{value()}, pick(g, parsed("1", "2", "3")))}, true
	default:
		return expr.Call{Func: name}, true
	}
}

// frame is the default one or any that counts rows; RANGE frames by an offset have cases of their own, as they allow one key only.
func (g *generator) frame() expr.Frame {
	if g.chance(30) {
		return expr.Frame{}
	}
	unit := expr.FrameRows
	kinds := []expr.BoundKind{expr.UnboundedPreceding, expr.Preceding, expr.CurrentRow, expr.Following, expr.UnboundedFollowing}
	if g.chance(20) {
		unit, kinds = expr.FrameRange, []expr.BoundKind{expr.UnboundedPreceding, expr.CurrentRow, expr.UnboundedFollowing}
	}
	start := g.rng.IntN(len(kinds) - 1)
	end := max(1, start) + g.rng.IntN(len(kinds)-max(1, start))
	near, far := expr.FrameBound{Kind: kinds[start]}, expr.FrameBound{Kind: kinds[end]}
	offsets := parsed("0", "1", "2", "3")
	if near.Kind == expr.Preceding || near.Kind == expr.Following {
		near.Offset = offsets[g.rng.IntN(2)+2*int(expr.Following-near.Kind)/2]
	}
	if far.Kind == expr.Preceding || far.Kind == expr.Following {
		far.Offset = offsets[g.rng.IntN(2)+2*int(far.Kind-expr.Preceding)/2]
	}
	return expr.Frame{Unit: unit, Start: near, End: far}
}
