package exec

import (
	"encoding/binary"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
)

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
	switch col.DataType().ID() {
	case arrow.INT32, arrow.DATE32:
		return intWriter(arrow.GetValues[int32](col.Data(), 1)), nil
	case arrow.INT64, arrow.TIMESTAMP:
		return intWriter(arrow.GetValues[int64](col.Data(), 1)), nil
	}
	w := make([]uint64, col.Len())
	if err := wordsOf(col, nil, w); err != nil {
		return nil, err
	}
	return func(dst []byte, r int) []byte { return binary.LittleEndian.AppendUint64(dst, w[r]) }, nil
}

// intWriter reads only the rows that are written, of which there may be few.
func intWriter[T int32 | int64](v []T) rowWriter {
	return func(dst []byte, r int) []byte { return binary.LittleEndian.AppendUint64(dst, uint64(v[r])) }
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
	return inTurn(s.NumField(), func(i int) (rowWriter, error) { return newRowWriter(s.Field(i)) })
}

// inTurn writes n parts of a row one after the other.
func inTurn(n int, part func(i int) (rowWriter, error)) (rowWriter, error) {
	parts := make([]rowWriter, n)
	for i := range parts {
		w, err := part(i)
		if err != nil {
			return nil, err
		}
		parts[i] = w
	}
	return func(dst []byte, r int) []byte {
		for _, p := range parts {
			dst = p(dst, r)
		}
		return dst
	}, nil
}
