package delta

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta/internal/deletionvector"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// mergeRun is one execution of a merge. It goes over the target twice: first over the columns that decide, to find the rows to be changed and the source rows
// without a partner; then over the files with such rows as a whole, to write them anew, or, where deletion vectors mark the rows, over these alone. Source rows
// that do not fit into memory are split by the hash of their keys, the target's rows with them, and the parts are merged one after the other.
type mergeRun struct {
	m     *Merge
	table *Table
	base  *Snapshot
	tx    *Transaction
	env   *exec.Env
	eval  *kernel.Env
	plan  *mergePlan
	side  *mergeExprs // the source's
	o     WriteOptions

	source    *mergeSource
	candidate *Scan
	marks     *rowMarks // rows of candidate that clauses change
	writer    *Writer
	counts    mergeCounts
}

// mergeCounts is rows by what happened to them.
type mergeCounts struct {
	inserted, copied                 atomic.Int64
	matchedUpdated, matchedDeleted   atomic.Int64
	bySourceUpdated, bySourceDeleted atomic.Int64
	repeated                         atomic.Int64
	scanMillis, rewriteMillis        int64
}

// newMergeRun plans to merge into a snapshot; expressions know the first so many of its columns.
func newMergeRun(m *Merge, s *Snapshot, known int, o WriteOptions) (*mergeRun, error) {
	p, err := m.plan(s, known)
	if err != nil {
		return nil, err
	}
	env := o.env(m.table)
	if env.Alloc == nil {
		e := *env
		e.Alloc = m.table.config.Alloc
		env = &e
	}
	eval := env.Kernel
	if eval == nil {
		eval = &kernel.Env{Alloc: env.Alloc, Now: m.table.config.Clock()}
	}
	side, err := p.compileSource()
	if err != nil {
		return nil, err
	}
	return &mergeRun{m: m, table: m.table, base: s, env: env, eval: eval, plan: p, side: side, o: o}, nil
}

// execute does all of the merge but the commit.
func (r *mergeRun) execute(ctx context.Context) (err error) {
	start := r.table.config.Clock()
	if r.source, err = holdSource(ctx, r); err != nil {
		return r.wrap(err)
	}
	defer func() { err = errors.Join(err, r.source.close()) }()
	if err := r.chooseCandidates(ctx); err != nil {
		return r.wrap(err)
	}
	w := r.o.Writer
	w.Schema, w.MergeSchema, w.tracked, w.tells = nil, false, true, r.base.hasFeed() && r.plan.changesRows()
	if r.writer, err = r.tx.NewWriter(w); err != nil {
		return err
	}
	if err := r.find(ctx); err != nil {
		return r.wrap(err)
	}
	r.counts.scanMillis = r.table.elapsed(start)
	rewrite := r.table.config.Clock()
	if err := r.rewrite(ctx); err != nil {
		return r.wrap(err)
	}
	r.counts.rewriteMillis = r.table.elapsed(rewrite)
	r.report(start)
	return nil
}

func (r *mergeRun) wrap(err error) error {
	return fmt.Errorf("delta: merge into %s: %w", r.table.Name(), err)
}

// chooseCandidates plans to read the files that may hold matches, and records what is read.
func (r *mergeRun) chooseCandidates(ctx context.Context) error {
	bySource := len(r.plan.of(whenNotMatchedBySource)) > 0
	prune := r.plan.targetCond
	if bySource {
		prune = nil
	} else if ranges := r.source.keyRanges(r.plan); ranges != nil {
		prune = allOf(append(conjuncts(prune), ranges...))
	}
	switch {
	case r.plan.takesWhatItReads() && prune == nil:
		r.tx.readByRow(expr.BoundLiteral{Value: true, Typ: schema.Boolean})
	case r.plan.takesWhatItReads():
		r.tx.readByRow(prune)
	case prune == nil:
		r.tx.ReadWholeTable()
	default:
		r.tx.Read(prune)
	}
	scan, err := r.base.Scan(ScanConfig{
		Columns: r.plan.probeColumns(), KeepDictionary: true, Alloc: r.env.Alloc, Now: r.eval.Now, BatchRows: r.source.batchRows(r.plan), rowIDs: true, prune: prune,
	})
	if err != nil {
		return err
	}
	if r.source.rows == 0 && !bySource {
		scan.Files = nil
	}
	r.candidate, r.marks = scan, newRowMarks(scan)
	return ctx.Err()
}

