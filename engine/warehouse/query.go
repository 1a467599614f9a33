package warehouse

import (
	"context"
	"errors"
	"iter"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/schema"
)

// Query runs the plan over the newest versions of its tables and yields the rows as they come.
func (s *session) Query(ctx context.Context, n plan.Node) (_ *arrow.Schema, _ iter.Seq2[arrow.RecordBatch, error], err error) {
	n = plan.AtInstant(plan.Optimize(n), s.Now())
	if err := s.translatable(&plan.Table{Ident: "the query"}, n); err != nil {
		return nil, nil, err
	}
	in, err := s.Present(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	sc := s.scope(in)
	rows, err := sc.rows(ctx, n)
	if err != nil {
		return nil, nil, errors.Join(err, sc.close(ctx))
	}
	return schema.PlainSchema(n.Schema()), func(yield func(arrow.RecordBatch, error) bool) {
		more := true
		for rec, err := range rows {
			if more = yield(rec, err); !more {
				break
			}
		}
		if err := sc.close(ctx); err != nil && more {
			yield(nil, err)
		}
	}, nil
}

// rows runs a query in the plan's own schema.
func (c *scope) rows(ctx context.Context, n plan.Node) (iter.Seq2[arrow.RecordBatch, error], error) {
	if err := c.prepare(ctx, n); err != nil {
		return nil, err
	}
	text, err := c.query(n)
	if err != nil {
		return nil, err
	}
	_, rows, err := c.session.server.Query(ctx, Statement{SQL: text, Rows: schema.PlainSchema(n.Schema())})
	return rows, err
}
