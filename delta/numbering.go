package delta

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/schema"
)

// numbering gives the distinct values of a column numbers from 0, as they are first met. NULL and the empty string are one value.
type numbering struct {
	null  int32 // number of NULL plus one; 0: not met
	next  int32
	ints  intTable
	texts map[string]int32
}

func (d *numbering) number(a arrow.Array, t arrow.DataType, sel, out []int32) error {
	switch a := a.(type) {
	case *array.Dictionary:
		return d.dictionary(a, sel, out)
	case *array.String:
		nulls := vector.NullsOf(a)
		for i := range out {
			row := rowOf(sel, i)
			if nulls.At(row) {
				out[i] = d.nullNumber()
			} else {
				out[i] = d.text(a.Value(row))
			}
		}
		return nil
	case *array.Decimal128:
		for i := range out {
			row := rowOf(sel, i)
			if a.IsNull(row) {
				out[i] = d.nullNumber()
			} else {
				out[i] = d.text(a.Value(row).BigInt().String())
			}
		}
		return nil
	}
	value := integersOf(a)
	if value == nil {
		return fmt.Errorf("a column of type %s cannot partition a table", schema.Name(t))
	}
	nulls := vector.NullsOf(a)
	last, lastNumber := int64(0), int32(-1)
	for i := range out {
		row := rowOf(sel, i)
		if nulls.At(row) {
			out[i] = d.nullNumber()
			continue
		}
		if v := value(row); v != last || lastNumber < 0 {
			last, lastNumber = v, d.ints.number(v, &d.next)
		}
		out[i] = lastNumber
	}
	return nil
}

// dictionary numbers the dictionary's values once and maps the codes.
func (d *numbering) dictionary(a *array.Dictionary, sel, out []int32) error {
	codes, err := vector.Codes(a)
	if err != nil {
		return err
	}
	values, ok := a.Dictionary().(*array.String)
	if !ok {
		return fmt.Errorf("a dictionary of %s cannot partition a table", a.Dictionary().DataType())
	}
	numbers := make([]int32, values.Len()) // number plus one; 0: not met
	for i := range out {
		code := codes[rowOf(sel, i)]
		if code < 0 || values.IsNull(int(code)) {
			out[i] = d.nullNumber()
			continue
		}
		if numbers[code] == 0 {
			numbers[code] = d.text(values.Value(int(code))) + 1
		}
		out[i] = numbers[code] - 1
	}
	return nil
}

func (d *numbering) nullNumber() int32 {
	if d.null == 0 {
		d.next++
		d.null = d.next
	}
	return d.null - 1
}

func (d *numbering) text(v string) int32 {
	if v == "" {
		return d.nullNumber()
	}
	if n, ok := d.texts[v]; ok {
		return n
	}
	n := d.next
	d.next++
	d.texts[string([]byte(v))] = n // a copy: v is the batch's memory
	return n
}

// intTable maps integers to the numbers in which they were first met, by open addressing.
type intTable struct {
	keys    []int64
	numbers []int32 // number plus one; 0: free
	used    int
	own     int32 // the next number, where the table counts for itself
}

func (t *intTable) number(key int64, next *int32) int32 {
	if 2*t.used >= len(t.keys) {
		t.grow()
	}
	mask := len(t.keys) - 1
	for i := int(mix(key)) & mask; ; i = (i + 1) & mask {
		switch {
		case t.numbers[i] == 0:
			t.keys[i], t.numbers[i] = key, *next+1
			t.used++
			*next++
			return *next - 1
		case t.keys[i] == key:
			return t.numbers[i] - 1
		}
	}
}

func (t *intTable) grow() {
	old := *t
	size := max(64, 2*len(old.keys))
	t.keys, t.numbers = make([]int64, size), make([]int32, size)
	for i, n := range old.numbers {
		if n == 0 {
			continue
		}
		j := int(mix(old.keys[i])) & (size - 1)
		for t.numbers[j] != 0 {
			j = (j + 1) & (size - 1)
		}
		t.keys[j], t.numbers[j] = old.keys[i], n
	}
}

// combine replaces a[i] by the number of the pair (a[i], b[i]).
func (t *intTable) combine(a, b []int32) {
	for i, x := range a {
		a[i] = t.number(int64(x)<<32|int64(b[i]), &t.own)
	}
}

func mix(v int64) uint64 {
	h := uint64(v) * 0x9E3779B97F4A7C15
	return h ^ h>>32
}
