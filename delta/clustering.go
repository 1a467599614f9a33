package delta

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

const (
	clusteringDomain   = "delta.clustering"
	clusteringProvider = "liquid"
	maxClustering      = 4 // columns
)

// clustering are the physical paths of the columns that the table is clustered by (Delta protocol: Clustered Table).
func (s *Snapshot) clustering() [][]string { return s.domains[clusteringDomain].clustering() }

// clustering reads the domain's paths. Older writers have names in their place; one that cannot be read is as none.
func (d domain) clustering() [][]string {
	var told struct{ ClusteringColumns []json.RawMessage }
	if d.removed || json.Unmarshal([]byte(d.configuration), &told) != nil {
		return nil
	}
	var list [][]string
	for _, raw := range told.ClusteringColumns {
		var path []string
		var name string
		switch {
		case json.Unmarshal(raw, &path) == nil:
			list = append(list, path)
		case json.Unmarshal(raw, &name) == nil:
			list = append(list, []string{name})
		}
	}
	return list
}

// clustering are the physical paths of the columns that the commit leaves the table clustered by.
func (tx *Transaction) clustering() [][]string {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	for _, d := range tx.domains {
		if d.name == clusteringDomain {
			return d.clustering()
		}
	}
	if tx.base == nil {
		return nil
	}
	return tx.base.clustering()
}

// ClusteringColumns are the columns that the table's files are clustered by, with dots between the parts of a path; none where it is not clustered.
func (s *Snapshot) ClusteringColumns() []string {
	var names []string
	for _, physical := range s.clustering() {
		names = append(names, quotePath(s.metadata.logicalPath(physical)))
	}
	return names
}

// clusteringNames are the columns as tags of files name them: with dots between the parts of a path, and nothing quoted.
func (s *Snapshot) clusteringNames() []string {
	var names []string
	for _, physical := range s.clustering() {
		names = append(names, strings.Join(s.metadata.logicalPath(physical), "."))
	}
	return names
}

// logicalPath is a path of names in files by the table's own names, as far as it leads to columns that there are.
func (m *tableMetadata) logicalPath(physical []string) []string {
	path := slices.Clone(physical)
	fields := m.schema.Fields()
	for i, name := range physical {
		var inner []arrow.Field
		for _, f := range fields {
			if m.physical(f) != name {
				continue
			}
			path[i] = f.Name
			if st, ok := f.Type.(*arrow.StructType); ok {
				inner = st.Fields()
			}
		}
		fields = inner
	}
	return path
}

// ClusterBy clusters the table by other columns, each "a" or "a.b", or by none, from the next Optimize on; files that are there stay as they are until then. Up to
// four columns that statistics are kept of can cluster a table, and partitioned tables cannot be clustered.
func (t *Table) ClusterBy(ctx context.Context, columns ...string) (int64, error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	op := Operation{Name: "CLUSTER BY", Parameters: map[string]string{
		"oldClusteringColumns": strings.Join(s.ClusteringColumns(), ","), "newClusteringColumns": strings.Join(columns, ","),
	}}
	return t.alter(ctx, op, func(a *alteration) error { return a.tx.clusterBy(a.before, columns) })
}

// clusterBy clusters the transaction's table of this metadata by columns. None is an empty list: that the table was clustered by others is known.
func (tx *Transaction) clusterBy(m *tableMetadata, columns []string) error {
	if len(m.PartitionColumns) > 0 {
		return &expr.Error{
			Class: "DELTA_CLUSTER_BY_WITH_PARTITIONED_BY", SQLState: "42613", Message: "a partitioned table cannot be clustered: cluster it by its partition columns instead",
		}
	}
	if len(columns) > maxClustering {
		return &expr.Error{
			Class: "DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS", SQLState: "54000",
			Message: fmt.Sprintf("a table can be clustered by %d columns, not by %d", maxClustering, len(columns)),
		}
	}
	domainOf := struct {
		Columns [][]string `json:"clusteringColumns"`
		Name    string     `json:"domainName"`
	}{[][]string{}, clusteringDomain}
	for _, column := range columns {
		path, err := m.clusteringColumn(column)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(domainOf.Columns, func(other []string) bool { return slices.Equal(other, path) }) {
			return &SchemaError{column, "the table is to be clustered by it twice"}
		}
		domainOf.Columns = append(domainOf.Columns, path)
	}
	text, err := json.Marshal(domainOf)
	if err != nil {
		return err
	}
	tx.require("clustering", "domainMetadata")
	tx.setDomain(domain{name: clusteringDomain, configuration: string(text)})
	return nil
}

// clusteringColumn is the physical path of a column that can cluster the table.
func (m *tableMetadata) clusteringColumn(column string) ([]string, error) {
	path, typ, err := m.columnAt(column)
	if err != nil {
		return nil, err
	}
	switch {
	case skipping.KindOf(typ) == skipping.KindNone || typ.ID() == arrow.BOOL || typ.ID() == arrow.BINARY:
		return nil, &expr.Error{
			Class: "DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED", SQLState: "0A000",
			Message: fmt.Sprintf("no ranges of values are kept of the column %s of type %s: cluster by others", quotePath(path), schema.Name(typ)),
		}
	case !newStatsWriter(m.Metadata, m.dataFields()).covers(m.Metadata, m.schema.Fields(), path):
		return nil, &expr.Error{
			Class: "DELTA_CLUSTERING_COLUMN_MISSING_STATS", SQLState: "22000",
			Message: fmt.Sprintf("no statistics are kept of the column %s: see delta.dataSkippingStatsColumns and delta.dataSkippingNumIndexedCols", quotePath(path)),
		}
	}
	return m.physicalPath(path), nil
}

// cluster gives a table that is created, or replaced by another, its clustering.
func (tx *Transaction) cluster(columns []string) error {
	if len(columns) > 0 {
		if err := tx.clusterBy(tx.current(), columns); err != nil {
			return fmt.Errorf("delta: cluster %s: %w", tx.table.Name(), err)
		}
		return nil
	}
	if tx.base != nil {
		if d, ok := tx.base.domains[clusteringDomain]; ok {
			d.removed = true
			tx.setDomain(d)
		}
	}
	return nil
}
