package plan

import (
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// pruneColumns drops every column that nobody reads, down to the columns that scans read. A scan of which nothing is read has an empty, not a nil
// list of columns: it yields rows without columns, for COUNT(*).
func pruneColumns(n Node) Node {
	p := prune(n, noColumns(n).with(allOf(n)))
	return narrow(p, allOf(n))
}

// columnSet tells of each column of a node what of it is read.
type columnSet []columnUse

type columnUse struct {
	read  bool
	parts parts
}

// parts are the fields of a struct that are read, by their positions; nil: all of it.
type parts map[int]parts

func noColumns(n Node) columnSet { return make(columnSet, n.Schema().NumFields()) }

func (s columnSet) add(list ...expr.Bound) columnSet {
	for _, b := range list {
		expr.Walk(b, func(part expr.Bound) bool {
			c, fields, ok := fieldOf(part, nil)
			if ok {
				s.note(c, fields)
			}
			return !ok
		})
	}
	return s
}

// addPart adds what b is computed from where only some parts of it are read.
func (s columnSet) addPart(b expr.Bound, read parts) {
	if c, fields, ok := fieldOf(b, read); ok {
		s.note(c, fields)
		return
	}
	s.add(b)
}

// fieldOf finds the column that b is, or is a field of, and what of it is read where that much of b is.
func fieldOf(b expr.Bound, read parts) (column int, fields parts, ok bool) {
	switch b := b.(type) {
	case expr.BoundColumn:
		return b.Index, read, true
	case expr.BoundField:
		return fieldOf(b.Arg, parts{b.Index: read})
	default:
		return 0, nil, false
	}
}

func (s columnSet) note(column int, read parts) {
	if have := s[column]; have.read {
		read = have.parts.and(read)
	}
	s[column] = columnUse{true, read}
}

// and is what either of two readers reads.
func (p parts) and(q parts) parts {
	if p == nil || q == nil {
		return nil
	}
	both := maps.Clone(p)
	for i, read := range q {
		if have, ok := both[i]; ok {
			read = have.and(read)
		}
		both[i] = read
	}
	return both
}

// paths lists the fields, each by the positions that lead to it; nil: all.
func (p parts) paths() [][]int {
	if p == nil {
		return nil
	}
	var list [][]int
	for _, i := range slices.Sorted(maps.Keys(p)) {
		inner := p[i].paths()
		if inner == nil {
			inner = [][]int{nil}
		}
		for _, rest := range inner {
			list = append(list, append([]int{i}, rest...))
		}
	}
	return list
}

// with adds whole columns.
func (s columnSet) with(columns []int) columnSet {
	for _, c := range columns {
		s[c] = columnUse{read: true}
	}
	return s
}

// list is the columns of which anything is read, ascending.
func (s columnSet) list() []int {
	columns := make([]int, 0, len(s))
	for c, use := range s {
		if use.read {
			columns = append(columns, c)
		}
	}
	return columns
}

func allOf(n Node) []int {
	list := make([]int, n.Schema().NumFields())
	for i := range list {
		list[i] = i
	}
	return list
}

// pruned is a node that has lost columns: kept are the positions, ascending, that its columns had before.
type pruned struct {
	node Node
	kept []int
}

// at is where the column that was at position c is now.
func (p pruned) at(c int) int {
	i, _ := slices.BinarySearch(p.kept, c)
	return i
}

// whole tells whether no column that is left has another position than before.
func (p pruned) whole() bool { return len(p.kept) == 0 || p.kept[len(p.kept)-1] == len(p.kept)-1 }

func (p pruned) bound(b expr.Bound) expr.Bound {
	if b == nil || p.whole() {
		return b
	}
	return expr.MapColumns(b, p.at)
}

func (p pruned) bounds(list []expr.Bound) []expr.Bound {
	if list == nil || p.whole() {
		return list
	}
	out := make([]expr.Bound, len(list))
	for i, b := range list {
		out[i] = p.bound(b)
	}
	return out
}

func (p pruned) sorts(keys []expr.BoundSort) []expr.BoundSort {
	if p.whole() {
		return keys
	}
	out := slices.Clone(keys)
	for i := range out {
		out[i].Arg = p.bound(out[i].Arg)
	}
	return out
}

// narrow drops what p has beside the wanted columns: operators that hold rows are not to hold columns that only a filter below them read.
func narrow(p pruned, wanted []int) Node {
	if slices.Equal(p.kept, wanted) {
		return p.node
	}
	exprs, names := make([]expr.Bound, len(wanted)), make([]string, len(wanted))
	for i, c := range wanted {
		column := ColumnOf(p.node, p.at(c))
		exprs[i], names[i] = column, column.Name
	}
	return project(p.node, exprs, names)
}

// narrowInput prunes in and drops everything but need.
func narrowInput(in Node, need columnSet) pruned {
	wanted := need.list()
	return pruned{narrow(prune(in, need), wanted), wanted}
}

// pick is the columns of s at some positions, each of them once.
func pick(s *arrow.Schema, columns []int) *arrow.Schema {
	if len(columns) == s.NumFields() && slices.IsSorted(columns) {
		return s
	}
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = s.Field(c)
	}
	return arrow.NewSchema(fields, nil)
}
