package delta

import (
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// statsNode is one column, or one field of a struct, that statistics are kept of.
type statsNode struct {
	name     string // physical
	typ      arrow.DataType
	leaf     int // position among the file's leaves; -1 for a struct
	children []statsNode
}

const defaultIndexedColumns = 32 // delta.dataSkippingNumIndexedCols

// statsColumns decides which columns of the data files get statistics: those that delta.dataSkippingStatsColumns names, else the first
// delta.dataSkippingNumIndexedCols leaves, and always those of these physical paths.
func statsColumns(m *Metadata, data []arrow.Field, always [][]string) []statsNode {
	limit := defaultIndexedColumns
	if n, err := strconv.Atoi(m.Configuration["delta.dataSkippingNumIndexedCols"]); err == nil {
		limit = n
	}
	b := statsBuilder{table: m, limit: limit, always: always}
	if names, ok := m.Configuration["delta.dataSkippingStatsColumns"]; ok {
		b.named = splitColumnNames(names)
	}
	return b.nodes(data, nil, b.named == nil)
}

type statsBuilder struct {
	table   *Metadata
	limit   int        // negative: no limit
	named   [][]string // nil: the first leaves
	always  [][]string // physical, as file is
	file    []string   // the physical path of the struct whose fields are at hand
	leaf    int
	indexed int
}

func (b *statsBuilder) nodes(fields []arrow.Field, prefix []string, chosen bool) []statsNode {
	var out []statsNode
	for _, f := range fields {
		path := append(prefix[:len(prefix):len(prefix)], f.Name)
		want := chosen || b.isNamed(path)
		switch t := f.Type.(type) {
		case *arrow.StructType:
			b.file = append(b.file, b.table.physical(f))
			children := b.nodes(t.Fields(), path, want)
			b.file = b.file[:len(b.file)-1]
			if len(children) > 0 {
				out = append(out, statsNode{name: b.table.physical(f), typ: t, leaf: -1, children: children})
			}
		case *arrow.ListType, *arrow.MapType:
			b.leaf += countLeaves(t)
			b.indexed++
		default:
			if want && (b.named != nil || b.limit < 0 || b.indexed < b.limit) || b.isAlways(b.table.physical(f)) {
				out = append(out, statsNode{name: b.table.physical(f), typ: t, leaf: b.leaf})
			}
			b.leaf += countLeaves(t)
			b.indexed++
		}
	}
	return out
}

func (b *statsBuilder) isNamed(path []string) bool {
	return slices.ContainsFunc(b.named, func(n []string) bool { return slices.EqualFunc(n, path, strings.EqualFold) })
}

func (b *statsBuilder) isAlways(leaf string) bool {
	return slices.ContainsFunc(b.always, func(path []string) bool {
		last := len(path) - 1
		return last == len(b.file) && path[last] == leaf && slices.Equal(path[:last], b.file)
	})
}

func countLeaves(t arrow.DataType) int {
	if e, ok := t.(arrow.ExtensionType); ok {
		t = e.StorageType()
	}
	n, ok := t.(arrow.NestedType)
	if !ok {
		return 1
	}
	sum := 0
	for _, f := range n.Fields() {
		sum += countLeaves(f.Type)
	}
	return sum
}

// splitColumnNames reads "a, b.c, `d.e`".
func splitColumnNames(text string) [][]string {
	list := [][]string{}
	var name []string
	var part strings.Builder
	quoted := false
	end := func() {
		if p := strings.TrimSpace(part.String()); p != "" {
			name = append(name, p)
		}
		part.Reset()
	}
	for _, r := range text {
		switch {
		case r == '`':
			quoted = !quoted
		case r == '.' && !quoted:
			end()
		case r == ',' && !quoted:
			end()
			list = append(list, name)
			name = nil
		default:
			part.WriteRune(r)
		}
	}
	if end(); name != nil {
		list = append(list, name)
	}
	return list
}
