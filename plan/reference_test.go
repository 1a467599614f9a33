package plan_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// rows are a relation's rows in columns.
type rows struct {
	columns []arrow.Array
	n       int
}

// reference runs plans in the plainest way: every node looks at all rows of its inputs. It knows the functions that the queries of these tests use.
type reference struct {
	data map[string]rows
	env  *kernel.Env
}

func newReference(data map[string]rows) *reference {
	return &reference{data: data, env: &kernel.Env{Alloc: memory.DefaultAllocator}}
}

func (r *reference) run(n plan.Node) (rows, error) {
	switch n := n.(type) {
	case plan.Scan:
		return r.scan(n)
	case plan.Project:
		in, err := r.run(n.Input)
		if err != nil {
			return rows{}, err
		}
		return r.compute(in, n.Exprs)
	case plan.Filter:
		in, err := r.run(n.Input)
		if err != nil {
			return rows{}, err
		}
		return r.filter(in, n.Cond)
	case plan.Aggregate:
		return r.aggregate(n)
	case plan.Join:
		return r.join(n)
	case plan.Window:
		return r.window(n)
	case plan.Latest:
		return r.latest(n)
	case plan.Order:
		return r.order(n)
	case plan.Union:
		return r.union(n)
	case plan.Values:
		return r.values(n)
	case plan.Check, plan.Map:
	}
	return rows{}, fmt.Errorf("the reference does not run %T", n)
}

// runText runs a query as it is written.
func (r *reference) runText(query string) (rows, error) {
	q, err := sql.Parse(query)
	if err != nil {
		return rows{}, err
	}
	n, err := q.Resolve(relations())
	if err != nil {
		return rows{}, err
	}
	return r.run(n)
}

func (r *reference) scan(n plan.Scan) (rows, error) {
	all, known := r.data[n.Relation.Name()]
	if v, ok := n.Relation.(*plan.View); ok {
		var err error
		if all, err = r.run(v.Query); err != nil {
			return rows{}, err
		}
	} else if !known {
		return rows{}, fmt.Errorf("the reference has no rows of %s", n.Relation.Name())
	}
	out := rows{n: all.n}
	for i := range n.Schema().NumFields() {
		out.columns = append(out.columns, all.columns[n.Position(i)])
	}
	if n.Filter == nil {
		return out, nil
	}
	return r.filter(out, n.Filter)
}

func (r *reference) compute(in rows, exprs []expr.Bound) (rows, error) {
	out := rows{n: in.n}
	for _, e := range exprs {
		compiled, err := kernel.Compile(e)
		if err != nil {
			return rows{}, err
		}
		column, err := compiled.Eval(r.env, in.columns, in.n, nil)
		if err != nil {
			return rows{}, err
		}
		out.columns = append(out.columns, column)
	}
	return out, nil
}

func (r *reference) filter(in rows, cond expr.Bound) (rows, error) {
	compiled, err := kernel.Compile(cond)
	if err != nil {
		return rows{}, err
	}
	kept, err := compiled.Select(r.env, in.columns, in.n, nil, nil)
	if err != nil {
		return rows{}, err
	}
	return r.take(in, kept)
}

// take gives the rows at positions; -1 is a row of NULLs.
func (r *reference) take(in rows, positions []int32) (rows, error) {
	out := rows{n: len(positions)}
	for _, c := range in.columns {
		column, err := vector.Take(r.env.Alloc, c, positions)
		if err != nil {
			return rows{}, err
		}
		out.columns = append(out.columns, column)
	}
	return out, nil
}

// text is row i, for comparison: equal rows have equal texts.
func (in rows) text(i int) string {
	cells := make([]string, len(in.columns))
	for k, c := range in.columns {
		cells[k] = c.ValueStr(i)
	}
	return strings.Join(cells, "|")
}

func (in rows) hasNull(i int) bool {
	return slices.ContainsFunc(in.columns, func(c arrow.Array) bool { return c.IsNull(i) })
}

func (r *reference) join(n plan.Join) (rows, error) {
	left, err := r.run(n.Left)
	if err != nil {
		return rows{}, err
	}
	right, err := r.run(n.Right)
	if err != nil {
		return rows{}, err
	}
	ls, rs, err := r.matches(n, left, right)
	if err != nil {
		return rows{}, err
	}
	switch n.Kind {
	case plan.LeftSemi:
		return r.take(left, slices.Compact(ls))
	case plan.LeftAnti:
		return r.take(left, missing(ls, left.n))
	case plan.Inner, plan.Cross, plan.LeftOuter, plan.RightOuter, plan.FullOuter:
	}
	if n.Kind == plan.LeftOuter || n.Kind == plan.FullOuter {
		for _, l := range missing(ls, left.n) {
			ls, rs = append(ls, l), append(rs, -1)
		}
	}
	if n.Kind == plan.RightOuter || n.Kind == plan.FullOuter {
		for _, i := range missing(rs, right.n) {
			ls, rs = append(ls, -1), append(rs, i)
		}
	}
	return r.pairs(left, right, ls, rs)
}

