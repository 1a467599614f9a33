package medallion

import (
	"context"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/plan"
)

// refresh runs the tables in order and gathers what they did.
func (p *Pipeline) refresh(ctx context.Context, tables []*plan.Table) (*Report, error) {
	run := p.run()
	sessions := newSessions(run, p.engines(), p.Strict)
	report := &Report{RunID: run.ID, Pipeline: p.name(), Started: run.Now()}
	failed := map[*plan.Table]bool{}
	var faults []error
	for _, t := range tables {
		tr := p.refreshTable(ctx, sessions, t, failed)
		failed[t] = tr.Err != nil
		if tr.Err != nil && !tr.Skipped {
			faults = append(faults, tr.Err)
		}
		report.Tables = append(report.Tables, tr)
	}
	report.Wall = run.Now().Sub(report.Started)
	if !p.NoEventLog {
		if err := appendEvents(ctx, run, p.name(), tables, report); err != nil {
			faults = append(faults, fmt.Errorf("medallion: what the report says is committed is, but the event log could not be written: %w", err))
		}
	}
	return report, errors.Join(append(faults, sessions.close())...)
}

func (p *Pipeline) refreshTable(ctx context.Context, s *sessions, t *plan.Table, failed map[*plan.Table]bool) TableReport {
	tr := TableReport{Name: t.Ident, Result: engine.Result{Version: -1}}
	for _, in := range t.Upstream() {
		if failed[in] {
			tr.Skipped, tr.Err = true, fmt.Errorf("medallion: %s was left out: %s, which it reads, has failed", t.Ident, in.Ident)
			return tr
		}
	}
	if err := ctx.Err(); err != nil {
		tr.Skipped, tr.Err = true, fmt.Errorf("medallion: %s was left out: %w", t.Ident, err)
		return tr
	}
	session, chosen, err := s.choose(ctx, t)
	if err != nil {
		tr.Err = fmt.Errorf("medallion: %s (%s): %w", t.Ident, t.Declared, err)
		return tr
	}
	tr.Engine, tr.Reason = chosen.Engine, chosen.Reason
	if tr.Result, err = session.Refresh(ctx, t); err != nil {
		tr.Err = fmt.Errorf("medallion: refresh %s (%s): %w", t.Ident, t.Declared, err)
	}
	return tr
}
