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

// effect is what a batch writes. The same statement may be tried on a copy of the table first.
type effect struct {
	mode      string
	statement func(target string) string
	result    plan.Node // of an overwrite: the table's new rows
}

// effect stages what the flow's query needs staged, brings the table to what its declaration says, and gives what is to be written.
func (b *batch) effect(ctx context.Context) (*effect, error) {
	switch b.Flow.Effect.(type) {
	case plan.Replace:
		return b.overwrite(ctx)
	case plan.Append, plan.Once:
		return b.append(ctx)
	case plan.Upsert, plan.ApplyChanges:
		return b.merge(ctx)
	}
	return nil, fmt.Errorf("unknown effect %T", b.Flow.Effect)
}

// overwrite replaces all rows; where the declaration has changed, the table's columns too.
func (b *batch) overwrite(ctx context.Context) (*effect, error) {
	result, err := b.checked(ctx, plan.AtInstant(b.Query, b.Now()))
	if err != nil {
		return nil, err
	}
	if len(b.Table.Checks) > 0 {
		if result, err = b.stageAs(ctx, result); err != nil {
			return nil, err
		}
	}
	e := &effect{mode: "overwrite", result: result}
	if b.Snapshot != nil && b.Changed() {
		text, err := b.columnsOf(result, b.Table.Rows.Fields())
		if err != nil {
			return nil, err
		}
		e.statement = func(target string) string {
			return definition{
				Name: target, Replace: true, Location: b.scope.session.location(b.Table.Ident), PartitionBy: b.Table.PartitionBy, Comment: b.Table.Comment,
				Properties: b.Snapshot.Metadata().Configuration, As: text,
			}.String()
		}
		return e, b.scope.session.register(ctx, b.Table.Ident, b.Snapshot)
	}
	if b.Snapshot == nil {
		e.mode = "append"
	}
	fields, err := b.target(ctx, nil)
	if err != nil {
		return nil, err
	}
	text, err := b.columnsOf(result, fields)
	if err != nil {
		return nil, err
	}
	e.statement = func(target string) string { return insert(target, "TRUE", text) }
	return e, nil
}

// stageAs stages rows and reads them back under their names.
func (b *batch) stageAs(ctx context.Context, n plan.Node) (plan.Node, error) {
	st, err := b.stage(ctx, n)
	if err != nil {
		return nil, err
	}
	return st.scan(plan.NewScan(st), n.Schema())
}

// append adds rows that carry the batch's number, unless there are some that carry it already: a run has then ended before it could say so. Nothing is written a
// second time, so that those who read the table as a stream see rows come and never change.
func (b *batch) append(ctx context.Context) (*effect, error) {
	rows, err := b.checked(ctx, plan.AtInstant(b.Query, b.Now()))
	if err != nil {
		return nil, err
	}
	if rows, err = b.Stamped(rows); err != nil {
		return nil, err
	}
	if _, err := b.target(ctx, b.StampColumns()); err != nil {
		return nil, err
	}
	text, err := b.query(rows)
	if err != nil {
		return nil, err
	}
	return &effect{mode: "append", statement: func(target string) string { return merge(target, text, b.MergeOnce(rows.Schema())) }}, nil
}

// merge merges rows by key.
func (b *batch) merge(ctx context.Context) (*effect, error) {
	m, err := b.Job.Merge()
	if err != nil {
		return nil, err
	}
	changes, err := b.checked(ctx, plan.AtInstant(m.Changes, b.Now()))
	if err != nil {
		return nil, err
	}
	if changes, err = b.stageAs(ctx, changes); err != nil {
		return nil, err
	}
	if err := b.validKeys(ctx, m, changes); err != nil {
		return nil, err
	}
	if m.Source != nil {
		if b.scope.inputs.Tables[b.Table], err = b.BaseInput(ctx); err != nil {
			return nil, err
		}
		if changes, err = m.Source(changes); err != nil {
			return nil, err
		}
	}
	text, err := b.query(changes)
	if err != nil {
		return nil, err
	}
	if _, err := b.target(ctx, nil); err != nil {
		return nil, err
	}
	return &effect{mode: "merge", statement: func(target string) string { return merge(target, text, m) }}, nil
}

// validKeys refuses changes with NULL where they need values, or with several rows of one key.
func (b *batch) validKeys(ctx context.Context, m *flow.Merge, changes plan.Node) error {
	counts := make([]string, len(m.NotNull))
	for i, c := range m.NotNull {
		counts[i] = fmt.Sprintf("count(CASE WHEN %s IS NULL THEN 1 END) AS n%d", expr.Quote(c), i)
	}
	n, err := flow.Query("SELECT "+strings.Join(counts, ", ")+" FROM changes", map[string]plan.Node{"changes": changes})
	if err != nil {
		return err
	}
	nulls, err := b.numbers(ctx, n)
	if err != nil {
		return err
	}
	for i, rows := range nulls {
		if rows > 0 {
			return &flow.NullKeyError{Flow: b.Flow.ID, Column: m.NotNull[i], Rows: rows}
		}
	}
	if len(m.Unique) == 0 {
		return nil
	}
	if n, err = flow.Duplicates(changes, m.Unique); err != nil {
		return err
	}
	several, err := b.numbers(ctx, n)
	if err != nil || several[0] == 0 {
		return err
	}
	return &flow.DuplicateKeyError{Flow: b.Flow.ID, Keys: m.Unique, N: several[0]}
}

// target makes the table, or gives it the columns that it lacks: those of the declaration and, first of all, the stamps. It gives the columns in their order.
func (b *batch) target(ctx context.Context, stamps []arrow.Field) ([]arrow.Field, error) {
	s, ident := b.scope.session, b.Table.Ident
	if b.Snapshot == nil {
		fields := slices.Concat(stamps, b.Table.Rows.Fields())
		snapshot, err := s.create(ctx, ident, delta.Definition{
			Schema: arrow.NewSchema(fields, nil), PartitionBy: b.Table.PartitionBy, Description: b.Table.Comment, Properties: b.Table.Properties,
		})
		if err != nil {
			return nil, err
		}
		b.Snapshot = snapshot
		return fields, nil
	}
	if err := s.register(ctx, ident, b.Snapshot); err != nil {
		return nil, err
	}
	added, err := b.Added()
	if err != nil {
		return nil, err
	}
	have := b.Snapshot.Schema().Fields()
	for _, f := range slices.Backward(stamps) {
		if schema.Find(have, f.Name) < 0 {
			if err := s.addFirst(ctx, ident, f); err != nil {
				return nil, err
			}
			have = slices.Concat([]arrow.Field{f}, have)
		}
	}
	return slices.Concat(have, added), s.addColumns(ctx, ident, added)
}

// columnsOf renders a query as the rows of a table with the fields, in their order; a column that the query does not have is NULL.
func (b *batch) columnsOf(n plan.Node, fields []arrow.Field) (string, error) {
	ordered, err := inOrder(n, fields)
	if err != nil {
		return "", err
	}
	return b.query(ordered)
}
