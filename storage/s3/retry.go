package s3

import (
	"context"
	"errors"
	"time"
)

// retry makes a request that may be repeated until it succeeds, is refused, or has been tried often enough.
func (s *Store) retry(ctx context.Context, request func() error) error {
	for attempt := 1; ; attempt++ {
		err := request()
		if err == nil {
			return nil
		}
		if c := classify(err); c != unsent && c != unknown {
			return err
		}
		if pauseErr := s.pause(ctx, attempt); pauseErr != nil {
			return errors.Join(pauseErr, err)
		}
		if attempt >= s.cfg.MaxAttempts {
			return err
		}
	}
}

// pause waits before the attempt after this one. It returns an error once ctx has ended, and does not wait after the last attempt.
func (s *Store) pause(ctx context.Context, attempt int) error {
	if attempt >= s.cfg.MaxAttempts || ctx.Err() != nil {
		return ctx.Err()
	}
	timer := time.NewTimer(s.cfg.Backoff(attempt))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
