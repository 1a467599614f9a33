package medallion

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/plan"
)

// Explanation is where each table would run and how.
type Explanation struct{ Tables []TableExplanation }

// TableExplanation is one table's.
type TableExplanation struct {
	Name   string
	Engine string // empty when no engine takes it
	Reason string
	Bytes  int64  // that a refresh would read now, after pruning
	Exact  bool   // false: an input does not exist yet, and the choice is made when it does
	Plan   string // or the SQL text, as the engine runs it
}

// Explain tells for each table, and every table that they read, which engine would run it, why, how much it would read and by what plan.
func (p *Pipeline) Explain(ctx context.Context, tables ...AnyTable) (_ *Explanation, err error) {
	resolved, err := p.resolve(ctx, tables)
	if err != nil {
		return nil, err
	}
	s := newSessions(p.run(), p.engines(), p.Strict)
	defer func() { err = errors.Join(err, s.close()) }()
	e := &Explanation{}
	for _, t := range upstreamFirst(resolved) {
		te, err := s.explain(ctx, t)
		if err != nil {
			return nil, err
		}
		e.Tables = append(e.Tables, te)
	}
	return e, nil
}

func (s *sessions) explain(ctx context.Context, t *plan.Table) (TableExplanation, error) {
	te := TableExplanation{Name: t.Ident}
	session, chosen, err := s.choose(ctx, t)
	switch {
	case err == nil:
	case refusal(err):
		te.Reason = err.Error()
		return te, nil
	default:
		return te, err
	}
	te.Engine, te.Reason = chosen.Engine, chosen.Reason
	if te.Bytes, te.Exact, err = session.Estimate(ctx, t); err != nil {
		return te, err
	}
	if chosen.Limit > 0 {
		te.Reason += ", within its limit of " + FormatBytes(chosen.Limit)
	}
	te.Plan, err = session.Explain(ctx, t)
	return te, err
}

// String prints the explanation for people.
func (e *Explanation) String() string {
	var b strings.Builder
	for _, t := range e.Tables {
		runs := t.Engine
		if runs == "" {
			runs = "no engine"
		}
		size := FormatBytes(t.Bytes)
		if !t.Exact {
			size = "at least " + size + ", an input does not exist yet"
		}
		fmt.Fprintf(&b, "%s  on %s (%s), reads %s\n", t.Name, runs, t.Reason, size)
		for line := range strings.Lines(t.Plan) {
			fmt.Fprintf(&b, "    %s", line)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Profile runs a relation on the first engine, as Query does, drops its rows, and tells what each operator of its plan did: EXPLAIN ANALYZE.
func (p *Pipeline) Profile(ctx context.Context, rel dataset.Relation) (_ *engine.Profile, err error) {
	n, err := p.relation(ctx, rel)
	if err != nil {
		return nil, err
	}
	session, err := p.engines()[0].Open(ctx, p.run())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	profiler, ok := session.(engine.Profiler)
	if !ok {
		return nil, &engine.UnsupportedError{Engine: p.engines()[0].Name(), Table: "the query", What: "it does not tell what operators do"}
	}
	return profiler.Profile(ctx, n)
}
