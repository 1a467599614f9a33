package exec

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
)

// sortPerm returns the stable order of n rows by the columns: perm[i] is the row that comes i-th. Columns are turned into words of as few bits as their
// values take, packed together and sorted by radix; what words cannot tell apart is compared.
func sortPerm(cols []sortColumn, n int) ([]uint32, error) {
	perm := make([]uint32, n)
	for i := range perm {
		perm[i] = uint32(i)
	}
	words, exact, err := packedWords(cols, n)
	if err != nil {
		return nil, err
	}
	s := radixSorter{perm: perm}
	for i := len(words) - 1; i >= 0; i-- {
		s.sort(words[i])
	}
	if exact {
		return s.perm, nil
	}
	return s.perm, sortTies(cols, words, s.perm)
}

// packedWords packs the columns' words, the first column topmost. exact tells that equal words are equal rows.
func packedWords(cols []sortColumn, n int) (packed [][]uint64, exact bool, err error) {
	free := 0
	for _, c := range cols {
		w, err := c.narrowWords(n)
		if err != nil {
			return nil, false, err
		}
		if w.width > free {
			packed = append(packed, make([]uint64, n))
			free = 64
		}
		if w.width > 0 {
			last := packed[len(packed)-1]
			for i, x := range w.words {
				last[i] = last[i]<<w.width | x
			}
			free -= w.width
		}
		if !w.exact {
			return packed, false, nil
		}
	}
	return packed, true, nil
}

// narrow are a column's rows as words of width bits whose order is theirs.
type narrow struct {
	words []uint64
	width int
	exact bool // equal words are equal values
}

func (c sortColumn) narrowWords(n int) (narrow, error) {
	w := narrow{words: make([]uint64, n)}
	switch t := c.DataType(); t.ID() {
	case arrow.DICTIONARY:
		if err := rankDictionary(c.Array.(*array.Dictionary), w.words); err != nil {
			return w, err
		}
		return c.narrowed(w.words), nil
	case arrow.STRING, arrow.BINARY:
		if rankStrings(c.Array, w.words) {
			return c.narrowed(w.words), nil
		}
	case arrow.DECIMAL128:
		if !fitsWord(t) && shortDecimals(c.Array, w.words) {
			return c.narrowed(w.words), nil
		}
	}
	if fitsWord(c.DataType()) {
		if err := orderWords(c.Array, nil, w.words); err != nil {
			return w, err
		}
		return c.narrowed(w.words), nil
	}
	_, err := c.prefixWords(nil, w.words)
	w.width = 64
	return w, err
}

// narrowed turns order words into distances from the least, or from the greatest when descending, with room for NULL before or behind.
func (c sortColumn) narrowed(words []uint64) narrow {
	null := vector.RowNulls(c.Array)
	low, high := ^uint64(0), uint64(0)
	for i, w := range words {
		if null == nil || !null(i) {
			low, high = min(low, w), max(high, w)
		}
	}
	if low > high {
		low, high = 0, 0
	}
	span := high - low
	if null == nil {
		for i, w := range words {
			words[i] = c.distance(w, low, high)
		}
		return narrow{words: words, width: bits.Len64(span), exact: true}
	}
	if span == ^uint64(0) { // no number is left for NULL
		if _, err := c.prefixWords(nil, words); err != nil {
			clear(words)
		}
		return narrow{words: words, width: 64}
	}
	for i, w := range words {
		switch {
		case null(i) && c.nullsFirst:
			words[i] = 0
		case null(i):
			words[i] = span + 1
		case c.nullsFirst:
			words[i] = c.distance(w, low, high) + 1
		default:
			words[i] = c.distance(w, low, high)
		}
	}
	return narrow{words: words, width: bits.Len64(span + 1), exact: true}
}

func (c sortColumn) distance(w, low, high uint64) uint64 {
	if c.descending {
		return high - w
	}
	return w - low
}

// rankDictionary gives each row the rank of its value among the dictionary's.
func rankDictionary(d *array.Dictionary, out []uint64) error {
	codes, err := vector.Codes(d)
	if err != nil {
		return err
	}
	offs, data := vector.Strings(d.Dictionary())
	ranks := rankOf(d.Dictionary().Len(), func(i uint32) []byte { return data[offs[i]:offs[i+1]] })
	for i, c := range codes {
		if c >= 0 {
			out[i] = ranks[c]
		}
	}
	return nil
}

