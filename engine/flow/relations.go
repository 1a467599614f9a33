package flow

import (
	"slices"

	"github.com/medallion-go/medallion/plan"
)

// Relations are the query's, those within views among them, each once.
func Relations(n plan.Node) []plan.Relation {
	var all []plan.Relation
	for _, r := range plan.Relations(n) {
		inner := []plan.Relation{r}
		switch r := r.(type) {
		case *plan.View:
			inner = Relations(r.Query)
		case *plan.Recursion:
			inner = nil // rows of the view that it is in
		}
		for _, r := range inner {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	return all
}

func names(relations []plan.Relation) string {
	s := ""
	for i, r := range relations {
		if i > 0 {
			s += ", "
		}
		s += r.Name()
	}
	return s
}

// views are the query's, those within views among them.
func views(n plan.Node) []*plan.View {
	var all []*plan.View
	for _, r := range plan.Relations(n) {
		if v, ok := r.(*plan.View); ok {
			all = append(append(all, v), views(v.Query)...)
		}
	}
	return all
}
