package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// floatTotals is sum and avg over FLOAT and DOUBLE.
type floatTotals struct {
	env *Env
	avg bool
	of  []floatTotal
}

type floatTotal struct {
	sum float64
	n   int64
}

func (t *floatTotals) grow(n int) { t.of = growTo(t.of, n) }

func (t *floatTotals) update(groups []uint32, rows []int32, args []arrow.Array) error {
	null := vector.RowNulls(args[0])
	if args[0].DataType().ID() == arrow.FLOAT32 {
		addFloats(t.of, arrow.GetValues[float32](args[0].Data(), 1), groups, rows, null)
	} else {
		addFloats(t.of, arrow.GetValues[float64](args[0].Data(), 1), groups, rows, null)
	}
	return nil
}

func addFloats[T float32 | float64](of []floatTotal, src []T, groups []uint32, rows []int32, null func(int) bool) {
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		of[g].sum += float64(src[r])
		of[g].n++
	}
}

func (t *floatTotals) absorb(groups []uint32, state []arrow.Array) error {
	sums, ns := arrow.GetValues[float64](state[0].Data(), 1), arrow.GetValues[int64](state[1].Data(), 1)
	for i, g := range groups {
		t.of[g].sum += sums[i]
		t.of[g].n += ns[i]
	}
	return nil
}

func (t *floatTotals) merge(groups, picked []uint32, from accumulator) error {
	for i, g := range groups {
		x := from.(*floatTotals).of[pick(picked, i)]
		t.of[g].sum += x.sum
		t.of[g].n += x.n
	}
	return nil
}

func (t *floatTotals) state(picked []uint32) ([]arrow.Array, error) {
	n := pickedLen(picked, len(t.of))
	return []arrow.Array{
		float64s(t.env.Alloc, n, func(i int) (float64, bool) { return t.of[pick(picked, i)].sum, true }),
		int64s(t.env.Alloc, n, func(i int) int64 { return t.of[pick(picked, i)].n }),
	}, nil
}

func (t *floatTotals) stateTypes() []arrow.DataType {
	return []arrow.DataType{arrow.PrimitiveTypes.Float64, arrow.PrimitiveTypes.Int64}
}

func (t *floatTotals) result(picked []uint32) (arrow.Array, error) {
	return float64s(t.env.Alloc, pickedLen(picked, len(t.of)), func(i int) (float64, bool) {
		x := t.of[pick(picked, i)]
		if t.avg {
			return x.sum / float64(x.n), x.n > 0
		}
		return x.sum, x.n > 0
	}), nil
}

func (t *floatTotals) size() int64 { return 16 * int64(cap(t.of)) }
func (t *floatTotals) release()    {}

// moments is the variance and standard deviation family, by Welford's and Chan's updates, which lose no digits to large means.
type moments struct {
	env    *Env
	sample bool // divide by n-1
	root   bool
	of     []moment
}

type moment struct{ n, mean, m2 float64 }

func newMoments(env *Env, a expr.BoundAggregate) (accumulator, error) {
	m := &moments{env: env, sample: true}
	switch a.Func {
	case "stddev_pop":
		m.sample, m.root = false, true
	case "var_pop":
		m.sample = false
	case "stddev", "std", "stddev_samp":
		m.root = true
	}
	return m, nil
}

func (m *moments) grow(n int) { m.of = growTo(m.of, n) }

func (m *moments) update(groups []uint32, rows []int32, args []arrow.Array) error {
	values, err := doubles(args[0])
	if err != nil {
		return err
	}
	null := vector.RowNulls(args[0])
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		x, v := &m.of[g], values[r]
		x.n++
		delta := v - x.mean
		x.mean += delta / x.n
		x.m2 += delta * (v - x.mean)
	}
	return nil
}

func (m *moments) absorb(groups []uint32, state []arrow.Array) error {
	ns, means, m2s := floatsOf(state[0]), floatsOf(state[1]), floatsOf(state[2])
	for i, g := range groups {
		x, n := &m.of[g], m.of[g].n+ns[i]
		if ns[i] == 0 {
			continue
		}
		delta := means[i] - x.mean
		x.m2 += m2s[i] + delta*delta*x.n*ns[i]/n
		x.mean += delta * ns[i] / n
		x.n = n
	}
	return nil
}

func floatsOf(a arrow.Array) []float64 { return arrow.GetValues[float64](a.Data(), 1) }

func (m *moments) state(picked []uint32) ([]arrow.Array, error) {
	n := pickedLen(picked, len(m.of))
	return []arrow.Array{
		float64s(m.env.Alloc, n, func(i int) (float64, bool) { return m.of[pick(picked, i)].n, true }),
		float64s(m.env.Alloc, n, func(i int) (float64, bool) { return m.of[pick(picked, i)].mean, true }),
		float64s(m.env.Alloc, n, func(i int) (float64, bool) { return m.of[pick(picked, i)].m2, true }),
	}, nil
}

func (m *moments) stateTypes() []arrow.DataType {
	f := arrow.PrimitiveTypes.Float64
	return []arrow.DataType{f, f, f}
}

// result is NULL for no rows, and for one row where the divisor would be zero.
func (m *moments) result(picked []uint32) (arrow.Array, error) {
	return float64s(m.env.Alloc, pickedLen(picked, len(m.of)), func(i int) (float64, bool) {
		x := m.of[pick(picked, i)]
		n := x.n
		if m.sample {
			n--
		}
		v := x.m2 / n
		if m.root {
			v = math.Sqrt(v)
		}
		return v, n > 0
	}), nil
}

func (m *moments) size() int64 { return 24 * int64(cap(m.of)) }
func (m *moments) release()    {}