// rankOf ranks values: equal ones alike.
func rankOf(n int, value func(uint32) []byte) []uint64 {
	order := make([]uint32, n)
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return bytes.Compare(value(a), value(b)) })
	ranks := make([]uint64, n)
	rank := uint64(0)
	for i, o := range order {
		if i > 0 && !bytes.Equal(value(o), value(order[i-1])) {
			rank++
		}
		ranks[o] = rank
	}
	return ranks
}

// A column of strings is ranked when a sample of so many rows, and then all of them, repeat each value so often.
const (
	rankSample = 4096
	rankRepeat = 8
)

// rankStrings gives each row the rank of its string among the distinct ones. It reports false where there are too many of them to make that pay.
func rankStrings(col arrow.Array, out []uint64) bool {
	n := len(out)
	if n < rankSample {
		return false
	}
	codec := &keyCodec{types: []arrow.DataType{col.DataType()}, mode: oneString}
	t := newTable(codec)
	ids := make([]uint32, n)
	var k keys
	for from := 0; from < n; from += rankSample {
		part := array.NewSlice(col, int64(from), int64(min(from+rankSample, n)))
		err := codec.encode([]arrow.Array{part}, part.Len(), nil, &k)
		if err == nil {
			t.insert(&k, ids[from:from+part.Len()])
		}
		part.Release()
		if err != nil || t.len()*rankRepeat > n || from == 0 && t.len()*2 > rankSample {
			return false
		}
	}
	ranks := rankOf(t.len(), func(i uint32) []byte { return t.data[t.pos[i]:t.pos[i+1]] })
	for i, id := range ids {
		out[i] = ranks[id]
	}
	return true
}

// shortDecimals reads decimals as words when all of them fit.
func shortDecimals(col arrow.Array, out []uint64) bool {
	null := vector.RowNulls(col)
	for i, v := range arrow.GetValues[decimal128.Num](col.Data(), 1) {
		if null != nil && null(i) {
			continue
		}
		if v.HighBits() != int64(v.LowBits())>>63 {
			return false
		}
		out[i] = v.LowBits() ^ signBit
	}
	return true
}

// sortTies orders rows whose words are all equal by comparing the columns. The sort is stable as the words' was.
func sortTies(cols []sortColumn, words [][]uint64, perm []uint32) error {
	compares := make([]vector.Compare, len(cols))
	for i, c := range cols {
		f, err := vector.NewCompare(c.Array, c.Array, c.descending, c.nullsFirst)
		if err != nil {
			return err
		}
		compares[i] = f
	}
	compare := func(a, b uint32) int {
		for _, f := range compares {
			if c := f(int(a), int(b)); c != 0 {
				return c
			}
		}
		return cmp.Compare(a, b)
	}
	same := func(a, b uint32) bool {
		for _, w := range words {
			if w[a] != w[b] {
				return false
			}
		}
		return true
	}
	for from := 0; from < len(perm); {
		to := from + 1
		for to < len(perm) && same(perm[from], perm[to]) {
			to++
		}
		if to > from+1 {
			slices.SortFunc(perm[from:to], compare)
		}
		from = to
	}
	return nil
}

// radixSorter sorts a permutation by words, stably, from the lowest digit up.
type radixSorter struct {
	perm, spare []uint32
	keys, other []uint64
}

const (
	digitBits = 11
	digits    = 1 << digitBits
)

func (s *radixSorter) sort(words []uint64) {
	n := len(s.perm)
	if n < 512 {
		slices.SortStableFunc(s.perm, func(a, b uint32) int { return cmp.Compare(words[a], words[b]) })
		return
	}
	s.keys, s.other, s.spare = resize(s.keys, n), resize(s.other, n), resize(s.spare, n)
	varying, first := uint64(0), words[0]
	for i, p := range s.perm {
		s.keys[i] = words[p]
		varying |= words[p] ^ first
	}
	for shift := 0; shift < 64; shift += digitBits {
		if varying>>shift&(digits-1) != 0 {
			s.pass(shift)
		}
	}
}

func (s *radixSorter) pass(shift int) {
	var ends [digits]uint32
	for _, k := range s.keys {
		ends[k>>shift&(digits-1)]++
	}
	at := uint32(0)
	for d, n := range ends {
		ends[d] = at
		at += n
	}
	for i, k := range s.keys {
		d := k >> shift & (digits - 1)
		to := ends[d]
		ends[d]++
		s.other[to], s.spare[to] = k, s.perm[i]
	}
	s.keys, s.other = s.other, s.keys
	s.perm, s.spare = s.spare, s.perm
}
