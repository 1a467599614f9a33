package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
)

// numbering finds the groups of rows whose keys are written as bytes without writing them again for each row: the values of each key column have numbers,
// those of a row are one word, and only the first row of a word is looked up by its keys.
type numbering struct {
	columns []valueNumbers
	bits    int    // of a word, for each column
	words   *table // of the words that came
	groups  []uint32
	rows    int // that were looked up

	keys  keys
	ids   []uint32
	first []int32
}

// What numbers are worth while: words take memory of their own, and the rows of groups that hardly any other row is of are looked up twice.
const (
	mostNumbered = 256 << 10
	manyNumbered = 16 << 10
	rowsNumbered = 3 // for two of many words
)

// newNumbering is nil for keys that are not written as bytes or have columns that are not numbered.
func newNumbering(c *keyCodec) *numbering {
	if c == nil || c.mode != encodedRows || len(c.types) < 2 {
		return nil
	}
	x := &numbering{bits: 64 / len(c.types), words: newTable(&keyCodec{mode: oneWord})}
	for _, t := range c.types {
		codec, err := newKeyCodec([]arrow.DataType{t})
		if err != nil || codec.mode == encodedRows {
			return nil
		}
		v := valueNumbers{codec: codec, table: newTable(codec)}
		if codec.mayPage() {
			v.table.usePages()
		}
		x.columns = append(x.columns, v)
	}
	return x
}

func (x *numbering) size() int64 {
	n := x.words.size() + 4*int64(cap(x.groups)+cap(x.ids)) + 8*int64(cap(x.keys.own))
	for i := range x.columns {
		n += x.columns[i].table.size()
	}
	return n
}

// takes tells whether columns can be numbered at less than it takes to write their rows: texts have to be dictionaries, which are not much longer than the
// selected rows.
func (x *numbering) takes(cols []arrow.Array, rows int) bool {
	if rows == 0 {
		return false
	}
	for c, col := range cols {
		switch d, ok := col.(*array.Dictionary); {
		case ok && (x.columns[c].codec.mode != oneString || d.Dictionary().Len() > 4*rows):
			return false
		case !ok && !x.columns[c].codec.isWord():
			return false
		}
	}
	return true
}

// number puts a number for each selected row's keys into ids, and lists the rows of those that are new, in the order of their numbers. It reports false when
// a column has too many values.
func (x *numbering) number(cols []arrow.Array, n int, sel []int32, ids []uint32) (first []int32, ok bool, err error) {
	x.keys.own, x.ids = resize(x.keys.own, len(ids)), resize(x.ids, len(ids))
	words := x.keys.own
	clear(words)
	for c := range x.columns {
		v := &x.columns[c]
		if err := v.number(cols[c], n, sel, x.ids); err != nil {
			return nil, false, err
		}
		if v.table.len()-1 >= 1<<x.bits {
			return nil, false, nil
		}
		for i, id := range x.ids {
			words[i] = words[i]<<x.bits | uint64(id)
		}
	}
	x.keys.words, x.keys.hash = words, x.keys.hash[:0]
	next := uint32(x.words.len())
	x.words.insert(&x.keys, ids)
	x.rows += len(ids)
	x.first = x.first[:0]
	for i, id := range ids {
		if id == next {
			x.first = append(x.first, int32(at(sel, i)))
			next++
		}
	}
	return x.first, true, nil
}

// pays tells whether to go on.
func (x *numbering) pays() bool {
	n := x.words.len()
	return n <= manyNumbered || n <= mostNumbered && 2*x.rows >= rowsNumbered*n
}

// valueNumbers numbers the values of a key column, NULL being one, in the order in which they come.
type valueNumbers struct {
	codec *keyCodec // of this column
	table *table

	keys   keys
	byCode []uint32
	first  []int32
	found  []uint32
}

// number puts the number of each selected row's value into ids.
func (v *valueNumbers) number(col arrow.Array, n int, sel []int32, ids []uint32) error {
	if d, ok := col.(*array.Dictionary); ok {
		return v.numberCodes(d, n, sel, ids)
	}
	if err := v.codec.layOut([]arrow.Array{col}, n, sel, &v.keys); err != nil {
		return err
	}
	v.table.insert(&v.keys, ids)
	return nil
}

// numberCodes looks up one row for each code that occurs.
func (v *valueNumbers) numberCodes(d *array.Dictionary, n int, sel []int32, ids []uint32) error {
	codes, err := vector.Codes(d)
	if err != nil {
		return err
	}
	v.byCode, v.first = resize(v.byCode, d.Dictionary().Len()+1), v.first[:0]
	clear(v.byCode)
	for i := range ids {
		r := at(sel, i)
		if c := codes[r] + 1; v.byCode[c] == 0 {
			v.byCode[c] = 1
			v.first = append(v.first, int32(r))
		}
	}
	if err := v.codec.layOut([]arrow.Array{d}, n, v.first, &v.keys); err != nil {
		return err
	}
	v.found = resize(v.found, len(v.first))
	v.table.insert(&v.keys, v.found)
	for i, r := range v.first {
		v.byCode[codes[r]+1] = v.found[i]
	}
	for i := range ids {
		ids[i] = v.byCode[codes[at(sel, i)]+1]
	}
	return nil
}
