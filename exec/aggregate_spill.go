package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
)

// spillColumns are picked groups as columns: hashes, keys, then the aggregates' states.
func (g *groups) spillColumns(env *Env, picked []uint32) ([]arrow.Array, error) {
	var k keys
	g.table.keys(picked, &k)
	if !g.table.bytes {
		k.hashWords()
	}
	hashes := array.NewUint64Builder(env.Alloc)
	defer hashes.Release()
	hashes.AppendValues(k.hash, nil)
	cols := []arrow.Array{hashes.NewArray()}
	if g.table.bytes {
		b := array.NewBinaryBuilder(env.Alloc, arrow.BinaryTypes.Binary)
		defer b.Release()
		for i := range k.hash {
			b.Append(k.data[k.pos[i] : k.pos[i]+int64(k.size[i])])
		}
		cols = append(cols, b.NewArray())
	} else {
		hashes.AppendValues(k.words, nil)
		cols = append(cols, hashes.NewArray())
	}
	for _, a := range g.accs {
		s, err := a.state(picked)
		if err != nil {
			releaseAll(cols)
			return nil, err
		}
		cols = append(cols, s...)
	}
	return cols, nil
}

// restore reads spilled groups back as a set of their own, in which row i is group i.
func (a *Aggregate) restore(e extent) (*groups, error) {
	g, err := newGroups(a.env, a.codec, a.aggs)
	if err != nil {
		return nil, err
	}
	types := []arrow.DataType{arrow.PrimitiveTypes.Uint64, arrow.PrimitiveTypes.Uint64}
	if g.table.bytes {
		types[1] = arrow.BinaryTypes.Binary
	}
	for _, acc := range g.accs {
		types = append(types, acc.stateTypes()...)
	}
	cols, err := a.file.read(e, a.env.Alloc, types)
	if err == nil {
		defer releaseAll(cols)
		err = g.load(cols)
	}
	if err != nil {
		g.release()
		return nil, err
	}
	return g, nil
}

// load fills empty groups from spilled columns.
func (g *groups) load(cols []arrow.Array) error {
	k := keys{hash: arrow.GetValues[uint64](cols[0].Data(), 1)}
	if g.table.bytes {
		offs, data := vector.Strings(cols[1])
		k.data = data
		for i := range k.hash {
			k.pos, k.size = append(k.pos, int64(offs[i])), append(k.size, offs[i+1]-offs[i])
		}
	} else {
		k.words = arrow.GetValues[uint64](cols[1].Data(), 1)
		if g.codec.mode == oneWord {
			k.nulls = loneNulls(&k)
		}
	}
	ids := make([]uint32, k.len())
	g.table.insert(&k, ids)
	g.grow()
	at := 2
	for _, acc := range g.accs {
		n := len(acc.stateTypes())
		if err := acc.absorb(ids, cols[at:at+n]); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// loneNulls are the words that are a lone NULL by their hash.
func loneNulls(k *keys) (nulls []int32) {
	lone := loneNull()
	for i, w := range k.words {
		if w == 0 && k.hash[i] == lone {
			nulls = append(nulls, int32(i))
		}
	}
	return nulls
}
