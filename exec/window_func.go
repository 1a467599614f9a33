package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// checkWindowFunc refuses unknown functions and wrong constants before any row is read.
func checkWindowFunc(env *Env, f expr.BoundWindow) error {
	switch f.Func {
	case "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "first_value", "last_value":
		return nil
	case "ntile":
		_, err := constantInt(env, f.Args[0])
		return err
	case "lag", "lead", "nth_value":
		if len(f.Args) < 2 {
			return fmt.Errorf("exec: %s of %d arguments", f.Func, len(f.Args))
		}
		_, err := constantInt(env, f.Args[1])
		return err
	}
	a, err := newAccumulator(env, aggregateOf(f))
	if err != nil {
		return err
	}
	a.release()
	return nil
}

// aggregateOf is a window aggregate as an aggregate over a group.
func aggregateOf(f expr.BoundWindow) expr.BoundAggregate {
	return expr.BoundAggregate{Pos: f.Pos, Func: f.Func, Args: f.Args, Typ: f.Typ, Null: f.Null, User: f.User}
}

// compute evaluates a function for all rows, in the rows' own order.
func (p *arranged) compute(ctx context.Context, env *Env, f expr.BoundWindow, args []arrow.Array) (arrow.Array, error) {
	switch f.Func {
	case "row_number":
		return p.ints(env, func(i int) int32 { return int32(i) - p.begin(i) + 1 }), nil
	case "rank":
		return p.ints(env, p.rank), nil
	case "dense_rank":
		return p.denseRank(env), nil
	case "percent_rank":
		return p.percentRank(env), nil
	case "cume_dist":
		return p.cumeDist(env), nil
	case "ntile":
		return p.ntile(env, f)
	case "lag", "lead":
		return p.shifted(env, f, args)
	case "first_value", "last_value", "nth_value":
		return p.chosen(env, f, args)
	default:
		return p.aggregate(ctx, env, f, args)
	}
}

// ints makes an INT column of a value by place.
func (p *arranged) ints(env *Env, value func(place int) int32) arrow.Array {
	out := make([]int32, p.n)
	for i, r := range p.perm {
		out[r] = value(i)
	}
	b := array.NewInt32Builder(env.Alloc)
	defer b.Release()
	b.AppendValues(out, nil)
	return b.NewArray()
}

func (p *arranged) rank(i int) int32 { return p.peer[i] - p.begin(i) + 1 }

func (p *arranged) denseRank(env *Env) arrow.Array {
	rank := int32(0)
	return p.ints(env, func(i int) int32 {
		switch {
		case p.begin(i) == int32(i):
			rank = 1
		case p.peer[i] == int32(i):
			rank++
		}
		return rank
	})
}

func (p *arranged) percentRank(env *Env) arrow.Array {
	out := make([]float64, p.n)
	for i, r := range p.perm {
		if rows := p.end(i) - p.begin(i); rows > 1 {
			out[r] = float64(p.rank(i)-1) / float64(rows-1)
		}
	}
	return float64s(env.Alloc, p.n, func(i int) (float64, bool) { return out[i], true })
}

func (p *arranged) cumeDist(env *Env) arrow.Array {
	out := make([]float64, p.n)
	for i, r := range p.perm {
		out[r] = float64(p.after[i]-p.begin(i)) / float64(p.end(i)-p.begin(i))
	}
	return float64s(env.Alloc, p.n, func(i int) (float64, bool) { return out[i], true })
}

// ntile makes the first parts one row longer where the rows do not divide evenly.
func (p *arranged) ntile(env *Env, f expr.BoundWindow) (arrow.Array, error) {
	tiles, err := constantInt(env, f.Args[0])
	if err != nil {
		return nil, err
	}
	if tiles < 1 {
		return nil, fmt.Errorf("exec: ntile of %d parts", tiles)
	}
	return p.ints(env, func(i int) int32 {
		rows, at := int64(p.end(i)-p.begin(i)), int64(int32(i)-p.begin(i))
		size, longer := rows/tiles, rows%tiles
		if at < longer*(size+1) {
			return int32(at/(size+1)) + 1
		}
		return int32((at-longer*(size+1))/size+longer) + 1
	}), nil
}

