package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// rollUp computes grouping sets from each other, and not each from all rows: the sums per country from those per country and city. As SQL is resolved, each row
// stands once per set below one aggregate.
func rollUp(n Node, s Statistics) Node {
	made := 0
	return rewrite(n, func(n Node) (Node, bool) {
		a, ok := n.(Aggregate)
		if !ok {
			return n, false
		}
		a, g, ok := overGenerate(a)
		if !ok || g.Gen.Func != "stack" || g.Gen.Outer {
			return n, false
		}
		r := rollup{agg: a, input: g.Input, estimate: estimator{s}.node(g.Input), made: &made}
		if !r.take(g) || !r.plan() {
			return n, false
		}
		return r.union(), true
	})
}

// rollup is an aggregate over grouping sets on its way to a union of one aggregate per set.
type rollup struct {
	agg      Aggregate
	input    Node
	estimate estimate
	keys     []expr.Bound // all that sets group by, over the input
	aggs     []partial
	parts    []expr.BoundAggregate // over the input
	levels   []rollupLevel         // parents before children
	made     *int                  // views so far
}

// rollupLevel is one grouping set.
type rollupLevel struct {
	cells    []expr.Bound // what the groups' columns are in it: a key or a constant
	keys     []int        // by their place among all keys, ascending
	parent   int          // the level that it is computed from; -1: the input
	children int
	node     Node // once it is built: the keys, then the parts
}

// take finds the sets; ok is false where an aggregate or a group depends on more than a row of the input and its set.
func (r *rollup) take(g Generate) (ok bool) {
	kept := func(c int) int { return g.Keep[c] }
	width := len(g.Keep)
	aggs := make([]expr.BoundAggregate, len(r.agg.Aggs))
	for i, a := range r.agg.Aggs {
		for _, part := range aggregateParts(a) {
			if slices.ContainsFunc(expr.Columns(part), func(c int) bool { return c >= width }) {
				return false
			}
		}
		aggs[i] = aggregateAt(a, kept)
	}
	if r.aggs, r.parts, ok = partials(aggs); !ok || len(plainColumns(r.agg.Groups)) < len(r.agg.Groups) {
		return false
	}
	for from := 0; from < len(g.Gen.Args); from += len(g.Gen.Columns) {
		var cells []expr.Bound
		for _, c := range plainColumns(r.agg.Groups) {
			if c < width {
				cells = append(cells, ColumnsOf(g.Input)[g.Keep[c]])
			} else {
				cells = append(cells, g.Gen.Args[from+c-width])
			}
		}
		r.levels = append(r.levels, r.level(cells))
	}
	return len(r.levels) > 1 && r.apart()
}

// apart tells whether no row of one set is in a group of another, as a constant of theirs differs: grouping_id. The rows of other stacks may well be.
func (r *rollup) apart() bool {
	marks := make([]string, len(r.levels))
	for i := range r.levels[0].cells {
		constant := !slices.ContainsFunc(r.levels, func(l rollupLevel) bool {
			_, ok := l.cells[i].(expr.BoundLiteral)
			return !ok || !identifies(l.cells[i].Type())
		})
		for k := range marks {
			if constant {
				marks[k] += r.levels[k].cells[i].String() + "\n"
			}
		}
	}
	slices.Sort(marks)
	return len(slices.Compact(marks)) == len(r.levels)
}

// level is the set with these cells.
func (r *rollup) level(cells []expr.Bound) rollupLevel {
	l := rollupLevel{cells: cells}
	for _, c := range cells {
		if _, constant := c.(expr.BoundLiteral); constant {
			continue
		}
		l.keys = append(l.keys, r.key(c))
	}
	slices.Sort(l.keys)
	l.keys = slices.Compact(l.keys)
	return l
}

// key is the place of an expression among the keys, which may be a new one.
func (r *rollup) key(b expr.Bound) int {
	at := slices.IndexFunc(r.keys, func(k expr.Bound) bool { return expr.Equal(k, b) })
	if at < 0 {
		at = len(r.keys)
		r.keys = append(r.keys, b)
	}
	return at
}

