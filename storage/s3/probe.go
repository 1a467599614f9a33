package s3

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// ErrUnconditional says that a server accepts If-None-Match on writes and ignores it, so that PutIfAbsent would lose commits.
var ErrUnconditional = errors.New("s3: the server ignores If-None-Match on writes: two writers of one commit would both succeed")

// Probe writes an object of its own twice below _medallion/probe, on condition that it is absent, and deletes it. It returns ErrUnconditional when the
// second write succeeds too.
func (s *Store) Probe(ctx context.Context) error {
	key := "_medallion/probe/" + s.newID()
	objectKey, err := s.objectKey(ctx, key)
	if err == nil {
		err = s.probe(ctx, objectKey)
	}
	if err != nil {
		return s.opError("probe", key, err)
	}
	s.probed.Store(true)
	return nil
}

func (s *Store) probe(ctx context.Context, objectKey string) error {
	if err := s.putIfAbsent(ctx, objectKey, []byte("probe")); err != nil {
		return err
	}
	secondErr := s.retry(ctx, func() error {
		_, err := s.putObject(ctx, objectKey, s.newID(), []byte("second probe"), aws.String("*"))
		return err
	})
	deleteErr := s.delete(ctx, []string{objectKey})
	switch {
	case secondErr == nil:
		return errors.Join(ErrUnconditional, deleteErr)
	case classify(secondErr) != failed:
		return fmt.Errorf("a write to a taken key got no clear answer: %w", errors.Join(secondErr, deleteErr))
	}
	return deleteErr
}

// probeOnce probes a server that is not known to be sound. Callers that come at once may each do it, which does no harm.
func (s *Store) probeOnce(ctx context.Context) error {
	if s.probed.Load() {
		return nil
	}
	return s.Probe(ctx)
}
