package delta

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
)

// CountRows counts the rows for which a predicate over the table's columns is TRUE. Only its columns are read, in the environment given; nil is the table's
// allocator and exec's defaults.
func (s *Snapshot) CountRows(ctx context.Context, predicate expr.Bound, env *exec.Env) (int64, error) {
	if env == nil {
		env = WriteOptions{}.env(s.table)
	}
	columns := expr.Columns(predicate)
	filter := expr.MapColumns(predicate, func(i int) int { return slices.Index(columns, i) })
	if columns == nil {
		columns = []int{}
	}
	scan, err := s.Scan(ScanConfig{Columns: columns, Filter: filter, KeepDictionary: true, Alloc: env.Alloc})
	if err != nil {
		return 0, err
	}
	var rows atomic.Int64
	count := exec.SinkFunc(func(_ context.Context, b *exec.Batch) error {
		rows.Add(int64(b.Len()))
		return nil
	})
	err = exec.Pipeline{Source: scan.Source()}.Run(ctx, env, count)
	return rows.Load(), err
}
