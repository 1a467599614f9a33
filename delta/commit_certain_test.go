package delta_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	store "github.com/medallion-go/medallion/storage/memory"
)

// slow is a store on which a commit that was given up gets there all the same, before the next attempt, and then cannot be looked at for some time.
type slow struct {
	storage.Store
	name   string
	data   []byte // of the first attempt
	puts   int
	looks  int  // that fail once the commit is there
	silent bool // the store tries again by itself, and says that the version is taken
}

var errSlow = errors.New("the store does not answer")

func (s *slow) PutIfAbsent(ctx context.Context, key string, data []byte) error {
	if !strings.HasSuffix(key, s.name) {
		return s.Store.PutIfAbsent(ctx, key, data)
	}
	if s.puts++; s.puts == 1 && !s.silent {
		s.data = data
		return fmt.Errorf("%w: %w", storage.ErrUndecided, errSlow)
	}
	if s.data == nil {
		s.data = data
	}
	if err := s.Store.PutIfAbsent(ctx, key, s.data); err != nil && !errors.Is(err, storage.ErrExists) {
		return err
	}
	return storage.ErrExists
}

func (s *slow) Open(ctx context.Context, key string) (storage.Object, error) {
	if strings.HasSuffix(key, s.name) && s.looks > 0 && (s.puts > 1 || s.silent && s.puts > 0) {
		s.looks--
		return nil, errSlow
	}
	return s.Store.Open(ctx, key)
}

// TestCommitThatLandsLate: where the store takes its time, a commit is either done or open, and its rows are never taken away from under it.
func TestCommitThatLandsLate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		silent bool
		looks  int
		open   bool
	}{
		{"and is looked at", false, 0, false},
		{"and is not looked at", false, 1, true},
		{"while the store tries again", true, 0, false},
		{"while the store tries again, and is not looked at", true, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inner := store.New()
			create(t, inner, testConfig(), nil)
			s := &slow{Store: inner, name: "00000000000000000001.json", silent: tt.silent, looks: tt.looks}
			_, err := delta.Open(s, "t", testConfig()).Append(t.Context(), rows(t, memory.DefaultAllocator, "id BIGINT", `[{"id": 1}]`), delta.WriteOptions{})
			if errors.Is(err, storage.ErrUndecided) != tt.open || err != nil && !tt.open {
				t.Errorf("Append = %v, want that it is open: %v", err, tt.open)
			}
			if got, err := rowsOfVersion(t.Context(), snapshot(t, delta.Open(inner, "t", testConfig()))); err != nil || len(got) != 1 {
				t.Errorf("rows = %v, %v, want the one that was appended", got, err)
			}
		})
	}
}
