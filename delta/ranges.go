package delta

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/schema"
)

// rangeSample is a column's values, every stride-th one, of which there are never many.
type rangeSample struct {
	stride int // a power of two
	skip   int // rows until the next one is taken
	words  []uint64
	texts  []string
	buf    []uint64
}

const (
	sampleRows  = 1 << 16 // when there are as many, every second is let go
	sampleBytes = 64      // of a text, which begin it
)

// add takes some of the rows that sel lists, or of all.
func (s *rangeSample) add(a arrow.Array, sel []int32) error {
	n := a.Len()
	if sel != nil {
		n = len(sel)
	}
	value, err := s.values(a)
	if err != nil {
		return err
	}
	for ; s.skip < n; s.skip += s.stride {
		row := s.skip
		if sel != nil {
			row = int(sel[row])
		}
		if a.IsValid(row) {
			value(row)
		}
		if len(s.words) >= sampleRows || len(s.texts) >= sampleRows {
			s.thin(s.stride * 2)
		}
	}
	s.skip -= n
	return nil
}

// values gives what takes the value of a row.
func (s *rangeSample) values(a arrow.Array) (func(row int), error) {
	if d, ok := a.(*array.Dictionary); ok {
		codes, err := vector.Codes(d)
		if err != nil {
			return nil, err
		}
		take, err := s.values(d.Dictionary())
		return func(row int) {
			if code := codes[row]; code >= 0 {
				take(int(code))
			}
		}, err
	}
	if id := a.DataType().ID(); id == arrow.STRING || id == arrow.BINARY {
		offs, data := vector.Strings(a)
		return func(row int) {
			s.texts = append(s.texts, string(data[offs[row]:min(offs[row+1], offs[row]+sampleBytes)]))
		}, nil
	}
	s.buf = resize(s.buf, a.Len())
	if err := orderedWords(a, s.buf); err != nil {
		return nil, err
	}
	return func(row int) { s.words = append(s.words, s.buf[row]) }, nil
}

// thin leaves the values of a larger stride.
func (s *rangeSample) thin(stride int) {
	for ; s.stride < stride; s.stride *= 2 {
		s.words, s.texts = everySecond(s.words), everySecond(s.texts)
	}
}

func everySecond[T any](list []T) []T {
	for i := range len(list) / 2 {
		list[i] = list[2*i]
	}
	return list[:len(list)/2]
}

// merge takes over what another part of the same column has.
func (s *rangeSample) merge(o *rangeSample) {
	s.thin(o.stride)
	o.thin(s.stride)
	s.words, s.texts = append(s.words, o.words...), append(s.texts, o.texts...)
}

// ranges cut a column's values into 2^bits parts of about as many rows each.
type ranges struct {
	words []uint64 // the least values of all parts but the first, ascending; one of words and texts is there
	texts []string
}

func (s *rangeSample) ranges(bits int) *ranges {
	return &ranges{words: cuts(s.words, bits), texts: cuts(s.texts, bits)}
}

func cuts[T cmp.Ordered](sample []T, bits int) []T {
	if len(sample) == 0 {
		return nil
	}
	slices.Sort(sample)
	list := make([]T, 1<<bits-1)
	for i := range list {
		list[i] = sample[(i+1)*len(sample)>>bits]
	}
	return list
}

// ids gives the part that each row's value is in; NULL is in the first. Equal values are in one part, and where one value is that of many rows, as many parts
// are empty: the numbers tell how many rows come before.
func (r *ranges) ids(a arrow.Array, words []uint64, out []uint32) error {
	if d, ok := a.(*array.Dictionary); ok {
		return r.dictionaryIDs(d, out)
	}
	switch id := a.DataType().ID(); {
	case id == arrow.STRING || id == arrow.BINARY:
		offs, data := vector.Strings(a)
		for i := range out {
			out[i] = textPart(r.texts, func(cut string) bool { return cut < string(data[offs[i]:offs[i+1]]) })
		}
	default:
		if err := orderedWords(a, words); err != nil {
			return err
		}
		for i, w := range words {
			out[i] = wordPart(r.words, w)
		}
	}
	if a.NullN() > 0 {
		for i := range out {
			if a.IsNull(i) {
				out[i] = 0
			}
		}
	}
	return nil
}

func (r *ranges) dictionaryIDs(d *array.Dictionary, out []uint32) error {
	codes, err := vector.Codes(d)
	if err != nil {
		return err
	}
	n := d.Dictionary().Len()
	parts := make([]uint32, n)
	if err := r.ids(d.Dictionary(), make([]uint64, n), parts); err != nil {
		return err
	}
	for i, code := range codes {
		if out[i] = 0; uint32(code) < uint32(n) { // NULL is -1, and rows that are not selected may have anything
			out[i] = parts[code]
		}
	}
	return nil
}

// wordPart is the part of a word: the number of cuts, of which there are one less than a power of two, below the value.
func wordPart(cuts []uint64, w uint64) uint32 {
	at := 0
	for step := (len(cuts) + 1) / 2; step > 0; step /= 2 {
		if cuts[at+step-1] < w {
			at += step
		}
	}
	return uint32(at)
}

// textPart is wordPart for texts.
func textPart(cuts []string, below func(cut string) bool) uint32 {
	at := 0
	for step := (len(cuts) + 1) / 2; step > 0; step /= 2 {
		if below(cuts[at+step-1]) {
			at += step
		}
	}
	return uint32(at)
}

// orderedWords turns values into words of the same order. Decimals beyond 64 bits are as the largest that fit.
func orderedWords(a arrow.Array, out []uint64) error {
	switch a := a.(type) {
	case *array.Boolean:
		for i := range out {
			if out[i] = 0; a.Value(i) {
				out[i] = 1
			}
		}
	case *array.Int8:
		intWords(a.Int8Values(), out)
	case *array.Int16:
		intWords(a.Int16Values(), out)
	case *array.Int32:
		intWords(a.Int32Values(), out)
	case *array.Int64:
		intWords(a.Int64Values(), out)
	case *array.Date32:
		intWords(a.Date32Values(), out)
	case *array.Timestamp:
		intWords(a.TimestampValues(), out)
	case *array.Float32:
		floatWords(a.Float32Values(), out)
	case *array.Float64:
		floatWords(a.Float64Values(), out)
	case *array.Decimal128:
		for i := range out {
			out[i] = signedWord(decimalInt(a.Value(i)))
		}
	default:
		return fmt.Errorf("values of type %s have no order", schema.Name(a.DataType()))
	}
	return nil
}

func signedWord(v int64) uint64 { return uint64(v) ^ 1<<63 }

func intWords[T ~int8 | ~int16 | ~int32 | ~int64](values []T, out []uint64) {
	for i, v := range values {
		out[i] = signedWord(int64(v))
	}
}

// floatWords orders as Spark does: NaN is greatest, and -0.0 equals 0.0.
func floatWords[T float32 | float64](values []T, out []uint64) {
	for i, v := range values {
		switch f := float64(v); {
		case math.IsNaN(f):
			out[i] = math.MaxUint64
		case f < 0:
			out[i] = ^math.Float64bits(f)
		case f == 0:
			out[i] = 1 << 63
		default:
			out[i] = math.Float64bits(f) | 1<<63
		}
	}
}

func decimalInt(v decimal128.Num) int64 {
	low := int64(v.LowBits())
	switch high := v.HighBits(); {
	case high == low>>63:
		return low
	case high < 0:
		return math.MinInt64
	default:
		return math.MaxInt64
	}
}
