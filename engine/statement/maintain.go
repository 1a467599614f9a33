package statement

import (
	"context"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
)

// optimized is the answer to OPTIMIZE and REORG: of Spark's metrics those that are known without ordering or clustering files.
type optimized struct {
	Path    string
	Metrics optimizeMetrics
}

type optimizeMetrics struct {
	NumFilesAdded        int64     `delta:"numFilesAdded"`
	NumFilesRemoved      int64     `delta:"numFilesRemoved"`
	FilesAdded           fileSizes `delta:"filesAdded"`
	FilesRemoved         fileSizes `delta:"filesRemoved"`
	PartitionsOptimized  int64     `delta:"partitionsOptimized"`
	NumBins              int64     `delta:"numBins"`
	TotalConsideredFiles int64     `delta:"totalConsideredFiles"`
	TotalFilesSkipped    int64     `delta:"totalFilesSkipped"`
}

// fileSizes are the sizes of files, in bytes. Of no file, there is neither a smallest nor a largest.
type fileSizes struct {
	Min        *int64
	Max        *int64
	Avg        float64
	TotalFiles int64 `delta:"totalFiles"`
	TotalSize  int64 `delta:"totalSize"`
}

func newFileSizes(files, bytes, smallest, largest int64) fileSizes {
	if files == 0 {
		return fileSizes{}
	}
	return fileSizes{Min: &smallest, Max: &largest, Avg: float64(bytes) / float64(files), TotalFiles: files, TotalSize: bytes}
}

func (r *Runner) optimize(ctx context.Context, s sql.Optimize) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	return r.rearrange(ctx, s.Table, s.Where, func(table *delta.Table, where string) (*delta.Result, error) {
		return table.Optimize(ctx, where, delta.OptimizeOptions{Env: r.Write.Env, ZOrderBy: s.ZOrderBy, Full: s.Full})
	})
}

func (r *Runner) reorg(ctx context.Context, s sql.Reorg) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	return r.rearrange(ctx, s.Table, s.Where, func(table *delta.Table, where string) (*delta.Result, error) {
		return table.Reorg(ctx, where, delta.OptimizeOptions{Env: r.Write.Env})
	})
}

// rearrange runs what rewrites files of the partitions for which a condition is TRUE.
func (r *Runner) rearrange(
	ctx context.Context, t sql.Table, where expr.Node, run func(*delta.Table, string) (*delta.Result, error),
) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, snapshot, err := r.target(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	text, at := "", t.Pos
	if where != nil {
		e := expressions{table: snapshot.Schema(), scope: expr.NewScope(snapshot.Schema()), bare: true}
		if text, err = e.condition(where); err != nil {
			return nil, nil, err
		}
		at = where.Position()
	}
	res, err := run(table, text)
	if err != nil {
		return nil, nil, replaced(err, at)
	}
	m := res.Metrics
	return encoded([]optimized{{table.Name(), optimizeMetrics{
		NumFilesAdded: m["numAddedFiles"], NumFilesRemoved: m["numRemovedFiles"],
		FilesAdded:          newFileSizes(m["numAddedFiles"], m["numAddedBytes"], m["minFileSize"], m["maxFileSize"]),
		FilesRemoved:        newFileSizes(m["numRemovedFiles"], m["numRemovedBytes"], m["filesRemoved.min"], m["filesRemoved.max"]),
		PartitionsOptimized: m["partitionsOptimized"], NumBins: m["numBins"],
		TotalConsideredFiles: m["totalConsideredFiles"], TotalFilesSkipped: m["totalFilesSkipped"],
	}}})
}

// vacuum answers with the table's path, or, in a dry run, with those of the files that would be removed.
func (r *Runner) vacuum(ctx context.Context, s sql.Vacuum) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, _, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	o := delta.VacuumOptions{Retention: s.Retain, DryRun: s.DryRun, Lite: s.Lite}
	if s.Retains && s.Retain == 0 {
		o.Retention = -1
	}
	res, err := table.Vacuum(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	type row struct{ Path string }
	if !s.DryRun {
		return encoded([]row{{table.Name()}})
	}
	rows := make([]row, len(res.Files))
	for i, f := range res.Files {
		rows[i].Path = f.Path
	}
	return encoded(rows)
}
