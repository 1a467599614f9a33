package exec

import (
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
)

// keyed is a kept batch with what it takes to compare its rows by key and by order. The entries, one per row that counts, are sorted by the partition
// of their key's hash; the columns stay as they came.
type keyed struct {
	cols []arrow.Array
	n    int
	sel  []int32 // rows that count, ascending; nil: all
	dead []bool  // by row: beaten by another row of its key; nil: none
	live int
	held int64 // bytes of cols, without what they share with the batch before

	rows  []uint32 // by entry
	hash  []uint64
	order []uint64 // prefix word of the order
	words []uint64 // the key in word mode
	start []uint32 // the key in byte mode: data[start:start+size]
	size  []uint32
	data  []byte
	ends  [partitions + 1]int32

	keys  []arrow.Array // what data points into
	by    []sortColumn
	exact bool // equal order words other than the extremes are equal rows
	once  sync.Once
	write rowWriter
	fault error
}

// release frees everything.
func (k *keyed) release() {
	k.drop()
	releaseAll(k.cols)
}

// drop frees what is only needed to compare rows.
func (k *keyed) drop() {
	releaseAll(k.keys)
	for _, c := range k.by {
		c.Release()
	}
	k.keys, k.by, k.write = nil, nil, nil
	k.rows, k.hash, k.order, k.words, k.start, k.size, k.data = nil, nil, nil, nil, nil, nil, nil
}

// memory is the bytes held.
func (k *keyed) memory() int64 {
	return k.held + 20*int64(len(k.hash)) + 8*int64(len(k.words)+len(k.start)) + 4*int64(len(k.sel))
}

// batch is the rows that are not beaten.
func (k *keyed) batch() *Batch {
	if k.dead == nil {
		return &Batch{Columns: k.cols, Selection: k.sel, N: k.n}
	}
	sel := make([]int32, 0, k.live)
	if k.sel == nil {
		for r, dead := range k.dead {
			if !dead {
				sel = append(sel, int32(r))
			}
		}
	} else {
		for _, r := range k.sel {
			if !k.dead[r] {
				sel = append(sel, r)
			}
		}
	}
	return &Batch{Columns: k.cols, Selection: sel, N: k.n}
}

// index makes the entries of a kept batch, whose columns it takes over, for partitions of a level.
func (l *Latest) index(cols []arrow.Array, n int, sel []int32, level int, size int64) (*keyed, error) {
	k := &keyed{cols: cols, n: n, sel: sel, held: size}
	if err := l.fill(k, level); err != nil {
		k.release()
		return nil, err
	}
	return k, nil
}

func (l *Latest) fill(k *keyed, level int) error {
	b := &Batch{Columns: k.cols, Selection: k.sel, N: k.n}
	var err error
	if k.keys, err = l.keys.eval(l.env, b); err != nil {
		return err
	}
	by, err := l.by.eval(l.env, b)
	if err != nil {
		return err
	}
	for i, c := range by {
		k.by = append(k.by, sortColumn{Array: c, descending: l.order[i].Descending, nullsFirst: l.order[i].NullsFirst})
	}
	var ks keys
	if err := l.codec.encode(k.keys, k.n, k.sel, &ks); err != nil {
		return err
	}
	order := make([]uint64, len(ks.hash))
	if len(k.by) > 0 {
		exact, err := k.by[0].prefixWords(k.sel, order)
		if err != nil {
			return err
		}
		k.exact = exact && len(k.by) == 1
	}
	k.live = len(ks.hash)
	k.sortEntries(&ks, order, level)
	return nil
}

// sortEntries lays the entries out by partition.
func (k *keyed) sortEntries(ks *keys, order []uint64, level int) {
	n := len(ks.hash)
	for _, h := range ks.hash {
		k.ends[partitionOf(h, level)+1]++
	}
	for p := range partitions {
		k.ends[p+1] += k.ends[p]
	}
	place := k.ends
	k.rows, k.hash, k.order = make([]uint32, n), make([]uint64, n), make([]uint64, n)
	if ks.words != nil {
		k.words = make([]uint64, n)
	} else {
		k.start, k.size, k.data = make([]uint32, n), make([]uint32, n), ks.data
	}
	for i, h := range ks.hash {
		p := partitionOf(h, level)
		e := place[p]
		place[p]++
		k.rows[e], k.hash[e], k.order[e] = uint32(at(k.sel, i)), h, order[i]
		if k.words != nil {
			k.words[e] = ks.words[i]
		} else {
			k.start[e], k.size[e] = uint32(ks.pos[i]), uint32(ks.size[i])
		}
	}
}

func (k *keyed) key(i int32) []byte { return k.data[k.start[i] : k.start[i]+k.size[i]] }

// rowOrder encodes a row's whole order; the writer is made when the first two rows tie.
func (k *keyed) rowOrder(dst []byte, row uint32) ([]byte, error) {
	k.once.Do(func() { k.write, k.fault = newRowOrderWriter(k.by) })
	if k.fault != nil {
		return nil, k.fault
	}
	return k.write(dst, int(row)), nil
}
