package statement

import (
	"context"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
)

// Lister is a Tables that can tell which there are.
type Lister interface{ List() []Listing }

// Listing is a table, and where it lies.
type Listing struct{ Name, Location string }

// showTables answers with Spark's columns, and where tables lie.
func (r *Runner) showTables(s sql.ShowTables) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	type table struct {
		Namespace   string
		TableName   string `delta:"tableName"`
		IsTemporary bool   `delta:"isTemporary"`
		Location    *string
	}
	type view struct {
		Namespace   string
		ViewName    string `delta:"viewName"`
		IsTemporary bool   `delta:"isTemporary"`
	}
	var tables []table
	var views []view
	like := pattern(s.Like)
	if l, ok := r.Tables.(Lister); ok {
		for _, t := range l.List() {
			if like.MatchString(t.Name) {
				tables = append(tables, table{TableName: t.Name, Location: &t.Location})
			}
		}
	}
	for _, name := range r.Views.names() {
		if like.MatchString(name) {
			tables, views = append(tables, table{TableName: name, IsTemporary: true}), append(views, view{ViewName: name, IsTemporary: true})
		}
	}
	if s.Views {
		return encoded(views)
	}
	return encoded(tables)
}

// pattern is Spark's LIKE of names: * is any text, | stands between patterns, and case counts for nothing.
func pattern(like string) *regexp.Regexp {
	if like == "" {
		like = "*"
	}
	parts := strings.Split(like, "|")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(regexp.QuoteMeta(part), `\*`, ".*")
	}
	return regexp.MustCompile("(?is)^(" + strings.Join(parts, "|") + ")$")
}

func (r *Runner) showColumns(ctx context.Context, s sql.ShowColumns) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	n, err := r.Tables.Resolve(ctx, s.Query)
	if err != nil {
		return nil, nil, err
	}
	type column struct {
		Name string `delta:"col_name"`
	}
	var list []column
	for _, f := range n.Schema().Fields() {
		list = append(list, column{f.Name})
	}
	return encoded(list)
}

// properties are a table's, with the versions and features of the protocol as Delta shows them.
func properties(s *delta.Snapshot) map[string]string {
	all, p := s.Properties(), s.Protocol()
	all["delta.minReaderVersion"], all["delta.minWriterVersion"] = strconv.Itoa(int(p.MinReaderVersion)), strconv.Itoa(int(p.MinWriterVersion))
	for _, f := range slices.Concat(p.ReaderFeatures, p.WriterFeatures) {
		all["delta.feature."+f] = "supported"
	}
	return all
}

func (r *Runner) showProperties(ctx context.Context, s sql.ShowProperties) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	type property struct{ Key, Value string }
	if r.Views.Has(s.Table.Name) {
		return encoded[property](nil)
	}
	_, snapshot, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	all := properties(snapshot)
	if s.Key != "" {
		value, ok := all[s.Key]
		if !ok {
			value = "Table " + s.Table.Name + " does not have property: " + s.Key
		}
		return encoded([]property{{s.Key, value}})
	}
	var list []property
	for _, key := range slices.Sorted(maps.Keys(all)) {
		list = append(list, property{key, all[key]})
	}
	return encoded(list)
}

// showPartitions gives the partitions that have rows, a column for each partition column.
func (r *Runner) showPartitions(ctx context.Context, s sql.ShowPartitions) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	_, snapshot, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	by := snapshot.PartitionColumns()
	if len(by) == 0 {
		return nil, nil, failed(s.Table.Pos, "DELTA_SHOW_PARTITION_IN_NON_PARTITIONED_TABLE", "42809", "%s is not partitioned", s.Table.Name)
	}
	rows, err := r.Tables.Resolve(ctx, s.Query)
	if err != nil {
		return nil, nil, err
	}
	columns := make([]expr.Bound, len(by))
	for i, name := range by {
		columns[i] = plan.ColumnOf(rows, schema.Find(rows.Schema().Fields(), name))
	}
	distinct, err := plan.NewAggregate(rows, columns, by, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	keys := make([]expr.BoundSort, len(by))
	for i, c := range plan.ColumnsOf(distinct) {
		keys[i] = expr.BoundSort{Arg: c, NullsFirst: true}
	}
	ordered, err := plan.NewOrder(distinct, keys, -1, 0)
	if err != nil {
		return nil, nil, err
	}
	return r.Session.Query(ctx, ordered)
}
