package warehouse

import (
	"fmt"
	"slices"

	"github.com/medallion-go/medallion/plan"
)

// recursive builds a view that reads itself. Views that its rounds read come before it in the WITH clause, so they cannot read the rounds themselves.
func (r *renderer) recursive(v *plan.View) (*view, error) {
	_, step := v.Rounds()
	if misplaced(step, v.Recursion) {
		return nil, fmt.Errorf("view %s: %w", v.Ident, unsupported("a recursive query that reads itself where Spark does not let it"))
	}
	shape := newBlock(v.Schema().Fields())
	built := &view{ident: v.Ident, names: uniqueNames(shape), recursion: v.Recursion}
	r.rounds[v.Recursion] = built
	b, err := r.node(v.Query)
	delete(r.rounds, v.Recursion)
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", v.Ident, err)
	}
	r.release(b)
	built.query = b
	r.views[v], r.order = built, append(r.order, built)
	return built, nil
}

// round is the view whose last round is read.
func (r *renderer) round(of *plan.Recursion) (*view, error) {
	built, ok := r.rounds[of]
	if !ok {
		return nil, unsupported("the rounds of a recursive query outside of it")
	}
	return built, nil
}

// misplaced tells whether a plan reads the rounds of a recursion where Spark takes no such reference: in a view, an aggregate, a window or a sort, or on the
// side of a join that only adds to the other.
func misplaced(n plan.Node, of *plan.Recursion) bool {
	switch n := n.(type) {
	case plan.Scan:
		v, ok := n.Relation.(*plan.View)
		return ok && of.ReadBy(v.Query)
	case plan.Aggregate, plan.Window, plan.Latest:
		return of.ReadBy(n.Children()[0])
	case plan.Order:
		if len(n.Keys) > 0 {
			return of.ReadBy(n.Input)
		}
	case plan.Join:
		outer := n.Kind == plan.FullOuter
		if (outer || n.Kind == plan.RightOuter) && of.ReadBy(n.Left) ||
			(outer || n.Kind == plan.LeftOuter || n.Kind == plan.LeftSemi || n.Kind == plan.LeftAnti) && of.ReadBy(n.Right) {
			return true
		}
	case plan.Project, plan.Filter, plan.Generate, plan.Union, plan.Values, plan.Check, plan.Map:
	}
	return slices.ContainsFunc(n.Children(), func(in plan.Node) bool { return misplaced(in, of) })
}

// withWord begins the WITH clause.
func (r *renderer) withWord() string {
	if slices.ContainsFunc(r.order, func(v *view) bool { return v.recursion != nil }) {
		return "WITH RECURSIVE "
	}
	return "WITH "
}

// levels is what is written behind a view's name.
func (v *view) levels() string {
	if v.recursion == nil {
		return ""
	}
	return fmt.Sprintf(" MAX RECURSION LEVEL %d", v.recursion.Levels)
}
