package storage

import (
	"context"
	"errors"
	"net"
)

// Retryable says whether the same call may succeed when it is made again, with no need to look first. An error in the chain that has a method
// Retryable() bool decides for itself; otherwise network time-outs are retryable. ErrUndecided is not: the caller must look before it tries again.
func Retryable(err error) bool {
	if err == nil || isFinal(err) {
		return false
	}
	if r, ok := errors.AsType[interface {
		error
		Retryable() bool
	}](err); ok {
		return r.Retryable()
	}
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}

// isFinal holds for answers that the same call would get again, or that forbid to make it again.
func isFinal(err error) bool {
	for _, final := range []error{ErrExists, ErrNotFound, ErrUndecided, ErrChanged, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, final) {
			return true
		}
	}
	_, badKey := errors.AsType[*KeyError](err)
	return badKey
}
