package exec

import (
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec/vector"
)

// keyWords makes one word of a row's integer keys: a lone key as it is; several as the digits of a number, each the distance from the least of the build
// side's values.
type keyWords struct {
	digits    []keyDigit // nil: a lone key
	low, high int64      // bound the build side's words; low > high: there are none
}

// keyDigit is the range of one of several keys on the build side: low … low+span-1.
type keyDigit struct{ low, span uint64 }

// noWord stands for several keys of which one lies outside of its range. No build row has it.
const noWord = math.MaxUint64

// newKeyWords finds the ranges of the build side's keys. It is nil where they are not all integers, or where several do not fit into a word together.
func newKeyWords(c *keyCodec, chunks [][]arrow.Array) (*keyWords, error) {
	for _, t := range c.types {
		if width, err := keyBits(t); err != nil || width > 64 || arrow.IsFloating(t.ID()) {
			return nil, err
		}
	}
	if len(c.types) == 1 {
		low, high, err := keyRange(chunks, 0)
		return &keyWords{low: low, high: high}, err
	}
	k := &keyWords{}
	count := uint64(1) // of the words that there may be
	for i := range c.types {
		low, high, err := keyRange(chunks, i)
		if err != nil {
			return nil, err
		}
		d := keyDigit{low: uint64(low), span: uint64(high) - uint64(low) + 1}
		if low > high {
			d = keyDigit{span: 1} // no row has a partner
		}
		over, product := bits.Mul64(count, d.span)
		if over > 0 || product > math.MaxInt64 || product == 0 {
			return nil, nil
		}
		k.digits, count = append(k.digits, d), product
	}
	k.high = int64(count - 1)
	return k, nil
}

// keyRange finds the least and the greatest value of one key column that are not NULL.
func keyRange(chunks [][]arrow.Array, column int) (low, high int64, err error) {
	low, high = math.MaxInt64, math.MinInt64
	var words []uint64
	for _, cols := range chunks {
		c := cols[column]
		words = resize(words, c.Len())
		if err := wordsOf(c, nil, words); err != nil {
			return 0, 0, err
		}
		null := vector.RowNulls(c)
		for r, w := range words {
			if null == nil || !null(r) {
				low, high = min(low, int64(w)), max(high, int64(w))
			}
		}
	}
	return low, high, nil
}

// fill points to.words at the words of the selected rows. What it gives a row with a NULL key means nothing.
func (k *keyWords) fill(cols []arrow.Array, n int, sel []int32, to *keys) error {
	if sel != nil {
		n = len(sel)
	}
	to.hash = to.hash[:0]
	if k.digits == nil {
		return encodeWord(cols[0], n, sel, to)
	}
	to.own = resize(to.own, n)
	to.words = to.own
	clear(to.words)
	to.part = resize(to.part, n)
	for i, d := range k.digits {
		if err := wordsOf(cols[i], sel, to.part); err != nil {
			return err
		}
		d.append(to.words, to.part)
	}
	return nil
}

// append puts the digit of each value behind the digits so far.
func (d keyDigit) append(words, values []uint64) {
	values = values[:len(words)]
	for i, w := range words {
		v := values[i] - d.low
		if v >= d.span || w == noWord {
			words[i] = noWord
			continue
		}
		words[i] = w*d.span + v
	}
}