// rewrite is the second pass: the changed rows are written, and the others of their files too, unless deletion vectors mark the changed ones.
func (r *mergeRun) rewrite(ctx context.Context) error {
	c := ScanConfig{KeepDictionary: true, Alloc: r.env.Alloc, Now: r.eval.Now, BatchRows: r.source.batchRows(r.plan), RowTracking: r.base.metadata.tracksRows()}
	picked := make(map[*File]*deletionvector.Vector)
	for i, f := range r.candidate.Files {
		if rows := r.marks.of(i); rows != nil {
			c.Files = append(c.Files, f)
			picked[f] = rows
		}
	}
	if len(c.Files) == 0 {
		return nil
	}
	if r.base.writesVectors() {
		c.picked = picked
		if r.plan.updates() || r.writer.changes != nil {
			if err := r.writeChanged(ctx, c); err != nil {
				return err
			}
		}
		return r.tx.deleteMarked(ctx, r.candidate, r.marks)
	}
	if err := r.writeChanged(ctx, c); err != nil {
		return err
	}
	r.tx.removeFiles(c.Files)
	return nil
}

func (r *mergeRun) writeChanged(ctx context.Context, c ScanConfig) error {
	scan, err := r.base.Scan(c)
	if err != nil {
		return err
	}
	e, err := r.plan.compileTarget(scan.config.Columns, true)
	if err != nil {
		return err
	}
	return r.source.eachPart(ctx, r, scan.Source(), e, func(t *mergeTable, target exec.Source) error {
		return exec.Pipeline{Source: target}.Run(ctx, r.env, &mergeRewriteSink{run: r, exprs: e, table: t})
	})
}

// report counts, in Spark's words.
func (r *mergeRun) report(start time.Time) {
	c := &r.counts
	if r.tx.op.Name != opMerge { // it is a DELETE or an UPDATE whose rows a query has found
		r.tx.countRows(c.matchedDeleted.Load()+c.matchedUpdated.Load(), c.copied.Load())
		return
	}
	for name, n := range map[string]int64{
		"numSourceRows": r.source.rows, "numTargetRowsInserted": c.inserted.Load(),
		"numTargetRowsUpdated": c.matchedUpdated.Load() + c.bySourceUpdated.Load(),
		"numTargetRowsDeleted": c.matchedDeleted.Load() + c.bySourceDeleted.Load(), "numTargetRowsCopied": c.copied.Load(),
		"numTargetRowsMatchedUpdated": c.matchedUpdated.Load(), "numTargetRowsMatchedDeleted": c.matchedDeleted.Load(),
		"numTargetRowsNotMatchedBySourceUpdated": c.bySourceUpdated.Load(), "numTargetRowsNotMatchedBySourceDeleted": c.bySourceDeleted.Load(),
		"executionTimeMs": r.table.elapsed(start), "scanTimeMs": c.scanMillis, "rewriteTimeMs": c.rewriteMillis,
		"numTargetFilesAdded": 0, "numTargetFilesRemoved": 0, "numTargetBytesAdded": 0, "numTargetBytesRemoved": 0, "numOutputRows": 0,
		"numTargetDeletionVectorsAdded": 0, "numTargetDeletionVectorsUpdated": 0, "numTargetDeletionVectorsRemoved": 0, "numTargetChangeFilesAdded": 0,
	} {
		r.tx.AddMetric(name, n)
	}
}

// sliceSource is rows of a merge's source, in slices that workers take in turn.
type sliceSource struct {
	schema *arrow.Schema
	table  *mergeTable
}

func (s sliceSource) Schema() *arrow.Schema { return s.schema }

func (s sliceSource) Ordered() bool { return false }

func (s sliceSource) Morsels(context.Context) ([]exec.Morsel, error) {
	var list []exec.Morsel
	for from := 0; from < s.table.rows; from += exec.MaxRows {
		to := min(from+exec.MaxRows, s.table.rows)
		list = append(list, func(_ context.Context, yield func(*exec.Batch) error) error {
			rows := s.table.unmatched(from, to, []int32{})
			if len(rows) == 0 {
				return nil
			}
			cols := make([]arrow.Array, len(s.table.columns))
			for i, c := range s.table.columns {
				cols[i] = array.NewSlice(c, int64(from), int64(to))
			}
			defer releaseAll(cols)
			return yield(&exec.Batch{Columns: cols, N: to - from, Selection: rows})
		})
	}
	return list, nil
}
