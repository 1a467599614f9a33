package databricks

import (
	"context"
	"iter"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/schema"
)

// Select runs a query and yields its rows as structs R, whose fields are matched with the columns by name. The statement starts with the loop and ends with it.
// Types are as schema.NewCodec has them; an error comes last, beside a zero R.
func Select[R any](ctx context.Context, on warehouse.Server, sql string, params ...warehouse.Parameter) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		if err := each(ctx, on, warehouse.Statement{SQL: sql, Parameters: params}, func(r R) bool { return yield(r, nil) }); err != nil {
			var zero R
			yield(zero, err)
		}
	}
}

// each calls yield for every row until it returns false.
func each[R any](ctx context.Context, on warehouse.Server, s warehouse.Statement, yield func(R) bool) error {
	columns, batches, err := on.Query(ctx, s)
	if err != nil {
		return err
	}
	codec, err := schema.NewCodec[R](columns)
	var rows []R
	for rec, fault := range batches {
		if fault != nil {
			return fault
		}
		if err != nil {
			return err
		}
		if rows, err = codec.Decode(rec, rows[:0]); err != nil {
			return err
		}
		for _, r := range rows {
			if !yield(r) {
				return nil
			}
		}
		clear(rows)
	}
	return err
}
