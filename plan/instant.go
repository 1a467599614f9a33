package plan

import (
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
		n, _ = replaceExprs(n, i.bound)
		return n
	})
}

func (i instant) view(v *View) *View {
	if i.views[v] == nil {
		fixed := *v
		fixed.Query = i.fix(v.Query)
		i.views[v] = &fixed
	}
	return i.views[v]
}

func (i instant) bound(b expr.Bound) (expr.Bound, bool) {
	return expr.Replace(b, func(part expr.Bound) (expr.Bound, bool) {
		if c, ok := part.(expr.BoundCall); ok {
			if v, ok := i.values[c.Func]; ok {
				return expr.BoundLiteral{Value: v, Typ: c.Typ}, true
			}
		}
		return part, false
	})
}
