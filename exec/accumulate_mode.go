package exec

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// modes is mode: how often each distinct value of a group came. Of several that came most often it is the first in order.
type modes struct {
	env        *Env
	codec      *keyCodec
	descending bool
	typ        arrow.DataType
	groups     int
	seen       bytePairs
	counts     []int64 // by the number of the pair
	keys       keys
	sorted     grouping
}

func newModes(env *Env, a expr.BoundAggregate) (accumulator, error) {
	codec, err := newKeyCodec([]arrow.DataType{a.Args[0].Type()})
	if err != nil {
		return nil, err
	}
	m := &modes{env: env, codec: codec, typ: a.Typ, seen: bytePairs{slots: make([]uint64, firstSlots), pos: []int64{0}}}
	if keys, _ := a.WithinKeys(); keys != nil {
		m.descending = keys[0].Descending
	}
	return m, nil
}

func (m *modes) grow(n int) { m.groups = max(m.groups, n) }

func (m *modes) update(groups []uint32, rows []int32, args []arrow.Array) error {
	if err := m.codec.encode(args[:1], len(groups), rows, &m.keys); err != nil {
		return err
	}
	null := vector.RowNulls(args[0])
	var word [8]byte
	for i, g := range groups {
		if null != nil && null(at(rows, i)) {
			continue
		}
		if m.wide() {
			m.note(g, m.keys.data[m.keys.pos[i]:m.keys.pos[i]+int64(m.keys.size[i])], 1)
			continue
		}
		binary.LittleEndian.PutUint64(word[:], m.keys.words[i])
		m.note(g, word[:], 1)
	}
	return nil
}

// wide tells that keys are bytes rather than words.
func (m *modes) wide() bool { return m.codec.mode != oneWord && m.codec.mode != packedWord }

func (m *modes) note(g uint32, key []byte, times int64) {
	id := m.seen.add(g, key)
	m.counts = growTo(m.counts, id+1)
	m.counts[id] += times
}

// The state is the list of a group's keys, and how often each came.
func (m *modes) stateTypes() []arrow.DataType {
	return []arrow.DataType{arrow.ListOfNonNullable(arrow.BinaryTypes.Binary), arrow.ListOfNonNullable(arrow.PrimitiveTypes.Int64)}
}

func (m *modes) grouped() (order, ends []int32) {
	order, ends, _ = m.sorted.of(len(m.counts), m.groups, func(*keys) []uint32 { return m.seen.group })
	return order, ends
}

func (m *modes) state(picked []uint32) ([]arrow.Array, error) {
	order, ends := m.grouped()
	return []arrow.Array{
		listsOf(m.env, arrow.BinaryTypes.Binary, picked, m.groups, order, ends, func(b array.Builder, e int32) {
			b.(*array.BinaryBuilder).Append(m.seen.key(int(e)))
		}),
		listsOf(m.env, arrow.PrimitiveTypes.Int64, picked, m.groups, order, ends, func(b array.Builder, e int32) {
			b.(*array.Int64Builder).Append(m.counts[e])
		}),
	}, nil
}

func (m *modes) absorb(groups []uint32, state []arrow.Array) error {
	offs, child := vector.Lists(state[0])
	pos, data := vector.Strings(child)
	countAt, countChild := vector.Lists(state[1])
	counts := arrow.GetValues[int64](countChild.Data(), 1)
	for i, g := range groups {
		for j := range offs[i+1] - offs[i] {
			e := offs[i] + j
			m.note(g, data[pos[e]:pos[e+1]], counts[countAt[i]+j])
		}
	}
	return nil
}

func (m *modes) result(picked []uint32) (arrow.Array, error) {
	candidates, ends := m.mostFrequent(picked)
	values, err := m.decode(candidates)
	if err != nil {
		return nil, err
	}
	defer values.Release()
	compare, err := vector.NewCompare(values, values, m.descending, false)
	if err != nil {
		return nil, err
	}
	best := make([]int32, len(ends))
	from := 0
	for i, to := range ends {
		best[i] = -1
		for c := from; c < to; c++ {
			if best[i] < 0 || compare(c, int(best[i])) < 0 {
				best[i] = int32(c)
			}
		}
		from = to
	}
	return vector.Take(m.env.Alloc, values, best)
}

// mostFrequent lists the pairs of each picked group that came most often; those of the i-th end at ends[i].
func (m *modes) mostFrequent(picked []uint32) (candidates []int32, ends []int) {
	order, bounds := m.grouped()
	for i := range pickedLen(picked, m.groups) {
		g := pick(picked, i)
		most := int64(0)
		start := len(candidates)
		for _, e := range order[bounds[g]:bounds[g+1]] {
			if m.counts[e] > most {
				most, candidates = m.counts[e], candidates[:start]
			}
			if m.counts[e] == most {
				candidates = append(candidates, e)
			}
		}
		ends = append(ends, len(candidates))
	}
	return candidates, ends
}

// decode gives the values of pairs.
func (m *modes) decode(pairs []int32) (arrow.Array, error) {
	k := keys{hash: make([]uint64, len(pairs)), data: m.seen.data}
	for _, e := range pairs {
		if m.wide() {
			k.pos, k.size = append(k.pos, m.seen.pos[e]), append(k.size, int32(m.seen.pos[e+1]-m.seen.pos[e]))
		} else {
			k.words = append(k.words, binary.LittleEndian.Uint64(m.seen.key(int(e))))
		}
	}
	cols, err := m.codec.decode(m.env.Alloc, &k)
	if err != nil {
		return nil, err
	}
	return cols[0], nil
}

func (m *modes) size() int64 { return m.seen.size() + 8*int64(cap(m.counts)) }
func (m *modes) release()    {}
