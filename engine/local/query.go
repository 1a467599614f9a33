package local

import (
	"context"
	"errors"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/source"
)

// Query runs the plan over the newest versions of its tables. The rows are collected, within the session's budget, before the first is yielded.
func (s *session) Query(ctx context.Context, n plan.Node) (_ *arrow.Schema, _ iter.Seq2[arrow.RecordBatch, error], err error) {
	n = plan.Optimize(n)
	in, err := s.present(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	sc := &scope{session: s, inputs: in}
	pipelines, err := sc.lower(ctx, n)
	if err != nil {
		return nil, nil, errors.Join(err, sc.close())
	}
	rows := exec.NewCollect(s.env, n.Schema(), true)
	if err := errors.Join(exec.Run(ctx, s.env, rows, pipelines...), sc.close()); err != nil {
		return nil, nil, errors.Join(err, rows.Close())
	}
	return n.Schema(), func(yield func(arrow.RecordBatch, error) bool) {
		stopped := errors.New("the reader has stopped")
		err := s.each(ctx, rows, func(rec arrow.RecordBatch) error {
			if !yield(rec, nil) {
				return stopped
			}
			return nil
		})
		broke := errors.Is(err, stopped)
		if broke {
			err = nil
		}
		if err = errors.Join(err, rows.Close()); err != nil && !broke {
			yield(nil, err)
		}
	}, nil
}

// each yields a source's rows as record batches, without selections and dictionaries.
func (s *session) each(ctx context.Context, src exec.Source, yield func(arrow.RecordBatch) error) error {
	morsels, err := src.Morsels(ctx)
	if err != nil {
		return err
	}
	for _, m := range morsels {
		if err := m(ctx, func(b *exec.Batch) error { return s.record(src.Schema(), b, yield) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) record(schema *arrow.Schema, b *exec.Batch, yield func(arrow.RecordBatch) error) error {
	columns := make([]arrow.Array, 0, len(b.Columns))
	defer func() { release(columns) }()
	for _, c := range b.Columns {
		flat, err := flatten(s, c, b.Selection)
		if err != nil {
			return err
		}
		columns = append(columns, flat)
	}
	rec := array.NewRecordBatch(schema, columns, int64(b.Len()))
	defer rec.Release()
	return yield(rec)
}

func flatten(s *session, c arrow.Array, selection []int32) (arrow.Array, error) {
	if selection == nil {
		return vector.Flat(s.env.Alloc, c)
	}
	taken, err := vector.Take(s.env.Alloc, c, selection)
	if err != nil {
		return nil, err
	}
	defer taken.Release()
	return vector.Flat(s.env.Alloc, taken)
}

// present opens the newest version of every table, and everything that the sources hold.
func (s *session) present(ctx context.Context, n plan.Node) (*inputs, error) {
	in := &inputs{session: s, tables: map[*plan.Table]tableInput{}, sources: map[*plan.SourceRelation]source.Batch{}}
	for _, r := range relations(n) {
		switch r := r.(type) {
		case *plan.Table:
			snapshot, err := latest(ctx, s.open(s.tablePath(r)))
			if err != nil {
				return nil, err
			}
			in.tables[r] = tableInput{snapshot: snapshot}
		case *plan.SourceRelation:
			b, err := r.Source.Plan(ctx, nil, source.Limits{})
			if err != nil {
				return nil, err
			}
			in.sources[r] = b
		}
	}
	return in, nil
}

// Estimate sums up what the flows would read now: what is new in their streams, and the files of their other inputs that the query's filters leave.
func (s *session) Estimate(ctx context.Context, t *plan.Table) (bytes int64, exact bool, err error) {
	exact = true
	for _, f := range t.Flows {
		n, known, err := s.estimateFlow(ctx, t, f)
		if err != nil {
			return 0, false, err
		}
		bytes += n
		exact = exact && known
	}
	return bytes, exact, nil
}

func (s *session) estimateFlow(ctx context.Context, t *plan.Table, f plan.Flow) (bytes int64, exact bool, err error) {
	last, err := s.lastBatch(ctx, t, f)
	if err != nil {
		return 0, false, err
	}
	return s.estimateQuery(ctx, f.Query, last)
}

// estimateQuery sums up the scans of a query, those of its views among them.
func (s *session) estimateQuery(ctx context.Context, query plan.Node, last *Batch) (bytes int64, exact bool, err error) {
	exact = true
	plan.Walk(plan.Optimize(query), func(n plan.Node) bool {
		if scan, ok := n.(plan.Scan); ok && err == nil {
			var b int64
			var known bool
			b, known, err = s.estimateScan(ctx, scan, last)
			bytes += b
			exact = exact && known
		}
		return err == nil
	})
	return bytes, exact, err
}

func (s *session) lastBatch(ctx context.Context, t *plan.Table, f plan.Flow) (*Batch, error) {
	path := s.run.Lake.Path(t.Ident)
	j := &job{session: s, table: t, flow: f, progress: newProgress(s.run.Lake.Store, path, f.ID)}
	var err error
	if j.snapshot, err = latest(ctx, s.open(path)); err != nil {
		return nil, err
	}
	return j.last(ctx)
}

func (s *session) estimateScan(ctx context.Context, n plan.Scan, last *Batch) (bytes int64, exact bool, err error) {
	switch r := n.Relation.(type) {
	case *plan.Table:
		snapshot, err := latest(ctx, s.open(s.tablePath(r)))
		if err != nil || snapshot == nil {
			return 0, false, err
		}
		scan, err := scanOf(snapshot, n, nil)
		if err != nil {
			return 0, false, err
		}
		return scan.Bytes, true, nil
	case *plan.SourceRelation:
		b, err := r.Source.Plan(ctx, last.stream(r.Name()), r.Limits)
		return b.Bytes, true, err
	case *plan.View:
		return s.estimateQuery(ctx, r.Query, last)
	}
	return 0, false, nil
}
