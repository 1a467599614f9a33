package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// quarantine is where the rows go that a flow's check sets aside, just before the flow's own commit.
type quarantine struct {
	batch *batch
	check plan.Check
	rows  *staged // the checked rows and the rules' outcomes
}

// commit writes the rows set aside in place of those that an earlier run of the batch, or a batch that was given up, left; in place of all when the flow's
// table is replaced. A quarantine that does not exist is made when there are rows for it.
func (q *quarantine) commit(ctx context.Context, all bool) error {
	if q == nil {
		return nil
	}
	ident := q.check.QuarantineName(q.batch.Table)
	before, err := q.batch.Latest(ctx, ident)
	if err != nil {
		return err
	}
	if before == nil && q.batch.quarantined == 0 && !q.batch.scope.session.dry {
		return nil
	}
	columns, err := q.table(ctx, ident, before)
	if err != nil {
		return fmt.Errorf("quarantine %s: %w", ident, err)
	}
	query, err := q.query()
	if err != nil {
		return err
	}
	text, err := q.batch.columnsOf(query, columns)
	if err != nil {
		return err
	}
	where, err := q.replaced(ident, before, all)
	if err != nil {
		return err
	}
	if err := q.batch.scope.session.exec(ctx, insert(q.batch.scope.session.name(ident), where, text)); err != nil {
		return fmt.Errorf("quarantine %s: %w", ident, err)
	}
	return nil
}

// table makes the quarantine, or gives it the columns that it lacks, and gives its columns in their order.
func (q *quarantine) table(ctx context.Context, ident string, before *delta.Snapshot) ([]arrow.Field, error) {
	s, want := q.batch.scope.session, q.check.QuarantineSchema()
	if before == nil {
		_, err := s.create(ctx, ident, delta.Definition{Schema: want, Description: "rows that violate the rules of " + q.batch.Table.Ident})
		return want.Fields(), err
	}
	if err := s.register(ctx, ident, before); err != nil {
		return nil, err
	}
	have := before.Schema().Fields()
	var added []arrow.Field
	for _, f := range want.Fields() {
		if schema.Find(have, f.Name) < 0 {
			f.Nullable = true
			added = append(added, f)
		}
	}
	return slices.Concat(have, added), s.addColumns(ctx, ident, added)
}

// replaced is the condition on the rows that the commit replaces: TRUE for all of them, empty for none.
func (q *quarantine) replaced(ident string, before *delta.Snapshot, all bool) (string, error) {
	if all {
		return "TRUE", nil
	}
	if before == nil {
		return "", nil
	}
	for _, c := range q.batch.QuarantineStamps() {
		if schema.Find(before.Schema().Fields(), c) < 0 {
			return "", &flow.SchemaError{Table: ident, Reason: "does not keep " + c + ", by which a batch that is run again replaces its rows"}
		}
	}
	return q.batch.QuarantineRows(), nil
}

// query gives the quarantine's columns: expressions over the checked columns followed by the stamps.
func (q *quarantine) query() (plan.Node, error) {
	width := q.check.Input.Schema().NumFields()
	names := make([]string, width)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	stamped, err := flow.Query(fmt.Sprintf("SELECT %s%s AS rules, %s AS source, %dL AS batch, %s AS at FROM checked WHERE NOT (%s)",
		list(names), q.violated(), expr.QuoteString(q.batch.Flow.ID), q.batch.Batch.Number, timestamp(q.batch.Now()), all(q.check, plan.Quarantine)),
		map[string]plan.Node{"checked": plan.NewScan(q.rows)})
	if err != nil {
		return nil, err
	}
	want := q.check.QuarantineSchema()
	exprs, outNames := columns(want), make([]string, want.NumFields())
	for i, f := range want.Fields() {
		outNames[i] = f.Name
	}
	for i, b := range q.check.Quarantine {
		exprs[i] = expr.Rewrite(b, func(part expr.Bound) expr.Bound {
			if v, ok := part.(expr.BoundVar); ok && v.ID < 0 {
				return expr.BoundColumn{Index: width - v.ID - 1, Name: v.Name, Typ: v.Typ}
			}
			return part
		})
	}
	return plan.NewProject(stamped, exprs, outNames)
}

// violated is SQL for the names of the rules that a row violates, in the order of declaration.
func (q *quarantine) violated() string {
	cases := make([]string, len(q.check.Rules))
	for i, r := range q.check.Rules {
		cases[i] = fmt.Sprintf("CASE WHEN NOT r%d THEN %s END", i, expr.QuoteString(r.Name))
	}
	return "filter(array(" + strings.Join(cases, ", ") + "), name -> name IS NOT NULL)"
}

func list(names []string) string {
	var b strings.Builder
	for _, n := range names {
		b.WriteString(n + ", ")
	}
	return b.String()
}
