package delta

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// ClusteringColumns are the columns that the table's files are clustered by, with dots between the parts of a path; none where it is not clustered.
func (s *Snapshot) ClusteringColumns() []string {
	var names []string
	for _, physical := range s.clustering() {
		names = append(names, quotePath(s.metadata.logicalPath(physical)))
	}
	return names
}

// logicalPath is a path of names in files by the table's own names, as far as it leads to columns that there are.
func (m *tableMetadata) logicalPath(physical []string) []string {
	path := append([]string(nil), physical...)
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
