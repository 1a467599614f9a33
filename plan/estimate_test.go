package plan_test

import (
	"testing"

	"github.com/medallion-go/medallion/plan"
)

// TestRulesAreExpectedToHold checks that a rule is no filter to the estimates, whatever it asks, and that what is known of the columns stays known.
func TestRulesAreExpectedToHold(t *testing.T) {
	t.Parallel()
	scan := resolve(t, "SELECT customer, country FROM orders")
	columns := plan.ColumnsOf(scan)
	checked, err := plan.NewCheck(scan, []plan.Rule{{Name: "present", Action: plan.Drop, Predicate: call("isnotnull", columns[1])}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := plan.EstimateRows(checked, plan.Known), plan.EstimateRows(scan, plan.Known); got != want {
		t.Errorf("%v rows are expected after the rule, want the %v before it", got, want)
	}
	if got, want := plan.KeyCoverage(checked, columns[0], 100, plan.Known), plan.KeyCoverage(scan, columns[0], 100, plan.Known); got != want {
		t.Errorf("a hundred customers are expected to cover %v of the rows after the rule, want the %v before it", got, want)
	}
}
