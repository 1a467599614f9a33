package plan_test

import (
	"context"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// above is a filter and a projection of the first column over n, as dataset and SQL put them over checks and Go code.
func above(t *testing.T, n plan.Node) plan.Node {
	t.Helper()
	f := must[plan.Filter](t)(plan.NewFilter(n, bind(t, n, "country = 'PL'")))
	return must[plan.Project](t)(plan.NewProject(f, []expr.Bound{column(f, 0)}, []string{"order_id"}))
}

// TestOptimizeKeepsCheckedRows checks that rules see every row, and what they and the quarantine need of it.
func TestOptimizeKeepsCheckedRows(t *testing.T) {
	t.Parallel()
	scan := orders()
	input := must[plan.Project](t)(plan.NewProject(scan, plan.ColumnsOf(scan), []string{"order_id", "country", "amount", "seq"}))
	rule := func(a plan.Action) []plan.Rule {
		return []plan.Rule{{Name: "positive", Action: a, Predicate: bind(t, input, "amount > 0")}}
	}
	country := []expr.Bound{column(input, 1)}
	tests := []struct {
		name       string
		rules      []plan.Rule
		quarantine []expr.Bound
		names      []string
		want       string
	}{
		{"dropped rows are gone", rule(plan.Drop), nil, nil, `Project order_id
  Filter country = 'PL'
    Check positive drop (amount > 0D)
      Scan orders (order_id, country, amount)
`},
		{"quarantined rows keep their columns", rule(plan.Quarantine), nil, nil, `Project order_id
  Filter country = 'PL'
    Check positive quarantine (amount > 0D)
      Scan orders
`},
		{"or those that were chosen", rule(plan.Quarantine), country, []string{"land"}, `Project order_id
  Filter country = 'PL'
    Check positive quarantine (amount > 0D) QUARANTINE AS country AS land
      Scan orders (order_id, country, amount)
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := above(t, must[plan.Check](t)(plan.NewCheck(input, tt.rules, tt.quarantine, tt.names)))
			after := plan.Optimize(n)
			checkRewrite(t, n, after)
			if diff := cmp.Diff(tt.want, plan.Print(after)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestOptimizeKeepsMappedRows checks that Go code gets all its rows and columns, also where nobody wants its results.
func TestOptimizeKeepsMappedRows(t *testing.T) {
	t.Parallel()
	scan := orders()
	filtered := must[plan.Filter](t)(plan.NewFilter(scan, bind(t, scan, "seq > 1")))
	pass := func(_ context.Context, in arrow.RecordBatch, yield func(arrow.RecordBatch) error) error {
		return yield(in)
	}
	mapped := must[plan.Map](t)(plan.NewMap(filtered, "enrich", pass, scan.Schema()))
	n := above(t, mapped)
	after := plan.Optimize(n)
	checkRewrite(t, n, after)
	const want = `Project order_id
  Filter country = 'PL'
    Map enrich
      Scan orders WHERE seq > 1
`
	if diff := cmp.Diff(want, plan.Print(after)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	never := must[plan.Filter](t)(plan.NewFilter(mapped, bind(t, mapped, "1 = 2")))
	const kept = `Filter FALSE
  Map enrich
    Scan orders WHERE seq > 1
`
	if diff := cmp.Diff(kept, plan.Print(plan.Optimize(never))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
