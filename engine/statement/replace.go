package statement

import (
	"context"
	"iter"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// inserts is a column beside those of the query's rows, which stand twice: once to find the rows that they replace, and once to be inserted.
const inserts = "row to insert"

// replace puts the rows of n, which have the table's columns, in the place of those that match one of them, by one merge.
func (r *Runner) replace(ctx context.Context, s sql.Insert, table *delta.Table, target *delta.Snapshot, n plan.Node) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	alias := s.QueryAlias
	if alias == "" {
		alias = sourceAlias
	}
	on, err := replaceOn(s, target.Schema(), n.Schema(), alias)
	if err != nil {
		return nil, nil, err
	}
	source, err := twice(n)
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.rows(ctx, source)
	if err != nil {
		return nil, nil, err
	}
	flag := schema.Quote(alias) + "." + schema.Quote(inserts)
	set := map[string]string{}
	for _, f := range n.Schema().Fields() {
		set[f.Name] = schema.Quote(alias) + "." + schema.Quote(f.Name)
	}
	inserted := int64(0)
	err = rows.with(func() error {
		merge := table.Merge(rows, "NOT "+flag+" AND ("+on+")").As(s.Alias, alias)
		merge.WhenMatched("").Delete()
		merge.WhenNotMatched(flag).Insert(set)
		res, err := merge.Run(ctx, r.writing(target, n))
		if err == nil {
			inserted = res.Metrics["numTargetRowsInserted"]
		}
		return err
	})
	if err != nil {
		return nil, nil, replaced(err, s.Table.Pos)
	}
	return counted([]string{"num_affected_rows", "num_inserted_rows"}, inserted, inserted)
}

// replaceOn is the text of the condition under which a row of the table is replaced.
func replaceOn(s sql.Insert, target, source *arrow.Schema, alias string) (string, error) {
	if s.ReplaceOn != nil {
		both := expr.NewScope(target).Qualify(s.Alias).Join(expr.NewScope(source).Qualify(alias), target.NumFields())
		return expressions{table: target, scope: both, alias: s.Alias}.condition(s.ReplaceOn)
	}
	var equal []string
	for _, name := range s.ReplaceUsing {
		if schema.Find(target.Fields(), name) < 0 || schema.Find(source.Fields(), name) < 0 {
			return "", failed(s.Table.Pos, "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", "REPLACE USING names the column %s, which the table and the query must have; the table's are %s",
				name, strings.Join(fieldNames(target), ", "))
		}
		equal = append(equal, schema.Quote(s.Alias)+"."+schema.Quote(name)+" = "+schema.Quote(alias)+"."+schema.Quote(name))
	}
	return strings.Join(equal, " AND "), nil
}

// twice is n's rows with FALSE, and again with TRUE, behind their columns.
func twice(n plan.Node) (plan.Node, error) {
	n = plan.Shared("rows to insert", n)
	sides := make([]plan.Node, 2)
	for i, value := range []bool{false, true} {
		names := append(fieldNames(n.Schema()), inserts)
		p, err := plan.NewProject(n, append(plan.ColumnsOf(n), expr.BoundLiteral{Value: value, Typ: schema.Boolean}), names)
		if err != nil {
			return nil, err
		}
		sides[i] = p
	}
	return plan.NewUnion(sides...)
}
