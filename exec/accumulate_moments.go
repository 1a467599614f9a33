package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// highMoments is skewness and kurtosis.
type highMoments struct {
	env      *Env
	kurtosis bool
	of       []highMoment
}

// highMoment is a group's rows, mean, and sums of the second to fourth powers about the mean.
type highMoment struct{ n, mean, m2, m3, m4 float64 }

func (h *highMoments) grow(n int) { h.of = growTo(h.of, n) }

func (h *highMoments) update(groups []uint32, rows []int32, args []arrow.Array) error {
	values, err := doubles(args[0])
	if err != nil {
		return err
	}
	null := vector.RowNulls(args[0])
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			h.of[g].push(values[r])
		}
	}
	return nil
}

func (m *highMoment) push(v float64) {
	m.n++
	d := v - m.mean
	step := d / m.n
	m.mean += step
	m.m2 += d * (d - step)
	m.m3 += -3*step*m.m2 + d*(d*d-step*step)
	m.m4 += -4*step*m.m3 - 6*step*step*m.m2 + d*(d*d*d-step*step*step)
}

func (h *highMoments) absorb(groups []uint32, state []arrow.Array) error {
	var s [5][]float64
	for i := range s {
		s[i] = floatsOf(state[i])
	}
	for i, g := range groups {
		h.of[g].add(highMoment{s[0][i], s[1][i], s[2][i], s[3][i], s[4][i]})
	}
	return nil
}

// add merges by the formulas of Terriberry and Pébay.
func (m *highMoment) add(o highMoment) {
	if o.n == 0 {
		return
	}
	n := m.n + o.n
	d := o.mean - m.mean
	step := d / n
	both := m.n * o.n
	m4 := m.m4 + o.m4 + step*step*step*d*both*(m.n*m.n-both+o.n*o.n) + 6*step*step*(m.n*m.n*o.m2+o.n*o.n*m.m2) + 4*step*(m.n*o.m3-o.n*m.m3)
	m3 := m.m3 + o.m3 + step*step*d*both*(m.n-o.n) + 3*step*(m.n*o.m2-o.n*m.m2)
	*m = highMoment{n: n, mean: m.mean + step*o.n, m2: m.m2 + o.m2 + d*step*both, m3: m3, m4: m4}
}

func (h *highMoments) stateTypes() []arrow.DataType {
	f := arrow.PrimitiveTypes.Float64
	return []arrow.DataType{f, f, f, f, f}
}

func (h *highMoments) state(picked []uint32) ([]arrow.Array, error) {
	n := pickedLen(picked, len(h.of))
	column := func(value func(highMoment) float64) arrow.Array {
		return float64s(h.env.Alloc, n, func(i int) (float64, bool) { return value(h.of[pick(picked, i)]), true })
	}
	return []arrow.Array{
		column(func(m highMoment) float64 { return m.n }), column(func(m highMoment) float64 { return m.mean }),
		column(func(m highMoment) float64 { return m.m2 }), column(func(m highMoment) float64 { return m.m3 }),
		column(func(m highMoment) float64 { return m.m4 }),
	}, nil
}

// result is NULL where all values are the same.
func (h *highMoments) result(picked []uint32) (arrow.Array, error) {
	return float64s(h.env.Alloc, pickedLen(picked, len(h.of)), func(i int) (float64, bool) {
		m := h.of[pick(picked, i)]
		if h.kurtosis {
			return m.n*m.m4/(m.m2*m.m2) - 3, m.n > 0 && m.m2 != 0
		}
		return math.Sqrt(m.n) * m.m3 / math.Sqrt(m.m2*m.m2*m.m2), m.n > 0 && m.m2 != 0
	}), nil
}

func (h *highMoments) size() int64 { return 40 * int64(cap(h.of)) }
func (h *highMoments) release()    {}
