package delta

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/internal/pool"
)

// codeTest is what a part of a filter says of each code of a dictionary.
type codeTest struct {
	dictionary arrow.ArrayData // that it was made for, which the next batch mostly has too
	passes     []uint8         // by code, 1 for TRUE; the last says what becomes of NULL
}

// pays tells whether to test codes is less work than to test so many values, which are all that come with this dictionary, about.
func (t *codeTest) pays(d *array.Dictionary, values int) bool {
	return d.Dictionary().Len() <= values || t.dictionary == d.Data().Dictionary()
}

// prepare evaluates the part over the dictionary of its column, and over NULL.
func (t *codeTest) prepare(env *kernel.Env, p filterPart, d *array.Dictionary) error {
	if t.dictionary == d.Data().Dictionary() {
		return nil
	}
	null := pool.Nulls(env.Alloc, d.Dictionary().DataType(), 1)
	defer null.Release()
	passes := make([]uint8, 0, d.Dictionary().Len()+1)
	for _, values := range []arrow.Array{d.Dictionary(), null} {
		cols := make([]arrow.Array, p.columns[0]+1)
		cols[p.columns[0]] = values
		sel, err := p.filter.Select(env, cols, values.Len(), nil, nil)
		if err != nil {
			return err
		}
		from := len(passes)
		passes = passes[:from+values.Len()]
		for _, i := range sel {
			passes[from+int(i)] = 1
		}
	}
	t.dictionary, t.passes = d.Data().Dictionary(), passes
	return nil
}

// filter appends the rows of sel (nil: all) whose codes pass.
func (t *codeTest) filter(d *array.Dictionary, sel, dst []int32) []int32 {
	codes := arrow.GetValues[int32](d.Indices().Data(), 1)
	if null := vector.RowNulls(d); null != nil {
		return t.filterNulls(codes, null, sel, dst)
	}
	at := len(dst)
	if sel == nil {
		dst = slices.Grow(dst, len(codes))[:at+len(codes)]
		for i, c := range codes {
			dst[at] = int32(i)
			at += int(t.passes[c])
		}
		return dst[:at]
	}
	dst = slices.Grow(dst, len(sel))[:at+len(sel)]
	for _, i := range sel {
		dst[at] = i
		at += int(t.passes[codes[i]])
	}
	return dst[:at]
}

func (t *codeTest) filterNulls(codes []int32, null func(row int) bool, sel, dst []int32) []int32 {
	n := len(codes)
	if sel != nil {
		n = len(sel)
	}
	for i := range n {
		if sel != nil {
			i = int(sel[i])
		}
		code := len(t.passes) - 1
		if !null(i) {
			code = int(codes[i])
		}
		if t.passes[code] != 0 {
			dst = append(dst, int32(i))
		}
	}
	return dst
}
