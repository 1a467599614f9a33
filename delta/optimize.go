package delta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/medallion-go/medallion/exec"
)

// OptimizeOptions says how small files are packed into larger ones. The zero OptimizeOptions is usable.
type OptimizeOptions struct {
	TargetFileBytes int64     // files are packed up to this size; default: the table's delta.targetFileSize, else 128 MiB
	MinFileBytes    int64     // files of this size and larger stay as they are; default: three quarters of TargetFileBytes
	Env             *exec.Env // default: the table's allocator, and exec's defaults
}

// Optimize packs the small files of each partition into larger ones, in one commit that moves rows and changes none: streams of the table's rows see nothing
// new, and it conflicts with no append, only with a commit that removes one of the same files or changes the metadata. where, in SQL over the partition
// columns, chooses partitions; "" is all of them. Where there is nothing to pack it commits nothing.
//
// The result's metrics are those of the commit and, under the names of Spark's answer to OPTIMIZE, what else that tells: partitionsOptimized, numBins,
// totalConsideredFiles, totalFilesSkipped, and filesRemoved.min and filesRemoved.max, the sizes of the smallest and the largest file removed.
func (t *Table) Optimize(ctx context.Context, where string, o OptimizeOptions) (res *Result, err error) {
	s, err := t.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkWritable(t.Name(), s.version, s.protocol, s.metadata); err != nil {
		return nil, err
	}
	files, err := s.filesWhere(where)
	if err != nil {
		return nil, fmt.Errorf("delta: %s on %s: %w", opOptimize, t.Name(), err)
	}
	bins := o.withDefaults(s.metadata.Metadata).pack(s.metadata.partitionNames(), files)
	tx := t.Begin(s, optimizeOperation(where))
	defer func() { err = errors.Join(err, tx.Abort(ctx)) }()
	res = &Result{Version: s.version, Metrics: considered(s.metadata.partitionNames(), files, bins)}
	if len(bins) == 0 {
		return res, nil
	}
	if err := (&compaction{tx: tx, view: s, env: WriteOptions{Env: o.Env}.env(t)}).run(ctx, bins); err != nil {
		return nil, err
	}
	tx.countSizes()
	maps.Copy(res.Metrics, tx.metrics)
	if res.Version, err = tx.Commit(ctx); err != nil {
		return nil, err
	}
	return res, nil
}

func optimizeOperation(where string) Operation {
	predicates := []string{}
	if where != "" {
		predicates = append(predicates, where)
	}
	return Operation{Name: opOptimize, Rearranges: true, Parameters: map[string]string{
		"predicate": jsonList(predicates), "zOrderBy": "[]", "clusterBy": "[]", "auto": "false",
	}}
}

func (o OptimizeOptions) withDefaults(m *Metadata) OptimizeOptions {
	if o.TargetFileBytes <= 0 {
		o.TargetFileBytes = WriterConfig{}.withDefaults(m).TargetFileBytes
	}
	if o.MinFileBytes <= 0 {
		o.MinFileBytes = o.TargetFileBytes - o.TargetFileBytes/4
	}
	return o
}

// pack puts the files that are too small into bins, each of two files or more of one partition. As the files of a partition come by size, no two of its bins
// fit into one: packing again finds nothing, but for what compression gains.
func (o OptimizeOptions) pack(partition []string, files []*File) [][]*File {
	position := make(map[*File]int, len(files))
	small := make(map[string][]*File)
	var names []string // of the partitions, in order
	for i, f := range files {
		if f.Size >= o.MinFileBytes {
			continue
		}
		name := partitionDirectory(ordered(f, partition))
		if small[name] == nil {
			names = append(names, name)
		}
		small[name], position[f] = append(small[name], f), i
	}
	var bins [][]*File
	for _, name := range names {
		bins = append(bins, o.packPartition(small[name])...)
	}
	for _, bin := range bins { // rows keep their order
		slices.SortFunc(bin, func(a, b *File) int { return position[a] - position[b] })
	}
	return bins
}

func (o OptimizeOptions) packPartition(files []*File) (bins [][]*File) {
	slices.SortStableFunc(files, func(a, b *File) int { return cmp.Compare(a.Size, b.Size) })
	from, size := 0, int64(0)
	for i, f := range files {
		if size+f.Size > o.TargetFileBytes {
			bins, from, size = append(bins, files[from:i]), i, 0
		}
		size += f.Size
	}
	return slices.DeleteFunc(append(bins, files[from:]), func(bin []*File) bool { return len(bin) < 2 })
}

// considered are the metrics that the choice of files gives.
func considered(partition []string, files []*File, bins [][]*File) map[string]int64 {
	partitions := make(map[string]bool)
	packed := slices.Concat(bins...)
	for _, f := range packed {
		partitions[partitionDirectory(ordered(f, partition))] = true
	}
	m := map[string]int64{
		"numBins": int64(len(bins)), "partitionsOptimized": int64(len(partitions)),
		"totalConsideredFiles": int64(len(files)), "totalFilesSkipped": int64(len(files) - len(packed)),
	}
	if len(packed) > 0 {
		bySize := func(a, b *File) int { return cmp.Compare(a.Size, b.Size) }
		m["filesRemoved.min"], m["filesRemoved.max"] = slices.MinFunc(packed, bySize).Size, slices.MaxFunc(packed, bySize).Size
	}
	return m
}

// compaction rewrites bins of files.
type compaction struct {
	tx   *Transaction
	view *Snapshot
	env  *exec.Env
}

// run rewrites each bin into a file. Bins are rewritten beside each other, the files of one by one goroutine.
func (c *compaction) run(ctx context.Context, bins [][]*File) error {
	w, err := c.tx.NewWriter(WriterConfig{TargetFileBytes: math.MaxInt64, MaxOpenBytes: math.MaxInt64, moves: true})
	if err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(cmp.Or(max(c.env.Workers, 0), runtime.GOMAXPROCS(0)))
	for _, bin := range bins {
		g.Go(func() error { return c.rewrite(gctx, w, bin) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	c.tx.removeFiles(slices.Concat(bins...))
	return nil
}

func (c *compaction) rewrite(ctx context.Context, w *Writer, bin []*File) error {
	scan, err := c.view.Scan(ScanConfig{Files: bin, KeepDictionary: true, Alloc: c.env.Alloc})
	if err != nil {
		return err
	}
	out, err := w.Worker()
	if err != nil {
		return err
	}
	for i := range scan.Files {
		if err := scan.readFile(ctx, i, nil, func(b *exec.Batch) error { return out.Write(ctx, b.Columns, b.N, b.Selection) }); err != nil {
			return errors.Join(err, out.Close(ctx))
		}
	}
	return out.Close(ctx)
}