// worthwhile is the share of the input's rows that groups by all keys may be for other sets to be computed from them, where these groups are no set themselves.
const worthwhile = 0.5

// plan chooses for each set the smallest one that it can be computed from; ok is false where that does not pay.
func (r *rollup) plan() (ok bool) {
	slices.SortStableFunc(r.levels, func(a, b rollupLevel) int { return cmp.Compare(len(b.keys), len(a.keys)) })
	if len(r.levels[0].keys) < len(r.keys) {
		if r.estimate.groups(r.keys) > worthwhile*r.estimate.rows {
			return false
		}
		all := rollupLevel{}
		for i := range r.keys {
			all.keys = append(all.keys, i)
		}
		r.levels = slices.Insert(r.levels, 0, all)
	}
	r.levels[0].parent = -1
	for i := 1; i < len(r.levels); i++ {
		r.levels[i].parent = r.parentOf(i)
		r.levels[r.levels[i].parent].children++
	}
	return true
}

func (r *rollup) parentOf(level int) int {
	best, rows := 0, r.estimate.groups(r.keys)
	for i, l := range r.levels[:level] {
		if slices.ContainsFunc(r.levels[level].keys, func(k int) bool { return !slices.Contains(l.keys, k) }) {
			continue
		}
		if n := r.estimate.groups(r.some(l.keys)); n <= rows {
			best, rows = i, n
		}
	}
	return best
}

func (r *rollup) some(keys []int) []expr.Bound {
	list := make([]expr.Bound, len(keys))
	for i, k := range keys {
		list[i] = r.keys[k]
	}
	return list
}

// union has the rows of all sets. What other sets are computed from is a view.
func (r *rollup) union() Node {
	var inputs []Node
	for i := range r.levels {
		l := &r.levels[i]
		l.node = r.aggregate(*l)
		if l.children > 0 {
			*r.made++
			l.node = NewScan(&View{Ident: fmt.Sprintf("rollup %d", *r.made), Query: l.node, Part: true, Optimized: true})
		}
		if l.cells != nil {
			inputs = append(inputs, r.output(*l))
		}
	}
	return Union{Inputs: inputs, schema: r.agg.schema}
}

// aggregate computes a set from its parent. The set without keys has a constant for one: over no rows it has no group.
func (r *rollup) aggregate(l rollupLevel) Node {
	in, groups, parts := r.input, r.some(l.keys), r.parts
	if l.parent >= 0 {
		parent := r.levels[l.parent]
		in, parts = parent.node, slices.Clone(r.parts)
		columns, keys := ColumnsOf(in), max(len(parent.keys), 1)
		for i, k := range l.keys {
			groups[i] = columns[slices.Index(parent.keys, k)]
		}
		for i := range parts {
			parts[i] = merging(parts[i], columns[keys+i])
		}
	}
	if len(groups) == 0 {
		groups = []expr.Bound{expr.BoundLiteral{Value: true, Typ: schema.Boolean}}
	}
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = nameOf(g)
	}
	return aggregate(in, groups, names, parts, partNames(r.parts))
}

// nameOf is an expression's name as a column.
func nameOf(b expr.Bound) string {
	if c, ok := b.(expr.BoundColumn); ok {
		return c.Name
	}
	return b.String()
}

// output has the columns of the aggregate as it was.
func (r *rollup) output(l rollupLevel) Node {
	columns := ColumnsOf(l.node)
	exprs := make([]expr.Bound, 0, r.agg.schema.NumFields())
	for _, c := range l.cells {
		if _, constant := c.(expr.BoundLiteral); !constant {
			c = columns[slices.Index(l.keys, r.key(c))]
		}
		exprs = append(exprs, c)
	}
	exprs = append(exprs, values(r.aggs, columns[max(len(l.keys), 1):])...)
	return project(l.node, exprs, fieldNames(r.agg))
}
