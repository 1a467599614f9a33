package exec

import (
	"cmp"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/datetime"
)

// frames are the places low[i] … high[i]-1 that each place's frame covers; empty where high is not above low. Within a partition both never fall.
type frames struct{ low, high []int32 }

// framesOf works out a function's frames.
func (p *arranged) framesOf(f expr.BoundFrame) (frames, error) {
	low, err := p.edge(f.Unit, f.Start, false)
	if err != nil {
		return frames{}, err
	}
	high, err := p.edge(f.Unit, f.End, true)
	return frames{low, high}, err
}

// edge is one end of all frames: the first place, or for the upper end the one behind the last.
func (p *arranged) edge(u expr.FrameUnit, e expr.BoundFrameEnd, upper bool) ([]int32, error) {
	out := make([]int32, p.n)
	switch {
	case e.Kind == expr.UnboundedPreceding:
		for i := range out {
			out[i] = p.begin(i)
		}
	case e.Kind == expr.UnboundedFollowing:
		for i := range out {
			out[i] = p.end(i)
		}
	case u == expr.FrameRange && e.Kind == expr.CurrentRow && upper:
		copy(out, p.after)
	case u == expr.FrameRange && e.Kind == expr.CurrentRow:
		copy(out, p.peer)
	case u == expr.FrameRange:
		return out, p.rangeEdge(e, upper, out)
	default:
		offset, err := rowOffset(e)
		if err != nil {
			return nil, err
		}
		if upper {
			offset++
		}
		for i := range out {
			out[i] = int32(max(int64(p.begin(i)), min(int64(p.end(i)), int64(i)+offset)))
		}
	}
	return out, nil
}

// rowOffset is how many rows an end of a ROWS frame lies behind the current row.
func rowOffset(e expr.BoundFrameEnd) (int64, error) {
	if e.Kind == expr.CurrentRow {
		return 0, nil
	}
	n, ok := e.Offset.Value.(int64)
	if !ok {
		return 0, fmt.Errorf("exec: window: offset of a ROWS frame is %T, want int64", e.Offset.Value)
	}
	n = min(n, math.MaxInt32) // no partition is longer
	if e.Kind == expr.Preceding {
		return -n, nil
	}
	return n, nil
}

// rangeEdge finds the ends that lie at a distance in the one order key.
func (p *arranged) rangeEdge(e expr.BoundFrameEnd, upper bool, out []int32) error {
	if len(p.order) != 1 {
		return fmt.Errorf("exec: window: a RANGE frame with an offset over %d keys", len(p.order))
	}
	key := p.order[0]
	back := (e.Kind == expr.Preceding) != key.descending
	flat := key.Array
	if _, ok := flat.(*array.Dictionary); ok {
		return fmt.Errorf("exec: window: a RANGE frame over %s", flat.DataType())
	}
	switch flat.DataType().ID() {
	case arrow.FLOAT32, arrow.FLOAT64:
		return floatEdges(p, key, e.Offset, back, upper, out)
	case arrow.DECIMAL128:
		return decimalEdges(p, key, e.Offset, back, upper, out)
	}
	keys := make([]uint64, p.n)
	if err := wordsOf(flat, nil, keys); err != nil {
		return err
	}
	shift, unit, err := intShift(flat.DataType(), e.Offset.Value, back)
	if err != nil {
		return err
	}
	values, bounds := make([]int64, p.n), make([]int64, p.n)
	for i, w := range keys {
		values[i] = int64(w) * unit
		bounds[i] = shift(values[i])
	}
	search(p, key, values, bounds, cmp.Compare[int64], upper, out)
	return nil
}

func floatEdges(p *arranged, key sortColumn, offset *expr.BoundLiteral, back, upper bool, out []int32) error {
	by, ok := offset.Value.(float64)
	if f, single := offset.Value.(float32); single {
		by, ok = float64(f), true
	}
	values, err := doubles(key.Array)
	if err != nil || !ok {
		return fmt.Errorf("exec: window: RANGE offset %v over %s", offset.Value, key.DataType())
	}
	if back {
		by = -by
	}
	bounds := make([]float64, len(values))
	for i, v := range values {
		bounds[i] = v + by
	}
	search(p, key, values, bounds, func(a, b float64) int { return cmp.Compare(floatOrder(a), floatOrder(b)) }, upper, out)
	return nil
}

