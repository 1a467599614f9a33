package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// joinedEstimate counts the pairs, or the rows of one side that have one.
func joinedEstimate(n Join, left, right estimate) estimate {
	share := keyShare(left, right, n.LeftKeys, n.RightKeys)
	pairs := estimate{
		rows: left.rows * right.rows * share, source: max(left.source, right.source), columns: append(slices.Clone(left.columns), right.columns...),
	}
	if n.Residual != nil {
		pairs = pairs.where(n.Residual)
	}
	switch n.Kind {
	case LeftOuter:
		pairs.rows = max(pairs.rows, left.rows)
	case RightOuter:
		pairs.rows = max(pairs.rows, right.rows)
	case FullOuter:
		pairs.rows = max(pairs.rows, left.rows+right.rows)
	case LeftSemi:
		share := matched(n, left, right)
		for i, k := range n.LeftKeys {
			left = left.drawing(k, right.of(n.RightKeys[i]).present(right.rows))
		}
		left.rows *= share
		return left
	case LeftAnti:
		left.rows *= max(1-matched(n, left, right), unknownEqual)
		return left
	case Inner, Cross:
	}
	return pairs
}

// drawing is e where key draws from no more than so many values.
func (e estimate) drawing(key expr.Bound, values float64) estimate {
	if c, ok := key.(expr.BoundColumn); ok && e.columns[c.Index].distinct > values {
		e.columns = slices.Clone(e.columns)
		e.columns[c.Index].distinct = max(values, 1)
	}
	return e
}

// matched is the share of left rows that have a partner.
func matched(n Join, left, right estimate) float64 {
	if len(n.LeftKeys) == 0 {
		return 0.5
	}
	share := 1.0
	for i, k := range n.LeftKeys {
		if l, r := left.of(k), right.of(n.RightKeys[i]); l.distinct > 0 && r.distinct > 0 {
			share = min(share, r.present(right.rows)/l.distinct)
		} else {
			share = min(share, 0.5)
		}
	}
	if n.Residual != nil {
		share *= 0.5
	}
	return share
}

// keyShare is the share of all pairs of rows that are equal in their keys. Several keys are no more selective together than the rows of a side allow.
func keyShare(left, right estimate, leftKeys, rightKeys []expr.Bound) float64 {
	if len(leftKeys) == 0 {
		return 1
	}
	within, values := 1.0, 1.0
	for i, k := range leftKeys {
		w, v := keyValues(left.of(k), right.of(rightKeys[i]), left, right)
		within, values = within*w, values*v
	}
	if len(leftKeys) > 1 {
		values = min(values, max(min(left.source, right.source), 1))
	}
	return within / values
}

// keyValues is the share of pairs in which both keys lie in the range that they have in common, and how many values they have there.
func keyValues(l, r columnEstimate, left, right estimate) (within, values float64) {
	within = (1 - l.nulls) * (1 - r.nulls)
	switch {
	case l.distinct == 0 && r.distinct == 0:
		return within, max(min(left.source, right.source), 1)
	case l.distinct == 0 || r.distinct == 0:
		return within, max(l.distinct, r.distinct)
	case !l.bounded || !r.bounded:
		return within, max(min(l.distinct, r.distinct), 1)
	}
	low, high := max(l.min, r.min), min(l.max, r.max)
	a, b := l.shareOf(low, high), r.shareOf(low, high)
	return within * a * b, max(min(l.distinct*a, r.distinct*b), 1)
}

// shareOf is the part of the column's range that lies between low and high.
func (c columnEstimate) shareOf(low, high float64) float64 {
	switch {
	case low > high:
		return 1 / max(c.distinct, 10)
	case c.max <= c.min:
		return 1
	}
	return max((high-low)/(c.max-c.min), 1/max(c.distinct, 1))
}
