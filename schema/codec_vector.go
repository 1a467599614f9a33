package schema

import (
	"math"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
)

// vector converts between Arrow and contiguous Go values. The array's and the builder's type have been checked.
type vector[T any] interface {
	// read fills dst from rows from, from+1 … What it puts where the array is null is not defined.
	read(a arrow.Array, from int, dst []T)
	// write appends src; valid is nil when all are. An error is a *ValueError whose Row counts in src.
	write(b array.Builder, src []T, valid []bool) error
	reset()
}

// numbers are values of Go's type T in arrays of type S, where a conversion is exact.
type numbers[T, S ~int8 | ~int16 | ~int32 | ~int64 | ~int | ~float32 | ~float64] struct {
	buf []S
}

func (v *numbers[T, S]) read(a arrow.Array, from int, dst []T) {
	src := a.(interface{ Values() []S }).Values()[from : from+len(dst)]
	for i, x := range src {
		dst[i] = T(x)
	}
}

func (v *numbers[T, S]) write(b array.Builder, src []T, valid []bool) error {
	v.buf = v.buf[:0]
	for _, x := range src {
		v.buf = append(v.buf, S(x))
	}
	b.(interface{ AppendValues([]S, []bool) }).AppendValues(v.buf, valid)
	return nil
}

func (v *numbers[T, S]) reset() {}

type booleans struct{}

func (booleans) read(a arrow.Array, from int, dst []bool) {
	bits := a.(*array.Boolean)
	for i := range dst {
		dst[i] = bits.Value(from + i)
	}
}

func (booleans) write(b array.Builder, src []bool, valid []bool) error {
	b.(*array.BooleanBuilder).AppendValues(src, valid)
	return nil
}

func (booleans) reset() {}

// times are TIMESTAMP values: time.Time in UTC, cut to microseconds.
type times struct {
	buf []arrow.Timestamp
}

func (v *times) read(a arrow.Array, from int, dst []time.Time) {
	for i, x := range a.(*array.Timestamp).Values()[from : from+len(dst)] {
		dst[i] = time.UnixMicro(int64(x)).UTC()
	}
}

func (v *times) write(b array.Builder, src []time.Time, valid []bool) error {
	v.buf = v.buf[:0]
	for i, t := range src {
		if s := t.Unix(); s > math.MaxInt64/datetime.MicrosPerSecond-1 || s < math.MinInt64/datetime.MicrosPerSecond+1 {
			return &ValueError{Row: i, Reason: "time is beyond the range of microseconds since 1970"}
		}
		v.buf = append(v.buf, arrow.Timestamp(t.UnixMicro()))
	}
	b.(*array.TimestampBuilder).AppendValues(v.buf, valid)
	return nil
}

func (v *times) reset() {}

type decimals struct {
	typ *arrow.Decimal128Type
	buf []decimal128.Num
}

func (v *decimals) read(a arrow.Array, from int, dst []Decimal) {
	for i, x := range a.(*array.Decimal128).Values()[from : from+len(dst)] {
		dst[i] = Decimal{x, v.typ.Scale}
	}
}

func (v *decimals) write(b array.Builder, src []Decimal, valid []bool) error {
	v.buf = v.buf[:0]
	for i, d := range src {
		r, ok := d.Rescale(v.typ.Scale)
		if !ok || !r.unscaled.FitsInPrecision(v.typ.Precision) {
			return &ValueError{Row: i, Reason: d.String() + " does not fit " + Name(v.typ) + " exactly"}
		}
		v.buf = append(v.buf, r.unscaled)
	}
	b.(*array.Decimal128Builder).AppendValues(v.buf, valid)
	return nil
}

func (v *decimals) reset() {}

// texts are STRING values, plain or in a dictionary. Strings read from one dictionary are made once.
type texts struct {
	dict    arrow.Array // the dictionary that strings were read from in this call
	strings []string
}

func (v *texts) read(a arrow.Array, from int, dst []string) {
	if d, ok := a.(*array.Dictionary); ok {
		v.readDictionary(d, from, dst)
		return
	}
	text := a.(*array.String)
	offsets := text.ValueOffsets()
	first := offsets[0] // of the array, which may be a slice
	offsets = offsets[from : from+len(dst)+1]
	start := offsets[0]
	all := string(text.ValueBytes()[start-first : offsets[len(dst)]-first])
	for i := range dst {
		dst[i] = all[offsets[i]-start : offsets[i+1]-start]
	}
}

func (v *texts) readDictionary(d *array.Dictionary, from int, dst []string) {
	values := d.Dictionary().(*array.String)
	if v.dict != d.Dictionary() {
		v.dict, v.strings = d.Dictionary(), make([]string, values.Len())
	}
	for i := range dst {
		if isNull(d, from+i) {
			continue
		}
		code := d.GetValueIndex(from + i)
		if v.strings[code] == "" {
			v.strings[code] = string([]byte(values.Value(code)))
		}
		dst[i] = v.strings[code]
	}
}

func (v *texts) write(b array.Builder, src []string, valid []bool) error {
	sb := b.(*array.StringBuilder)
	if err := reserveText(sb.BinaryBuilder, src); err != nil {
		return err
	}
	sb.AppendValues(src, valid)
	return nil
}

func (v *texts) reset() { v.dict, v.strings = nil, nil }

// reserveText makes room for the values and doubles it where it must grow: the builder itself would copy everything for each call.
func reserveText[T string | []byte](b *array.BinaryBuilder, src []T) error {
	size := b.DataLen()
	for i, s := range src {
		if size += len(s); size > math.MaxInt32 {
			return &ValueError{Row: i, Reason: "one batch holds at most 2 GiB in a column: use fewer rows"}
		}
	}
	if size > b.DataCap() {
		b.ReserveData(max(size, 2*b.DataLen()) - b.DataLen())
	}
	return nil
}

// binaries are BINARY values, plain or in a dictionary.
type binaries struct{}

func (binaries) read(a arrow.Array, from int, dst [][]byte) {
	total := 0
	for i := range dst {
		total += len(binaryAt(a, from+i))
	}
	all := make([]byte, 0, total)
	for i := range dst {
		start := len(all)
		all = append(all, binaryAt(a, from+i)...)
		dst[i] = all[start:len(all):len(all)]
	}
}

func binaryAt(a arrow.Array, i int) []byte {
	if isNull(a, i) {
		return nil
	}
	if d, ok := a.(*array.Dictionary); ok {
		return d.Dictionary().(*array.Binary).Value(d.GetValueIndex(i))
	}
	return a.(*array.Binary).Value(i)
}

func (binaries) write(b array.Builder, src [][]byte, valid []bool) error {
	bb := b.(*array.BinaryBuilder)
	if err := reserveText(bb, src); err != nil {
		return err
	}
	bb.AppendValues(src, valid)
	return nil
}

func (binaries) reset() {}
