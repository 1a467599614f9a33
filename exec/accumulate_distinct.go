package exec

import (
	"fmt"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
)

// distinct feeds another accumulator with each distinct row of arguments once per group. Rows with a NULL among the arguments do not count. Counting
// alone needs no other accumulator.
type distinct struct {
	env   *Env
	codec *keyCodec
	agg   expr.BoundAggregate // without DISTINCT
	count bool

	columns []int
	groups  int
	seen    pairSet
	keys    keys
	sorted  grouping     // of bytes
	words   groupedWords // of words

	mu      sync.Mutex
	counted []int64 // nil until it is asked for
}

func newDistinct(env *Env, a expr.BoundAggregate) (accumulator, error) {
	if len(a.Args) == 0 {
		return nil, fmt.Errorf("exec: %s(DISTINCT) without arguments", a.Func)
	}
	d := &distinct{env: env, agg: a, count: a.Func == "count"}
	d.agg.Distinct = false
	if a.Func == "collect_set" {
		d.agg.Func = "collect_list"
	}
	if !d.count {
		probe, err := newAccumulator(env, d.agg)
		if err != nil {
			return nil, err
		}
		probe.release()
	}
	d.columns = distinctColumns(a)
	types := make([]arrow.DataType, len(d.columns))
	for i, c := range d.columns {
		types[i] = a.Args[c].Type()
	}
	codec, err := newKeyCodec(types)
	if err != nil {
		return nil, err
	}
	d.codec = codec
	d.seen = newPairSet(codec.isWord(), spareBits(env.Budget))
	return d, nil
}

// spareBits is how many bytes bits may take early.
func spareBits(b *Budget) int {
	const most = 32 << 20
	if b.Limit() == 0 {
		return most
	}
	return int(min(b.Limit()/64, most))
}

// distinctColumns are the arguments that make a row distinct. Constants do not, nor do the keys of listagg, which are its values.
func distinctColumns(a expr.BoundAggregate) []int {
	columns := []int{0}
	for i := 1; i < len(a.Args); i++ {
		if _, constant := a.Args[i].(expr.BoundLiteral); a.Func != "count" && (constant || a.Func == "listagg" || constantList(a.Args[i])) {
			continue
		}
		columns = append(columns, i)
	}
	return columns
}

// constantList tells of an array of constants.
func constantList(b expr.Bound) bool {
	c, ok := b.(expr.BoundCall)
	return ok && c.Func == "array" && len(expr.Columns(b)) == 0
}

// distinctArgs are those of the columns that make a row distinct.
func (d *distinct) distinctArgs(args []arrow.Array) []arrow.Array {
	picked := make([]arrow.Array, len(d.columns))
	for i, c := range d.columns {
		picked[i] = args[c]
	}
	return picked
}

// full puts decoded columns where the inner aggregate looks for them; listagg finds its values as keys too.
func (d *distinct) full(decoded []arrow.Array) []arrow.Array {
	args := make([]arrow.Array, len(d.agg.Args))
	for i, c := range d.columns {
		args[c] = decoded[i]
	}
	if d.agg.Func == "listagg" && len(args) > 2 {
		args[2] = decoded[0]
	}
	return args
}

func (d *distinct) grow(n int) {
	d.groups = max(d.groups, n)
	d.changed()
}

// changed forgets what was worked out.
func (d *distinct) changed() {
	d.counted = nil
	d.words.forget()
}

func (d *distinct) update(groups []uint32, rows []int32, args []arrow.Array) error {
	d.changed()
	args = d.distinctArgs(args)
	n := len(groups)
	if null := anyNull(args); null != nil {
		kept, of := make([]int32, 0, n), make([]uint32, 0, n)
		for i, g := range groups {
			if r := at(rows, i); !null(r) {
				kept, of = append(kept, int32(r)), append(of, g)
			}
		}
		rows, groups = kept, of
	}
	if len(groups) == 0 {
		return nil
	}
	if err := d.codec.encode(args, n, rows, &d.keys); err != nil {
		return err
	}
	d.seen.addKeys(&d.keys, groups)
	return nil
}

