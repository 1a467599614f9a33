package warehouse

import (
	"context"
	"iter"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/plan"
)

// Explain is the SQL text that a refresh of the table would run now, one batch of each flow. Nothing is run, staged or claimed. A flow that has nothing to do says
// so, and what it would run if it had.
func (s *session) Explain(ctx context.Context, t *plan.Table) (string, error) {
	written := &script{}
	dry := *s
	dry.server, dry.dry, dry.known = written, true, map[string]bool{}
	for _, f := range t.Flows {
		if err := dry.explain(ctx, t, f); err != nil {
			return "", err
		}
	}
	return written.text(), nil
}

// explain writes down a flow's next batch, or, where there is nothing to do, the batch that would be done.
func (s *session) explain(ctx context.Context, t *plan.Table, f plan.Flow) error {
	j, err := s.Peek(ctx, t, f)
	if err != nil {
		return err
	}
	if j.Batch == nil {
		if err := s.exec(ctx, "-- "+f.ID+" has nothing to do: "+j.Why); err != nil {
			return err
		}
		if _, once := f.Effect.(plan.Once); once {
			return nil
		}
		_, ended := j.LastNumbers()
		j.Batch = &flow.Batch{Flow: f.ID, Number: ended + 1}
	}
	in, err := s.Present(ctx, j.Query)
	if err != nil {
		return err
	}
	b := &batch{Job: j, scope: s.scope(in)}
	if err := b.prepare(ctx, j.Query); err != nil {
		return err
	}
	_, err = b.run(ctx)
	return err
}

// script is a Server that writes statements down. Every number is 0.
type script struct{ statements []string }

// text is the statements, each on lines of its own.
func (w *script) text() string {
	var b strings.Builder
	for _, s := range w.statements {
		b.WriteString(s)
		if !strings.HasPrefix(s, "--") {
			b.WriteByte(';')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Exec writes the statement down.
func (w *script) Exec(_ context.Context, s Statement) error {
	w.statements = append(w.statements, s.SQL)
	return nil
}

// Query writes the statement down and gives a row of zeros.
func (w *script) Query(_ context.Context, s Statement) (*arrow.Schema, iter.Seq2[arrow.RecordBatch, error], error) {
	w.statements = append(w.statements, s.SQL)
	return s.Rows, func(yield func(arrow.RecordBatch, error) bool) {
		b := array.NewRecordBuilder(memory.DefaultAllocator, s.Rows)
		defer b.Release()
		for _, f := range b.Fields() {
			f.AppendEmptyValue()
		}
		rec := b.NewRecordBatch()
		defer rec.Release()
		yield(rec, nil)
	}, nil
}
