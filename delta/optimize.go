package delta

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/medallion-go/medallion/exec"
)

// OptimizeOptions says how a table's files are packed and ordered. The zero OptimizeOptions is usable.
type OptimizeOptions struct {
	TargetFileBytes int64     // files are packed up to this size; default: the table's delta.targetFileSize, else 128 MiB
	MinFileBytes    int64     // files of this size and larger stay as they are; default: three quarters of TargetFileBytes
	MaxDeletedRows  float64   // files of which a larger share of the rows is deleted are rewritten whatever their size; default: 0.05
	ZOrderBy        []string  // order the rows of each partition by these columns, "a" or "a.b", along a Z-order curve; all files are then rewritten
	Full            bool      // of a clustered table: cluster also files anew that are clustered by other columns
	Env             *exec.Env // default: the table's allocator, a budget of 1 GiB, and else exec's defaults. What the budget refuses while rows are ordered is spilled
}

// defaultOrderBytes is the budget of ordering rows.
const defaultOrderBytes = 1 << 30

// defaultMaxDeleted is the share of deleted rows from which files are rewritten.
const defaultMaxDeleted = 0.05

// Optimize packs the small files of each partition into larger ones, and those of which many rows are deleted, or orders the rows of each partition by
// columns, and clusters the rows of a clustered table along a Hilbert curve; all in one commit that moves rows and changes none: streams of the table's rows
// see nothing new, and it conflicts with no append, only with a commit that removes one of the same files or changes the metadata. where, in SQL over the
// partition columns, chooses partitions; "" is all of them. Where there is nothing to do it commits nothing.
//
// The result's metrics are those of the commit and, under the names of Spark's answer to OPTIMIZE, what else that tells: partitionsOptimized, numBins,
// totalConsideredFiles, totalFilesSkipped, and filesRemoved.min and filesRemoved.max, the sizes of the smallest and the largest file removed.
func (t *Table) Optimize(ctx context.Context, where string, o OptimizeOptions) (*Result, error) {
	return t.rearrange(ctx, opOptimize, where, o, func(_ context.Context, s *Snapshot, files []*File) (*layout, error) {
		return o.layout(s, where, files)
	})
}

// layout is which files are rewritten together, and how.
type layout struct {
	bins  []bin
	order *rowOrder        // nil: rows keep their order
	more  func() *fileMore // what the files of one bin have besides; nil: nothing
	op    map[string]string
}

// bin is files of one partition.
type bin struct {
	values []PartitionValue
	files  []*File
}

// layout chooses what Optimize does with these files.
func (o OptimizeOptions) layout(s *Snapshot, where string, files []*File) (*layout, error) {
	if len(s.clustering()) > 0 {
		return o.clusterLayout(s, where, files)
	}
	if o.Full {
		return nil, fullError(s)
	}
	op := map[string]string{"zOrderBy": "[]", "clusterBy": "[]", "auto": "false"}
	if len(o.ZOrderBy) == 0 {
		return &layout{bins: o.withDefaults(s.metadata.Metadata).pack(s.metadata.partitionNames(), files), op: op}, nil
	}
	order, err := s.newRowOrder(o.ZOrderBy)
	if err != nil {
		return nil, err
	}
	op["zOrderBy"] = jsonList(order.names)
	return &layout{bins: byPartition(s.metadata.partitionNames(), files), order: order, op: op}, nil
}

// rearrange rewrites the files that choose takes out of those of the partitions for which a condition is TRUE.
func (t *Table) rearrange(
	ctx context.Context, name, where string, o OptimizeOptions, choose func(context.Context, *Snapshot, []*File) (*layout, error),
) (res *Result, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkWritable(t.Name(), s.version, s.protocol, s.metadata); err != nil {
		return nil, err
	}
	files, err := s.filesWhere(where)
	var l *layout
	if err == nil {
		l, err = choose(ctx, s, files)
	}
	if err != nil {
		return nil, fmt.Errorf("delta: %s on %s: %w", name, t.Name(), err)
	}
	tx := t.Begin(s, l.operation(name, where))
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	res = &Result{Version: s.version, Metrics: considered(len(files), l.bins)}
	if len(l.bins) == 0 {
		return res, nil
	}
	c := &compaction{tx: tx, view: s, env: o.env(t), layout: l, target: o.withDefaults(s.metadata.Metadata).TargetFileBytes}
	if err := c.run(ctx); err != nil {
		return nil, err
	}
	tx.countRearranged()
	maps.Copy(res.Metrics, tx.metrics)
	if res.Version, err = tx.Commit(ctx); err != nil {
		return nil, err
	}
	return res, nil
}

func (o OptimizeOptions) env(t *Table) *exec.Env {
	env := *WriteOptions{Env: o.Env}.env(t)
	if env.Budget == nil {
		env.Budget = exec.NewBudget(defaultOrderBytes)
	}
	return &env
}

func (l *layout) operation(name, where string) Operation {
	predicates := []string{}
	if where != "" {
		predicates = append(predicates, where)
	}
	parameters := map[string]string{"predicate": jsonList(predicates)}
	maps.Copy(parameters, l.op)
	return Operation{Name: name, Rearranges: true, Parameters: parameters}
}

func (o OptimizeOptions) withDefaults(m *Metadata) OptimizeOptions {
	if o.TargetFileBytes <= 0 {
		o.TargetFileBytes = WriterConfig{}.withDefaults(m).TargetFileBytes
	}
	if o.MinFileBytes <= 0 {
		o.MinFileBytes = o.TargetFileBytes - o.TargetFileBytes/4
	}
	if o.MaxDeletedRows <= 0 {
		o.MaxDeletedRows = defaultMaxDeleted
	}
	return o
}

// Reorg rewrites the files that hold rows that are deleted, or columns that were dropped, so that they hold neither (REORG TABLE … APPLY (PURGE)). Older versions
// have the old files until VACUUM removes them. It commits as Optimize does, and has its metrics.
func (t *Table) Reorg(ctx context.Context, where string, o OptimizeOptions) (*Result, error) {
	return t.rearrange(ctx, opReorg, where, o, func(ctx context.Context, s *Snapshot, files []*File) (*layout, error) {
		impure, err := s.impure(ctx, files)
		if err != nil {
			return nil, err
		}
		return &layout{bins: o.withDefaults(s.metadata.Metadata).fill(s.metadata.partitionNames(), impure), op: map[string]string{"applyPurge": strconv.FormatBool(true)}}, nil
	})
}
