package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
)

// tableChecks runs the table-level checks on the table as the transaction would leave it.
func (j *job) tableChecks(ctx context.Context, tx *delta.Transaction) ([]engine.CheckResult, error) {
	after, err := tx.Preview()
	if err != nil {
		return nil, err
	}
	results := make([]engine.CheckResult, 0, len(j.Table.Checks))
	for _, c := range j.Table.Checks {
		violated, err := j.violations(ctx, after, c)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", c.Name, err)
		}
		results = append(results, flow.CheckOutcome(c, violated))
	}
	return results, nil
}

// violations runs a check's query, whose scans of the table itself see the snapshot.
func (j *job) violations(ctx context.Context, after *delta.Snapshot, c plan.TableCheck) (violated int64, err error) {
	in, err := j.Present(ctx, c.Query)
	if err != nil {
		return 0, err
	}
	in.Tables[j.Table] = flow.TableInput{Snapshot: after}
	sc := &scope{session: j.session, inputs: &inputs{Inputs: in, session: j.session}}
	defer func() { err = errors.Join(err, sc.close()) }()
	return sc.count(ctx, sc.inputs.optimized(c.Query))
}

// count runs a plan that gives one BIGINT.
func (c *scope) count(ctx context.Context, n plan.Node) (count int64, err error) {
	pipelines, err := c.lower(ctx, n)
	if err != nil {
		return 0, err
	}
	return count, exec.Run(ctx, c.session.env, exec.SinkFunc(func(_ context.Context, b *exec.Batch) error {
		counts, ok := b.Columns[0].(*array.Int64)
		if !ok || b.Len() != 1 {
			return fmt.Errorf("gave %d rows of %s, not one BIGINT", b.Len(), b.Columns[0].DataType())
		}
		at := 0
		if b.Selection != nil {
			at = int(b.Selection[0])
		}
		count = counts.Value(at)
		return nil
	}), pipelines...)
}
