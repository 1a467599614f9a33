package warehouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
)

// checked stages the input of every Check of a query together with what its rules say of each row, counts, and reads the rows that are kept from there: all
// that is done with them is done with the same rows.
func (b *batch) checked(ctx context.Context, n plan.Node) (plan.Node, error) {
	children := n.Children()
	for i, c := range children {
		var err error
		if children[i], err = b.checked(ctx, c); err != nil {
			return nil, err
		}
	}
	n = plan.WithChildren(n, children...)
	if c, ok := n.(plan.Check); ok {
		return b.check(ctx, c)
	}
	return n, nil
}

// check does one Check. Rule i's outcome is the staged column r<i>: TRUE for a row that passes, else FALSE.
func (b *batch) check(ctx context.Context, c plan.Check) (plan.Node, error) {
	passes := make([]expr.Bound, len(c.Rules))
	for i, r := range c.Rules {
		passes[i] = passed(r.Predicate)
	}
	st, err := b.stage(ctx, c.Input, passes...)
	if err != nil {
		return nil, err
	}
	if err := b.countRules(ctx, c, st); err != nil {
		return nil, err
	}
	if name := c.QuarantineName(b.Table); name != "" {
		if b.aside != nil {
			return nil, fmt.Errorf("two checks of %s quarantine rows: put their rules into one check", b.Flow.ID)
		}
		b.aside = &quarantine{batch: b, check: c, rows: st}
	}
	kept, err := flow.Query("SELECT * FROM checked WHERE "+keeps(c), map[string]plan.Node{"checked": plan.NewScan(st)})
	if err != nil {
		return nil, err
	}
	return st.scan(kept, c.Schema())
}

// passed is a predicate with FALSE for NULL.
func passed(predicate expr.Bound) expr.Bound {
	lit := func(v bool) expr.Bound { return expr.BoundLiteral{Value: v, Typ: arrow.FixedWidthTypes.Boolean} }
	return expr.BoundCase{Whens: []expr.BoundWhen{{Cond: predicate, Result: lit(true)}}, Else: lit(false), Typ: arrow.FixedWidthTypes.Boolean}
}

// countRules counts each rule's passes, and the rows that are dropped and set aside. A row that violates both kinds of rule is set aside.
func (b *batch) countRules(ctx context.Context, c plan.Check, st *staged) error {
	counts := []string{"count(*) AS n"}
	aside, dropped := "NOT ("+all(c, plan.Quarantine)+")", all(c, plan.Quarantine)+" AND NOT ("+all(c, plan.Drop)+")"
	for i, condition := range append(outcomes(c), aside, dropped) {
		counts = append(counts, fmt.Sprintf("count(CASE WHEN %s THEN 1 END) AS n%d", condition, i))
	}
	n, err := flow.Query("SELECT "+strings.Join(counts, ", ")+" FROM checked", map[string]plan.Node{"checked": plan.NewScan(st)})
	if err != nil {
		return err
	}
	found, err := b.numbers(ctx, n)
	if err != nil {
		return err
	}
	rows, passed := found[0], found[1:]
	for i, r := range c.Rules {
		b.rules = append(b.rules, engine.RuleCount{Name: r.Name, Action: r.Action, Passed: passed[i], Failed: rows - passed[i]})
	}
	b.quarantined += passed[len(c.Rules)]
	b.dropped += passed[len(c.Rules)+1]
	return nil
}

// outcomes are the columns of the rules' outcomes.
func outcomes(c plan.Check) []string {
	names := make([]string, len(c.Rules))
	for i := range names {
		names[i] = fmt.Sprintf("r%d", i)
	}
	return names
}

// all is SQL that is TRUE for the rows that pass every rule of an action.
func all(c plan.Check, action plan.Action) string {
	conditions := []string{"TRUE"}
	for i, r := range c.Rules {
		if r.Action == action {
			conditions = append(conditions, fmt.Sprintf("r%d", i))
		}
	}
	return strings.Join(conditions, " AND ")
}

// keeps is SQL that is TRUE for the rows that no rule takes out.
func keeps(c plan.Check) string { return all(c, plan.Quarantine) + " AND " + all(c, plan.Drop) }