func decimalEdges(p *arranged, key sortColumn, offset *expr.BoundLiteral, back, upper bool, out []int32) error {
	by, ok := offset.Value.(decimal128.Num)
	if !ok {
		return fmt.Errorf("exec: window: RANGE offset %v over %s", offset.Value, key.DataType())
	}
	if back {
		by = by.Negate()
	}
	values := arrow.GetValues[decimal128.Num](key.Data(), 1)
	bounds := make([]decimal128.Num, len(values))
	for i, v := range values {
		bounds[i] = v.Add(by)
	}
	search(p, key, values, bounds, decimal128.Num.Cmp, upper, out)
	return nil
}

// intShift returns how an offset moves an integer, date or timestamp key, and the factor that brings the key to the offset's unit.
func intShift(t arrow.DataType, offset any, back bool) (shift func(int64) int64, unit int64, err error) {
	var by int64
	unit = 1
	switch v := offset.(type) {
	case int8:
		by = int64(v)
	case int16:
		by = int64(v)
	case int32:
		by = int64(v)
	case int64:
		by = v
	case arrow.Duration:
		by = int64(v)
		if t.ID() == arrow.DATE32 {
			unit = datetime.MicrosPerDay
		}
	case arrow.MonthInterval:
		return monthShift(t, int(v), back), 1, nil
	default:
		return nil, 0, fmt.Errorf("exec: window: RANGE offset %v over %s", offset, t)
	}
	if back {
		by = -by
	}
	return func(v int64) int64 { return addClamped(v, by) }, unit, nil
}

// addClamped adds without leaving the range, which no key can.
func addClamped(a, b int64) int64 {
	switch sum := a + b; {
	case b > 0 && sum < a:
		return math.MaxInt64
	case b < 0 && sum > a:
		return math.MinInt64
	default:
		return sum
	}
}

// monthShift moves days or microseconds by calendar months, to the month's last day where the day does not exist.
func monthShift(t arrow.DataType, months int, back bool) func(int64) int64 {
	if back {
		months = -months
	}
	days := func(d int64) int64 { return datetime.AddMonths(int32(d), int64(months)) }
	if t.ID() == arrow.DATE32 {
		return days
	}
	return func(us int64) int64 {
		return days(int64(datetime.DayOf(us)))*datetime.MicrosPerDay + datetime.FloorMod(us, datetime.MicrosPerDay)
	}
}

// search finds for each place the first place of its partition whose key is not before the place's bound, or, for upper ends, the first one that is
// behind it. Keys and bounds are by row. NULLs have each other as their frame's end and are in nobody else's reach.
func search[T any](p *arranged, key sortColumn, keys, bounds []T, compare func(a, b T) int, upper bool, out []int32) {
	null := vector.RowNulls(key.Array)
	isNull := func(place int32) bool { return null != nil && null(int(p.perm[place])) }
	for part := range len(p.part) - 1 {
		from, to := p.part[part], p.part[part+1]
		for from < to && isNull(from) {
			out[from] = p.peerEdge(from, upper)
			from++
		}
		for to > from && isNull(to-1) {
			to--
			out[to] = p.peerEdge(to, upper)
		}
		at := from
		for i := from; i < to; i++ {
			b := bounds[p.perm[i]]
			for at < to && before(compare(keys[p.perm[at]], b), key.descending, upper) {
				at++
			}
			out[i] = at
		}
	}
}

func (p *arranged) peerEdge(place int32, upper bool) int32 {
	if upper {
		return p.after[place]
	}
	return p.peer[place]
}

// before tells whether a key that compares so with the bound lies before the edge.
func before(c int, descending, upper bool) bool {
	if descending {
		c = -c
	}
	return c < 0 || upper && c == 0
}
