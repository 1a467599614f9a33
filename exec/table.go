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
	slots  []uint64 // a power of two; nil while there are pages
	hash   []uint64 // by number, in byte mode
	words  []uint64 // by number, in word mode
	null   int      // in word mode: one more than the number of the lone NULL, which has no slot; 0: it is not there
	pos    []int64  // by number, in byte mode: where the key begins in data; one more entry for the end
	data   []byte
	bytes  bool
	warmed uint64 // keeps the loads of warm alive

	pages   *wordPages // instead of slots
	mayPage bool
	retry   int // words from which on pages are tried again
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
func (t *table) len() int {
	if t.bytes {
		return len(t.hash)
	}
	return len(t.words)
}

// size is the bytes of memory that the table takes.
func (t *table) size() int64 {
	n := 8*int64(cap(t.slots)+cap(t.hash)+cap(t.words)+cap(t.pos)) + int64(cap(t.data))
	if t.pages != nil {
		n += t.pages.size()
	}
	return n
}

// insert finds or adds all keys and puts their numbers into ids, which is as long as k.
func (t *table) insert(k *keys, ids []uint32) {
	if !t.bytes {
		t.retryPages()
		from := 0
		for _, null := range k.nulls {
			t.insertWords(k, from, int(null), ids)
			ids[null] = t.insertNull()
			from = int(null) + 1
		}
		t.insertWords(k, from, len(k.words), ids)
		return
	}
	for from := 0; from < len(k.hash); from += stride {
		to := min(from+stride, len(k.hash))
		t.warm(k.hash[from:to])
		for i := from; i < to; i++ {
			ids[i] = t.insertBytes(k.hash[i], k.data[k.pos[i]:k.pos[i]+int64(k.size[i])])
		}
	}
}

// insertWords finds or adds the keys from … to-1.
func (t *table) insertWords(k *keys, from, to int, ids []uint32) {
	if t.pages != nil {
		if from += t.insertPaged(k.words[from:to], ids[from:]); from == to {
			return
		}
		t.leavePages()
	}
	if from == to {
		return
	}
	k.hashWords()
	for ; from < to; from += stride {
		end := min(from+stride, to)
		t.warm(k.hash[from:end])
		for i := from; i < end; i++ {
			ids[i] = t.insertWord(k.hash[i], k.words[i])
		}
	}
}

// insertNull finds or adds the key that is one NULL.
func (t *table) insertNull() uint32 {
	if t.null == 0 {
		t.words = append(doubled(t.words, 1), 0)
		t.null = len(t.words)
	}
	return uint32(t.null - 1)
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
			t.words = append(doubled(t.words, 1), w)
			t.slots[p] = h>>32<<32 | uint64(len(t.words))
			if 2*len(t.words) > len(t.slots) {
				t.slots = t.wordSlots(2 * len(t.slots))
			}
			return uint32(len(t.words) - 1)
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
			t.hash = append(doubled(t.hash, 1), h)
			t.slots[p] = h>>32<<32 | uint64(len(t.hash))
			t.data = append(doubled(t.data, len(key)), key...)
			t.pos = append(doubled(t.pos, 1), int64(len(t.data)))
			if 2*len(t.hash) > len(t.slots) {
				t.slots = slotsFor(t.hash, 2*len(t.slots))
			}
			return uint32(len(t.hash) - 1)
		}
		if id := uint32(s) - 1; s>>32 == h>>32 && string(t.data[t.pos[id]:t.pos[id+1]]) == string(key) {
			return id
		}
	}
}

// wordSlots is a new slot table of n slots for the words.
func (t *table) wordSlots(n int) []uint64 {
	slots, mask := make([]uint64, n), uint64(n-1)
	for i, w := range t.words {
		if i == t.null-1 {
			continue
		}
		h := hashWord(w)
		p := h & mask
		for slots[p] != 0 {
			p = (p + 1) & mask
		}
		slots[p] = h>>32<<32 | uint64(i+1)
	}
	return slots
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

// find puts the numbers of keys that are in the table, which has no pages, into ids, and -1 for the others. It changes nothing: workers may look up at the
// same time.
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
	for _, i := range k.nulls {
		ids[i] = int32(t.null - 1)
	}
}

func (t *table) equal(id int, k *keys, i int) bool {
	if !t.bytes {
		return t.words[id] == k.words[i]
	}
	return string(t.data[t.pos[id]:t.pos[id+1]]) == string(k.data[k.pos[i]:k.pos[i]+int64(k.size[i])])
}

// keys points k at the table's keys with the given numbers (nil: all). Words are not hashed.
func (t *table) keys(picked []uint32, k *keys) {
	switch {
	case !t.bytes:
		t.pickWords(picked, k)
	case picked == nil:
		k.hash, k.data, k.pos, k.size = t.hash, t.data, t.pos[:len(t.hash)], resize(k.size, len(t.hash))
		for i := range k.size {
			k.size[i] = int32(t.pos[i+1] - t.pos[i])
		}
	default:
		n := len(picked)
		k.hash, k.data, k.pos, k.size = make([]uint64, n), t.data, make([]int64, n), make([]int32, n)
		for i, id := range picked {
			k.hash[i], k.pos[i], k.size[i] = t.hash[id], t.pos[id], int32(t.pos[id+1]-t.pos[id])
		}
	}
}

func (t *table) pickWords(picked []uint32, k *keys) {
	if picked == nil {
		k.words = t.words
		if t.null > 0 {
			k.nulls = []int32{int32(t.null - 1)}
		}
		return
	}
	k.words = make([]uint64, len(picked))
	for i, id := range picked {
		k.words[i] = t.words[id]
	}
	if t.null > 0 {
		if i := slices.Index(picked, uint32(t.null-1)); i >= 0 {
			k.nulls = []int32{int32(i)}
		}
	}
}

// hashes are the hashes of all keys, by number.
func (t *table) hashes() []uint64 {
	if t.bytes {
		return t.hash
	}
	var k keys
	t.keys(nil, &k)
	k.hashWords()
	return k.hash
}
