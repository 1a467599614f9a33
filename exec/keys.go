package exec

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
)

// keySeed is the seed of all key hashes.
const keySeed = 0x6d656461

// keys are the key columns of a batch's selected rows, ready to be looked up: each key a hash and either one word or a string of bytes. Two keys of one
// codec are equal exactly when their words or bytes are equal and both or neither are a lone NULL, which hashes apart from what it looks like.
type keys struct {
	hash  []uint64 // in word mode empty until hashWords
	words []uint64 // word mode; perhaps those of the column itself
	nulls []int32  // word mode: which keys are a lone NULL, ascending
	own   []uint64 // scratch that words points into unless it points into a column
	part  []uint64 // scratch: the words of one of several columns
	pos   []int64  // byte mode: key i is data[pos[i]:pos[i]+size[i]]
	size  []int32
	data  []byte
	arena []byte // scratch that data points into unless it points into a column
}

// len is the number of keys.
func (k *keys) len() int { return max(len(k.hash), len(k.words)) }

// hashWord is the hash of a key that is a word.
func hashWord(w uint64) uint64 { return vector.HashWord(w, keySeed) }

// hashWords hashes the words, if that is not done.
func (k *keys) hashWords() {
	if len(k.hash) == len(k.words) {
		return
	}
	k.hash = resize(k.hash, len(k.words))
	for i, w := range k.words {
		k.hash[i] = hashWord(w)
	}
	if len(k.nulls) > 0 {
		lone := loneNull()
		for _, i := range k.nulls {
			k.hash[i] = lone
		}
	}
}

// keyMode is how a codec lays keys out.
type keyMode uint8

const (
	oneWord     keyMode = iota // one column of at most 64 bits, as it is; NULL is 0 and noted
	packedWord                 // several narrow columns, each with a NULL bit, in 64 bits
	oneString                  // one STRING or BINARY column, as it lies in the column; NULL is empty with a hash of its own
	encodedRows                // every column with a NULL byte, strings with their length
)

// keyCodec lays the key columns of given types out as keys, and back. It is immutable.
type keyCodec struct {
	types []arrow.DataType
	mode  keyMode
}

func newKeyCodec(types []arrow.DataType) (*keyCodec, error) {
	c := &keyCodec{types: types, mode: encodedRows}
	total := 0
	for _, t := range types {
		bits, err := keyBits(t)
		if err != nil {
			return nil, err
		}
		total += bits + 1
	}
	switch {
	case len(types) == 1 && total <= 65:
		c.mode = oneWord
	case total <= 64:
		c.mode = packedWord
	case len(types) == 1 && (types[0].ID() == arrow.STRING || types[0].ID() == arrow.BINARY):
		c.mode = oneString
	}
	return c, nil
}

// wideKey is the size of what does not fit into a word.
const wideKey = 1 << 10

// keyBits is the width of a type within a word.
func keyBits(t arrow.DataType) (int, error) {
	switch t := t.(type) {
	case *arrow.NullType:
		return 0, nil
	case *arrow.BooleanType:
		return 1, nil
	case *arrow.Decimal128Type:
		if t.Precision <= 18 {
			return 64, nil
		}
		return wideKey, nil
	case arrow.FixedWidthDataType:
		if t.BitWidth() <= 64 {
			return t.BitWidth(), nil
		}
	case *arrow.StringType, *arrow.BinaryType, *arrow.ListType, *arrow.MapType, *arrow.StructType:
		return wideKey, nil
	}
	return 0, fmt.Errorf("exec: a key of Arrow type %s is not supported", t)
}

// isWord tells that keys are words rather than bytes.
func (c *keyCodec) isWord() bool { return c.mode == oneWord || c.mode == packedWord }

// mayPage tells that keys are integers of one column, which may lie close together.
func (c *keyCodec) mayPage() bool {
	return c.mode == oneWord && !arrow.IsFloating(c.types[0].ID())
}

// encode fills k with the keys of the rows in sel (nil: all n rows).
func (c *keyCodec) encode(cols []arrow.Array, n int, sel []int32, k *keys) error {
	if err := c.layOut(cols, n, sel, k); err != nil {
		return err
	}
	if c.isWord() {
		k.hashWords()
	}
	return nil
}

// layOut is encode that leaves words without their hashes.
func (c *keyCodec) layOut(cols []arrow.Array, n int, sel []int32, k *keys) error {
	if sel != nil {
		n = len(sel)
	}
	if c.isWord() {
		k.hash = k.hash[:0]
		return c.encodeWords(cols, n, sel, k)
	}
	k.hash = resize(k.hash, n)
	if err := vector.Hash(cols, sel, keySeed, k.hash); err != nil {
		return err
	}
	if c.mode == oneString {
		return encodeString(cols[0], sel, k)
	}
	return c.encodeRows(cols, sel, k)
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/8)
	}
	return s[:n]
}

func (c *keyCodec) encodeWords(cols []arrow.Array, n int, sel []int32, k *keys) error {
	if c.mode == oneWord {
		return encodeWord(cols[0], n, sel, k)
	}
	k.own = resize(k.own, n)
	k.words = k.own
	clear(k.words)
	k.part = resize(k.part, n)
	for i, col := range cols {
		bits, err := keyBits(c.types[i])
		if err != nil {
			return err
		}
		if err := wordsOf(col, sel, k.part); err != nil {
			return err
		}
		pack(k.words, k.part, uint(bits), vector.RowNulls(col), sel)
	}
	return nil
}

