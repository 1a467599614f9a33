package plan_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
)

// quoted are names in back quotes; those of columns tell how they were computed.
var quoted = regexp.MustCompile("`[^`]*`")

// TestAtInstant fixes the clock in every kind of node that has expressions, and in a view.
func TestAtInstant(t *testing.T) {
	t.Parallel()
	q, err := sql.Parse("SELECT current_date() AS day, n FROM (VALUES (1)) AS v(n)")
	if err != nil {
		t.Fatal(err)
	}
	days, err := q.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := plan.NewScan(&plan.View{Ident: "days", Query: days})
	for _, text := range []string{
		"SELECT now() AS at FROM days",
		"SELECT n FROM days WHERE current_timestamp() > TIMESTAMP '2020-01-01 00:00:00'",
		"SELECT max(current_timestamp()) AS at, count(*) FILTER (WHERE day = current_date()) AS c FROM days GROUP BY current_date()",
		"SELECT row_number() OVER (PARTITION BY current_date() ORDER BY current_timestamp()) AS r FROM days",
		"SELECT n FROM days ORDER BY n + unix_timestamp()",
		"SELECT a.n FROM days a JOIN days b ON a.day = b.day AND b.day < current_date()",
	} {
		q, err := sql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		n, err := q.Resolve(map[string]plan.Node{"days": v})
		if err != nil {
			t.Fatal(err)
		}
		fixed := plan.AtInstant(n, time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC))
		printed := plan.Print(fixed)
		for _, r := range plan.Relations(fixed) {
			printed += plan.Print(r.(*plan.View).Query)
		}
		if strings.Contains(quoted.ReplaceAllString(printed, ""), "current_") {
			t.Errorf("%s still asks for the clock:\n%s", text, printed)
		}
		if !strings.Contains(printed, "DATE '2026-01-02'") {
			t.Errorf("%s: the view's day is not 2026-01-02:\n%s", text, printed)
		}
	}
	if !strings.Contains(plan.Print(days), "current_date") {
		t.Errorf("the view itself was changed:\n%s", plan.Print(days))
	}
}
