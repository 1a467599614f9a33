package local

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
)

// rounds are the rows of a recursive view, a collection a round: in memory as far as the budget goes, and spilled beyond. Read as a source they are the view's.
type rounds struct {
	schema  *arrow.Schema
	done    []*exec.Collect
	rows    int64
	ordered bool // read in the order of the rounds
}

// last are the rows of the round before the one that is being computed.
func (r *rounds) last() *exec.Collect { return r.done[len(r.done)-1] }

func (r *rounds) Schema() *arrow.Schema { return r.schema }

func (r *rounds) Ordered() bool { return r.ordered }

func (r *rounds) Morsels(ctx context.Context) ([]exec.Morsel, error) {
	var all []exec.Morsel
	for _, d := range r.done {
		morsels, err := d.Morsels(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, morsels...)
	}
	return all, nil
}

func (r *rounds) Close() error {
	var faults []error
	for _, d := range r.done {
		faults = append(faults, d.Close())
	}
	return errors.Join(faults...)
}

// recurse computes a recursive view, round by round.
func (c *scope) recurse(ctx context.Context, v *plan.View) (*viewRows, error) {
	in := &inputs{Inputs: c.inputs.Inputs, session: c.session}
	all := &rounds{schema: v.Schema(), ordered: v.Limited()}
	err := c.allRounds(ctx, v, in, all)
	delete(c.session.rounds, v.Recursion)
	if err != nil {
		return nil, errors.Join(err, all.Close())
	}
	computed := &viewRows{rows: all}
	computed.read.Add(&in.read)
	return computed, nil
}

func (c *scope) allRounds(ctx context.Context, v *plan.View, in *inputs, all *rounds) error {
	query, step := v.Rounds()
	query = in.optimized(query)
	for level := int64(1); ; level++ {
		rows, err := c.round(ctx, in, query, all.schema)
		if err != nil {
			return err
		}
		all.done = append(all.done, rows)
		if rows.Rows() == 0 {
			return nil
		}
		if level > v.Recursion.Levels {
			return v.Recursion.LevelsExceeded()
		}
		all.rows += rows.Rows()
		switch {
		case v.Enough > 0 && all.rows >= v.Enough:
			return nil
		case v.Enough == 0 && all.rows > plan.MaxRecursiveRows:
			return v.Recursion.RowsExceeded()
		case level == 1:
			c.session.rounds[v.Recursion] = all
			query = in.optimized(step)
		default:
			c.op.rewind(1) // below the scan, the step stands behind the first round
		}
	}
}

// round runs the query of one round.
func (c *scope) round(ctx context.Context, in *inputs, query plan.Node, schema *arrow.Schema) (*exec.Collect, error) {
	inner := &scope{session: c.session, inputs: in, op: c.op, outer: c}
	pipelines, err := inner.lower(ctx, query)
	if err != nil {
		return nil, errors.Join(err, inner.close())
	}
	rows := exec.NewCollect(c.env(), schema, false)
	if err := errors.Join(exec.Run(ctx, c.env(), c.op.sink(rows), pipelines...), inner.close()); err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return rows, nil
}
