package exec

import (
	"bytes"
	"math"
	"math/bits"
)

// resolver finds the best row of each key within one partition of several kept batches, and marks the others dead. It is one goroutine's and can be
// used again for another partition.
type resolver struct {
	slots []uint64 // tag and winner's number plus one, as in table
	won   []winner
	a, b  []byte // scratch
	sum   uint64 // keeps the loads of warm alive
}

// winner is the best entry of a key so far.
type winner struct {
	set   *keyed
	entry int32
	start uint32 // of its key, in byte mode
	order uint64
}

func (k *keyed) winner(e int32) winner {
	w := winner{set: k, entry: e, order: k.order[e]}
	if k.start != nil {
		w.start = k.start[e]
	}
	return w
}

// resolve marks dead rows of one partition. Different partitions of the same batches may be resolved at the same time: they touch different rows.
func (r *resolver) resolve(sets []*keyed, partition int) error {
	total := 0
	for _, s := range sets {
		total += int(s.ends[partition+1] - s.ends[partition])
	}
	if total == 0 {
		return nil
	}
	if total > math.MaxInt32 {
		return errBatch(total)
	}
	size := 1 << bits.Len(uint(2*total-1))
	r.slots = resize(r.slots, size)
	clear(r.slots)
	r.won = r.won[:0]
	for _, s := range sets {
		for from := s.ends[partition]; from < s.ends[partition+1]; from += stride {
			to := min(from+stride, s.ends[partition+1])
			r.warm(s.hash[from:to], uint64(size-1))
			for e := from; e < to; e++ {
				if err := r.enter(s, e, uint64(size-1)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// warm touches the keys that a stride of entries will be compared with, as table.warm does.
func (r *resolver) warm(hash []uint64, mask uint64) {
	var ids [stride]uint32
	for i, h := range hash {
		if s := r.slots[h&mask]; s>>32 == h>>32 {
			ids[i] = uint32(s)
		}
	}
	sum := uint64(0)
	for _, id := range ids[:len(hash)] {
		if id == 0 {
			continue
		}
		if w := &r.won[id-1]; int(w.start) < len(w.set.data) {
			sum += uint64(w.set.data[w.start])
		}
	}
	r.sum += sum
}

func (r *resolver) enter(s *keyed, e int32, mask uint64) error {
	h := s.hash[e]
	for p := h & mask; ; p = (p + 1) & mask {
		x := r.slots[p]
		if x == 0 {
			r.won = append(r.won, s.winner(e))
			r.slots[p] = h>>32<<32 | uint64(len(r.won))
			return nil
		}
		if x>>32 != h>>32 {
			continue
		}
		if w := &r.won[uint32(x)-1]; w.set.sameKey(w.entry, s, e) {
			return r.fight(w, s, e)
		}
	}
}

// sameKey compares the keys of two entries whose hashes have equal tags.
func (k *keyed) sameKey(i int32, other *keyed, j int32) bool {
	if k.words != nil {
		return k.words[i] == other.words[j]
	}
	return k.size[i] == other.size[j] && string(k.key(i)) == string(other.key(j))
}

// fight keeps the better of a key's best entry and another one.
func (r *resolver) fight(w *winner, s *keyed, e int32) error {
	better, err := r.before(s, e, w)
	if err != nil {
		return err
	}
	if better {
		w.set.dead[w.set.rows[w.entry]] = true
		*w = s.winner(e)
	} else {
		s.dead[s.rows[e]] = true
	}
	return nil
}

// before tells whether an entry comes before the best so far. Of equal rows the first stays.
func (r *resolver) before(s *keyed, e int32, w *winner) (bool, error) {
	o := s.order[e]
	if o != w.order || len(s.by) == 0 {
		return o < w.order, nil
	}
	if s.exact && w.set.exact && o != 0 && o != math.MaxUint64 {
		return false, nil
	}
	var err error
	if r.a, err = s.rowOrder(r.a[:0], s.rows[e]); err != nil {
		return false, err
	}
	if r.b, err = w.set.rowOrder(r.b[:0], w.set.rows[w.entry]); err != nil {
		return false, err
	}
	return bytes.Compare(r.a, r.b) < 0, nil
}

// mark makes room for dead rows before resolving, and count tells the living afterwards.
func (k *keyed) mark() {
	if k.dead == nil {
		k.dead = make([]bool, k.n)
	}
}

func (k *keyed) count() {
	k.live = 0
	for _, r := range k.rows {
		if !k.dead[r] {
			k.live++
		}
	}
}

// distinctSketch estimates the number of distinct hashes by linear counting: the share of bits that stay zero.
type distinctSketch struct{ bits []uint64 }

const sketchBits = 20

func (s *distinctSketch) add(hash []uint64) {
	if s.bits == nil {
		s.bits = make([]uint64, 1<<sketchBits/64)
	}
	for _, h := range hash {
		b := h & (1<<sketchBits - 1) // the low bits: those of one partition have the upper ones in common
		s.bits[b/64] |= 1 << (b % 64)
	}
}

// estimate is the number of distinct hashes, the greatest number where the sketch is full.
func (s *distinctSketch) estimate() int {
	set := 0
	for _, w := range s.bits {
		set += bits.OnesCount64(w)
	}
	const m = 1 << sketchBits
	if set == m {
		return math.MaxInt
	}
	return int(-m * math.Log(float64(m-set)/m))
}
