package exec

import (
	"math"
	"slices"
)

// quantiles is a summary of values from which ranks are read with an error of at most the share epsilon (Greenwald and Khanna, 2001). Values are gathered
// and go into the summary many at a time.
type quantiles struct {
	samples []sample // ascending; the least and the greatest value are always among them
	n       int64    // values in samples
	fresh   []float64
}

// sample is a value: its rank is at least the sum of the gaps up to it, and by at most slack more.
type sample struct {
	v          float64
	gap, slack int64
}

// mostFresh is how many values are gathered.
const mostFresh = 50_000

func (q *quantiles) add(v, epsilon float64) {
	q.fresh = append(q.fresh, v)
	if len(q.fresh) >= mostFresh {
		q.settle(epsilon)
	}
}

// settle takes the gathered values into the summary.
func (q *quantiles) settle(epsilon float64) {
	if len(q.fresh) == 0 {
		return
	}
	slices.SortFunc(q.fresh, compareDoubles)
	merged, exact := make([]sample, 0, len(q.samples)+len(q.fresh)), q.exact()
	next := 0
	for i, v := range q.fresh {
		for next < len(q.samples) && compareDoubles(q.samples[next].v, v) <= 0 {
			merged = append(merged, q.samples[next])
			next++
		}
		q.n++
		s := sample{v: v, gap: 1}
		if !exact && len(merged) > 0 && (next < len(q.samples) || i < len(q.fresh)-1) {
			s.slack = int64(math.Floor(2 * epsilon * float64(q.n)))
		}
		merged = append(merged, s)
	}
	q.samples = append(merged, q.samples[next:]...)
	q.fresh = q.fresh[:0]
	q.compress(epsilon)
}

// exact tells that every value is a sample.
func (q *quantiles) exact() bool { return q.n == int64(len(q.samples)) }

// compress makes the summary shorter once it has grown to twice what its error asks for.
func (q *quantiles) compress(epsilon float64) {
	if float64(len(q.samples)) > 2/epsilon {
		q.samples = compressed(q.samples, 2*epsilon*float64(q.n))
	}
}

// compressed joins each sample with the next one where the two stay below the limit, from the end; the first and the last stay.
func compressed(samples []sample, limit float64) []sample {
	if len(samples) < 3 {
		return samples
	}
	last := len(samples) - 1
	at, head := last, samples[last]
	for i := last - 1; i > 0; i-- {
		if s := samples[i]; float64(s.gap+head.gap+head.slack) < limit {
			head.gap += s.gap
		} else {
			samples[at] = head
			at--
			head = s
		}
	}
	samples[at] = head
	at--
	samples[at] = samples[0]
	return slices.Clone(samples[at:])
}

// merge takes in another summary, of which all values are settled, as these are.
func (q *quantiles) merge(o []sample, n int64, epsilon float64) {
	if n == 0 {
		return
	}
	var mine, theirs int64 // how much looser the other's samples make these, and these the other's
	if n != int64(len(o)) {
		mine = int64(math.Floor(2 * epsilon * float64(n)))
	}
	if !q.exact() {
		theirs = int64(math.Floor(2 * epsilon * float64(q.n)))
	}
	merged := make([]sample, 0, len(q.samples)+len(o))
	i, j := 0, 0
	for i < len(q.samples) && j < len(o) {
		if compareDoubles(q.samples[i].v, o[j].v) < 0 {
			merged = append(merged, loosened(q.samples[i], j > 0, mine))
			i++
		} else {
			merged = append(merged, loosened(o[j], i > 0, theirs))
			j++
		}
	}
	q.samples = append(append(merged, q.samples[i:]...), o[j:]...)
	q.n += n
	q.compress(epsilon)
}

func loosened(s sample, within bool, by int64) sample {
	if within {
		s.slack += by
	}
	return s
}

// at is the value whose rank is about the share p of all. Nothing is fresh, and there are values.
func (q *quantiles) at(p, epsilon float64) float64 {
	last := len(q.samples) - 1
	switch {
	case p <= epsilon:
		return q.samples[0].v
	case p >= 1-epsilon:
		return q.samples[last].v
	}
	rank, off := int64(math.Ceil(p*float64(q.n))), int64(0)
	for _, s := range q.samples {
		off = max(off, s.gap+s.slack)
	}
	off /= 2
	least := int64(0)
	for _, s := range q.samples[:last] {
		least += s.gap
		if least+s.slack-off <= rank && rank <= least+off {
			return s.v
		}
	}
	return q.samples[last].v
}

// compareDoubles has NaN greatest.
func compareDoubles(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	case a == a:
		return -1
	case b == b:
		return 1
	}
	return 0
}
