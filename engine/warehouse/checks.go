package warehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/plan"
)

// tableChecks runs the table-level checks on the table as the batch would leave it: on the staged rows of an overwrite, else on a shallow clone of the table
// on which the batch's statement was tried.
func (b *batch) tableChecks(ctx context.Context, e *effect) ([]engine.CheckResult, error) {
	after, err := b.after(ctx, e)
	if err != nil {
		return nil, err
	}
	results := make([]engine.CheckResult, 0, len(b.Table.Checks))
	for _, c := range b.Table.Checks {
		violated, err := b.violations(ctx, after, c)
		if err != nil {
			return nil, fmt.Errorf("check %s: %w", c.Name, err)
		}
		results = append(results, flow.CheckOutcome(c, violated))
	}
	return results, nil
}

// after is SQL for the table as the batch would leave it.
func (b *batch) after(ctx context.Context, e *effect) (string, error) {
	if e.result != nil {
		text, err := b.query(e.result)
		return "(" + text + ")", err
	}
	clone, err := b.newStage(ctx, b.Table.Rows)
	if err != nil {
		return "", err
	}
	s := b.scope.session
	name := s.name(clone.ident)
	if err := s.exec(ctx, shallowClone(name, s.name(b.Table.Ident), s.location(clone.ident))); err != nil {
		return "", err
	}
	return name, s.exec(ctx, e.statement(name))
}

// violations runs a check's query, whose scans of the table itself read what the batch would leave.
func (b *batch) violations(ctx context.Context, after string, c plan.TableCheck) (violated int64, err error) {
	s := b.scope.session
	in, err := s.Present(ctx, c.Query)
	if err != nil {
		return 0, err
	}
	sc := s.scope(in)
	sc.instead[b.Table] = after
	defer func() { err = errors.Join(err, sc.close(ctx)) }()
	query := plan.AtInstant(c.Query, b.Now())
	if err := sc.prepare(ctx, query); err != nil {
		return 0, err
	}
	found, err := sc.numbers(ctx, query)
	if err != nil {
		return 0, err
	}
	return found[0], nil
}
