package exec

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/vector"
)

// decode turns keys back into columns.
func (c *keyCodec) decode(alloc memory.Allocator, k *keys) ([]arrow.Array, error) {
	if c.mode == oneWord {
		return []arrow.Array{decodeWords(alloc, c.types[0], k)}, nil
	}
	builders := make([]array.Builder, len(c.types))
	for i, t := range c.types {
		builders[i] = vector.NewBuilder(alloc, t)
		defer builders[i].Release()
		builders[i].Reserve(k.len())
	}
	switch c.mode {
	case packedWord:
		c.unpack(builders, k)
	case oneString:
		if err := decodeStrings(builders[0], k); err != nil {
			return nil, err
		}
	default:
		for i := range k.hash {
			p := k.data[k.pos[i] : k.pos[i]+int64(k.size[i])]
			for _, b := range builders {
				p = readKey(b, p)
			}
		}
	}
	out := make([]arrow.Array, len(builders))
	for i, b := range builders {
		out[i] = vector.Built(b, c.types[i])
	}
	return out, nil
}

// loneNull is the hash of a key that is one NULL. Its upper half differs from that of the hash of "", so that a table's tags keep them apart.
func loneNull() uint64 {
	n := array.NewNull(1)
	defer n.Release()
	var h [1]uint64
	if err := vector.Hash([]arrow.Array{n}, nil, keySeed, h[:]); err != nil {
		return 0 // NULL-typed columns can be hashed
	}
	return h[0]
}

// decodeWords makes a column of words, those of 64-bit integers in one go.
func decodeWords(alloc memory.Allocator, t arrow.DataType, k *keys) arrow.Array {
	if id := t.ID(); id == arrow.INT64 || id == arrow.TIMESTAMP {
		return vector.NewFixed(alloc, t, len(k.words), func(dst []uint64) []int32 {
			copy(dst, k.words)
			return k.nulls
		})
	}
	b := vector.NewBuilder(alloc, t)
	defer b.Release()
	b.Reserve(len(k.words))
	from := 0
	for _, null := range append(k.nulls[:len(k.nulls):len(k.nulls)], int32(len(k.words))) {
		for _, w := range k.words[from:null] {
			appendWord(b, w)
		}
		if from = int(null) + 1; from <= len(k.words) {
			b.AppendNull()
		}
	}
	return vector.Built(b, t)
}

// unpack takes the columns out of packed words, the last column first.
func (c *keyCodec) unpack(builders []array.Builder, k *keys) {
	shift := uint(0)
	for i := len(c.types) - 1; i >= 0; i-- {
		bits, err := keyBits(c.types[i])
		if err != nil {
			return // newKeyCodec refused such a type
		}
		width := uint(bits)
		for _, w := range k.words {
			w >>= shift
			if w&1 == 1 {
				builders[i].AppendNull()
			} else {
				appendWord(builders[i], signExtend(w>>1, width))
			}
		}
		shift += width + 1
	}
}

// signExtend widens the low bits of w to a signed word.
func signExtend(w uint64, bits uint) uint64 {
	if bits == 0 {
		return 0
	}
	return uint64(int64(w<<(64-bits)) >> (64 - bits))
}

func decodeStrings(b array.Builder, k *keys) error {
	lone := loneNull()
	text := bytesBuilder(b)
	total := 0
	for _, n := range k.size {
		total += int(n)
	}
	if total > math.MaxInt32 {
		return errBatch(total)
	}
	for i := range k.hash {
		p := k.data[k.pos[i] : k.pos[i]+int64(k.size[i])]
		if len(p) == 0 && k.hash[i] == lone {
			text.AppendNull()
		} else {
			text.Append(p)
		}
	}
	return nil
}

// bytesBuilder is the builder of a STRING's or a BINARY's bytes, or nil.
func bytesBuilder(b array.Builder) *array.BinaryBuilder {
	switch b := b.(type) {
	case *array.StringBuilder:
		return b.BinaryBuilder
	case *array.BinaryBuilder:
		return b
	default:
		return nil
	}
}

// appendWord appends what wordsOf made of a value.
func appendWord(b array.Builder, w uint64) {
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(w&1 == 1)
	case *array.Int8Builder:
		b.Append(int8(w))
	case *array.Int16Builder:
		b.Append(int16(w))
	case *array.Int32Builder:
		b.Append(int32(w))
	case *array.Int64Builder:
		b.Append(int64(w))
	case *array.Date32Builder:
		b.Append(arrow.Date32(w))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(w))
	case *array.DurationBuilder:
		b.Append(arrow.Duration(w))
	case *array.MonthIntervalBuilder:
		b.Append(arrow.MonthInterval(w))
	case *array.Float32Builder:
		b.Append(math.Float32frombits(uint32(w)))
	case *array.Float64Builder:
		b.Append(math.Float64frombits(w))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(int64(w)))
	default:
		b.AppendNull()
	}
}

// readKey reads one value of an encoded row into b and returns the rest. Rows come from newRowWriter in this process, so they are well formed.
func readKey(b array.Builder, p []byte) []byte {
	null := p[0] == keyNull
	p = p[1:]
	if null {
		b.AppendNull()
		return p
	}
	switch b := b.(type) {
	case *array.NullBuilder:
		b.AppendNull()
		return p
	case *array.StringBuilder, *array.BinaryBuilder:
		n := binary.LittleEndian.Uint32(p)
		bytesBuilder(b).Append(p[4 : 4+n])
		return p[4+n:]
	case *array.Decimal128Builder:
		b.Append(decimal128.New(int64(binary.LittleEndian.Uint64(p[8:])), binary.LittleEndian.Uint64(p)))
		return p[16:]
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			p = readKey(b.FieldBuilder(i), p)
		}
		return p
	case array.ListLikeBuilder:
		return readListKey(b, p)
	default:
		appendWord(b, binary.LittleEndian.Uint64(p))
		return p[8:]
	}
}

func readListKey(b array.ListLikeBuilder, p []byte) []byte {
	n := binary.LittleEndian.Uint32(p)
	p = p[4:]
	b.Append(true)
	element := b.ValueBuilder()
	m, isMap := b.(*array.MapBuilder)
	for range n {
		if !isMap {
			p = readKey(element, p)
			continue
		}
		// A map's entries are structs that are never NULL; its builder has no struct builder of its own to append to.
		p = readKey(m.ItemBuilder(), readKey(m.KeyBuilder(), p[1:]))
	}
	return p
}
