package exec

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
)

const signBit = 1 << 63

// fitsWord tells whether values of t can be ordered by one word each.
func fitsWord(t arrow.DataType) bool {
	bits, err := keyBits(t)
	return err == nil && bits <= 64
}

// orderWords reads the selected rows of a column of at most 64 bits as words whose unsigned order is the values' order: NaN greatest, -0.0 like 0.0.
// NULL gives any word.
func orderWords(col arrow.Array, sel []int32, out []uint64) error {
	switch col.DataType().ID() {
	case arrow.FLOAT32:
		for i, v := range pickValues(arrow.GetValues[float32](col.Data(), 1), sel, len(out)) {
			out[i] = floatOrder(float64(v))
		}
		return nil
	case arrow.FLOAT64:
		for i, v := range pickValues(arrow.GetValues[float64](col.Data(), 1), sel, len(out)) {
			out[i] = floatOrder(v)
		}
		return nil
	}
	if err := wordsOf(col, sel, out); err != nil {
		return err
	}
	for i := range out {
		out[i] ^= signBit
	}
	return nil
}

func floatOrder(v float64) uint64 {
	b := math.Float64bits(canonical(v))
	if b&signBit != 0 {
		return ^b
	}
	return b | signBit
}

func floatOfOrder(w uint64) float64 {
	if w&signBit != 0 {
		return math.Float64frombits(w &^ signBit)
	}
	return math.Float64frombits(^w)
}

// appendOrderWord appends the value that orderWords made w of.
func appendOrderWord(b array.Builder, w uint64) {
	switch b := b.(type) {
	case *array.Float32Builder:
		b.Append(float32(floatOfOrder(w)))
	case *array.Float64Builder:
		b.Append(floatOfOrder(w))
	default:
		appendWord(b, w^signBit)
	}
}

// sortColumn is a key column together with how it is ordered.
type sortColumn struct {
	arrow.Array
	descending, nullsFirst bool
}

// The bytes before a value in an encoded sort key.
const (
	orderNullFirst = 0
	orderValue     = 1
	orderNullLast  = 2
)

// newOrderWriter encodes a key column so that the bytes of its rows, and of rows of several such columns one after the other, compare as the values do:
// a byte that places NULL, then the value in big endian; strings are escaped and terminated so that no key is another's beginning.
func newOrderWriter(col sortColumn) (rowWriter, error) {
	value, err := orderValueWriter(col.Array)
	if err != nil {
		return nil, err
	}
	if col.descending {
		value = inverted(value)
	}
	nullByte := byte(orderNullLast)
	if col.nullsFirst {
		nullByte = orderNullFirst
	}
	null := vector.RowNulls(col.Array)
	return func(dst []byte, r int) []byte {
		if null != nil && null(r) {
			return append(dst, nullByte)
		}
		return value(append(dst, orderValue), r)
	}, nil
}

// inverted turns the order around by turning all bits around.
func inverted(value rowWriter) rowWriter {
	return func(dst []byte, r int) []byte {
		from := len(dst)
		dst = value(dst, r)
		for i := from; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
		return dst
	}
}

func orderValueWriter(col arrow.Array) (rowWriter, error) {
	switch t := col.DataType(); t.ID() {
	case arrow.DICTIONARY:
		d := col.(*array.Dictionary)
		codes, err := vector.Codes(d)
		if err != nil {
			return nil, err
		}
		value, err := orderValueWriter(d.Dictionary())
		return func(dst []byte, r int) []byte { return value(dst, int(codes[r])) }, err
	case arrow.STRING, arrow.BINARY:
		offs, data := vector.Strings(col)
		return func(dst []byte, r int) []byte { return appendEscaped(dst, data[offs[r]:offs[r+1]]) }, nil
	case arrow.LIST:
		return orderListWriter(col)
	case arrow.STRUCT:
		return orderStructWriter(col.(*array.Struct))
	case arrow.DECIMAL128:
		v := arrow.GetValues[decimal128.Num](col.Data(), 1)
		return func(dst []byte, r int) []byte {
			return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(dst, uint64(v[r].HighBits())^signBit), v[r].LowBits())
		}, nil
	default:
		if !fitsWord(t) {
			return nil, fmt.Errorf("exec: values of Arrow type %s have no order", t)
		}
		w := make([]uint64, col.Len())
		err := orderWords(col, nil, w)
		return func(dst []byte, r int) []byte { return binary.BigEndian.AppendUint64(dst, w[r]) }, err
	}
}

