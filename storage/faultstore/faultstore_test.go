package faultstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/memory"
	"github.com/medallion-go/medallion/storage/storagetest"
)

func TestStoreWithoutFault(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(*testing.T) storage.Store { return faultstore.New(memory.New(), faultstore.Fault{}) })
}

func TestEffects(t *testing.T) {
	t.Parallel()
	create := func(ctx context.Context, s storage.Store) error {
		_, err := storage.Put(ctx, s, "new", []byte("12345678"))
		return err
	}
	put := func(ctx context.Context, s storage.Store) error { return s.PutIfAbsent(ctx, "new", []byte("12345678")) }
	putTaken := func(ctx context.Context, s storage.Store) error { return s.PutIfAbsent(ctx, "a", nil) }
	del := func(ctx context.Context, s storage.Store) error { return s.Delete(ctx, "a", "b") }
	tests := []struct {
		name      string
		of        faultstore.Kind
		effect    faultstore.Effect
		subject   func(context.Context, storage.Store) error
		undecided bool
		want      []string // keys afterwards
	}{
		{"put before", faultstore.Put, faultstore.Before, put, false, []string{"a", "b"}},
		{"put after", faultstore.Put, faultstore.After, put, true, []string{"a", "b", "new"}},
		{"put partly", faultstore.Put, faultstore.Partly, put, true, []string{"a", "b"}},
		{"put of a taken key after", faultstore.Put, faultstore.After, putTaken, true, []string{"a", "b"}},
		{"create before", faultstore.Create, faultstore.Before, create, false, []string{"a", "b"}},
		{"write before", faultstore.Write, faultstore.Before, create, false, []string{"a", "b"}},
		{"write after", faultstore.Write, faultstore.After, create, false, []string{"a", "b"}},
		{"write partly", faultstore.Write, faultstore.Partly, create, false, []string{"a", "b"}},
		{"commit before", faultstore.Commit, faultstore.Before, create, false, []string{"a", "b"}},
		{"commit after", faultstore.Commit, faultstore.After, create, true, []string{"a", "b", "new"}},
		{"commit partly", faultstore.Commit, faultstore.Partly, create, true, []string{"a", "b"}},
		{"delete before", faultstore.Delete, faultstore.Before, del, false, []string{"a", "b"}},
		{"delete after", faultstore.Delete, faultstore.After, del, true, nil},
		{"delete partly", faultstore.Delete, faultstore.Partly, del, true, []string{"b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inner := filled(t, "a", "b")
			s := faultstore.New(inner, faultstore.Fault{At: 1, Of: tt.of, Effect: tt.effect})
			err := tt.subject(t.Context(), s)
			if !s.Fired() || !errors.Is(err, faultstore.ErrInjected) {
				t.Fatalf("got error %v and fired %v, want the injected failure", err, s.Fired())
			}
			if got := errors.Is(err, storage.ErrUndecided); got != tt.undecided {
				t.Errorf("error %v is storage.ErrUndecided: got %v, want %v", err, got, tt.undecided)
			}
			if errors.Is(err, storage.ErrExists) {
				t.Errorf("error %v is storage.ErrExists, a response that was lost", err)
			}
			if diff := cmp.Diff(tt.want, keys(t, inner), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if err := tt.subject(t.Context(), s); errors.Is(err, faultstore.ErrInjected) {
				t.Errorf("the second call failed too: %v", err)
			}
		})
	}
}

func TestReads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		effect faultstore.Effect
		bytes  int
		keys   int
	}{{faultstore.Before, 0, 0}, {faultstore.Partly, 4, 2}, {faultstore.After, 0, 4}}
	for _, tt := range tests {
		inner := filled(t, "12345678", "b", "c", "d")
		s := faultstore.New(inner, faultstore.Fault{At: 1, Of: faultstore.Read, Effect: tt.effect})
		o, err := s.Open(t.Context(), "12345678")
		if err != nil {
			t.Fatal(err)
		}
		n, err := o.ReadAt(make([]byte, 8), 0)
		if n != tt.bytes || !errors.Is(err, faultstore.ErrInjected) {
			t.Errorf("effect %d, read: got (%d, %v), want %d bytes and the injected failure", tt.effect, n, err, tt.bytes)
		}
		s = faultstore.New(inner, faultstore.Fault{At: 1, Of: faultstore.List, Effect: tt.effect})
		seen := 0
		for _, lastErr := range s.List(t.Context(), "", "") {
			if err = lastErr; err == nil {
				seen++
			}
		}
		if seen != tt.keys || !errors.Is(err, faultstore.ErrInjected) {
			t.Errorf("effect %d, list: got %d objects and error %v, want %d and the injected failure", tt.effect, seen, err, tt.keys)
		}
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	inner := filled(t, "a")
	s := faultstore.New(inner, faultstore.Fault{At: 1, Of: faultstore.Put, Effect: faultstore.After, Stop: true})
	o, err := s.Open(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.Create(ctx, "half")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutIfAbsent(ctx, "new", nil); !errors.Is(err, storage.ErrUndecided) {
		t.Fatalf("got error %v, want storage.ErrUndecided", err)
	}
	_, openErr := s.Open(ctx, "a")
	_, createErr := s.Create(ctx, "b")
	_, readErr := o.ReadAt(make([]byte, 1), 0)
	_, writeErr := w.Write([]byte("x"))
	_, commitErr := w.Commit(ctx)
	var listErr error
	for _, listErr = range s.List(ctx, "", "") {
	}
	for op, err := range map[string]error{
		"open": openErr, "create": createErr, "read": readErr, "write": writeErr, "commit": commitErr, "list": listErr, "abort": w.Abort(),
		"put": s.PutIfAbsent(ctx, "b", nil), "delete": s.Delete(ctx, "a"),
	} {
		if !errors.Is(err, faultstore.ErrStopped) {
			t.Errorf("%s: got error %v, want faultstore.ErrStopped", op, err)
		}
	}
	if diff := cmp.Diff([]string{"a", "new"}, keys(t, inner)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	s := faultstore.New(memory.New(), faultstore.Fault{Of: faultstore.Changes | faultstore.Create, At: 9, Err: errors.New("mine")})
	if _, err := storage.Put(t.Context(), s, "k", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), "k", "l"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range s.Calls() {
		got = append(got, c.String())
	}
	if diff := cmp.Diff([]string{"Create k", "Commit k", "Delete [k l]"}, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if s.Fired() {
		t.Error("fired before its call")
	}
	if got, want := (faultstore.Open | faultstore.List).String(), "Open|List"; got != want {
		t.Errorf("got kind %s, want %s", got, want)
	}
}

func TestFaultWrapsTheGivenError(t *testing.T) {
	t.Parallel()
	mine := errors.New("mine")
	s := faultstore.New(memory.New(), faultstore.Fault{At: 2, Of: faultstore.Open, Err: mine})
	for range 3 {
		if _, err := s.Open(t.Context(), "k"); errors.Is(err, mine) {
			if !strings.Contains(err.Error(), "call 2, Open k") {
				t.Errorf("got error %q, which does not say which call failed", err)
			}
			return
		}
	}
	t.Error("got no failure")
}

// The subject copies an object in two steps. Interrupted anywhere, a second run completes it.
func ExampleStore_Fired() {
	ctx := context.Background()
	subject := func(s storage.Store) error {
		data, err := storage.ReadAll(ctx, s, "from")
		if err != nil {
			return err
		}
		if err := s.PutIfAbsent(ctx, "to", data); !errors.Is(err, storage.ErrExists) {
			return err
		}
		return nil
	}
	for n := 1; ; n++ {
		inner := memory.New()
		if err := inner.PutIfAbsent(ctx, "from", []byte("x")); err != nil {
			fmt.Println(err)
		}
		s := faultstore.New(inner, faultstore.Fault{At: n, Effect: faultstore.After})
		err := subject(s)
		if !s.Fired() {
			break
		}
		fmt.Println(s.Calls()[n-1], "| undecided:", errors.Is(err, storage.ErrUndecided), "| second run:", subject(s))
	}
	// Output:
	// Open from | undecided: false | second run: <nil>
	// Read from | undecided: false | second run: <nil>
	// Put to | undecided: true | second run: <nil>
}

func filled(t *testing.T, names ...string) *memory.Store {
	t.Helper()
	s := memory.New()
	for _, name := range names {
		if err := s.PutIfAbsent(t.Context(), name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func keys(t *testing.T, s storage.Store) []string {
	t.Helper()
	var keys []string
	for info, err := range s.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}
