// Package memory keeps objects in the memory of the process: for tests, and for tables that need not outlive a run.
package memory

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/medallion-go/medallion/storage"
)

// Config says how a store behaves.
type Config struct {
	Now func() time.Time // stamps ModTime; default: time.Now
}

// Store is a storage.Store in memory. An open object keeps the content that it was opened with, whatever happens to its key.
type Store struct {
	now func() time.Time

	mu      sync.RWMutex
	entries map[string]entry
	keys    []string // of entries, ascending
	writes  int64    // numbers the ETags
}

type entry struct {
	data []byte // never changed once it is here
	info storage.Info
}

var _ storage.Store = (*Store)(nil)

// New returns an empty store that stamps objects with the time of day.
func New() *Store { return Config{}.New() }

// New returns an empty store.
func (c Config) New() *Store {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Store{now: c.Now, entries: map[string]entry{}}
}

// Open returns the object as it is now.
func (s *Store) Open(ctx context.Context, key string) (storage.Object, error) {
	if err := check(ctx, "open", key); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	e, ok := s.entries[key]
	if !ok {
		return nil, fmt.Errorf("memory: open %s: %w", key, storage.ErrNotFound)
	}
	return &object{ctx: ctx, entry: e}, nil
}

// Create starts a new object, which appears under key when it is committed.
func (s *Store) Create(ctx context.Context, key string) (storage.Writer, error) {
	if err := check(ctx, "create", key); err != nil {
		return nil, err
	}
	return &writer{ctx: ctx, store: s, key: key}, nil
}

// PutIfAbsent creates the object from a copy of data, or returns storage.ErrExists.
func (s *Store) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	if err := check(ctx, "put", key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.entries[key]; ok {
		return fmt.Errorf("memory: put %s: %w", key, storage.ErrExists)
	}
	s.put(key, slices.Clone(data))
	return nil
}

// List yields the objects that were there when the iteration began.
func (s *Store) List(ctx context.Context, prefix, startAfter string) iter.Seq2[storage.Info, error] {
	return func(yield func(storage.Info, error) bool) {
		if err := storage.CheckPrefix(prefix); err != nil {
			yield(storage.Info{}, fmt.Errorf("memory: list: %w", err))
			return
		}
		for _, info := range s.infos(prefix, startAfter) {
			if err := ctx.Err(); err != nil {
				yield(storage.Info{}, fmt.Errorf("memory: list %s: %w", prefix, err))
				return
			}
			if !yield(info, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(storage.Info{}, fmt.Errorf("memory: list %s: %w", prefix, err))
		}
	}
}

// Delete removes the objects that are there.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if err := check(ctx, "delete", key); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		if i, ok := slices.BinarySearch(s.keys, key); ok {
			s.keys = slices.Delete(s.keys, i, i+1)
			delete(s.entries, key)
		}
	}
	return nil
}

// infos copies what matches, so that no lock is held while a caller looks at it.
func (s *Store) infos(prefix, startAfter string) []storage.Info {
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, found := slices.BinarySearch(s.keys, max(prefix, startAfter))
	if found && startAfter >= prefix {
		i++
	}
	var infos []storage.Info
	for ; i < len(s.keys) && strings.HasPrefix(s.keys[i], prefix); i++ {
		infos = append(infos, s.entries[s.keys[i]].info)
	}
	return infos
}

// put takes data over. The caller holds the lock.
func (s *Store) put(key string, data []byte) storage.Info {
	s.writes++
	info := storage.Info{Key: key, Size: int64(len(data)), ModTime: s.now().UTC(), ETag: strconv.FormatInt(s.writes, 10)}
	if i, ok := slices.BinarySearch(s.keys, key); !ok {
		s.keys = slices.Insert(s.keys, i, key)
	}
	s.entries[key] = entry{data: data, info: info}
	return info
}

func check(ctx context.Context, op, key string) error {
	err := storage.CheckKey(key)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("memory: %s %s: %w", op, key, err)
	}
	return nil
}
