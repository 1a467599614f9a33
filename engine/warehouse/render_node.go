package warehouse

import (
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// node builds the block of a plan.
func (r *renderer) node(n plan.Node) (*block, error) {
	b, err := r.build(n)
	if err != nil {
		return nil, err
	}
	b.fields = n.Schema().Fields()
	return b, nil
}

func (r *renderer) build(n plan.Node) (*block, error) {
	switch n := n.(type) {
	case plan.Scan:
		return r.scan(n)
	case plan.Values:
		return r.values(n), nil
	case plan.Join:
		return r.join(n)
	case plan.Union:
		return r.union(n)
	case plan.Map:
		return nil, unsupported(fmt.Sprintf("the Go function %s runs in this process only", n.Name))
	case plan.Project, plan.Filter, plan.Generate, plan.Aggregate, plan.Window, plan.Latest, plan.Order, plan.Check:
		b, err := r.node(n.Children()[0])
		if err != nil {
			return nil, err
		}
		return r.unary(n, b)
	}
	return nil, unsupported(fmt.Sprintf("a %T", n))
}

// unary builds a node of one input upon its input's block.
func (r *renderer) unary(n plan.Node, b *block) (*block, error) {
	switch n := n.(type) {
	case plan.Project:
		return r.project(n, b), nil
	case plan.Filter:
		return r.filter(b, expr.Conjuncts(n.Cond)), nil
	case plan.Check:
		return r.filter(b, kept(n)), nil
	case plan.Aggregate:
		return r.aggregate(n, b), nil
	case plan.Generate:
		return r.generate(n, b), nil
	case plan.Window:
		return r.window(n, b), nil
	case plan.Latest:
		return r.latest(n, b), nil
	case plan.Order:
		return r.sort(n, b)
	default:
		return nil, unsupported(fmt.Sprintf("a %T", n))
	}
}

// project chooses and computes.
func (r *renderer) project(n plan.Project, b *block) *block {
	if !b.projects(n.Exprs) {
		b = r.lift(b)
	}
	outputs := make([]*output, len(n.Exprs))
	for i, e := range n.Exprs {
		switch e := e.(type) {
		case expr.BoundColumn:
			outputs[i] = b.outputs[e.Index]
		case expr.BoundLiteral, expr.BoundField:
			node := typed(b.node(e), e.Type())
			outputs[i] = &output{node: node, simple: constantOrColumn(node)}
		default:
			outputs[i] = &output{node: typed(b.node(e), e.Type())}
			b.called = "computed"
		}
	}
	b.outputs = outputs
	return b
}

func constantOrColumn(n expr.Node) bool {
	switch n.(type) {
	case expr.Column, expr.Literal:
		return true
	default:
		return false
	}
}

// projects tells whether b's own select list can have the expressions. Where it has a LIMIT or groups it can only choose among its columns; what it sorts
// by must remain, and some aggregate, where there is nothing else that makes its rows one.
func (b *block) projects(list []expr.Bound) bool {
	if b.union != nil || b.shape == grouped && len(b.groups) == 0 && !slices.ContainsFunc(list, isColumn) {
		return false
	}
	for _, e := range list {
		if !isColumn(e) && (b.limited() || b.shape == grouped || !b.simple(e)) {
			return false
		}
	}
	for _, o := range b.sortedOutputs() {
		remains := func(e expr.Bound) bool { c, ok := e.(expr.BoundColumn); return ok && b.outputs[c.Index] == o }
		if !o.sourced() && !slices.ContainsFunc(list, remains) {
			return false
		}
	}
	return true
}

func isColumn(e expr.Bound) bool {
	_, ok := e.(expr.BoundColumn)
	return ok
}

// filter keeps the rows for which all conditions are TRUE.
func (r *renderer) filter(b *block, conditions []expr.Bound) *block {
	if len(conditions) == 0 {
		return b
	}
	if b.shape != rows || b.limited() || b.union != nil || !b.simple(conditions...) {
		b = r.lift(b)
	}
	for _, c := range conditions {
		b.where = append(b.where, b.node(c))
	}
	return b
}

// kept are the conditions of the rules that take rows out. The others are counted where a check is staged.
func kept(c plan.Check) []expr.Bound {
	var conditions []expr.Bound
	for _, rule := range c.Rules {
		if rule.Action == plan.Drop || rule.Action == plan.Quarantine {
			conditions = append(conditions, rule.Predicate)
		}
	}
	return conditions
}
