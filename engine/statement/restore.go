package statement

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/plan/sql"
)

// restore answers with what became of the table's files, as Spark does.
func (r *Runner) restore(ctx context.Context, s sql.Restore) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, _, err := r.target(ctx, s.To)
	if err != nil {
		return nil, nil, err
	}
	old, err := snapshot(ctx, table, s.To, restoring)
	if err != nil {
		return nil, nil, err
	}
	res, err := table.Restore(ctx, old, delta.RestoreOptions{})
	if err != nil {
		return nil, nil, err
	}
	m := res.Metrics
	return counted(
		[]string{
			"table_size_after_restore", "num_of_files_after_restore", "num_removed_files", "num_restored_files", "removed_files_size", "restored_files_size",
		},
		m["tableSizeAfterRestore"], m["numOfFilesAfterRestore"], m["numRemovedFiles"], m["numRestoredFiles"], m["removedFilesSize"], m["restoredFilesSize"],
	)
}

// clone answers with what it took over, as Spark does.
func (r *Runner) clone(ctx context.Context, s sql.Clone) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	source, _, err := r.target(ctx, s.Source)
	if err != nil {
		return nil, nil, err
	}
	version, err := Snapshot(ctx, source, s.Source)
	if err != nil {
		return nil, nil, err
	}
	table, err := r.Tables.Open(ctx, s.Table.Name)
	if err != nil {
		return nil, nil, placed(err, s.Table.Pos)
	}
	names := []string{"source_table_size", "source_num_of_files", "num_removed_files", "num_copied_files", "removed_files_size", "copied_files_size"}
	there, err := exists(ctx, table)
	if err != nil {
		return nil, nil, err
	}
	if there && s.IfNotExists {
		return counted(names, 0, 0, 0, 0, 0, 0)
	}
	res, err := version.ShallowClone(ctx, table, delta.CloneOptions{Replace: s.OrReplace, Properties: s.Properties})
	if err != nil {
		return nil, nil, err
	}
	return counted(names, res.Metrics["sourceTableSize"], res.Metrics["sourceNumOfFiles"], 0, 0, 0, 0)
}

// detail answers DESCRIBE DETAIL, but for what a catalog knows.
func (r *Runner) detail(ctx context.Context, s sql.DescribeDetail) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	table, snapshot, err := r.target(ctx, s.Table)
	if err != nil {
		return nil, nil, err
	}
	last, err := table.History(ctx, 1)
	if err != nil {
		return nil, nil, err
	}
	m, p := snapshot.Metadata(), snapshot.Protocol()
	type detail struct {
		Format            string
		ID                string
		Name              *string
		Description       *string
		Location          string
		CreatedAt         time.Time  `delta:"createdAt"`
		LastModified      *time.Time `delta:"lastModified"`
		PartitionColumns  []string   `delta:"partitionColumns"`
		ClusteringColumns []string   `delta:"clusteringColumns"`
		NumFiles          int64      `delta:"numFiles"`
		SizeInBytes       int64      `delta:"sizeInBytes"`
		Properties        map[string]string
		MinReaderVersion  int32    `delta:"minReaderVersion"`
		MinWriterVersion  int32    `delta:"minWriterVersion"`
		TableFeatures     []string `delta:"tableFeatures"`
	}
	d := detail{
		Format: "delta", ID: snapshot.ID(), Name: known(m.Name), Description: known(m.Description), Location: table.Name(), CreatedAt: snapshot.CreatedAt(),
		PartitionColumns: snapshot.PartitionColumns(), ClusteringColumns: snapshot.ClusteringColumns(), NumFiles: int64(snapshot.NumFiles()),
		SizeInBytes: snapshot.Size(), Properties: m.Configuration, MinReaderVersion: int32(p.MinReaderVersion), MinWriterVersion: int32(p.MinWriterVersion),
		TableFeatures: snapshot.Features(),
	}
	if len(last) > 0 {
		d.LastModified = &last[0].Timestamp
	}
	slices.Sort(d.TableFeatures)
	return encoded([]detail{d})
}
