package memory_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
	"github.com/medallion-go/medallion/storage/storagetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(*testing.T) storage.Store { return memory.New() })
}

func TestClock(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, zone)
	s := memory.Config{Now: func() time.Time { return now }}.New()
	info, err := storage.Put(t.Context(), s, "k", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.ModTime, now.UTC(); got != want {
		t.Errorf("got modification time %v, want %v", got, want)
	}
}

func TestOpenKeepsContent(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), memory.New()
	if _, err := storage.Put(ctx, s, "k", []byte("old")); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Put(ctx, s, "k", []byte("new")); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ctx, "k"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 3)
	if _, err := o.ReadAt(got, 0); err != nil || !bytes.Equal(got, []byte("old")) {
		t.Errorf("got %q and error %v, want the content at Open", got, err)
	}
}

func ExampleNew() {
	ctx := context.Background()
	s := memory.New()
	if err := s.PutIfAbsent(ctx, "orders/_delta_log/00000000000000000000.json", []byte("{}")); err != nil {
		fmt.Println(err)
	}
	for info, err := range s.List(ctx, "orders/", "") {
		fmt.Println(info.Key, info.Size, err)
	}
	// Output: orders/_delta_log/00000000000000000000.json 2 <nil>
}
