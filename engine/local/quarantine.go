package local

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// quarantine collects the rows that a flow's check sets aside and commits them to their table, just before the flow's own commit.
type quarantine struct {
	job      *job
	check    plan.Check
	target   *delta.Table
	snapshot *delta.Snapshot
	tx       *delta.Transaction
	sink     exec.Sink
	exprs    []*kernel.Expr
}

// quarantine prepares the flow's quarantine table, or gives nil when no rule quarantines.
func (j *job) quarantine(ctx context.Context) (*quarantine, error) {
	var found []plan.Check
	for _, c := range plan.Checks(j.Query) {
		if c.QuarantineName(j.Table) != "" {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, fmt.Errorf("two checks of %s quarantine rows: put their rules into one check", j.Flow.ID)
	}
	q := &quarantine{job: j, check: found[0], target: j.Open(found[0].QuarantineName(j.Table))}
	if err := q.compile(); err != nil {
		return nil, err
	}
	var err error
	if q.snapshot, err = j.Latest(ctx, q.check.QuarantineName(j.Table)); err != nil {
		return nil, err
	}
	return q, q.begin()
}

// compile makes the quarantine's columns expressions over the checked columns followed by the stamps.
func (q *quarantine) compile() error {
	width := q.check.Input.Schema().NumFields()
	for _, b := range q.check.Quarantine {
		e, err := kernel.Compile(expr.Rewrite(b, func(part expr.Bound) expr.Bound {
			if v, ok := part.(expr.BoundVar); ok && v.ID < 0 {
				return expr.BoundColumn{Index: width - v.ID - 1, Name: v.Name, Typ: v.Typ}
			}
			return part
		}))
		if err != nil {
			return err
		}
		q.exprs = append(q.exprs, e)
	}
	return nil
}

// begin opens the transaction that replaces the batch's rows.
func (q *quarantine) begin() error {
	q.tx = q.target.Begin(q.snapshot, delta.Operation{Name: "WRITE", Parameters: map[string]string{"mode": "Overwrite"}})
	if q.snapshot == nil {
		if err := q.tx.SetMetadata(q.check.QuarantineSchema(), delta.Metadata{
			Name: q.check.QuarantineName(q.job.Table), Description: "rows that violate the rules of " + q.job.Table.Ident,
		}); err != nil {
			return err
		}
	}
	config := q.job.writerConfig()
	config.Schema, config.MergeSchema = q.check.QuarantineSchema(), true // the columns that are kept may grow
	w, err := q.tx.NewWriter(config)
	if err != nil {
		return err
	}
	q.sink = w.Sink()
	return nil
}

// commit makes the rows set aside visible, in place of those that an earlier run of the batch, or a batch that was given up, left; in place of all when the
// flow's table is replaced.
func (q *quarantine) commit(ctx context.Context, all bool) error {
	if q == nil {
		return nil
	}
	if q.snapshot == nil && q.tx.Metric("numFiles") == 0 {
		return nil
	}
	if err := q.retract(ctx, all); err != nil {
		return err
	}
	if _, err := q.tx.Commit(ctx); err != nil {
		return fmt.Errorf("quarantine %s: %w", q.check.QuarantineName(q.job.Table), err)
	}
	return nil
}

// retract takes out the rows that the commit replaces.
func (q *quarantine) retract(ctx context.Context, all bool) error {
	if q.snapshot == nil {
		return nil
	}
	if all {
		q.tx.ReadWholeTable()
		for f := range q.snapshot.Files() {
			q.tx.Remove(f)
		}
		return nil
	}
	for _, c := range q.job.QuarantineStamps() {
		if schema.Find(q.snapshot.Schema().Fields(), c) < 0 {
			return &flow.SchemaError{Table: q.check.QuarantineName(q.job.Table), Reason: "does not keep " + c + ", by which a batch that is run again replaces its rows"}
		}
	}
	return q.tx.DeleteWhere(ctx, q.job.QuarantineRows(), q.job.session.env)
}

// abort removes files that were written and not committed.
func (q *quarantine) abort(ctx context.Context) error {
	if q == nil || q.tx == nil {
		return nil
	}
	return q.tx.Abort(ctx)
}

// worker gives a pipeline's worker its own way in.
func (q *quarantine) worker() (*quarantineWorker, error) {
	w, err := q.sink.Worker()
	if err != nil {
		return nil, err
	}
	return &quarantineWorker{quarantine: q, sink: w}, nil
}

type quarantineWorker struct {
	*quarantine
	sink exec.SinkWorker
}

// write sets rows of the batch aside; names are the rules that each violates.
func (w *quarantineWorker) write(ctx context.Context, b *exec.Batch, rows []int32, names [][]string) error {
	columns, err := w.stamped(b, rows, names)
	defer func() { release(columns) }()
	if err != nil {
		return err
	}
	out := make([]arrow.Array, 0, len(w.exprs))
	defer func() { release(out) }()
	for _, e := range w.exprs {
		a, err := e.Eval(w.job.session.env.Kernel, columns, len(rows), nil)
		if err != nil {
			return err
		}
		out = append(out, a)
	}
	return w.sink.Push(ctx, &exec.Batch{Columns: out, N: len(rows)})
}

// stamped are the rows' own columns and what is known of their violations, in the order of plan.Stamps.
func (w *quarantineWorker) stamped(b *exec.Batch, rows []int32, names [][]string) (columns []arrow.Array, err error) {
	alloc := w.job.session.env.Alloc
	for _, c := range b.Columns {
		taken, err := vector.Take(alloc, c, rows)
		if err != nil {
			return columns, err
		}
		columns = append(columns, taken)
	}
	rules := array.NewListBuilderWithField(alloc, plan.Stamps()[0].Typ.(*arrow.ListType).ElemField())
	defer rules.Release()
	source := array.NewStringBuilder(alloc)
	defer source.Release()
	batch := array.NewInt64Builder(alloc)
	defer batch.Release()
	at := array.NewTimestampBuilder(alloc, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"})
	defer at.Release()
	values := rules.ValueBuilder().(*array.StringBuilder)
	now := arrow.Timestamp(w.job.session.env.Kernel.Now.UnixMicro())
	for _, violated := range names {
		rules.Append(true)
		values.AppendValues(violated, nil)
		source.Append(w.job.Flow.ID)
		batch.Append(w.job.Batch.Number)
		at.Append(now)
	}
	return append(columns, rules.NewArray(), source.NewArray(), batch.NewArray(), at.NewArray()), nil
}

func release(arrays []arrow.Array) {
	for _, a := range arrays {
		a.Release()
	}
}
