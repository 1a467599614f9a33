// Package faultstore makes a chosen call of another store fail, so that a test can show what its subject does when it is interrupted there:
// before the call had its effect, after it (the response is lost), in the middle of it, or for good (the plug is pulled).
//
// The calls are counted, so a test runs its subject once for each of them:
//
//	for n := 1; ; n++ {
//		s := faultstore.New(memory.New(), faultstore.Fault{At: n, Effect: faultstore.After})
//		err := subject(s)
//		if !s.Fired() {
//			break // the subject makes fewer than n calls: all have failed once
//		}
//		// look at err, and at what the subject makes of the store on its next run
//	}
package faultstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/medallion-go/medallion/storage"
)

// ErrInjected is the cause of every injected failure, unless Fault.Err names another.
var ErrInjected = errors.New("faultstore: injected failure")

// ErrStopped is what every call returns after a fault with Stop.
var ErrStopped = errors.New("faultstore: the store has stopped")

// Effect says how much of the failing call happens.
type Effect uint8

// The zero Effect is Before.
const (
	// Before fails the call with nothing done. It is certain: no error is storage.ErrUndecided.
	Before Effect = iota
	// After does all of the call and loses the response: PutIfAbsent, Commit and Delete return storage.ErrUndecided, also where the lost response was
	// an error. A List yields every object before it fails.
	After
	// Partly does a part of the call. PutIfAbsent and Commit return storage.ErrUndecided and leave nothing visible, Delete returns it and has removed the
	// first half of the keys; Write and ReadAt transfer half of the bytes; List yields half of the objects.
	Partly
)

// Fault says which call fails and how.
type Fault struct {
	At     int    // the number of the call that fails, from 1; default: none fails, and calls are counted only
	Of     Kind   // the kinds that are counted, joined by |; default: Any
	Effect Effect // default: Before
	Stop   bool   // default: false; true makes every later call fail with ErrStopped, Abort too, so that half-made objects stay behind
	Err    error  // what the failure wraps; default: ErrInjected
}

// Store is a store with at most one fault.
type Store struct {
	inner storage.Store
	fault Fault

	mu      sync.Mutex
	calls   []Call
	fired   bool
	stopped bool
}

var _ storage.Store = (*Store)(nil)

// New returns a store that passes calls to inner until the fault.
func New(inner storage.Store, f Fault) *Store {
	if f.Of == 0 {
		f.Of = Any
	}
	if f.Err == nil {
		f.Err = ErrInjected
	}
	return &Store{inner: inner, fault: f}
}

// Fired says whether the fault has occurred.
func (s *Store) Fired() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fired
}

// Calls returns the calls that were counted, in order; the one that failed is number Fault.At.
func (s *Store) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// Open counts as Open; each ReadAt of the object counts as Read.
func (s *Store) Open(ctx context.Context, key string) (storage.Object, error) {
	if err := s.before(Open, key).err; err != nil {
		return nil, err
	}
	o, err := s.inner.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	return &object{Object: o, store: s}, nil
}

// Create counts as Create; each Write and the Commit of the writer count as such. Abort is not counted.
func (s *Store) Create(ctx context.Context, key string) (storage.Writer, error) {
	if err := s.before(Create, key).err; err != nil {
		return nil, err
	}
	w, err := s.inner.Create(ctx, key)
	if err != nil {
		return nil, err
	}
	return &writer{inner: w, store: s, key: key}, nil
}

// PutIfAbsent counts as Put.
func (s *Store) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	step := s.before(Put, key)
	switch {
	case step.err == nil:
		return s.inner.PutIfAbsent(ctx, key, data)
	case step.does(After):
		return step.undecided(s.inner.PutIfAbsent(ctx, key, data))
	case step.does(Partly):
		return step.undecided(s.tear(ctx, key, data))
	}
	return step.err
}

// List counts as one call of kind List for each iteration.
func (s *Store) List(ctx context.Context, prefix, startAfter string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		step := s.before(List, prefix)
		if step.err == nil {
			s.inner.List(ctx, prefix, startAfter)(yield)
			return
		}
		if !step.does(Before) {
			infos, err := collect(s.inner.List(ctx, prefix, startAfter))
			if err != nil {
				step.err = errors.Join(step.err, err)
			}
			if step.does(Partly) {
				infos = infos[:len(infos)/2]
			}
			for _, info := range infos {
				if !yield(info, nil) {
					return
				}
			}
		}
		yield(storage.Info{}, step.err)
	}
}

// Delete counts as one call of kind Delete, however many keys it has.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	step := s.before(Delete, fmt.Sprint(keys))
	switch {
	case step.err == nil:
		return s.inner.Delete(ctx, keys...)
	case step.does(After):
		return step.undecided(s.inner.Delete(ctx, keys...))
	case step.does(Partly):
		return step.undecided(s.inner.Delete(ctx, keys[:len(keys)/2]...))
	}
	return step.err
}

// tear sends half of an object and gives it up.
func (s *Store) tear(ctx context.Context, key string, data []byte) error {
	w, err := s.inner.Create(ctx, key)
	if err != nil {
		return err
	}
	_, err = w.Write(data[:len(data)/2])
	return errors.Join(err, w.Abort())
}

func collect(seq iter.Seq2[storage.Info, error]) ([]storage.Info, error) {
	var infos []storage.Info
	for info, err := range seq {
		if err != nil {
			return infos, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}
