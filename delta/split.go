package delta

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// splitter sorts rows by the partition that they belong to. Partitions are numbered as they are first met. It serves one goroutine.
type splitter struct {
	fields  []arrow.Field
	names   []string // physical
	columns []int    // positions of the partition columns
	dense   []*numbering
	pairs   []*intTable // one per column but the first: (number so far, number of the column) to number
	values  [][]PartitionValue

	ids    []int32 // the batch's rows' partitions
	column []int32
	counts []int32
	rowBuf []int32
	groups []rowGroup
}

// rowGroup is the rows of a batch that belong to one partition.
type rowGroup struct {
	id   int
	rows []int32
}

func newSplitter(m *tableMetadata, columns []int) *splitter {
	p := &splitter{columns: columns, names: m.partitionNames()}
	for i, c := range columns {
		p.fields = append(p.fields, m.schema.Field(c))
		p.dense = append(p.dense, &numbering{texts: make(map[string]int32)})
		if i > 0 {
			p.pairs = append(p.pairs, &intTable{})
		}
	}
	return p
}

// rows gives the selected rows by partition; the result is valid until the next call.
func (p *splitter) rows(columns []arrow.Array, n int, sel []int32) ([]rowGroup, error) {
	if sel != nil {
		n = len(sel)
	}
	p.ids = resize(p.ids, n)
	p.column = resize(p.column, n)
	for i, c := range p.columns {
		out := p.ids
		if i > 0 {
			out = p.column
		}
		if err := p.dense[i].number(columns[c], p.fields[i].Type, sel, out); err != nil {
			return nil, fmt.Errorf("partition column %s: %w", p.fields[i].Name, err)
		}
		if i > 0 {
			p.pairs[i-1].combine(p.ids, p.column)
		}
	}
	return p.group(columns, sel), p.fault()
}

func (p *splitter) fault() error {
	if len(p.values) > math.MaxInt32/2 {
		return fmt.Errorf("more than %d partitions", math.MaxInt32/2)
	}
	return nil
}

// group is a counting sort of the rows by partition.
func (p *splitter) group(columns []arrow.Array, sel []int32) []rowGroup {
	for i, id := range p.ids {
		if int(id) >= len(p.values) {
			p.values = append(p.values, p.valuesAt(columns, rowOf(sel, i)))
		}
	}
	p.counts = resize(p.counts, len(p.values)+1)
	clear(p.counts)
	for _, id := range p.ids {
		p.counts[id+1]++
	}
	for i := 1; i < len(p.counts); i++ {
		p.counts[i] += p.counts[i-1]
	}
	p.rowBuf = resize(p.rowBuf, len(p.ids))
	for i, id := range p.ids {
		p.rowBuf[p.counts[id]] = int32(rowOf(sel, i))
		p.counts[id]++
	}
	p.groups = p.groups[:0]
	start := int32(0)
	for id := range p.values {
		if end := p.counts[id]; end > start {
			p.groups = append(p.groups, rowGroup{id, p.rowBuf[start:end]})
			start = end
		}
	}
	return p.groups
}

func rowOf(sel []int32, i int) int {
	if sel == nil {
		return i
	}
	return int(sel[i])
}

func (p *splitter) valuesAt(columns []arrow.Array, row int) []PartitionValue {
	values := make([]PartitionValue, len(p.columns))
	for i, c := range p.columns {
		values[i] = PartitionValue{Column: p.names[i], Null: true}
		if v, ok := scalarAt(columns[c], row); ok {
			if text := formatScalar(v, p.fields[i].Type); text != "" {
				values[i].Value, values[i].Null = text, false
			}
		}
	}
	return values
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

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

// integersOf reads a column whose values are integers in memory; floats by their bits, all NaN alike and -0.0 like 0.0. nil for other types.
func integersOf(a arrow.Array) func(int) int64 {
	switch a := a.(type) {
	case *array.Boolean:
		return func(i int) int64 {
			if a.Value(i) {
				return 1
			}
			return 0
		}
	case *array.Int8:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Int16:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Int32:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Int64:
		return a.Value
	case *array.Date32:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Timestamp:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Float32:
		return func(i int) int64 { return floatBits(float64(a.Value(i))) }
	case *array.Float64:
		return func(i int) int64 { return floatBits(a.Value(i)) }
	default:
		return nil
	}
}

func floatBits(f float64) int64 {
	switch {
	case math.IsNaN(f):
		f = math.NaN()
	case f == 0:
		f = 0
	}
	return int64(math.Float64bits(f))
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

// scalarAt is the value of a row; ok is false for NULL and for types without an order.
func scalarAt(a arrow.Array, row int) (s skipping.Scalar, ok bool) {
	if a.IsNull(row) {
		return skipping.Scalar{}, false
	}
	switch a := a.(type) {
	case *array.Dictionary:
		return scalarAt(a.Dictionary(), a.GetValueIndex(row))
	case *array.String:
		return skipping.Text(string([]byte(a.Value(row)))), true
	case *array.Binary:
		return skipping.Text(string(a.Value(row))), true
	case *array.Decimal128:
		return skipping.Decimal(a.Value(row)), true
	case *array.Float32:
		return skipping.Float(float64(a.Value(row))), true
	case *array.Float64:
		return skipping.Float(a.Value(row)), true
	}
	if value := integersOf(a); value != nil {
		return skipping.Int(value(row)), true
	}
	return skipping.Scalar{}, false
}
