package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/expr"
)

// comoments is the family of covariance, correlation and linear regression, over the rows in which neither argument is NULL. For regression the first
// argument is y, the dependent one.
type comoments struct {
	env *Env
	agg expr.BoundAggregate
	of  []comoment
}

// comoment is a group's rows, means, and sums of products about the means.
type comoment struct{ n, x, y, xy, xx, yy float64 }

func (c *comoments) grow(n int) { c.of = growTo(c.of, n) }

func (c *comoments) update(groups []uint32, rows []int32, args []arrow.Array) error {
	xs, err := doubles(args[0])
	if err != nil {
		return err
	}
	ys, err := doubles(args[1])
	if err != nil {
		return err
	}
	null := anyNull(args[:2])
	for i, g := range groups {
		r := at(rows, i)
		if null != nil && null(r) {
			continue
		}
		m := &c.of[g]
		m.n++
		dx, dy := xs[r]-m.x, ys[r]-m.y
		m.x += dx / m.n
		m.y += dy / m.n
		m.xy += dx * (ys[r] - m.y)
		m.xx += dx * (xs[r] - m.x)
		m.yy += dy * (ys[r] - m.y)
	}
	return nil
}

func (c *comoments) absorb(groups []uint32, state []arrow.Array) error {
	var s [6][]float64
	for i := range s {
		s[i] = floatsOf(state[i])
	}
	for i, g := range groups {
		c.of[g].add(comoment{s[0][i], s[1][i], s[2][i], s[3][i], s[4][i], s[5][i]})
	}
	return nil
}

func (m *comoment) add(o comoment) {
	if o.n == 0 {
		return
	}
	n := m.n + o.n
	dx, dy := o.x-m.x, o.y-m.y
	m.xy += o.xy + dx*dy/n*m.n*o.n
	m.xx += o.xx + dx*dx/n*m.n*o.n
	m.yy += o.yy + dy*dy/n*m.n*o.n
	m.x += dx / n * o.n
	m.y += dy / n * o.n
	m.n = n
}

func (c *comoments) stateTypes() []arrow.DataType {
	f := arrow.PrimitiveTypes.Float64
	return []arrow.DataType{f, f, f, f, f, f}
}

func (c *comoments) state(picked []uint32) ([]arrow.Array, error) {
	n := pickedLen(picked, len(c.of))
	column := func(value func(comoment) float64) arrow.Array {
		return float64s(c.env.Alloc, n, func(i int) (float64, bool) { return value(c.of[pick(picked, i)]), true })
	}
	return []arrow.Array{
		column(func(m comoment) float64 { return m.n }),
		column(func(m comoment) float64 { return m.x }), column(func(m comoment) float64 { return m.y }),
		column(func(m comoment) float64 { return m.xy }),
		column(func(m comoment) float64 { return m.xx }), column(func(m comoment) float64 { return m.yy }),
	}, nil
}

func (c *comoments) result(picked []uint32) (arrow.Array, error) {
	b := array.NewFloat64Builder(c.env.Alloc)
	defer b.Release()
	for i := range pickedLen(picked, len(c.of)) {
		m := c.of[pick(picked, i)]
		if c.agg.Func == "corr" && m.n > 1 && m.xx*m.yy == 0 {
			return nil, &expr.Error{
				Class: "DIVIDE_BY_ZERO", SQLState: "22012", Line: c.agg.Line, Column: c.agg.Column,
				Message: "the correlation with what is the same in all rows does not exist", Hint: "leave such groups out with FILTER or HAVING",
			}
		}
		if v, ok := m.value(c.agg.Func); ok {
			b.Append(v)
		} else {
			b.AppendNull()
		}
	}
	return b.NewArray(), nil
}

// value is a function's result; ok is false where it has none. In regression x is the second argument.
func (m comoment) value(function string) (v float64, ok bool) {
	switch function {
	case "covar_pop":
		return m.xy / m.n, m.n > 0
	case "covar_samp":
		return m.xy / (m.n - 1), m.n > 1
	case "corr":
		return m.xy / math.Sqrt(m.xx*m.yy), m.n > 1
	case "regr_sxx":
		return m.yy, m.n > 0
	case "regr_syy":
		return m.xx, m.n > 0
	case "regr_sxy":
		return m.xy, m.n > 0
	case "regr_slope":
		return m.xy / m.yy, m.n > 0 && m.yy != 0
	case "regr_intercept":
		return m.x - m.xy/m.yy*m.y, m.n > 0 && m.yy != 0
	}
	if m.xx == 0 { // regr_r2: there is nothing to explain
		return 1, m.n > 0 && m.yy != 0
	}
	return m.xy * m.xy / (m.xx * m.yy), m.n > 0 && m.yy != 0
}

func (c *comoments) size() int64 { return 48 * int64(cap(c.of)) }
func (c *comoments) release()    {}