// shifted is lag and lead: the value some rows before or behind, or the default of the current row beyond the partition. With TRUE as a fourth argument only
// values that are not NULL count.
func (p *arranged) shifted(env *Env, f expr.BoundWindow, args []arrow.Array) (arrow.Array, error) {
	offset, err := constantInt(env, f.Args[1])
	if err != nil {
		return nil, err
	}
	if f.Func == "lag" {
		offset = -offset
	}
	values, beyond := args[0], int32(-1)
	if len(args) > 2 {
		values, err = vector.Concat(env.Alloc, []arrow.Array{args[0], args[2]})
		if err != nil {
			return nil, err
		}
		defer values.Release()
		beyond = int32(p.n) // the defaults lie behind the values
	}
	place := func(i int) int64 { return int64(i) + offset }
	if len(args) > 3 && offset != 0 {
		place = p.passing(vector.RowNulls(args[0]), offset)
	}
	idx := make([]int32, p.n)
	for i, r := range p.perm {
		at := place(i)
		switch {
		case at >= int64(p.begin(i)) && at < int64(p.end(i)):
			idx[r] = int32(p.perm[at])
		case beyond >= 0:
			idx[r] = beyond + int32(r)
		default:
			idx[r] = -1
		}
	}
	return vector.Take(env.Alloc, values, idx)
}

// passing tells which place holds the offset-th value before or behind a place, where NULLs do not count; -1 is none.
func (p *arranged) passing(null func(int) bool, offset int64) func(place int) int64 {
	before, places := p.notNull(null)
	return func(i int) int64 {
		nth := int64(before[i]) + offset
		if offset > 0 {
			nth = int64(before[i+1]) + offset - 1
		}
		if nth < 0 || nth >= int64(len(places)) {
			return -1
		}
		return int64(places[nth])
	}
}

// chosen is first_value, last_value and nth_value: one row of the frame. With TRUE as the last argument only rows that are not NULL count.
func (p *arranged) chosen(env *Env, f expr.BoundWindow, args []arrow.Array) (arrow.Array, error) {
	fr, err := p.framesOf(f.Frame)
	if err != nil {
		return nil, err
	}
	nth, plain := int64(1), 1
	if f.Func == "nth_value" {
		plain = 2
		if nth, err = constantInt(env, f.Args[1]); err != nil {
			return nil, err
		}
	}
	var count []int32 // values that are not NULL before each place; nil: NULLs count
	var places []int32
	if len(f.Args) > plain {
		ignore, err := constantBool(env, f.Args[plain])
		if err != nil {
			return nil, err
		}
		if ignore {
			count, places = p.notNull(vector.RowNulls(args[0]))
		}
	}
	idx := make([]int32, p.n)
	for i, r := range p.perm {
		idx[r] = -1
		low, high := int64(fr.low[i]), int64(fr.high[i])
		if high <= low {
			continue
		}
		if count != nil {
			low, high = int64(count[low]), int64(count[high])
		}
		at := low + nth - 1
		if f.Func == "last_value" {
			at = high - 1
		}
		if at < low || at >= high {
			continue
		}
		if places != nil {
			at = int64(places[at])
		}
		idx[r] = int32(p.perm[at])
	}
	return vector.Take(env.Alloc, args[0], idx)
}

// notNull counts the values that are not NULL before each place (and before the end), and lists their places.
func (p *arranged) notNull(null func(int) bool) (count, places []int32) {
	count, places = make([]int32, p.n+1), make([]int32, 0, p.n)
	for i, r := range p.perm {
		if null == nil || !null(int(r)) {
			places = append(places, int32(i))
		}
		count[i+1] = int32(len(places))
	}
	return count, places
}