// The state is the list of a group's distinct keys, encoded.
func (d *distinct) stateTypes() []arrow.DataType {
	if d.seen.wide {
		return []arrow.DataType{arrow.ListOfNonNullable(arrow.BinaryTypes.Binary)}
	}
	return []arrow.DataType{arrow.ListOfNonNullable(arrow.PrimitiveTypes.Uint64)}
}

func (d *distinct) state(picked []uint32) ([]arrow.Array, error) {
	if !d.seen.wide {
		d.mu.Lock()
		d.seen.words.clean()
		d.mu.Unlock()
		ends, words := d.byGroup()
		return []arrow.Array{wordLists(d.env, picked, ends, words)}, nil
	}
	b := array.NewListBuilder(d.env.Alloc, arrow.BinaryTypes.Binary)
	defer b.Release()
	d.appendBytes(b, picked)
	return []arrow.Array{b.NewArray()}, nil
}

func (d *distinct) appendBytes(b *array.ListBuilder, picked []uint32) {
	order, ends, k := d.sorted.of(d.seen.len(), d.groups, d.seen.pairs)
	values := b.ValueBuilder().(*array.BinaryBuilder)
	for i := range pickedLen(picked, d.groups) {
		g := pick(picked, i)
		b.Append(true)
		for _, e := range order[ends[g]:ends[g+1]] {
			values.Append(k.data[k.pos[e] : k.pos[e]+int64(k.size[e])])
		}
	}
}

func (d *distinct) absorb(groups []uint32, state []arrow.Array) error {
	d.changed()
	offs, child := vector.Lists(state[0])
	if d.seen.wide {
		at, data := vector.Strings(child)
		for i, g := range groups {
			for e := offs[i]; e < offs[i+1]; e++ {
				d.seen.bytes.add(g, data[at[e]:at[e+1]])
			}
		}
		return nil
	}
	words := arrow.GetValues[uint64](child.Data(), 1)
	for i, g := range groups {
		d.seen.words.addGroup(g, words[offs[i]:offs[i+1]])
	}
	d.seen.words.fit()
	return nil
}

// byGroup puts the words of all pairs together by group.
func (d *distinct) byGroup() (ends []int32, words []uint64) {
	return d.words.of(d.seen.words.noted(), d.groups, d.seen.words.each)
}

func (d *distinct) merge(groups, picked []uint32, other accumulator) error {
	from := other.(*distinct)
	d.changed()
	switch b := &from.seen.bytes; {
	case !d.seen.wide:
		d.seen.words.merge(groups, picked, &from.seen.words, from.byGroup)
	case picked == nil:
		for i, g := range b.group {
			d.seen.bytes.add(groups[g], b.key(i))
		}
	default:
		order, ends, k := from.sorted.of(from.seen.len(), from.groups, from.seen.pairs)
		for i, g := range picked {
			for _, e := range order[ends[g]:ends[g+1]] {
				d.seen.bytes.add(groups[i], k.data[k.pos[e]:k.pos[e]+int64(k.size[e])])
			}
		}
	}
	return nil
}

func (d *distinct) result(picked []uint32) (arrow.Array, error) {
	if d.count {
		n := d.numbers()
		return int64s(d.env.Alloc, pickedLen(picked, d.groups), func(i int) int64 { return n[pick(picked, i)] }), nil
	}
	inner, err := newAccumulator(d.env, d.agg)
	if err != nil {
		return nil, err
	}
	defer inner.release()
	inner.grow(d.groups)
	var k keys
	d.mu.Lock()
	groups := d.seen.pairs(&k)
	d.mu.Unlock()
	args, err := d.codec.decode(d.env.Alloc, &k)
	if err != nil {
		return nil, err
	}
	defer releaseAll(args)
	if err := inner.update(groups, nil, d.full(args)); err != nil {
		return nil, err
	}
	return inner.result(picked)
}

// numbers are how many keys each group has. Several goroutines may ask.
func (d *distinct) numbers() []int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.counted == nil {
		d.counted = make([]int64, d.groups)
		d.seen.counts(d.counted)
	}
	return d.counted
}

func (d *distinct) size() int64 { return d.seen.size() }
func (d *distinct) release()    {}
