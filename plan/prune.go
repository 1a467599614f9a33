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
	p := prune(n, columnSet{}.addAll(n))
	return narrow(p, allOf(n))
}

// columnSet holds positions, each with what of the column is read.
type columnSet map[int]parts

// parts are the fields of a struct that are read, by their positions; nil: all of it.
type parts map[int]parts

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
	if have, ok := s[column]; ok {
		read = have.and(read)
	}
	s[column] = read
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

func (s columnSet) addAll(n Node) columnSet { return s.with(allOf(n)) }

// with adds whole columns.
func (s columnSet) with(columns []int) columnSet {
	for _, c := range columns {
		s[c] = nil
	}
	return s
}

// between is the part of s in [from, to), counted from from.
func (s columnSet) between(from, to int) columnSet {
	part := columnSet{}
	for c, read := range s {
		if c >= from && c < to {
			part[c-from] = read
		}
	}
	return part
}

func (s columnSet) sorted() []int { return slices.Sorted(maps.Keys(s)) }

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
		f := p.node.Schema().Field(p.at(c))
		exprs[i], names[i] = expr.BoundColumn{Index: p.at(c), Name: f.Name, Typ: f.Type, Null: f.Nullable}, f.Name
	}
	return project(p.node, exprs, names)
}

// narrowInput prunes in and drops everything but need.
func narrowInput(in Node, need columnSet) pruned {
	wanted := need.sorted()
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
