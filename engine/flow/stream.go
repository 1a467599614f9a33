package flow

import (
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/plan"
)

// streams are the relations that a flow reads as streams; a flow that reads everything has none.
func streams(e plan.Effect, query plan.Node) ([]plan.Relation, error) {
	switch e.(type) {
	case plan.Append, plan.Upsert, plan.ApplyChanges:
		return streamed(query)
	case plan.Replace, plan.Once:
	}
	return nil, nil
}

// streamed are the relations of a query that an append flow reads as a stream: those that it follows. What it reads a second time, in a join with itself or in
// a sub-query, it would see the new rows of alone there.
func streamed(n plan.Node) ([]plan.Relation, error) {
	streams, err := followed(n)
	if err != nil {
		return nil, err
	}
	all := scanned(n)
	for _, s := range streams {
		if count(all, s) > count(streams, s) {
			return nil, fmt.Errorf("%s is read row by row and also as a whole, and this flow sees only its new rows: declare it with silver.Table or gold.Table", s.Name())
		}
	}
	return streams, nil
}

// scanned are the relations of a query, those within views among them, as often as they are scanned.
func scanned(n plan.Node) []plan.Relation {
	var all []plan.Relation
	plan.Walk(n, func(n plan.Node) bool {
		if s, ok := n.(plan.Scan); ok {
			if v, isView := s.Relation.(*plan.View); isView {
				all = append(all, scanned(v.Query)...)
			} else {
				all = append(all, s.Relation)
			}
		}
		return true
	})
	return all
}

func count(list []plan.Relation, r plan.Relation) int {
	n := 0
	for _, x := range list {
		if x == r {
			n++
		}
	}
	return n
}

// followed are the relations that a query gives the rows of, each row once. They are found by following the query row by row: through
// projections, filters, generators, checks, Go functions, all inputs of a union and the left side of a join. The other relations are read as they are when the batch
// is planned. A query that needs more than one of its input's rows at a time cannot be followed.
func followed(n plan.Node) ([]plan.Relation, error) {
	switch n := n.(type) {
	case plan.Scan:
		if v, ok := n.Relation.(*plan.View); ok {
			if v.Recursion != nil {
				return nil, wholeNeeded("a recursive query")
			}
			return followed(v.Query)
		}
		return []plan.Relation{n.Relation}, nil
	case plan.Values:
		return nil, nil
	case plan.Project, plan.Filter, plan.Generate, plan.Check, plan.Map:
		return followed(n.Children()[0])
	case plan.Join:
		if n.Kind == plan.RightOuter || n.Kind == plan.FullOuter {
			return nil, errors.New("a right or full outer join gives rows again and again as new rows arrive on the left: put the new rows' side left, in a left join")
		}
		return followed(n.Left)
	case plan.Union:
		var all []plan.Relation
		for _, in := range n.Inputs {
			r, err := followed(in)
			if err != nil {
				return nil, err
			}
			all = append(all, r...)
		}
		return all, nil
	case plan.Aggregate, plan.Window, plan.Latest, plan.Order:
		return nil, wholeNeeded(nodeName(n))
	}
	return nil, fmt.Errorf("unknown plan node %T", n)
}

func wholeNeeded(by string) error {
	return fmt.Errorf("%s needs all rows at once, and this flow sees only the new ones: declare it with silver.Table or gold.Table", by)
}

// rowwise tells whether the query gives each output row from one row of one stream alone, so that new rows of it only add rows to the result.
func rowwise(n plan.Node) (*plan.Table, bool) {
	streams, err := streamed(n)
	if err != nil || len(streams) != 1 {
		return nil, false
	}
	t, ok := streams[0].(*plan.Table)
	return t, ok
}

func nodeName(n plan.Node) string {
	switch n := n.(type) {
	case plan.Aggregate:
		return "an aggregate"
	case plan.Window:
		return "a window function"
	case plan.Latest:
		return "keeping the latest row per key"
	case plan.Order:
		return "ORDER BY or LIMIT"
	default:
		return fmt.Sprintf("%T", n)
	}
}
