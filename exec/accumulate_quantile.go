package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// approxPercentiles is approx_percentile: a summary of each group's values as doubles.
type approxPercentiles struct {
	env     *Env
	out     arrow.DataType
	ps      []float64
	epsilon float64
	of      []quantiles
	held    int64
}

func newApproxPercentiles(env *Env, a expr.BoundAggregate) (accumulator, error) {
	ps, err := constantFloats(env, a.Args[1])
	if err != nil {
		return nil, err
	}
	accuracy, err := constantInt(env, a.Args[2])
	if err != nil {
		return nil, err
	}
	return &approxPercentiles{env: env, out: a.Typ, ps: ps, epsilon: 1 / float64(accuracy)}, nil
}

func (x *approxPercentiles) grow(n int) { x.of = growTo(x.of, n) }

func (x *approxPercentiles) update(groups []uint32, rows []int32, args []arrow.Array) error {
	values, err := doubles(args[0])
	if err != nil {
		return err
	}
	null := vector.RowNulls(args[0])
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			q := &x.of[g]
			before := q.size()
			q.add(values[r], x.epsilon)
			x.held += q.size() - before
		}
	}
	return nil
}

func (q *quantiles) size() int64 { return 8*int64(cap(q.fresh)) + 24*int64(cap(q.samples)) }

// settled is a group's summary with nothing fresh. It may be asked for by several goroutines, each for groups of its own.
func (x *approxPercentiles) settled(g int) *quantiles {
	q := &x.of[g]
	q.settle(x.epsilon)
	return q
}

// The state is the samples' values, gaps and slacks, and the number of values.
func (x *approxPercentiles) stateTypes() []arrow.DataType {
	return []arrow.DataType{
		arrow.ListOfNonNullable(arrow.PrimitiveTypes.Float64), arrow.ListOfNonNullable(arrow.PrimitiveTypes.Int64),
		arrow.ListOfNonNullable(arrow.PrimitiveTypes.Int64), arrow.PrimitiveTypes.Int64,
	}
}

func (x *approxPercentiles) state(picked []uint32) ([]arrow.Array, error) {
	n := pickedLen(picked, len(x.of))
	column := func(t arrow.DataType, add func(b array.Builder, s sample)) arrow.Array {
		b := array.NewListBuilder(x.env.Alloc, t)
		defer b.Release()
		for i := range n {
			b.Append(true)
			for _, s := range x.settled(pick(picked, i)).samples {
				add(b.ValueBuilder(), s)
			}
		}
		return b.NewArray()
	}
	return []arrow.Array{
		column(arrow.PrimitiveTypes.Float64, func(b array.Builder, s sample) { b.(*array.Float64Builder).Append(s.v) }),
		column(arrow.PrimitiveTypes.Int64, func(b array.Builder, s sample) { b.(*array.Int64Builder).Append(s.gap) }),
		column(arrow.PrimitiveTypes.Int64, func(b array.Builder, s sample) { b.(*array.Int64Builder).Append(s.slack) }),
		int64s(x.env.Alloc, n, func(i int) int64 { return x.of[pick(picked, i)].n }),
	}, nil
}

func (x *approxPercentiles) absorb(groups []uint32, state []arrow.Array) error {
	offs, values := vector.Lists(state[0])
	vs := floatsOf(values)
	gapAt, gaps := vector.Lists(state[1])
	slackAt, slacks := vector.Lists(state[2])
	gap, slack := arrow.GetValues[int64](gaps.Data(), 1), arrow.GetValues[int64](slacks.Data(), 1)
	counts := arrow.GetValues[int64](state[3].Data(), 1)
	for i, g := range groups {
		samples := make([]sample, offs[i+1]-offs[i])
		for j := range samples {
			samples[j] = sample{vs[int(offs[i])+j], gap[int(gapAt[i])+j], slack[int(slackAt[i])+j]}
		}
		q := x.settled(int(g))
		before := q.size()
		q.merge(samples, counts[i], x.epsilon)
		x.held += q.size() - before
	}
	return nil
}

func (x *approxPercentiles) result(picked []uint32) (arrow.Array, error) {
	return percentileColumn(x.env, x.out, pickedLen(picked, len(x.of)), len(x.ps), func(i int) func(k int) float64 {
		q := x.settled(pick(picked, i))
		if len(q.samples) == 0 {
			return nil
		}
		return func(k int) float64 { return q.at(x.ps[k], x.epsilon) }
	})
}

func (x *approxPercentiles) size() int64 { return 72*int64(cap(x.of)) + x.held }
func (x *approxPercentiles) release()    {}
