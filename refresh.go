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

func (p *Pipeline) name() string {
	if p.Name == "" {
		return "pipeline"
	}
	return p.Name
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

// sessions opens an engine's session when a table first needs it.
type sessions struct {
	run     engine.Run
	engines []engine.Engine
	strict  bool
	open    map[int]engine.Session
}

func newSessions(run engine.Run, engines []engine.Engine, strict bool) *sessions {
	return &sessions{run: run, engines: engines, strict: strict, open: map[int]engine.Session{}}
}

// choice is which engine runs a table, and why.
type choice struct {
	Engine, Reason string
	Limit          int64 // of the engine; 0: none
}

// choose gives the first engine that supports the table; the reason names what those before it could not do.
func (s *sessions) choose(ctx context.Context, t *plan.Table) (engine.Session, choice, error) {
	var refused []error
	for i, e := range s.engines {
		session, err := s.session(ctx, i)
		if err != nil {
			return nil, choice{}, err
		}
		err = session.Supports(ctx, t)
		if err == nil {
			return session, choice{Engine: e.Name(), Reason: reason(refused), Limit: e.Limit()}, nil
		}
		refused = append(refused, err)
		if !refusal(err) || s.strict {
			break
		}
	}
	return nil, choice{}, errors.Join(refused...)
}

func (s *sessions) session(ctx context.Context, i int) (engine.Session, error) {
	if session, ok := s.open[i]; ok {
		return session, nil
	}
	session, err := s.engines[i].Open(ctx, s.run)
	if err != nil {
		return nil, fmt.Errorf("engine %s: %w", s.engines[i].Name(), err)
	}
	s.open[i] = session
	return session, nil
}

// close ends the sessions.
func (s *sessions) close() error {
	var faults []error
	for _, session := range s.open {
		faults = append(faults, session.Close())
	}
	return errors.Join(faults...)
}

// refusal tells an engine's "not mine" from a failure.
func refusal(err error) bool {
	var unsupported *engine.UnsupportedError
	var tooLarge *engine.TooLargeError
	return errors.As(err, &unsupported) || errors.As(err, &tooLarge)
}

func reason(refused []error) string {
	if len(refused) == 0 {
		return "first engine that supports it"
	}
	return errors.Join(refused...).Error()
}
