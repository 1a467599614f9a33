package delta

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// The tags by which Spark knows the files of a Z-cube: those that one bin of an OPTIMIZE made.
const (
	cubeIDTag      = "ZCUBE_ID"
	cubeColumnsTag = "ZCUBE_ZORDER_BY"
)

// cubeFiles is how many files of the target's size a Z-cube has before new files are no longer merged into it.
const cubeFiles = 100

// cubed is a file, and the Z-cube that it is in.
type cubed struct {
	file    *File
	id      string   // empty: none
	columns []string // that it is clustered by
}

func cubeOf(f *File) cubed {
	c := cubed{file: f}
	if f.more == nil || f.more.tags == "" {
		return c
	}
	tags := (&scanner{text: f.more.tags}).looseMap()
	if json.Unmarshal([]byte(tags[cubeColumnsTag]), &c.columns) == nil && len(c.columns) > 0 {
		c.id = tags[cubeIDTag]
	}
	return c
}

// clusterLayout chooses which files of a clustered table are clustered, as Spark does: those that are not yet, together with Z-cubes that are small still.
func (o OptimizeOptions) clusterLayout(s *Snapshot, where string, files []*File) (*layout, error) {
	switch {
	case where != "":
		return nil, &expr.Error{
			Class: "DELTA_CLUSTERING_WITH_PARTITION_PREDICATE", SQLState: "0A000", Message: "a clustered table is optimized as a whole: leave the condition out",
		}
	case len(o.ZOrderBy) > 0:
		return nil, &expr.Error{
			Class: "DELTA_CLUSTERING_WITH_ZORDER_BY", SQLState: "0A000", Message: "a clustered table is ordered by its clustering columns: leave Z-order out",
		}
	}
	order, err := s.newRowOrder(s.ClusteringColumns())
	if err != nil {
		return nil, err
	}
	order.hilbert = len(order.columns) > 1
	l := &layout{order: order, op: map[string]string{
		"zOrderBy": "[]", "clusterBy": jsonList(order.names), "auto": "false", "isFull": strconv.FormatBool(o.Full),
	}}
	least := o.withDefaults(s.metadata.Metadata).TargetFileBytes * cubeFiles
	l.fill(s.clusterable(files, least, o.Full), least+least/2)
	newID := s.table.config.NewID
	l.more = func() *fileMore {
		return &fileMore{clusteringProvider: clusteringProvider, tags: cubeTags(newID(), order.names)}
	}
	return l, nil
}

func cubeTags(id string, columns []string) string {
	dst := schema.AppendQuoted([]byte(`{"`+cubeIDTag+`":`), id)
	return string(append(schema.AppendQuoted(append(dst, `,"`+cubeColumnsTag+`":`...), jsonList(columns)), '}'))
}

// clusterable are the files that are to be clustered, those of no Z-cube first: neither those that another way of clustering made, unless all are to be clustered
// anew, nor those of Z-cubes that are large, nor those of the only one.
func (s *Snapshot) clusterable(files []*File, least int64, full bool) []*File {
	columns := s.clusteringNames()
	var candidates []cubed
	var others []*File
	sizes := make(map[string]int64)
	for _, f := range files {
		c := cubeOf(f)
		ours := f.more == nil || f.more.clusteringProvider == "" || f.more.clusteringProvider == clusteringProvider
		if !ours || c.id != "" && !slices.Equal(c.columns, columns) {
			others = append(others, f)
			continue
		}
		candidates = append(candidates, c)
		sizes[c.id] += f.Size
	}
	candidates = slices.DeleteFunc(candidates, func(c cubed) bool { return c.id != "" && sizes[c.id] >= least })
	slices.SortStableFunc(candidates, func(a, b cubed) int { return cmp.Compare(a.id, b.id) })
	if !full {
		others = nil
	}
	if len(others) == 0 && len(candidates) > 0 && candidates[0].id != "" && candidates[0].id == candidates[len(candidates)-1].id {
		return nil
	}
	list := make([]*File, 0, len(candidates)+len(others))
	for _, c := range candidates {
		list = append(list, c.file)
	}
	return append(list, others...)
}

// fill puts the files, in their order, into bins, each of which becomes a Z-cube.
func (l *layout) fill(files []*File, most int64) {
	from, size := 0, int64(0)
	for i, f := range files {
		if size+f.Size > most && i > from {
			l.bins = append(l.bins, bin{files: files[from:i]})
			from, size = i, 0
		}
		size += f.Size
	}
	if from < len(files) {
		l.bins = append(l.bins, bin{files: files[from:]})
	}
}

// fullError says that a table has no clustering that could be done anew.
func fullError(s *Snapshot) error {
	return &expr.Error{
		Class: "DELTA_OPTIMIZE_FULL_NOT_SUPPORTED", SQLState: "42601",
		Message: s.table.Name() + " is not clustered by any column, so that nothing could be clustered anew",
	}
}
