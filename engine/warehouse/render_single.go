package warehouse

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// blockText is a block as a sub-query in an expression. It is written when the whole query is: the views have their names then.
type blockText struct {
	block *block
	names []string
}

// String is the block's SELECT.
func (t blockText) String() string {
	w := &writer{}
	w.block(t.block, t.names, 1)
	return w.text.String()
}

// isSingle tells whether an aggregation is the value of the one row that there may be of each group. SQL says that as a sub-query in an expression.
func isSingle(n plan.Aggregate) bool { return len(n.Aggs) == 1 && n.Aggs[0].Func == "single_value" }

// single is a sub-query in place of a value. For groups it is one over those rows that have the group's keys.
func (r *renderer) single(n plan.Aggregate, b *block) *block {
	fields, keys := n.Schema().Fields(), len(n.Groups)
	b = r.project(plan.Project{Exprs: append(append([]expr.Bound(nil), n.Groups...), n.Aggs[0].Args...)}, b)
	b.fields = fields
	if keys == 0 {
		return r.oneValue(b, newBlock(fields))
	}
	v := &view{ident: "candidates", query: b, names: uniqueNames(b)}
	r.release(b)
	r.order = append(r.order, v)
	groups, rows := r.readView(v, fields), r.readView(v, fields)
	groups.outputs, groups.fields = groups.outputs[:keys], fields[:keys]
	for _, o := range groups.outputs {
		groups.groups = append(groups.groups, o.node)
	}
	groups.shape, groups.called = grouped, "keys"
	groups = r.wrap(groups)
	groups.qualify()
	for i, o := range groups.outputs {
		rows.where = append(rows.where, expr.Call{Func: "<=>", Args: []expr.Node{rows.outputs[i].node, o.node}})
	}
	rows.outputs, rows.fields = rows.outputs[keys:], fields[keys:]
	return r.oneValue(rows, groups)
}

// oneValue adds the value of a block of one column to the columns of another one.
func (r *renderer) oneValue(of, to *block) *block {
	names := uniqueNames(of)
	r.release(of)
	query := expr.Subquery{Kind: expr.ScalarSubquery, Query: blockText{of, names}}
	to.outputs, to.called = append(to.outputs[:len(to.outputs):len(to.outputs)], &output{node: query}), "single"
	return to
}

// readView reads a view, its columns written with an alias.
func (r *renderer) readView(v *view, fields []arrow.Field) *block {
	b := over(source{view: v, alias: r.alias(v.ident)}, fields, v.names)
	b.qualify()
	return b
}
