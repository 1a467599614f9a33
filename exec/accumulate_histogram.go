package exec

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// histograms is histogram_numeric: bins of no fixed width (Ben-Haim and Tom-Tov, 2010).
type histograms struct {
	env  *Env
	typ  arrow.DataType // of the result
	most int
	of   []binned
	held int64
}

// binned is a group's bins, ascending, and the generator that chooses among bins that lie equally near to each other.
type binned struct {
	bins   []bin
	random javaRandom
}

// bin is a centre and how many rows are near it.
type bin struct{ x, y float64 }

// javaRandom is java.util.Random with a seed of its own for each group, as Spark's.
type javaRandom struct {
	state  uint64
	seeded bool
}

// histogramSeed is the seed of Spark's generator.
const histogramSeed = 31183

func (r *javaRandom) bits(n uint) uint64 {
	const multiplier, mask = 0x5DEECE66D, 1<<48 - 1
	if !r.seeded {
		r.state, r.seeded = (histogramSeed^multiplier)&mask, true
	}
	r.state = (r.state*multiplier + 0xB) & mask
	return r.state >> (48 - n)
}

// float is from 0 up to 1.
func (r *javaRandom) float() float64 {
	high := r.bits(26)
	return float64(high<<27+r.bits(27)) / (1 << 53)
}

func newHistograms(env *Env, a expr.BoundAggregate) (accumulator, error) {
	n, err := constantInt(env, a.Args[1])
	if err != nil {
		return nil, err
	}
	return &histograms{env: env, typ: a.Typ, most: int(n)}, nil
}

func (h *histograms) grow(n int) { h.of = growTo(h.of, n) }

func (h *histograms) update(groups []uint32, rows []int32, args []arrow.Array) error {
	values, err := doubles(args[0])
	if err != nil {
		return err
	}
	null := vector.RowNulls(args[0])
	for i, g := range groups {
		if r := at(rows, i); null == nil || !null(r) {
			b := &h.of[g]
			before := cap(b.bins)
			b.add(values[r], h.most)
			h.held += 16 * int64(cap(b.bins)-before)
		}
	}
	return nil
}

func (b *binned) add(v float64, most int) {
	place, found := slices.BinarySearchFunc(b.bins, v, func(x bin, v float64) int { return compareDoubles(x.x, v) })
	if found {
		b.bins[place].y++
		return
	}
	b.bins = slices.Insert(b.bins, place, bin{v, 1})
	b.trim(most)
}

// join puts bins in order and makes one of those with the same centre.
func (b *binned) join() {
	slices.SortStableFunc(b.bins, func(p, q bin) int { return compareDoubles(p.x, q.x) })
	joined := b.bins[:0]
	for _, x := range b.bins {
		if last := len(joined) - 1; last >= 0 && compareDoubles(joined[last].x, x.x) == 0 {
			joined[last].y += x.y
		} else {
			joined = append(joined, x)
		}
	}
	b.bins = joined
}

// trim joins the two nearest bins until there are few enough.
func (b *binned) trim(most int) {
	for len(b.bins) > most {
		nearest, least, ties := 0, b.bins[1].x-b.bins[0].x, 1
		for i := 1; i < len(b.bins)-1; i++ {
			distance := b.bins[i+1].x - b.bins[i].x
			if distance < least {
				nearest, least, ties = i, distance, 1
			} else if distance == least {
				if ties++; b.random.float() <= 1/float64(ties) {
					nearest = i
				}
			}
		}
		p, q := &b.bins[nearest], b.bins[nearest+1]
		total := p.y + q.y
		p.x = p.x*(p.y/total) + q.x/total*q.y
		p.y = total
		b.bins = slices.Delete(b.bins, nearest+1, nearest+2)
	}
}

// The state is the centres of a group's bins and their rows.
func (h *histograms) stateTypes() []arrow.DataType {
	t := arrow.ListOfNonNullable(arrow.PrimitiveTypes.Float64)
	return []arrow.DataType{t, t}
}

func (h *histograms) state(picked []uint32) ([]arrow.Array, error) {
	column := func(value func(bin) float64) arrow.Array {
		b := array.NewListBuilder(h.env.Alloc, arrow.PrimitiveTypes.Float64)
		defer b.Release()
		for i := range pickedLen(picked, len(h.of)) {
			b.Append(true)
			for _, x := range h.of[pick(picked, i)].bins {
				b.ValueBuilder().(*array.Float64Builder).Append(value(x))
			}
		}
		return b.NewArray()
	}
	return []arrow.Array{column(func(b bin) float64 { return b.x }), column(func(b bin) float64 { return b.y })}, nil
}

func (h *histograms) absorb(groups []uint32, state []arrow.Array) error {
	offs, centres := vector.Lists(state[0])
	rowsAt, rows := vector.Lists(state[1])
	x, y := floatsOf(centres), floatsOf(rows)
	for i, g := range groups {
		b := &h.of[g]
		before := cap(b.bins)
		for j := range offs[i+1] - offs[i] {
			b.bins = append(b.bins, bin{x[offs[i]+j], y[rowsAt[i]+j]})
		}
		b.join()
		b.trim(h.most)
		h.held += 16 * int64(cap(b.bins)-before)
	}
	return nil
}

// result is NULL for a group without values.
func (h *histograms) result(picked []uint32) (arrow.Array, error) {
	lists := array.NewBuilder(h.env.Alloc, h.typ).(*array.ListBuilder)
	defer lists.Release()
	bins := lists.ValueBuilder().(*array.StructBuilder)
	rows := bins.FieldBuilder(1).(*array.Float64Builder)
	for i := range pickedLen(picked, len(h.of)) {
		of := h.of[pick(picked, i)].bins
		if len(of) == 0 {
			lists.AppendNull()
			continue
		}
		lists.Append(true)
		for _, b := range of {
			bins.Append(true)
			if err := appendMeasure(bins.FieldBuilder(0), b.x); err != nil {
				return nil, err
			}
			rows.Append(b.y)
		}
	}
	return lists.NewArray(), nil
}

func (h *histograms) size() int64 { return 40*int64(cap(h.of)) + h.held }
func (h *histograms) release()    {}
