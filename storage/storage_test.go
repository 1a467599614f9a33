package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

func TestCheckKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key  string
		want string // the reason; empty for a good key
	}{
		{"a", ""},
		{"a/b c/é=%2F", ""},
		{"...", ""},
		{"a/..b/c..", ""},
		{".hidden/x", ""},
		{"", "is empty"},
		{"/", "ends in a slash"},
		{"/a", "begins with a slash"},
		{"a/", "ends in a slash"},
		{"a//b", "has an empty component"},
		{".", `has the component "."`},
		{"a/../b", `has the component ".."`},
		{"..", `has the component ".."`},
		{"a/b\x00", "holds a NUL byte"},
	}
	for _, tt := range tests {
		err := storage.CheckKey(tt.key)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%q: got error %v, want none", tt.key, err)
			}
			continue
		}
		keyErr, ok := errors.AsType[*storage.KeyError](err)
		if !ok || keyErr.Key != tt.key || keyErr.Reason != tt.want {
			t.Errorf("%q: got error %v, want a KeyError that says %q", tt.key, err, tt.want)
		}
	}
}

func TestCheckPrefix(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "a", "a/", "a/b", "a/.", "..", "a/.."} {
		if err := storage.CheckPrefix(prefix); err != nil {
			t.Errorf("%q: got error %v, want none", prefix, err)
		}
	}
	for _, prefix := range []string{"/", "//", "/a", "../", "../a", "a/./b", "a//", "a\x00", "a\x00/b", "a/\x00"} {
		if _, ok := errors.AsType[*storage.KeyError](storage.CheckPrefix(prefix)); !ok {
			t.Errorf("%q: got no KeyError", prefix)
		}
	}
}

func FuzzCheckKey(f *testing.F) {
	for _, seed := range []string{"a/b", "../a", "a//b", "a/..", "a\x00b", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if storage.CheckKey(key) != nil {
			return
		}
		if err := storage.CheckPrefix(key + "/"); err != nil {
			t.Errorf("%q is a key, but no prefix of one: %v", key, err)
		}
		if got := storage.Join(key); got != key {
			t.Errorf("Join(%q): got %q", key, got)
		}
		if err := storage.CheckKey(storage.Join(key, "x", key)); err != nil {
			t.Errorf("two keys joined are none: %v", err)
		}
	})
}

func TestJoin(t *testing.T) {
	t.Parallel()
	tests := []struct {
		parts []string
		want  string
	}{
		{nil, ""},
		{[]string{"a"}, "a"},
		{[]string{"t", "_delta_log/", "x"}, "t/_delta_log/x"},
		{[]string{"", "a", "", "b"}, "a/b"},
		{[]string{"/a/", "/b"}, "a/b"},
		{[]string{"a", "../b"}, "a/../b"},
	}
	for _, tt := range tests {
		if got := storage.Join(tt.parts...); got != tt.want {
			t.Errorf("Join(%q): got %q, want %q", tt.parts, got, tt.want)
		}
	}
}

func TestSubOfBadPrefixFails(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"..", "/a", "a/../b"} {
		err := storage.Sub(memory.New(), prefix).PutIfAbsent(t.Context(), "k", nil)
		if _, ok := errors.AsType[*storage.KeyError](err); !ok {
			t.Errorf("sub %q: got error %v, want a *storage.KeyError", prefix, err)
		}
	}
	if s := memory.New(); storage.Sub(s, "") != storage.Store(s) {
		t.Error("the sub store of no prefix is not the store itself")
	}
}

// located is a store with addresses.
type located struct{ *memory.Store }

func (located) URL(key string) string { return "mem:///" + key }

func TestSubForwardsURL(t *testing.T) {
	t.Parallel()
	s := storage.Sub(storage.Sub(located{memory.New()}, "a/"), "b")
	l, ok := s.(storage.Locator)
	if !ok {
		t.Fatal("the sub store has no URL")
	}
	if got, want := l.URL("c"), "mem:///a/b/c"; got != want {
		t.Errorf("got URL %s, want %s", got, want)
	}
	if _, ok := storage.Sub(memory.New(), "a").(storage.Locator); ok {
		t.Error("the sub store of a store without addresses has a URL")
	}
}

type retryable bool

func (r retryable) Error() string   { return "try again" }
func (r retryable) Retryable() bool { return bool(r) }

func TestRetryable(t *testing.T) {
	t.Parallel()
	timeout := &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	tests := []struct {
		err  error
		want bool
	}{
		{nil, false},
		{io.EOF, false},
		{timeout, true},
		{fmt.Errorf("wrapped: %w", timeout), true},
		{retryable(true), true},
		{retryable(false), false},
		{fmt.Errorf("%w: %w", storage.ErrUndecided, retryable(true)), false},
		{fmt.Errorf("%w: %w", storage.ErrExists, timeout), false},
		{storage.ErrNotFound, false},
		{storage.ErrChanged, false},
		{context.DeadlineExceeded, false},
		{context.Canceled, false},
		{&storage.KeyError{}, false},
	}
	for _, tt := range tests {
		if got := storage.Retryable(tt.err); got != tt.want {
			t.Errorf("Retryable(%v): got %v, want %v", tt.err, got, tt.want)
		}
	}
}

// shrunk answers reads of an object that has become shorter.
type shrunk struct{ storage.Store }

type shrunkObject struct{ storage.Object }

func (s shrunk) Open(ctx context.Context, key string) (storage.Object, error) {
	o, err := s.Store.Open(ctx, key)
	return shrunkObject{o}, err
}

func (shrunkObject) ReadAt(p []byte, _ int64) (int, error) { return len(p) - 1, io.EOF }

func TestReadAllOfShrunkObject(t *testing.T) {
	t.Parallel()
	s := memory.New()
	if err := s.PutIfAbsent(t.Context(), "k", []byte("12")); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.ReadAll(t.Context(), shrunk{s}, "k"); !errors.Is(err, storage.ErrChanged) {
		t.Errorf("got error %v, want storage.ErrChanged", err)
	}
	if _, err := storage.ReadAll(t.Context(), s, "missing"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("got error %v, want storage.ErrNotFound", err)
	}
}

func ExampleSub() {
	ctx := context.Background()
	lake := memory.New()
	orders := storage.Sub(lake, "silver/orders")
	if _, err := storage.Put(ctx, orders, "part-0.parquet", []byte("PAR1")); err != nil {
		fmt.Println(err)
	}
	data, err := storage.ReadAll(ctx, lake, "silver/orders/part-0.parquet")
	fmt.Println(string(data), err)
	// Output: PAR1 <nil>
}

func ExampleCheckKey() {
	fmt.Println(storage.CheckKey("orders/../secrets"))
	// Output: storage: key "orders/../secrets" has the component ".."; keys are relative and slash-separated, like orders/part-0.parquet
}

func ExampleJoin() {
	fmt.Println(storage.Join("silver/orders", "_delta_log/", "00000000000000000000.json"))
	// Output: silver/orders/_delta_log/00000000000000000000.json
}
