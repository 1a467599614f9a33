package local

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/plan"
)

// viewRows are a view's rows as they were computed last, and of what.
type viewRows struct {
	rows   keptRows
	covers string // what its inputs covered
	read   flow.ReadCounts
}

// keptRows are rows that can be read any number of times, until Close.
type keptRows interface {
	exec.Source
	Close() error
}

// view computes a view, or gives its rows again while its inputs cover the same: flows that have come to different places see different rows. Only the
// last rows of a view are kept. They are not in use when they are replaced, since a session runs one batch at a time, and all of a batch sees the same.
func (c *scope) view(ctx context.Context, v *plan.View) (exec.Source, error) {
	covers := c.inputs.covers(v)
	if last, ok := c.session.views[v]; ok {
		if last.covers == covers {
			c.inputs.read.Add(&last.read)
			return last.rows, nil
		}
		if err := c.session.forget(v); err != nil {
			return nil, err
		}
	}
	compute := c.compute
	if v.Recursion != nil {
		compute = c.recurse
	}
	computed, err := compute(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", v.Ident, err)
	}
	computed.covers = covers
	if v.Own() {
		root := c.root()
		root.closers = append(root.closers, func() error { return c.session.forget(v) })
	}
	c.inputs.read.Add(&computed.read)
	c.session.views[v] = computed
	return computed.rows, nil
}

func (c *scope) compute(ctx context.Context, v *plan.View) (*viewRows, error) {
	in := &inputs{Inputs: c.inputs.Inputs, session: c.session}
	inner := &scope{session: c.session, inputs: in, op: c.op, outer: c}
	query := v.Query
	if !v.Optimized {
		query = in.optimized(query)
	}
	pipelines, err := inner.lower(ctx, query)
	if err != nil {
		return nil, errors.Join(err, inner.close())
	}
	rows := exec.NewCollect(c.env(), v.Schema(), false)
	if err := errors.Join(exec.Run(ctx, c.env(), c.op.sink(rows), pipelines...), inner.close()); err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	computed := &viewRows{rows: rows}
	computed.read.Add(&in.read)
	return computed, nil
}

// root is the scope of the whole query, which a part serves until its end, whoever reads it first.
func (c *scope) root() *scope {
	for c.outer != nil {
		c = c.outer
	}
	return c
}

// forget frees a view's rows.
func (s *session) forget(v *plan.View) error {
	last, ok := s.views[v]
	if !ok {
		return nil
	}
	delete(s.views, v)
	return last.rows.Close()
}

// covers tells two states of a view's inputs apart.
func (in *inputs) covers(v *plan.View) string {
	var b strings.Builder
	for _, r := range flow.Relations(v.Query) {
		switch r := r.(type) {
		case *plan.Table:
			t := in.Tables[r]
			if t.Snapshot == nil {
				continue
			}
			fmt.Fprintf(&b, "%s at %d", t.Snapshot.ID(), t.Snapshot.Version())
			if t.From != nil {
				fmt.Fprintf(&b, " since %d", *t.From)
			}
			b.WriteByte('\n')
		case *plan.SourceRelation:
			fmt.Fprintf(&b, "%s until %s: %s\n", r.Name(), in.Sources[r].Until, in.Sources[r].Work)
		}
	}
	for r, all := range in.session.rounds {
		if r.ReadBy(v.Query) {
			fmt.Fprintf(&b, "round %d of %s\n", len(all.done), r.Ident)
		}
	}
	return b.String()
}
