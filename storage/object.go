package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ReadAll returns the content of a whole object, or ErrNotFound.
func ReadAll(ctx context.Context, s Store, key string) (data []byte, err error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	data = make([]byte, o.Info().Size)
	n, err := o.ReadAt(data, 0)
	if n == len(data) {
		return data, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("storage: read %s: got %d of %d bytes: %w", key, n, len(data), ErrChanged)
	}
	return nil, err
}

// Put writes data as a whole object and replaces one that is there. For an object that must not be there yet, call PutIfAbsent.
func Put(ctx context.Context, s Store, key string, data []byte) (Info, error) {
	w, err := s.Create(ctx, key)
	if err != nil {
		return Info{}, err
	}
	if _, err := w.Write(data); err != nil {
		return Info{}, errors.Join(err, w.Abort())
	}
	info, err := w.Commit(ctx)
	if err != nil {
		return Info{}, errors.Join(err, w.Abort())
	}
	return info, nil
}
