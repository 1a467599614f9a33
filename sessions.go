package medallion

import (
	"context"
	"errors"
	"fmt"

	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/plan"
)

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
