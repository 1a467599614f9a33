package kernel

import "math"

// pair is a number as the exact sum of two doubles, the second far smaller.
type pair struct{ high, low float64 }

// sum2 adds two doubles exactly.
func sum2(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

// product2 multiplies two doubles exactly.
func product2(a, b float64) pair {
	p := a * b
	return pair{p, math.FMA(a, b, -p)}
}

// over is r / b, rounded.
func (r pair) over(b pair) float64 {
	q := r.high / b.high
	back := product2(q, b.high)
	return q + ((r.high-back.high)-back.low+r.low-q*b.low)/b.high
}

// π/2 in three parts, of which the first two have so few bits that their products with whole numbers up to mostQuarters are exact.
const (
	halfPi1      = 0x1.921fb54400000p+0
	halfPi2      = 0x1.0b4611a600000p-34
	halfPi3      = 0x1.3198a2e037073p-69
	mostQuarters = 1 << 19
)

// reduce gives x as a number of quarter turns and what is left, between -π/4 and π/4; ok is false where x is too large, or no number.
func reduce(x float64) (quarter int, rest pair, ok bool) {
	n := math.RoundToEven(x * (2 / math.Pi))
	if !(math.Abs(n) <= mostQuarters) {
		return 0, pair{}, false
	}
	r := sum2(x-n*halfPi1, -n*halfPi2)
	last := product2(-n, halfPi3)
	s := sum2(r.high, last.high)
	return int(n) & 3, sum2(s.high, s.low+r.low+last.low), true
}

// series is the rest of the series of sine or cosine: 1/n! - z/(n+2)! + …, far enough for angles up to π/4.
func series(z float64, n int) float64 {
	sum := 0.0
	for k := n + 16; k >= n; k -= 2 {
		sum = inverseFactorials[k] - z*sum
	}
	return sum
}

var inverseFactorials = func() (f [21]float64) {
	product := 1.0
	for n := range f {
		f[n] = 1 / product
		product *= float64(n + 1)
	}
	return f
}()

func (r pair) sine() pair {
	z := r.high * r.high
	return sum2(r.high, r.low*(1-z/2)-r.high*z*series(z, 3))
}

func (r pair) cosine() pair {
	z := product2(r.high, r.high)
	s := sum2(1, -z.high/2)
	return sum2(s.high, s.low-z.low/2-r.high*r.low+z.high*z.high*series(z.high, 4))
}

func (r pair) negated() pair { return pair{-r.high, -r.low} }

// sine, cosine and tangent are right to nearly half a unit of the last place, as those of Java are on most processors; package math's are not near
// multiples of π/2.
func sine(x float64) float64 {
	quarter, rest, ok := reduce(x)
	if !ok || math.Abs(x) < 0x1p-27 {
		return math.Sin(x)
	}
	s, _ := atQuarter(quarter, rest)
	return s.high
}

func cosine(x float64) float64 {
	quarter, rest, ok := reduce(x)
	if !ok {
		return math.Cos(x)
	}
	_, c := atQuarter(quarter, rest)
	return c.high
}

func tangent(x float64) float64 {
	quarter, rest, ok := reduce(x)
	if !ok || math.Abs(x) < 0x1p-27 {
		return math.Tan(x)
	}
	s, c := atQuarter(quarter, rest)
	return s.over(c)
}

// atQuarter are sine and cosine of an angle behind quarter turns.
func atQuarter(quarter int, rest pair) (s, c pair) {
	switch s, c = rest.sine(), rest.cosine(); quarter {
	case 1:
		return c, s.negated()
	case 2:
		return s.negated(), c.negated()
	case 3:
		return c.negated(), s
	}
	return s, c
}

// The hyperbolic functions go by expm1, which is right near 0.

// overflowing is where e^x/2 is better taken as the square of e^(x/2).
const overflowing = 22

func hyperbolicSine(x float64) float64 {
	a := math.Abs(x)
	if !(a < overflowing) {
		return math.Sinh(x)
	}
	t := math.Expm1(a)
	if a < 1 {
		return math.Copysign((2*t-t*t/(t+1))/2, x)
	}
	return math.Copysign((t+t/(t+1))/2, x)
}

func hyperbolicCosine(x float64) float64 {
	a := math.Abs(x)
	switch {
	case !(a < overflowing):
		return math.Cosh(x)
	case a < math.Ln2/2:
		t := math.Expm1(a)
		return 1 + t*t/(2*(1+t))
	}
	t := math.Exp(a)
	return t/2 + 0.5/t
}

func hyperbolicTangent(x float64) float64 {
	a := math.Abs(x)
	switch {
	case !(a < overflowing):
		return math.Tanh(x)
	case a < 1:
		t := math.Expm1(-2 * a)
		return math.Copysign(-t/(t+2), x)
	}
	return math.Copysign(1-2/(math.Expm1(2*a)+2), x)
}
