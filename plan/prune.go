package plan

import (
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

// columnSet holds positions.
type columnSet map[int]bool

func (s columnSet) add(list ...expr.Bound) columnSet {
	for _, b := range list {
		if b == nil {
			continue
		}
		for _, c := range expr.Columns(b) {
			s[c] = true
		}
	}
	return s
}

func (s columnSet) addAll(n Node) columnSet { return s.with(allOf(n)) }

func (s columnSet) with(columns []int) columnSet {
	for _, c := range columns {
		s[c] = true
	}
	return s
}

// between is the part of s in [from, to), counted from from.
func (s columnSet) between(from, to int) columnSet {
	part := columnSet{}
	for c := range s {
		if c >= from && c < to {
			part[c-from] = true
		}
	}
	return part
}

func (s columnSet) sorted() []int {
	list := make([]int, 0, len(s))
	for c := range s {
		list = append(list, c)
	}
	slices.Sort(list)
	return list
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
