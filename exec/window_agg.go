package exec

import (
	"context"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// aggregate computes an aggregate over the frames, by the cheapest way that its function and its frame allow.
func (p *arranged) aggregate(ctx context.Context, env *Env, f expr.BoundWindow, args []arrow.Array) (arrow.Array, error) {
	if f.Frame.Start.Kind == expr.UnboundedPreceding && f.Frame.End.Kind == expr.UnboundedFollowing {
		return p.overPartitions(env, f, args)
	}
	fr, err := p.framesOf(f.Frame)
	if err != nil {
		return nil, err
	}
	switch f.Func {
	case "count", "count_if":
		return p.countFrames(env, f, args, fr)
	case "min", "max", "bool_and", "bool_or", "every", "some", "any":
		return p.extremeOf(env, f, args, fr)
	case "sum", "avg", "mean", "try_sum", "try_avg":
		if id := f.Args[0].Type().ID(); id != arrow.FLOAT32 && id != arrow.FLOAT64 {
			return p.sumFrames(env, f, args, fr)
		}
		return p.floatFrames(env, f, args, fr)
	}
	if f.Frame.Start.Kind == expr.UnboundedPreceding {
		return p.running(ctx, env, f, args, fr)
	}
	return p.expanded(ctx, env, f, args, fr)
}

// overPartitions aggregates each partition once.
func (p *arranged) overPartitions(env *Env, f expr.BoundWindow, args []arrow.Array) (arrow.Array, error) {
	acc, err := newAccumulator(env, aggregateOf(f))
	if err != nil {
		return nil, err
	}
	defer acc.release()
	acc.grow(len(p.part) - 1)
	groups, rows, idx := make([]uint32, p.n), make([]int32, p.n), make([]int32, p.n)
	for i, r := range p.perm {
		groups[i], rows[i], idx[r] = uint32(p.partOf[i]), int32(r), p.partOf[i]
	}
	if err := acc.update(groups, rows, args); err != nil {
		return nil, err
	}
	each, err := acc.result(nil)
	if err != nil {
		return nil, err
	}
	defer each.Release()
	return vector.Take(env.Alloc, each, idx)
}

// countFrames subtracts counts of what lies before the frame's ends.
func (p *arranged) countFrames(env *Env, f expr.BoundWindow, args []arrow.Array, fr frames) (arrow.Array, error) {
	skip := anyNull(args)
	if f.Func == "count_if" {
		null := vector.RowNulls(args[0])
		bits, offset := vector.Bits(args[0])
		skip = func(r int) bool { return null != nil && null(r) || bits[(offset+r)/8]>>((offset+r)%8)&1 == 0 }
	}
	before, _ := p.notNull(skip)
	out := make([]int64, p.n)
	for i, r := range p.perm {
		if fr.high[i] > fr.low[i] {
			out[r] = int64(before[fr.high[i]] - before[fr.low[i]])
		}
	}
	return int64s(env.Alloc, p.n, func(i int) int64 { return out[i] }), nil
}

// sumFrames subtracts exact sums of what lies before the frame's ends. 128 bits wrap around twice where they wrap around at all, so that a difference is
// right whenever it fits.
func (p *arranged) sumFrames(env *Env, f expr.BoundWindow, args []arrow.Array, fr frames) (arrow.Array, error) {
	one := &totals{env: env, agg: aggregateOf(f), of: make([]total, p.n)}
	rows, places := make([]int32, p.n), make([]uint32, p.n)
	for i, r := range p.perm {
		rows[i], places[i] = int32(r), uint32(i)
	}
	if err := one.update(places, rows, args); err != nil {
		return nil, err
	}
	before := make([]total, p.n+1)
	for i, v := range one.of {
		before[i+1] = before[i]
		before[i+1].add(v.lo, v.hi, v.n)
	}
	out := &totals{env: env, agg: aggregateOf(f), avg: averages(f.Func), try: strings.HasPrefix(f.Func, "try_"), of: make([]total, p.n)}
	for i, r := range p.perm {
		if fr.high[i] > fr.low[i] {
			out.of[r] = before[fr.high[i]].minus(before[fr.low[i]])
		}
	}
	return out.result(nil)
}

// minus is the difference of two sums.
func (t total) minus(o total) total {
	d := t.num().Sub(o.num())
	return total{lo: d.LowBits(), hi: d.HighBits(), n: t.n - o.n}
}

// floatFrames adds up floats: along the partition where frames begin with it, else by a tree of sums, since subtracting floats loses digits.
func (p *arranged) floatFrames(env *Env, f expr.BoundWindow, args []arrow.Array, fr frames) (arrow.Array, error) {
	values, err := doubles(args[0])
	if err != nil {
		return nil, err
	}
	null := vector.RowNulls(args[0])
	leaf := func(place int32) floatTotal {
		if r := int(p.perm[place]); null == nil || !null(r) {
			return floatTotal{values[r], 1}
		}
		return floatTotal{}
	}
	add := func(a, b floatTotal) floatTotal { return floatTotal{a.sum + b.sum, a.n + b.n} }
	out := make([]floatTotal, p.n)
	foldFrames(p, fr, f.Frame.Start.Kind == expr.UnboundedPreceding, leaf, add, func(row uint32, v floatTotal) { out[row] = v })
	avg := averages(f.Func)
	return float64s(env.Alloc, p.n, func(i int) (float64, bool) {
		if avg {
			return out[i].sum / float64(out[i].n), out[i].n > 0
		}
		return out[i].sum, out[i].n > 0
	}), nil
}

// extremeOf finds the row with the least or greatest value of each frame and takes it.
func (p *arranged) extremeOf(env *Env, f expr.BoundWindow, args []arrow.Array, fr frames) (arrow.Array, error) {
	greatest := f.Func == "max" || f.Func == "bool_or" || f.Func == "some" || f.Func == "any"
	compare, err := vector.NewCompare(args[0], args[0], greatest, false)
	if err != nil {
		return nil, err
	}
	null := vector.RowNulls(args[0])
	leaf := func(place int32) int32 {
		if r := p.perm[place]; null == nil || !null(int(r)) {
			return int32(r) + 1 // 0 is none
		}
		return 0
	}
	better := func(a, b int32) int32 {
		if a == 0 || b != 0 && compare(int(b-1), int(a-1)) < 0 {
			return b
		}
		return a
	}
	idx := make([]int32, p.n)
	foldFrames(p, fr, f.Frame.Start.Kind == expr.UnboundedPreceding, leaf, better, func(row uint32, v int32) { idx[row] = v - 1 })
	return vector.Take(env.Alloc, args[0], idx)
}

// running aggregates along each partition and takes the result at every new end of a frame.
func (p *arranged) running(ctx context.Context, env *Env, f expr.BoundWindow, args []arrow.Array, fr frames) (arrow.Array, error) {
	var results []arrow.Array
	defer func() { releaseAll(results) }()
	idx := make([]int32, p.n)
	for part := range len(p.part) - 1 {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var err error
		if results, err = p.runPartition(env, f, args, fr, part, idx, results); err != nil {
			return nil, err
		}
	}
	all, err := vector.Concat(env.Alloc, results)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	return vector.Take(env.Alloc, all, idx)
}

// runPartition is running for one partition: it appends to results, and idx says which of them is each row's.
func (p *arranged) runPartition(
	env *Env, f expr.BoundWindow, args []arrow.Array, fr frames, part int, idx []int32, results []arrow.Array,
) ([]arrow.Array, error) {
	acc, err := newAccumulator(env, aggregateOf(f))
	if err != nil {
		return results, err
	}
	defer acc.release()
	acc.grow(1)
	done := p.part[part] // places that are in
	for i := p.part[part]; i < p.part[part+1]; i++ {
		if i > p.part[part] && fr.high[i] == fr.high[i-1] {
			idx[p.perm[i]] = int32(len(results) - 1)
			continue
		}
		rows := make([]int32, 0, max(fr.high[i]-done, 0))
		for ; done < fr.high[i]; done++ {
			rows = append(rows, int32(p.perm[done]))
		}
		if err := updateFew(env, acc, rows, args); err != nil {
			return results, err
		}
		r, err := acc.result(nil)
		if err != nil {
			return results, err
		}
		results = append(results, r)
		idx[p.perm[i]] = int32(len(results) - 1)
	}
	return results, nil
}

// updateFew adds rows to the one group. They are taken out first where they are few, as some aggregates convert whole columns.
func updateFew(env *Env, acc accumulator, rows []int32, args []arrow.Array) error {
	groups := make([]uint32, len(rows))
	if len(rows) == 0 || len(args) == 0 || 4*len(rows) > args[0].Len() {
		return acc.update(groups, rows, args)
	}
	few := make([]arrow.Array, 0, len(args))
	defer func() { releaseAll(few) }()
	for _, a := range args {
		taken, err := vector.Take(env.Alloc, a, rows)
		if err != nil {
			return err
		}
		few = append(few, taken)
	}
	return acc.update(groups, nil, few)
}

// pairsAtATime bounds the rows that expanded feeds at once.
const pairsAtATime = 256 << 10

// expanded feeds every frame's rows to a group of its own: right for every function, in time with the frames' lengths.
func (p *arranged) expanded(ctx context.Context, env *Env, f expr.BoundWindow, args []arrow.Array, fr frames) (arrow.Array, error) {
	var results []arrow.Array
	defer func() { releaseAll(results) }()
	idx := make([]int32, p.n)
	for i, r := range p.perm {
		idx[r] = int32(i)
	}
	for from := 0; from < p.n; {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var groups []uint32
		var rows []int32
		to := from
		for ; to < p.n && (to == from || len(rows) < pairsAtATime); to++ {
			for at := fr.low[to]; at < fr.high[to]; at++ {
				groups, rows = append(groups, uint32(to-from)), append(rows, int32(p.perm[at]))
			}
		}
		r, err := aggregateOnce(env, f, to-from, groups, rows, args)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
		from = to
	}
	all, err := vector.Concat(env.Alloc, results)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	return vector.Take(env.Alloc, all, idx)
}

func aggregateOnce(env *Env, f expr.BoundWindow, n int, groups []uint32, rows []int32, args []arrow.Array) (arrow.Array, error) {
	acc, err := newAccumulator(env, aggregateOf(f))
	if err != nil {
		return nil, err
	}
	defer acc.release()
	acc.grow(n)
	if err := acc.update(groups, rows, args); err != nil {
		return nil, err
	}
	return acc.result(nil)
}