// encodeWord reads one column as words; plain 64-bit integers are left where they are.
func encodeWord(col arrow.Array, n int, sel []int32, k *keys) error {
	null := vector.RowNulls(col)
	if id := col.DataType().ID(); null == nil && sel == nil && (id == arrow.INT64 || id == arrow.TIMESTAMP) {
		k.words, k.nulls = arrow.GetValues[uint64](col.Data(), 1)[:n], nil
		return nil
	}
	k.own, k.nulls = resize(k.own, n), k.nulls[:0]
	k.words = k.own
	if null != nil {
		for i := range n {
			if null(at(sel, i)) {
				k.nulls = append(k.nulls, int32(i))
			}
		}
	}
	return wordsOf(col, sel, k.words)
}

// pack shifts one column's words, and their NULL bit, into dst.
func pack(dst, words []uint64, bits uint, null func(int) bool, sel []int32) {
	mask := uint64(1)<<bits - 1
	for i, w := range words {
		d := dst[i]<<(bits+1) | w&mask<<1
		if null != nil && null(at(sel, i)) {
			d = dst[i]<<(bits+1) | 1
		}
		dst[i] = d
	}
}

// at is the row that the i-th selected one is.
func at(sel []int32, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}

// wordsOf reads a column of at most 64 bits as words; equal values (-0.0 and 0.0, all NaN) are equal words, NULL is 0.
func wordsOf(col arrow.Array, sel []int32, out []uint64) error {
	switch col.DataType().ID() {
	case arrow.NULL:
		clear(out)
		return nil
	case arrow.BOOL:
		bits, offset := vector.Bits(col)
		for i := range out {
			j := offset + at(sel, i)
			out[i] = uint64(bits[j/8]>>(j%8)) & 1
		}
	case arrow.INT8:
		words(arrow.GetValues[int8](col.Data(), 1), sel, out)
	case arrow.INT16:
		words(arrow.GetValues[int16](col.Data(), 1), sel, out)
	case arrow.INT32, arrow.DATE32, arrow.INTERVAL_MONTHS:
		words(arrow.GetValues[int32](col.Data(), 1), sel, out)
	case arrow.INT64, arrow.TIMESTAMP, arrow.DURATION:
		words(arrow.GetValues[int64](col.Data(), 1), sel, out)
	case arrow.FLOAT32:
		for i, v := range pickValues(arrow.GetValues[float32](col.Data(), 1), sel, len(out)) {
			out[i] = uint64(math.Float32bits(canonical(v)))
		}
	case arrow.FLOAT64:
		for i, v := range pickValues(arrow.GetValues[float64](col.Data(), 1), sel, len(out)) {
			out[i] = math.Float64bits(canonical(v))
		}
	case arrow.DECIMAL128:
		for i, v := range pickValues(arrow.GetValues[decimal128.Num](col.Data(), 1), sel, len(out)) {
			out[i] = v.LowBits()
		}
	default:
		return fmt.Errorf("exec: a key of Arrow type %s is not supported", col.DataType())
	}
	if null := vector.RowNulls(col); null != nil {
		for i := range out {
			if null(at(sel, i)) {
				out[i] = 0
			}
		}
	}
	return nil
}

func words[T arrow.IntType](src []T, sel []int32, out []uint64) {
	if sel == nil {
		for i, v := range src[:len(out)] {
			out[i] = uint64(v)
		}
		return
	}
	for i, r := range sel {
		out[i] = uint64(src[r])
	}
}

// pickValues yields the selected values with their place in the selection.
func pickValues[T any](src []T, sel []int32, n int) func(func(int, T) bool) {
	return func(yield func(int, T) bool) {
		for i := range n {
			if !yield(i, src[at(sel, i)]) {
				return
			}
		}
	}
}

// canonical gives equal floats equal bits.
func canonical[T float32 | float64](v T) T {
	switch {
	case v == 0:
		return 0
	case v != v:
		return T(math.NaN())
	default:
		return v
	}
}

// encodeString points at the strings where they are, in the column or in its dictionary.
func encodeString(col arrow.Array, sel []int32, k *keys) error {
	k.pos, k.size = resize(k.pos, len(k.hash)), resize(k.size, len(k.hash))
	d, ok := col.(*array.Dictionary)
	if !ok {
		offs, data := vector.Strings(col)
		k.data = data
		for i := range k.pos {
			r := at(sel, i)
			k.pos[i], k.size[i] = int64(offs[r]), offs[r+1]-offs[r]
		}
		k.dropNulls(vector.RowNulls(col), sel)
		return nil
	}
	codes, err := vector.Codes(d)
	if err != nil {
		return err
	}
	offs, data := vector.Strings(d.Dictionary())
	k.data = data
	for i := range k.pos {
		if c := codes[at(sel, i)]; c < 0 {
			k.pos[i], k.size[i] = 0, 0
		} else {
			k.pos[i], k.size[i] = int64(offs[c]), offs[c+1]-offs[c]
		}
	}
	return nil
}

// dropNulls makes NULL strings empty, whatever bytes lie under them.
func (k *keys) dropNulls(null func(int) bool, sel []int32) {
	if null == nil {
		return
	}
	for i := range k.size {
		if null(at(sel, i)) {
			k.size[i] = 0
		}
	}
}