// matches are the pairs that satisfy keys and residual, in the order of the left rows.
func (r *reference) matches(n plan.Join, left, right rows) (ls, rs []int32, err error) {
	leftKeys, err := r.compute(left, n.LeftKeys)
	if err != nil {
		return nil, nil, err
	}
	rightKeys, err := r.compute(right, n.RightKeys)
	if err != nil {
		return nil, nil, err
	}
	for l := range left.n {
		for i := range right.n {
			if !leftKeys.hasNull(l) && !rightKeys.hasNull(i) && leftKeys.text(l) == rightKeys.text(i) {
				ls, rs = append(ls, int32(l)), append(rs, int32(i))
			}
		}
	}
	if n.Residual == nil {
		return ls, rs, nil
	}
	pairs, err := r.pairs(left, right, ls, rs)
	if err != nil {
		return nil, nil, err
	}
	compiled, err := kernel.Compile(n.Residual)
	if err != nil {
		return nil, nil, err
	}
	kept, err := compiled.Select(r.env, pairs.columns, pairs.n, nil, nil)
	var keptLeft, keptRight []int32
	for _, k := range kept {
		keptLeft, keptRight = append(keptLeft, ls[k]), append(keptRight, rs[k])
	}
	return keptLeft, keptRight, err
}

func (r *reference) pairs(left, right rows, ls, rs []int32) (rows, error) {
	l, err := r.take(left, ls)
	if err != nil {
		return rows{}, err
	}
	x, err := r.take(right, rs)
	if err != nil {
		return rows{}, err
	}
	return rows{append(l.columns, x.columns...), len(ls)}, nil
}

// missing are the positions below n that are not in list.
func missing(list []int32, n int) []int32 {
	var out []int32
	for i := range int32(n) {
		if !slices.Contains(list, i) {
			out = append(out, i)
		}
	}
	return out
}

// groups are the positions of the rows with equal keys, in order of appearance.
func (r *reference) groups(in rows, keys []expr.Bound) ([][]int32, error) {
	k, err := r.compute(in, keys)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	var groups [][]int32
	for i := range in.n {
		g, ok := at[k.text(i)]
		if !ok {
			g = len(groups)
			at[k.text(i)], groups = g, append(groups, nil)
		}
		groups[g] = append(groups[g], int32(i))
	}
	return groups, nil
}

// sorted puts positions of in into the order of keys; equal ones stay as they are.
func (r *reference) sorted(in rows, positions []int32, keys []expr.BoundSort) ([]int32, error) {
	args := make([]expr.Bound, len(keys))
	for i, k := range keys {
		args[i] = k.Arg
	}
	values, err := r.compute(in, args)
	if err != nil {
		return nil, err
	}
	compare := make([]vector.Compare, len(keys))
	for i, k := range keys {
		if compare[i], err = vector.NewCompare(values.columns[i], values.columns[i], k.Descending, k.NullsFirst); err != nil {
			return nil, err
		}
	}
	out := slices.Clone(positions)
	slices.SortStableFunc(out, func(a, b int32) int {
		for _, c := range compare {
			if o := c(int(a), int(b)); o != 0 {
				return o
			}
		}
		return 0
	})
	return out, nil
}

func (r *reference) latest(n plan.Latest) (rows, error) {
	in, err := r.run(n.Input)
	if err != nil {
		return rows{}, err
	}
	groups, err := r.groups(in, n.Keys)
	if err != nil {
		return rows{}, err
	}
	var first []int32
	for _, g := range groups {
		order, err := r.sorted(in, g, n.By)
		if err != nil {
			return rows{}, err
		}
		first = append(first, order[0])
	}
	return r.take(in, first)
}

func (r *reference) order(n plan.Order) (rows, error) {
	in, err := r.run(n.Input)
	if err != nil {
		return rows{}, err
	}
	order, err := r.sorted(in, missing(nil, in.n), n.Keys)
	if err != nil {
		return rows{}, err
	}
	order = order[min(int(n.Offset), len(order)):]
	if n.Limit >= 0 {
		order = order[:min(int(n.Limit), len(order))]
	}
	return r.take(in, order)
}

func (r *reference) union(n plan.Union) (rows, error) {
	var parts []rows
	for _, in := range n.Inputs {
		part, err := r.run(in)
		if err != nil {
			return rows{}, err
		}
		parts = append(parts, part)
	}
	return r.concat(parts)
}

func (r *reference) concat(parts []rows) (rows, error) {
	out := rows{}
	for _, p := range parts {
		out.n += p.n
	}
	for c := range parts[0].columns {
		columns := make([]arrow.Array, len(parts))
		for i, p := range parts {
			columns[i] = p.columns[c]
		}
		column, err := vector.Concat(r.env.Alloc, columns)
		if err != nil {
			return rows{}, err
		}
		out.columns = append(out.columns, column)
	}
	return out, nil
}

func (r *reference) values(n plan.Values) (rows, error) {
	none := rows{}
	for _, f := range n.Schema().Fields() {
		none.columns = append(none.columns, array.MakeArrayOfNull(r.env.Alloc, f.Type, 0))
	}
	parts := []rows{none}
	for _, row := range n.Rows {
		exprs := make([]expr.Bound, len(row))
		for i, v := range row {
			exprs[i] = v
		}
		part, err := r.compute(rows{n: 1}, exprs)
		if err != nil {
			return rows{}, err
		}
		parts = append(parts, part)
	}
	return r.concat(parts)
}

// texts are all rows, sorted.
func (in rows) texts() []string {
	out := make([]string, in.n)
	for i := range out {
		out[i] = in.text(i)
	}
	slices.Sort(out)
	return out
}