// appendEscaped writes 00 as 00 ff and ends the string with 00 00, so that a string comes before its continuations whatever follows the key.
func appendEscaped(dst, p []byte) []byte {
	for {
		i := bytes.IndexByte(p, 0)
		if i < 0 {
			return append(append(dst, p...), 0, 0)
		}
		dst = append(append(dst, p[:i]...), 0, 0xff)
		p = p[i+1:]
	}
}

// orderListWriter writes each element behind a 1 and ends with a 0, which puts a list before its continuations.
func orderListWriter(col arrow.Array) (rowWriter, error) {
	offs, child := vector.Lists(col)
	element, err := newOrderWriter(sortColumn{Array: child, nullsFirst: true})
	return func(dst []byte, r int) []byte {
		for e := offs[r]; e < offs[r+1]; e++ {
			dst = element(append(dst, 1), int(e))
		}
		return append(dst, 0)
	}, err
}

func orderStructWriter(s *array.Struct) (rowWriter, error) {
	return inTurn(s.NumField(), func(i int) (rowWriter, error) {
		return newOrderWriter(sortColumn{Array: s.Field(i), nullsFirst: true})
	})
}

// newRowOrderWriter encodes whole sort keys of several columns.
func newRowOrderWriter(cols []sortColumn) (rowWriter, error) {
	return inTurn(len(cols), func(i int) (rowWriter, error) { return newOrderWriter(cols[i]) })
}

// prefixWords reads the selected rows of a key column as words that order them as far as a word can: a row with the smaller word comes first, rows with
// equal words may still differ. exact tells that equal words, other than 0 and the greatest, are equal values.
func (c sortColumn) prefixWords(sel []int32, out []uint64) (exact bool, err error) {
	if exact, err = valuePrefixes(c.Array, sel, out); err != nil {
		return false, err
	}
	if c.descending {
		for i := range out {
			out[i] = ^out[i]
		}
	}
	null, nullWord := vector.RowNulls(c.Array), uint64(math.MaxUint64)
	if c.nullsFirst {
		nullWord = 0
	}
	if null != nil {
		for i := range out {
			if null(at(sel, i)) {
				out[i] = nullWord
			}
		}
	}
	return exact, nil
}

func valuePrefixes(col arrow.Array, sel []int32, out []uint64) (exact bool, err error) {
	switch t := col.DataType(); t.ID() {
	case arrow.STRING, arrow.BINARY:
		offs, data := vector.Strings(col)
		for i := range out {
			r := at(sel, i)
			out[i] = prefixWord(data[offs[r]:offs[r+1]])
		}
		return false, nil
	case arrow.DICTIONARY:
		return false, dictionaryPrefixes(col.(*array.Dictionary), sel, out)
	case arrow.DECIMAL128:
		if !fitsWord(t) {
			for i, v := range pickValues(arrow.GetValues[decimal128.Num](col.Data(), 1), sel, len(out)) {
				out[i] = uint64(v.HighBits()) ^ signBit
			}
			return false, nil
		}
	}
	if fitsWord(col.DataType()) {
		return true, orderWords(col, sel, out)
	}
	clear(out)
	return false, nil
}

func dictionaryPrefixes(d *array.Dictionary, sel []int32, out []uint64) error {
	codes, err := vector.Codes(d)
	if err != nil {
		return err
	}
	offs, data := vector.Strings(d.Dictionary())
	for i := range out {
		out[i] = 0
		if c := codes[at(sel, i)]; c >= 0 {
			out[i] = prefixWord(data[offs[c]:offs[c+1]])
		}
	}
	return nil
}

// prefixWord is the first eight bytes of a string in big endian, filled up with zeros.
func prefixWord(p []byte) uint64 {
	if len(p) >= 8 {
		return binary.BigEndian.Uint64(p)
	}
	w := uint64(0)
	for i, b := range p {
		w |= uint64(b) << (56 - 8*i)
	}
	return w
}

// hasOrder tells whether values of t can be ordered.
func hasOrder(t arrow.DataType) error {
	switch t := t.(type) {
	case *arrow.StringType, *arrow.BinaryType, *arrow.Decimal128Type:
		return nil
	case *arrow.ListType:
		return hasOrder(t.Elem())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if err := hasOrder(f.Type); err != nil {
				return err
			}
		}
		return nil
	}
	if !fitsWord(t) {
		return fmt.Errorf("exec: values of type %s have no order", t)
	}
	return nil
}
