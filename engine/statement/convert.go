package statement

import (
	"context"
	"iter"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/plan/sql"
)

// convert makes a table of a folder of Parquet files, which may be named as parquet.`path`. The answer has no columns, as Spark's.
func (r *Runner) convert(ctx context.Context, s sql.ConvertToDelta) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	name := s.Table.Name
	if path, ok := strings.CutPrefix(name, "parquet."); ok {
		name = "delta." + path
	}
	table, err := r.Tables.Open(ctx, name)
	if err != nil {
		return nil, nil, placed(err, s.Table.Pos)
	}
	o := delta.ConvertOptions{NoStatistics: s.NoStatistics}
	if s.PartitionBy != nil {
		o.PartitionBy = s.PartitionBy.Fields()
	}
	if _, err := table.Convert(ctx, o); err != nil {
		return nil, nil, err
	}
	return counted(nil)
}

func (r *Runner) generate(ctx context.Context, s sql.Generate) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, _, err := r.target(ctx, s.Table)
	if err == nil {
		err = table.GenerateManifest(ctx)
	}
	if err != nil {
		return nil, nil, err
	}
	return counted(nil)
}

// repair answers with the files that are gone.
func (r *Runner) repair(ctx context.Context, s sql.Repair) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, _, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	res, err := table.Repair(ctx, delta.RepairOptions{DryRun: s.DryRun})
	if err != nil {
		return nil, nil, err
	}
	type file struct {
		DataFilePath    string `delta:"dataFilePath"`
		DataFileMissing bool   `delta:"dataFileMissing"`
	}
	var list []file
	for _, path := range res.Files {
		list = append(list, file{path, true})
	}
	for _, path := range res.Vectors {
		list = append(list, file{path, false})
	}
	return encoded(list)
}
