package exec

import (
	"encoding/binary"
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
	hash  []uint64
	words []uint64 // word mode
	pos   []int64  // byte mode: key i is data[pos[i]:pos[i]+size[i]]
	size  []int32
	data  []byte
	arena []byte // scratch that data points into unless it points into a column
}

func (k *keys) len() int { return len(k.hash) }

// keyMode is how a codec lays keys out.
type keyMode uint8

const (
	oneWord     keyMode = iota // one column of at most 64 bits, as it is; NULL is 0 with a hash of its own
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
	case total <= 64:
		c.mode = packedWord
	case len(types) == 1 && total <= 65:
		c.mode = oneWord
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

// encode fills k with the keys of the rows in sel (nil: all n rows).
func (c *keyCodec) encode(cols []arrow.Array, n int, sel []int32, k *keys) error {
	if sel != nil {
		n = len(sel)
	}
	k.hash = resize(k.hash, n)
	if err := vector.Hash(cols, sel, keySeed, k.hash); err != nil {
		return err
	}
	switch c.mode {
	case oneWord, packedWord:
		return c.encodeWords(cols, sel, k)
	case oneString:
		return encodeString(cols[0], sel, k)
	default:
		return c.encodeRows(cols, sel, k)
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/8)
	}
	return s[:n]
}

func (c *keyCodec) encodeWords(cols []arrow.Array, sel []int32, k *keys) error {
	k.words = resize(k.words, len(k.hash))
	if c.mode == oneWord {
		return wordsOf(cols[0], sel, k.words)
	}
	clear(k.words)
	scratch := make([]uint64, len(k.words))
	for i, col := range cols {
		bits, err := keyBits(c.types[i])
		if err != nil {
			return err
		}
		if err := wordsOf(col, sel, scratch); err != nil {
			return err
		}
		pack(k.words, scratch, uint(bits), vector.RowNulls(col), sel)
	}
	return nil
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

// encodeRows writes every column of every row, row by row, into the arena.
func (c *keyCodec) encodeRows(cols []arrow.Array, sel []int32, k *keys) error {
	k.pos, k.size = resize(k.pos, len(k.hash)), resize(k.size, len(k.hash))
	writers := make([]rowWriter, len(cols))
	for i, col := range cols {
		w, err := newRowWriter(col)
		if err != nil {
			return err
		}
		writers[i] = w
	}
	arena := k.arena[:0]
	for i := range k.pos {
		r, from := at(sel, i), len(arena)
		for _, w := range writers {
			arena = w(arena, r)
		}
		k.pos[i], k.size[i] = int64(from), int32(len(arena)-from)
	}
	k.arena, k.data = arena, arena
	return nil
}

// rowWriter appends one row of a column to a key.
type rowWriter func(dst []byte, row int) []byte

const (
	keyValue = 0
	keyNull  = 1
)

// newRowWriter encodes a column: a NULL byte, then the value's bytes in little endian; strings and lists begin with their length.
func newRowWriter(col arrow.Array) (rowWriter, error) {
	if d, ok := col.(*array.Dictionary); ok {
		return dictionaryWriter(d)
	}
	value, err := valueWriter(col)
	if err != nil {
		return nil, err
	}
	null := vector.RowNulls(col)
	if null == nil {
		return func(dst []byte, r int) []byte { return value(append(dst, keyValue), r) }, nil
	}
	return func(dst []byte, r int) []byte {
		if null(r) {
			return append(dst, keyNull)
		}
		return value(append(dst, keyValue), r)
	}, nil
}

func dictionaryWriter(d *array.Dictionary) (rowWriter, error) {
	codes, err := vector.Codes(d)
	if err != nil {
		return nil, err
	}
	value, err := valueWriter(d.Dictionary())
	return func(dst []byte, r int) []byte {
		if codes[r] < 0 {
			return append(dst, keyNull)
		}
		return value(append(dst, keyValue), int(codes[r]))
	}, err
}

func valueWriter(col arrow.Array) (rowWriter, error) {
	switch t := col.DataType(); t.ID() {
	case arrow.NULL:
		return func(dst []byte, _ int) []byte { return dst }, nil
	case arrow.STRING, arrow.BINARY:
		offs, data := vector.Strings(col)
		return func(dst []byte, r int) []byte {
			p := data[offs[r]:offs[r+1]]
			return append(binary.LittleEndian.AppendUint32(dst, uint32(len(p))), p...)
		}, nil
	case arrow.DECIMAL128:
		v := arrow.GetValues[decimal128.Num](col.Data(), 1)
		return func(dst []byte, r int) []byte {
			return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, v[r].LowBits()), uint64(v[r].HighBits()))
		}, nil
	case arrow.LIST, arrow.MAP:
		return listWriter(col)
	case arrow.STRUCT:
		return structWriter(col.(*array.Struct))
	default:
		return wordWriter(col)
	}
}

// wordWriter writes the columns that fit into a word with all of its eight bytes: simple, and the same for every width.
func wordWriter(col arrow.Array) (rowWriter, error) {
	w := make([]uint64, col.Len())
	if err := wordsOf(col, nil, w); err != nil {
		return nil, err
	}
	return func(dst []byte, r int) []byte { return binary.LittleEndian.AppendUint64(dst, w[r]) }, nil
}

func listWriter(col arrow.Array) (rowWriter, error) {
	offs, child := vector.Lists(col)
	element, err := newRowWriter(child)
	return func(dst []byte, r int) []byte {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(offs[r+1]-offs[r]))
		for e := offs[r]; e < offs[r+1]; e++ {
			dst = element(dst, int(e))
		}
		return dst
	}, err
}

func structWriter(s *array.Struct) (rowWriter, error) {
	fields := make([]rowWriter, s.NumField())
	for i := range fields {
		w, err := newRowWriter(s.Field(i))
		if err != nil {
			return nil, err
		}
		fields[i] = w
	}
	return func(dst []byte, r int) []byte {
		for _, f := range fields {
			dst = f(dst, r)
		}
		return dst
	}, nil
}
