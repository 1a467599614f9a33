package plan

import (
	"slices"

	"github.com/medallion-go/medallion/expr"
)

// UserFunctions are the names of the user's functions that n and the nodes below it call, each once. They are Go code: like a Map, they run in this process
// only. What a view calls is the view's own business.
func UserFunctions(n Node) []string {
	var names []string
	add := func(u *expr.UserFunction) {
		if u != nil && !slices.Contains(names, u.Name) {
			names = append(names, u.Name)
		}
	}
	Walk(n, func(n Node) bool {
		switch n := n.(type) {
		case Aggregate:
			for _, a := range n.Aggs {
				add(a.User)
			}
		case Window:
			for _, w := range n.Funcs {
				add(w.User)
			}
		default: // the others have scalar functions alone
		}
		visitExprs(n, func(b expr.Bound) { walkUsers(b, add) })
		return true
	})
	return names
}

// UserFunctions are those that the flow's query and effect call.
func (f Flow) UserFunctions() []string {
	names := UserFunctions(f.Query)
	if a, ok := f.Effect.(ApplyChanges); ok {
		for _, b := range []expr.Bound{a.Sequence, a.Delete} {
			walkUsers(b, func(u *expr.UserFunction) {
				if u != nil && !slices.Contains(names, u.Name) {
					names = append(names, u.Name)
				}
			})
		}
	}
	return names
}

func walkUsers(b expr.Bound, visit func(*expr.UserFunction)) {
	expr.Walk(b, func(b expr.Bound) bool {
		if c, ok := b.(expr.BoundCall); ok {
			visit(c.User)
		}
		return true
	})
}
