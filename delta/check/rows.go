package check

import (
	"cmp"
	"slices"
	"strings"
)

// The domains of the protocol's own.
const (
	rowTrackingDomain = "delta.rowTracking"
	clusteringDomain  = "delta.clustering"
)

// highWaterMark is the highest row ID that has been given away, by the configuration of its domain.
func highWaterMark(configuration string) (int64, bool) {
	v, err := decodeJSON([]byte(configuration))
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return 0, false
	}
	n := members(m).optional("rowIdHighWaterMark")
	if n == nil {
		return 0, false
	}
	return *n, true
}

func (c *checker) checkHighWaterMark(configuration string) {
	mark, ok := highWaterMark(configuration)
	if !ok {
		c.report(DomainJSON, "%s: %q has no rowIdHighWaterMark", rowTrackingDomain, configuration)
		return
	}
	if mark < c.state.rowIDs {
		c.report(RowIDHighWater, "the high-water mark falls from %d to %d", c.state.rowIDs, mark)
	}
	c.state.rowIDs = mark
}

// checkRowTracking looks at the row IDs of a file that is added.
func (c *checker) checkRowTracking(f *file, s *statistics) {
	if !c.state.supports("rowTracking") || c.state.property("delta.rowTrackingSuspended") == "true" {
		return
	}
	if f.baseRowID == nil || f.version == nil {
		c.report(RowIDMissing, "the file has no baseRowId or no defaultRowCommitVersion")
		return
	}
	if *f.version > c.state.version || *f.version < 0 {
		c.report(RowVersion, "defaultRowCommitVersion is %d", *f.version)
	}
	last := *f.baseRowID
	if s != nil && s.rows > 0 {
		last += s.rows - 1
	}
	if *f.baseRowID < 0 || last > c.state.rowIDs {
		c.report(RowIDHighWater, "the rows have the IDs from %d to %d, and the high-water mark is %d", *f.baseRowID, last, c.state.rowIDs)
	}
}

// checkRowIDs looks for live files whose row IDs overlap.
func (c *checker) checkRowIDs() {
	if !c.state.supports("rowTracking") {
		return
	}
	type span struct {
		from, to int64 // without to
		file     *file
	}
	var spans []span
	for _, f := range c.state.sortedLive() {
		if f.baseRowID != nil {
			spans = append(spans, span{*f.baseRowID, *f.baseRowID + rowsOf(f), f})
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		if a, b := spans[i-1], spans[i]; b.from < a.to {
			c.at(place{version: b.file.added, action: "add", path: b.file.path})
			c.report(RowIDTwice, "the row IDs from %d on are those of %s too", b.from, a.file.path)
		}
	}
}

// rowsOf is the number of a file's rows, deleted ones too, 0 where it is not told.
func rowsOf(f *file) int64 {
	if f.stats == "" {
		return 0
	}
	v, err := decodeJSON([]byte(f.stats))
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return 0
	}
	return members(m).integer("numRecords")
}

// checkClustering looks at the columns that the table is clustered by.
func (c *checker) checkClustering(configuration string) {
	columns, ok := clusteringColumns(configuration)
	if !ok {
		c.report(DomainJSON, "%s: %q has no clusteringColumns", clusteringDomain, configuration)
		return
	}
	if !c.state.supports("clustering") {
		c.report(FeatureMissing, "the domain %s needs the feature clustering", clusteringDomain)
	}
	m := c.state.metadata
	if m == nil {
		return
	}
	if len(columns) > 0 && len(m.partition) > 0 {
		c.report(Clustering, "the table is clustered and partitioned")
	}
	for _, path := range columns {
		if !m.hasPhysical(path) {
			c.report(Clustering, "the clustering column %s is not in the schema", strings.Join(path, "."))
		}
	}
}

// clusteringColumns are the columns' physical paths, which the log may hold as lists of names or as single names.
func clusteringColumns(configuration string) ([][]string, bool) {
	v, err := decodeJSON([]byte(configuration))
	m, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, false
	}
	values, ok := m["clusteringColumns"].([]any)
	if !ok {
		return nil, false
	}
	var columns [][]string
	for _, v := range values {
		switch v := v.(type) {
		case string:
			columns = append(columns, []string{v})
		case []any:
			columns = append(columns, members{"path": v}.list("path"))
		case map[string]any:
			columns = append(columns, members(v).list("physicalName"))
		}
	}
	return columns, len(columns) == len(values)
}

// hasPhysical finds a column by its physical path.
func (m *metadata) hasPhysical(path []string) bool {
	t := m.schema
	for _, name := range path {
		i := slices.IndexFunc(t.fields, func(f *column) bool { return m.physical(f) == name })
		if i < 0 {
			return false
		}
		t = t.fields[i].typ
	}
	return len(path) > 0
}
