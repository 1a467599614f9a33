package plan

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// dropProjects leaves out the projections that give their input as it is.
func dropProjects(n Node) Node {
	return rewrite(n, func(n Node) (Node, bool) {
		if p, ok := n.(Project); ok && isIdentity(p) {
			return p.Input, true
		}
		return n, false
	})
}

// isIdentity tells whether p's columns are its input's, in order, with their names and no weaker proof of being NOT NULL.
func isIdentity(p Project) bool {
	in := p.Input.Schema()
	if in.NumFields() != len(p.Exprs) {
		return false
	}
	for i, e := range p.Exprs {
		c, ok := e.(expr.BoundColumn)
		if !ok || c.Index != i || !asGood(in.Field(i), p.schema.Field(i)) {
			return false
		}
	}
	return true
}

func asGood(in, out arrow.Field) bool { return in.Name == out.Name && (out.Nullable || !in.Nullable) }
