package warehouse

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// scan reads a relation.
func (r *renderer) scan(n plan.Scan) (*block, error) {
	s := source{alias: r.alias(aliasOf(n.Relation.Name()))}
	all := n.Relation.Schema().Fields()
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.Name
	}
	var err error
	switch rel := n.Relation.(type) {
	case *plan.View:
		s.view, err = r.view(rel)
	case *plan.Recursion:
		s.view, err = r.round(rel)
	default:
		s.text, err = r.names(rel)
		r.words, s.aliased = append(r.words, s.text), strings.HasPrefix(s.text, "(")
	}
	if err != nil {
		return nil, err
	}
	if s.view != nil {
		names = s.view.names
	}
	b := over(s, all, names)
	if n.Columns != nil {
		chosen := make([]*output, len(n.Columns))
		for i, p := range n.Columns {
			chosen[i] = b.outputs[p]
		}
		b.outputs = chosen
	}
	b.called = aliasOf(n.Relation.Name())
	return r.filter(b, expr.Conjuncts(n.Filter)), nil
}

// view builds a view's query, once.
func (r *renderer) view(v *plan.View) (*view, error) {
	if built, ok := r.views[v]; ok {
		return built, nil
	}
	if v.Recursion != nil {
		return r.recursive(v)
	}
	b, err := r.node(v.Query)
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", v.Ident, err)
	}
	r.release(b)
	built := &view{ident: v.Ident, query: b, names: uniqueNames(b)}
	r.views[v], r.order = built, append(r.order, built)
	return built, nil
}

// values are constant rows. A single one is a SELECT without FROM, and so are none: SELECT … WHERE FALSE.
func (r *renderer) values(n plan.Values) *block {
	fields := n.Schema().Fields()
	b := newBlock(fields)
	b.called = "constants"
	if len(n.Rows) > 1 {
		b.fields = fields
		names := uniqueNames(b)
		return over(source{text: valuesText(n, len(names) == 0), columns: orOne(names), alias: r.alias("constants"), aliased: true}, fields, names)
	}
	for i, f := range fields {
		value := expr.BoundLiteral{Typ: f.Type}
		if len(n.Rows) == 1 {
			value = n.Rows[0][i]
		}
		b.outputs = append(b.outputs, &output{node: typed(expr.Unbind(value), f.Type), simple: true})
	}
	if len(n.Rows) == 0 {
		b.where = []expr.Node{expr.Literal{Value: false, Type: schema.Boolean}}
	}
	return b
}

// valuesText is VALUES with its rows, one a line. Rows without columns get one.
func valuesText(n plan.Values, narrow bool) string {
	lines := make([]string, len(n.Rows))
	for i, row := range n.Rows {
		cells := make([]string, len(row))
		for k, c := range row {
			cells[k] = typed(expr.Unbind(c), c.Typ).String()
		}
		if narrow {
			cells = []string{"1"}
		}
		lines[i] = "(" + strings.Join(cells, ", ") + ")"
	}
	return "VALUES " + strings.Join(lines, ", ")
}

func orOne(names []string) []string {
	if len(names) == 0 {
		return []string{placeholder}
	}
	return names
}

// join pairs the rows of two blocks. What is on its left may be a join itself.
func (r *renderer) join(n plan.Join) (*block, error) {
	left, err := r.side(n.Left, false)
	if err != nil {
		return nil, err
	}
	right, err := r.side(n.Right, true)
	if err != nil {
		return nil, err
	}
	pair := newBlock(nil)
	pair.outputs = append(append([]*output(nil), left.outputs...), right.outputs...)
	s := right.from[0]
	s.join, s.on = n.Kind.String()+" JOIN", pair.on(n, left, right)
	if s.on == nil {
		s.join = "CROSS JOIN"
	}
	left.from = append(append([]source(nil), left.from...), s)
	if n.Kind != plan.LeftSemi && n.Kind != plan.LeftAnti {
		left.outputs = pair.outputs
	}
	left.called = "joined"
	return left, nil
}

// side builds an input of a join. The right one is a single source.
func (r *renderer) side(n plan.Node, single bool) (*block, error) {
	b, err := r.node(n)
	if err != nil {
		return nil, err
	}
	if !b.bare() || single && len(b.from) > 1 || slices.ContainsFunc(b.from, source.isLateral) {
		b = r.wrap(b)
	}
	b.qualify()
	return b, nil
}

// on is the condition of a join, over its pairs of rows; nil where there is none and none is needed.
func (b *block) on(n plan.Join, left, right *block) expr.Node {
	var on expr.Node
	for i, k := range n.LeftKeys {
		on = and(on, expr.Call{Func: "=", Args: []expr.Node{left.node(k), right.node(n.RightKeys[i])}})
	}
	for _, c := range expr.Conjuncts(n.Residual) {
		on = and(on, b.node(c))
	}
	if on == nil && n.Kind != plan.Cross && n.Kind != plan.Inner {
		return expr.Literal{Value: true, Type: schema.Boolean}
	}
	return on
}

func and(a, b expr.Node) expr.Node {
	if a == nil {
		return b
	}
	return expr.Call{Func: "and", Args: []expr.Node{a, b}}
}

// union is UNION ALL.
func (r *renderer) union(n plan.Union) (*block, error) {
	if len(n.Inputs) == 1 {
		return r.node(n.Inputs[0])
	}
	b := newBlock(n.Schema().Fields())
	for _, in := range n.Inputs {
		part, err := r.node(in)
		if err != nil {
			return nil, err
		}
		if part.sortedByName() {
			part = r.lift(part)
		}
		r.release(part)
		b.union = append(b.union, part)
	}
	for range b.fields {
		b.outputs = append(b.outputs, &output{})
	}
	b.called = "united"
	return b, nil
}

// sort orders and limits.
func (r *renderer) sort(n plan.Order, b *block) (*block, error) {
	if n.Limit > math.MaxInt32 || n.Offset > math.MaxInt32-max(n.Limit, 0) {
		return nil, unsupported(fmt.Sprintf("LIMIT %d OFFSET %d: together they are at most %d", n.Limit, n.Offset, math.MaxInt32))
	}
	if len(b.order) > 0 && len(n.Keys) == 0 && !b.limited() {
		b.limit, b.offset = n.Limit, n.Offset
		return b, nil
	}
	if len(b.order) > 0 || b.limited() || b.union != nil {
		b = r.lift(b)
	}
	if len(n.Keys) > 0 {
		b.order, b.sorted = n.Keys, b.outputs
	}
	b.limit, b.offset, b.called = n.Limit, n.Offset, "sorted"
	return b, nil
}
