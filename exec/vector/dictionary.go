package vector

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// SameDictionary tells whether two dictionary arrays share one dictionary in memory, so that equal codes are equal values.
func SameDictionary(a, b *array.Dictionary) bool {
	x, y := a.Data().Dictionary(), b.Data().Dictionary()
	if x == y {
		return true
	}
	if x.Len() != y.Len() || x.Offset() != y.Offset() || len(x.Buffers()) != len(y.Buffers()) {
		return false
	}
	for i, p := range x.Buffers() {
		if p != y.Buffers()[i] {
			return false
		}
	}
	return true
}

func hasDictionary(arrs []arrow.Array) bool {
	for _, a := range arrs {
		if _, ok := a.(*array.Dictionary); ok {
			return true
		}
	}
	return false
}

// unified is one dictionary for several dictionary arrays. recode[i] maps the codes of array i; nil where they stay as they are.
type unified struct {
	values arrow.Array
	recode [][]int32
}

// unify finds one dictionary for all arrays. It reports false when one of them is plain or when plain values would be smaller.
func unify(alloc memory.Allocator, arrs []arrow.Array) (unified, bool, error) {
	rows, entries, shared := 0, 0, true
	dicts := make([]*array.Dictionary, len(arrs))
	for i, a := range arrs {
		d, ok := a.(*array.Dictionary)
		if !ok || layoutOf(d.Dictionary().DataType()) != varying {
			return unified{}, false, nil
		}
		dicts[i] = d
		rows += d.Len()
		if i > 0 && SameDictionary(d, dicts[i-1]) {
			continue
		}
		entries += d.Dictionary().Len()
		shared = shared && i == 0
	}
	if shared {
		dicts[0].Dictionary().Retain()
		return unified{values: dicts[0].Dictionary(), recode: make([][]int32, len(arrs))}, true, nil
	}
	if entries > rows/2+1024 {
		return unified{}, false, nil
	}
	return merge(alloc, dicts)
}

// merge collects the distinct values of all dictionaries in the order in which they are met.
func merge(alloc memory.Allocator, dicts []*array.Dictionary) (unified, bool, error) {
	recode := make([][]int32, len(dicts))
	all := distinct{codes: map[string]int32{}}
	for i, d := range dicts {
		if i > 0 && SameDictionary(d, dicts[i-1]) {
			recode[i] = recode[i-1]
			continue
		}
		recode[i] = all.encode(d.Dictionary())
	}
	values, err := all.array(alloc, dicts[0].Dictionary().DataType())
	return unified{values: values, recode: recode}, err == nil, err
}

// Encode makes a dictionary array of a plain STRING or BINARY array.
func Encode(alloc memory.Allocator, arr arrow.Array) (*array.Dictionary, error) {
	all := distinct{codes: map[string]int32{}}
	codes := all.encode(arr)
	values, err := all.array(alloc, arr.DataType())
	if err != nil {
		return nil, err
	}
	defer values.Release()
	return NewDictionary(alloc, codes, values), nil
}

// distinct are values in the order in which they are met first.
type distinct struct {
	codes  map[string]int32
	values []string
	size   int64
}

// encode gives the codes of a varying array's values; -1 for NULL.
func (d *distinct) encode(arr arrow.Array) []int32 {
	o, data, nulls := offsets(arr), content(arr), NullsOf(arr)
	codes := make([]int32, arr.Len())
	for k := range codes {
		if nulls.At(k) {
			codes[k] = -1
			continue
		}
		v := data[o[k]:o[k+1]]
		code, ok := d.codes[string(v)]
		if !ok {
			code = int32(len(d.values))
			s := string(v)
			d.codes[s] = code
			d.values = append(d.values, s)
			d.size += int64(len(s))
		}
		codes[k] = code
	}
	return codes
}

// array is the values, of type t.
func (d *distinct) array(alloc memory.Allocator, t arrow.DataType) (arrow.Array, error) {
	return stringsOf(alloc, t, d.values, d.size)
}

// stringsOf builds a varying array of t from values of size bytes in all.
func stringsOf(alloc memory.Allocator, t arrow.DataType, values []string, size int64) (arrow.Array, error) {
	if size > 1<<31-1 {
		return nil, errTooLong("dictionary", size)
	}
	offs, data := newBuffer(alloc, 4*(len(values)+1)), newBuffer(alloc, int(size))
	to, dst, at := arrow.GetData[int32](offs.Bytes()), data.Bytes(), 0
	to[0] = 0
	for i, v := range values {
		at += copy(dst[at:], v)
		to[i+1] = int32(at)
	}
	return build(t, len(values), 0, nil, nil, offs, data), nil
}

func concatDictionaries(alloc memory.Allocator, arrs []arrow.Array) (arrow.Array, error) {
	u, ok, err := unify(alloc, arrs)
	if err != nil {
		return nil, err
	}
	if !ok {
		return concatFlat(alloc, arrs)
	}
	defer u.values.Release()
	n := 0
	for _, a := range arrs {
		n += a.Len()
	}
	codes := make([]int32, 0, n)
	for i, a := range arrs {
		c, err := Codes(a.(*array.Dictionary))
		if err != nil {
			return nil, err
		}
		codes = appendRecoded(codes, c, u.recode[i])
	}
	return NewDictionary(alloc, codes, u.values), nil
}

func appendRecoded(dst, codes, recode []int32) []int32 {
	if recode == nil {
		return append(dst, codes...)
	}
	for _, c := range codes {
		if c >= 0 {
			c = recode[c]
		}
		dst = append(dst, c)
	}
	return dst
}

// NewDictionary makes a dictionary array with int32 indices, NULL where a code is negative. It retains values.
func NewDictionary(alloc memory.Allocator, codes []int32, values arrow.Array) *array.Dictionary {
	valid, nulls := codeNulls(alloc, codes)
	buf := newBuffer(alloc, 4*len(codes))
	dst := arrow.GetData[int32](buf.Bytes())
	copy(dst, codes)
	if nulls > 0 {
		for i, c := range dst {
			dst[i] = max(c, 0)
		}
	}
	indices := build(arrow.PrimitiveTypes.Int32, len(codes), nulls, nil, valid, buf)
	defer indices.Release()
	t := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: values.DataType()}
	return dictionaryOf(t, indices, values)
}

// dictionaryOf makes a dictionary array that several goroutines may read: Arrow makes the array of its values when it is first asked for, unguarded, which is here.
func dictionaryOf(t arrow.DataType, indices, values arrow.Array) *array.Dictionary {
	d := array.NewDictionaryArray(t, indices, values)
	d.Dictionary()
	return d
}

// codeNulls is the validity of codes: NULL where one is negative. The buffer is nil where none is.
func codeNulls(alloc memory.Allocator, codes []int32) (*memory.Buffer, int) {
	if !anyNegative(codes) {
		return nil, 0
	}
	buf := newBuffer(alloc, (len(codes)+7)/8)
	packPositive(buf.Bytes(), codes)
	return buf, len(codes) - bitutil.CountSetBits(buf.Bytes(), 0, len(codes))
}

func concatFlat(alloc memory.Allocator, arrs []arrow.Array) (arrow.Array, error) {
	plain := make([]arrow.Array, 0, len(arrs))
	defer func() { release(plain) }()
	for _, a := range arrs {
		f, err := Flat(alloc, a)
		if err != nil {
			return nil, err
		}
		plain = append(plain, f)
	}
	return concat(alloc, plain)
}
