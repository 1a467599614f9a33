package delta

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
)

// filesWhere are the live files of the partitions for which a condition, in SQL over the partition columns, is TRUE; "" is all of them.
func (s *Snapshot) filesWhere(where string) ([]*File, error) {
	live := s.files().live
	if where == "" {
		return live, nil
	}
	predicate, err := s.Predicate(where)
	if err != nil {
		return nil, err
	}
	for _, i := range expr.Columns(predicate) {
		if name := s.Schema().Field(i).Name; !slices.Contains(s.PartitionColumns(), name) {
			return nil, &expr.Error{
				Class: "DELTA_NON_PARTITION_COLUMN_REFERENCE", SQLState: "42P10",
				Message: fmt.Sprintf("the condition reads the column %s; it may read partition columns only: %s", name, strings.Join(s.PartitionColumns(), ", ")),
			}
		}
	}
	compiled, err := kernel.Compile(predicate)
	if err != nil {
		return nil, err
	}
	scan, err := s.Scan(ScanConfig{Files: []*File{}})
	if err != nil {
		return nil, err
	}
	cols, err := scan.partitionColumns(live, expr.Columns(predicate))
	defer releaseAll(cols)
	if err != nil {
		return nil, err
	}
	kept, err := compiled.Select(scan.env, cols, len(live), nil, nil)
	if err != nil {
		return nil, err
	}
	files := make([]*File, len(kept))
	for i, at := range kept {
		files[i] = live[at]
	}
	return files, nil
}
