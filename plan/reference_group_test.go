package plan_test

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// aggregate computes count, sum, avg, min and max over BIGINT and DOUBLE.
func (r *reference) aggregate(n plan.Aggregate) (rows, error) {
	in, err := r.run(n.Input)
	if err != nil {
		return rows{}, err
	}
	groups, err := r.groups(in, n.Groups)
	if err != nil {
		return rows{}, err
	}
	if len(n.Groups) == 0 && len(groups) == 0 {
		groups = [][]int32{nil}
	}
	keys, err := r.compute(in, n.Groups)
	if err != nil {
		return rows{}, err
	}
	var first []int32
	for _, g := range groups {
		if len(n.Groups) > 0 {
			first = append(first, g[0])
		}
	}
	out, err := r.take(keys, first)
	if err != nil {
		return rows{}, err
	}
	out.n = len(groups)
	for _, a := range n.Aggs {
		column, err := r.folded(in, a, groups)
		if err != nil {
			return rows{}, err
		}
		out.columns = append(out.columns, column)
	}
	return out, nil
}

func (r *reference) folded(in rows, a expr.BoundAggregate, groups [][]int32) (arrow.Array, error) {
	b := array.NewBuilder(r.env.Alloc, a.Typ)
	for _, g := range groups {
		part, err := r.take(in, g)
		if err != nil {
			return nil, err
		}
		if a.Filter != nil {
			if part, err = r.filter(part, a.Filter); err != nil {
				return nil, err
			}
		}
		args, err := r.compute(part, a.Args)
		if err != nil {
			return nil, err
		}
		if a.Func == "single_value" {
			if err := appendSingle(b, args); err != nil {
				return nil, err
			}
			continue
		}
		if err := appendFold(b, a, args); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}

// appendSingle appends the value of the only row, NULL where there is none.
func appendSingle(b array.Builder, args rows) error {
	if args.n > 1 {
		return fmt.Errorf("%d rows for one value", args.n)
	}
	if args.n == 0 || args.columns[0].IsNull(0) {
		b.AppendNull()
		return nil
	}
	return b.AppendValueFromString(args.columns[0].ValueStr(0))
}

func appendFold(b array.Builder, a expr.BoundAggregate, args rows) error {
	seen, count, total := map[string]bool{}, int64(0), 0.0
	for i := range args.n {
		if args.hasNull(i) || a.Distinct && seen[args.text(i)] {
			continue
		}
		seen[args.text(i)] = true
		count++
		if a.Func == "count" {
			continue
		}
		var v float64
		switch c := args.columns[0].(type) {
		case *array.Float64:
			v = c.Value(i)
		case *array.Int64:
			v = float64(c.Value(i))
		case *array.Int32:
			v = float64(c.Value(i))
		default:
			return fmt.Errorf("the reference does not aggregate %s", c.DataType())
		}
		switch {
		case a.Func == "sum", a.Func == "avg":
			total += v
		case a.Func == "max":
			total = extreme(total, v, count, v > total)
		case a.Func == "min":
			total = extreme(total, v, count, v < total)
		default:
			return fmt.Errorf("the reference does not compute %s", a.Func)
		}
	}
	if a.Func == "avg" && count > 0 {
		total /= float64(count)
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		if a.Func == "count" {
			b.Append(count)
			return nil
		}
		appendOrNull(b, count, int64(total))
	case *array.Int32Builder:
		appendOrNull(b, count, int32(total))
	case *array.Float64Builder:
		appendOrNull(b, count, total)
	default:
		return fmt.Errorf("the reference does not aggregate to %s", a.Typ)
	}
	return nil
}

// extreme is v where it is the first value or beyond the ones before.
func extreme(before, v float64, count int64, beyond bool) float64 {
	if count == 1 || beyond {
		return v
	}
	return before
}

func appendOrNull[T any](b interface {
	Append(T)
	AppendNull()
}, count int64, v T,
) {
	if count == 0 {
		b.AppendNull()
		return
	}
	b.Append(v)
}

// window computes row_number, and aggregates over whole partitions.
func (r *reference) window(n plan.Window) (rows, error) {
	in, err := r.run(n.Input)
	if err != nil {
		return rows{}, err
	}
	out := rows{slices.Clone(in.columns), in.n}
	for _, f := range n.Funcs {
		groups, err := r.groups(in, f.PartitionBy)
		if err != nil {
			return rows{}, err
		}
		var order []int32
		var parts []arrow.Array
		for _, g := range groups {
			if g, err = r.sorted(in, g, f.OrderBy); err != nil {
				return rows{}, err
			}
			order = append(order, g...)
			part, err := r.over(in, f, g)
			if err != nil {
				return rows{}, err
			}
			parts = append(parts, part)
		}
		column, err := vector.Concat(r.env.Alloc, append(parts, array.MakeArrayOfNull(r.env.Alloc, f.Typ, 0)))
		if err != nil {
			return rows{}, err
		}
		back := make([]int32, in.n)
		for i, p := range order {
			back[p] = int32(i)
		}
		if column, err = vector.Take(r.env.Alloc, column, back); err != nil {
			return rows{}, err
		}
		out.columns = append(out.columns, column)
	}
	return out, nil
}

func (r *reference) over(in rows, f expr.BoundWindow, partition []int32) (arrow.Array, error) {
	if f.Func == "row_number" {
		b := array.NewInt32Builder(r.env.Alloc)
		for i := range partition {
			b.Append(int32(i + 1))
		}
		return b.NewArray(), nil
	}
	if len(f.OrderBy) > 0 {
		return nil, fmt.Errorf("the reference does not run %s", f)
	}
	one, err := r.folded(in, expr.BoundAggregate{Func: f.Func, Args: f.Args, Typ: f.Typ, Null: f.Null}, [][]int32{partition})
	if err != nil {
		return nil, err
	}
	return vector.Take(r.env.Alloc, one, make([]int32, len(partition)))
}
