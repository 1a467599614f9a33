package delta

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
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
