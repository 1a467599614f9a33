package statement

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// described is a row of DESCRIBE.
type described struct {
	Name    string  `delta:"col_name"`
	Type    string  `delta:"data_type"`
	Comment *string `delta:"comment"`
}

// section is a row of DESCRIBE that begins something else.
func section(name, dataType, comment string) described { return described{name, dataType, &comment} }

// describe answers DESCRIBE: columns, of a Delta table also its partition columns, and with EXTENDED what else there is to say of it.
func (r *Runner) describe(ctx context.Context, s sql.Describe) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	view, isView := r.Views.get(s.Table.Name)
	if s.Table.Name != "" && !isView {
		if table, err := r.Tables.Open(ctx, s.Table.Name); err == nil {
			if snapshot, err := table.Snapshot(ctx); err == nil {
				return encoded(describedTable(s, table, snapshot))
			}
		}
	}
	n, err := r.Tables.Resolve(ctx, s.Query)
	if err != nil {
		return nil, nil, err
	}
	rows := describedColumns(n.Schema().Fields())
	for i, c := range view.Columns {
		rows[i].Comment = known(c.Comment)
	}
	return encoded(rows)
}

func describedColumns(fields []arrow.Field) []described {
	rows := make([]described, len(fields))
	for i, f := range fields {
		comment, _ := f.Metadata.GetValue("comment")
		rows[i] = described{f.Name, schema.Name(f.Type), known(comment)}
	}
	return rows
}

func describedTable(s sql.Describe, table *delta.Table, snapshot *delta.Snapshot) []described {
	fields := snapshot.Schema().Fields()
	rows := describedColumns(fields)
	if by := snapshot.PartitionColumns(); len(by) > 0 {
		rows = append(rows, section("# Partition Information", "", ""), section("# col_name", "data_type", "comment"))
		for _, name := range by {
			rows = append(rows, rows[schema.Find(fields, name)])
		}
	}
	if !s.Extended {
		return rows
	}
	rows = append(rows, section("", "", ""), section("# Detailed Table Information", "", ""), section("Table", s.Table.Name, ""))
	if comment := snapshot.Metadata().Description; comment != "" {
		rows = append(rows, section("Comment", comment, ""))
	}
	var all []string
	values := properties(snapshot)
	for _, key := range slices.Sorted(maps.Keys(values)) {
		all = append(all, key+"="+values[key])
	}
	return append(rows, section("Location", table.Name(), ""), section("Provider", "delta", ""),
		section("Table Properties", "["+strings.Join(all, ",")+"]", ""))
}
