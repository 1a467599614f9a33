package plan

import (
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
)

// AtInstant is n with current_timestamp and its kin fixed to an instant, in the views that it reads too, for an engine whose own clock is another one. Times are
// in UTC, in microseconds.
func AtInstant(n Node, now time.Time) Node {
	i := instant{views: map[*View]*View{}, values: map[string]any{
		"current_timestamp": arrow.Timestamp(now.UnixMicro()),
		"current_date":      arrow.Date32FromTime(now.UTC()),
	}}
	return i.fix(n)
}

type instant struct {
	values map[string]any
	views  map[*View]*View // as they were, as they are
}

func (i instant) fix(n Node) Node {
	return Transform(n, func(n Node) Node {
		if s, ok := n.(Scan); ok {
			if v, ok := s.Relation.(*View); ok {
				s.Relation = i.view(v)
				n = s
			}
		}
		return mapEvery(n, i.bound)
	})
}

func (i instant) view(v *View) *View {
	if i.views[v] == nil {
		i.views[v] = &View{Ident: v.Ident, Query: i.fix(v.Query)}
	}
	return i.views[v]
}

func (i instant) bound(b expr.Bound) expr.Bound {
	return expr.Rewrite(b, func(part expr.Bound) expr.Bound {
		if c, ok := part.(expr.BoundCall); ok {
			if v, ok := i.values[c.Func]; ok {
				return expr.BoundLiteral{Value: v, Typ: c.Typ}
			}
		}
		return part
	})
}

// mapEvery replaces all expressions of one node.
func mapEvery(n Node, f func(expr.Bound) expr.Bound) Node {
	switch n := n.(type) {
	case Project, Filter, Aggregate, Join, Generate:
		return mapExprs(n, f)
	case Scan:
		n.Filter = mapOne(n.Filter, f)
		return n
	case Window:
		n.Funcs = slices.Clone(n.Funcs)
		for i, w := range n.Funcs {
			w.Args, w.PartitionBy, w.OrderBy = mapAll(w.Args, f), mapAll(w.PartitionBy, f), mapSorts(w.OrderBy, f)
			n.Funcs[i] = w
		}
		return n
	case Latest:
		n.Keys, n.By = mapAll(n.Keys, f), mapSorts(n.By, f)
		return n
	case Order:
		n.Keys = mapSorts(n.Keys, f)
		return n
	case Check:
		n.Rules = slices.Clone(n.Rules)
		for i := range n.Rules {
			n.Rules[i].Predicate = f(n.Rules[i].Predicate)
		}
		if n.Quarantine != nil {
			n.Quarantine = mapAll(n.Quarantine, f)
		}
		return n
	case Union, Values, Map:
		return n
	}
	return n
}

func mapSorts(sorts []expr.BoundSort, f func(expr.Bound) expr.Bound) []expr.BoundSort {
	out := slices.Clone(sorts)
	for i := range out {
		out[i].Arg = f(out[i].Arg)
	}
	return out
}
