package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

func TestPrint(t *testing.T) {
	t.Parallel()
	scan := orders()
	filtered := must[plan.Filter](t)(plan.NewFilter(scan, call(">", column(scan, 2), double(0))))
	total := expr.BoundAggregate{Func: "sum", Args: []expr.Bound{column(filtered, 2)}, Typ: schema.Double, Null: true}
	count := expr.BoundAggregate{Func: "count", Typ: schema.BigInt}
	grouped := must[plan.Aggregate](t)(plan.NewAggregate(filtered, []expr.Bound{column(filtered, 1)}, []string{"country"},
		[]expr.BoundAggregate{total, count}, []string{"total", "count(1)"}))
	top := must[plan.Order](t)(plan.NewOrder(grouped, []expr.BoundSort{{Arg: column(grouped, 1), Descending: true}}, 10, 2))
	want := `Order BY total DESC LIMIT 10 OFFSET 2
  Aggregate sum(amount) AS total, count(*) AS ` + "`count(1)`" + ` GROUP BY country
    Filter amount > 0D
      Scan orders
`
	if diff := cmp.Diff(want, plan.Print(top)); diff != "" {
		t.Errorf("Print: -want +got\n%s", diff)
	}
}
