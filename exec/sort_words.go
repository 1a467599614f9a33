package exec

import (
	"bytes"
	"math/bits"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
)

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
