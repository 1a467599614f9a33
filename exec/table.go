package exec

import (
	"fmt"
	"math"
	"slices"
)

// errBatch says that a result does not fit into Arrow's int32 offsets.
func errBatch(size int) error {
	return fmt.Errorf("exec: %d bytes of strings do not fit into one batch of at most %d", size, math.MaxInt32)
}

// table numbers distinct keys in the order in which they come: 0, 1, 2 … It is a hash table with open addressing; a slot holds the upper half of the
// key's hash, as a tag, and the key's number plus one. Keys are kept in an arena of words or bytes.
type table struct {
	slots  []uint64 // a power of two
	hash   []uint64 // by number
	words  []uint64 // by number, in word mode
	pos    []int64  // by number, in byte mode: where the key begins in data; one more entry for the end
	data   []byte
	bytes  bool
	warmed uint64 // keeps the loads of warm alive
}

const firstSlots = 256

// Look-ups go in strides: first all of a stride's memory is touched, so that the processor fetches it side by side, then the keys are compared. It pays
// in tables that are bigger than the cache.
const (
	stride   = 64
	bigTable = 16 << 10 // slots
)

func newTable(c *keyCodec) *table {
	t := &table{slots: make([]uint64, firstSlots), bytes: c.mode == oneString || c.mode == encodedRows}
	if t.bytes {
		t.pos = append(t.pos, 0)
	}
	return t
}

// len is the number of distinct keys.
func (t *table) len() int { return len(t.hash) }

// size is the bytes of memory that the table takes.
func (t *table) size() int64 {
	return 8*int64(cap(t.slots)+cap(t.hash)+cap(t.words)+cap(t.pos)) + int64(cap(t.data))
}

// insert finds or adds all keys and puts their numbers into ids, which is as long as k.
func (t *table) insert(k *keys, ids []uint32) {
	for from := 0; from < len(k.hash); from += stride {
		to := min(from+stride, len(k.hash))
		t.warm(k.hash[from:to])
		if t.bytes {
			for i := from; i < to; i++ {
				ids[i] = t.insertBytes(k.hash[i], k.data[k.pos[i]:k.pos[i]+int64(k.size[i])])
			}
			continue
		}
		for i := from; i < to; i++ {
			ids[i] = t.insertWord(k.hash[i], k.words[i])
		}
	}
}

// warm touches what looking up a stride of keys will touch.
func (t *table) warm(hash []uint64) {
	if len(t.slots) < bigTable {
		return
	}
	mask := uint64(len(t.slots) - 1)
	var ids [stride]uint32
	for i, h := range hash {
		if s := t.slots[h&mask]; s>>32 == h>>32 {
			ids[i] = uint32(s)
		}
	}
	sum := uint64(0)
	if !t.bytes {
		for _, id := range ids[:len(hash)] {
			if id > 0 {
				sum += t.words[id-1]
			}
		}
		t.warmed += sum
		return
	}
	var pos [stride]int64
	for i, id := range ids[:len(hash)] {
		if id > 0 {
			pos[i] = t.pos[id-1]
		}
	}
	for _, p := range pos[:len(hash)] {
		if p < int64(len(t.data)) {
			sum += uint64(t.data[p])
		}
	}
	t.warmed += sum
}

func (t *table) insertWord(h, w uint64) uint32 {
	mask := uint64(len(t.slots) - 1)
	for p := h & mask; ; p = (p + 1) & mask {
		s := t.slots[p]
		if s == 0 {
			t.slots[p] = t.add(h)
			t.words = append(doubled(t.words, 1), w)
			return uint32(t.fit())
		}
		if id := uint32(s) - 1; s>>32 == h>>32 && t.words[id] == w {
			return id
		}
	}
}

func (t *table) insertBytes(h uint64, key []byte) uint32 {
	mask := uint64(len(t.slots) - 1)
	for p := h & mask; ; p = (p + 1) & mask {
		s := t.slots[p]
		if s == 0 {
			t.slots[p] = t.add(h)
			t.data = append(doubled(t.data, len(key)), key...)
			t.pos = append(doubled(t.pos, 1), int64(len(t.data)))
			return uint32(t.fit())
		}
		if id := uint32(s) - 1; s>>32 == h>>32 && string(t.data[t.pos[id]:t.pos[id+1]]) == string(key) {
			return id
		}
	}
}

// add notes a new key's hash and returns its slot.
func (t *table) add(h uint64) uint64 {
	t.hash = append(doubled(t.hash, 1), h)
	return h>>32<<32 | uint64(len(t.hash))
}

// doubled makes room for n more by doubling: append alone grows big slices by a quarter, and so copies them four times as often.
func doubled[T any](s []T, n int) []T {
	if len(s)+n <= cap(s) {
		return s
	}
	return slices.Grow(s, max(n, len(s)))
}

// fit doubles the slots when they are more than half full, and returns the number of the newest key.
func (t *table) fit() int {
	if 2*len(t.hash) > len(t.slots) {
		t.slots = slotsFor(t.hash, 2*len(t.slots))
	}
	return len(t.hash) - 1
}

// slotsFor is a new slot table of n slots for the keys with these hashes.
func slotsFor(hash []uint64, n int) []uint64 {
	slots, mask := make([]uint64, n), uint64(n-1)
	for i, h := range hash {
		p := h & mask
		for slots[p] != 0 {
			p = (p + 1) & mask
		}
		slots[p] = h>>32<<32 | uint64(i+1)
	}
	return slots
}

// find puts the numbers of keys that are in the table into ids, and -1 for the others. It changes nothing: workers may look up at the same time.
func (t *table) find(k *keys, ids []int32) {
	mask := uint64(len(t.slots) - 1)
	for i, h := range k.hash {
		ids[i] = -1
		for p := h & mask; t.slots[p] != 0; p = (p + 1) & mask {
			s := t.slots[p]
			if s>>32 == h>>32 && t.equal(int(uint32(s)-1), k, i) {
				ids[i] = int32(uint32(s) - 1)
				break
			}
		}
	}
}

func (t *table) equal(id int, k *keys, i int) bool {
	if !t.bytes {
		return t.words[id] == k.words[i]
	}
	return string(t.data[t.pos[id]:t.pos[id+1]]) == string(k.data[k.pos[i]:k.pos[i]+int64(k.size[i])])
}

// keys points k at the table's keys with the given numbers (nil: all).
func (t *table) keys(picked []uint32, k *keys) {
	if picked == nil {
		k.hash, k.words, k.data = t.hash, t.words, t.data
		if t.bytes {
			k.pos, k.size = t.pos[:len(t.hash)], resize(k.size, len(t.hash))
			for i := range k.size {
				k.size[i] = int32(t.pos[i+1] - t.pos[i])
			}
		}
		return
	}
	k.hash, k.data = make([]uint64, len(picked)), t.data
	for i, id := range picked {
		k.hash[i] = t.hash[id]
	}
	if !t.bytes {
		k.words = make([]uint64, len(picked))
		for i, id := range picked {
			k.words[i] = t.words[id]
		}
		return
	}
	k.pos, k.size = make([]int64, len(picked)), make([]int32, len(picked))
	for i, id := range picked {
		k.pos[i], k.size[i] = t.pos[id], int32(t.pos[id+1]-t.pos[id])
	}
}
