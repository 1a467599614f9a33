package delta

import (
	"context"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec"
)

// ChangesScan is the rows of Changes that a filter may keep. It is immutable, and can be read any number of times.
type ChangesScan struct {
	Files        int   // that have to be read
	Bytes        int64 // of these files, as far as the log tells
	SkippedFiles int   // that statistics, partition values, versions and change types rule out

	schema *arrow.Schema
	alloc  memory.Allocator
	pieces []changesPiece // oldest version first
}

// changesPiece is one file of a scan.
type changesPiece struct {
	scan  *Scan
	index int // in scan.Files
}

// Scan plans to read the changes. Columns and Filter are over Changes.Schema; Files is not used.
func (c *Changes) Scan(config ScanConfig) (*ChangesScan, error) {
	var told, whole []*File
	for _, f := range c.files {
		if f.recorded {
			told = append(told, f.file)
		} else {
			whole = append(whole, f.file)
		}
	}
	recorded, err := c.view(CommitVersionColumn, CommitTimestampColumn).scanOnly(config, told)
	if err != nil {
		return nil, err
	}
	others, err := c.view(CommitVersionColumn, CommitTimestampColumn, ChangeTypeColumn).scanOnly(config, whole)
	if err != nil {
		return nil, err
	}
	s := &ChangesScan{
		schema: recorded.schema, alloc: recorded.config.Alloc,
		Bytes: recorded.Bytes + others.Bytes, SkippedFiles: recorded.SkippedFiles + others.SkippedFiles,
	}
	next := [2]int{}
	for _, f := range c.files {
		k, from := 0, recorded
		if !f.recorded {
			k, from = 1, others
		}
		if next[k] < len(from.Files) && from.Files[next[k]] == f.file {
			s.pieces = append(s.pieces, changesPiece{from, next[k]})
			next[k]++
		}
	}
	s.Files = len(s.pieces)
	return s, nil
}

// view is the table as if it had the columns of its changes, and were partitioned by some of them too.
func (c *Changes) view(partitioned ...string) *Snapshot {
	s := c.snapshot
	m := s.metadata.clone()
	m.PartitionColumns = append(m.PartitionColumns, partitioned...)
	return &Snapshot{
		table: s.table, version: s.version, protocol: s.protocol, base: newFileSet(nil, nil), checkpoint: -1,
		metadata: &tableMetadata{&m, c.schema},
	}
}

// scanOnly is a scan of these files, which may be none.
func (s *Snapshot) scanOnly(config ScanConfig, files []*File) (*Scan, error) {
	if config.Files = files; files == nil {
		config.Files = []*File{}
	}
	return s.Scan(config)
}

// Schema is the output columns.
func (s *ChangesScan) Schema() *arrow.Schema { return s.schema }

// Source gives the rows to a pipeline: a morsel for each file, oldest version first.
func (s *ChangesScan) Source() exec.Source { return changesSource{s} }

// Records yields the rows as record batches, oldest version first, read in the caller's goroutine. A batch is borrowed until the loop's body returns.
func (s *ChangesScan) Records(ctx context.Context) iter.Seq2[arrow.RecordBatch, error] {
	return records(s.alloc, s.schema, len(s.pieces), func(i int, yield func(*exec.Batch) error) error { return s.pieces[i].read(ctx, yield) })
}

func (p changesPiece) read(ctx context.Context, yield func(*exec.Batch) error) error {
	return p.scan.readFile(ctx, p.index, nil, yield)
}

// changesSource is a ChangesScan as a Source.
type changesSource struct{ scan *ChangesScan }

func (s changesSource) Schema() *arrow.Schema { return s.scan.schema }

func (s changesSource) Ordered() bool { return false }

func (s changesSource) Morsels(context.Context) ([]exec.Morsel, error) {
	list := make([]exec.Morsel, len(s.scan.pieces))
	for i, p := range s.scan.pieces {
		list[i] = p.read
	}
	return list, nil
}
