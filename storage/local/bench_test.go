package local_test

import (
	"fmt"
	"testing"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
)

func BenchmarkPutIfAbsent(b *testing.B) {
	for _, noSync := range []bool{false, true} {
		b.Run(fmt.Sprintf("nosync=%v", noSync), func(b *testing.B) {
			s := benchStore(b, noSync)
			data := make([]byte, 1000)
			for i := 0; b.Loop(); i++ {
				if err := s.PutIfAbsent(b.Context(), fmt.Sprintf("t/_delta_log/%020d.json", i), data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkList10k(b *testing.B) {
	s := benchStore(b, true)
	for i := range 10_000 {
		if _, err := storage.Put(b.Context(), s, fmt.Sprintf("t/_delta_log/%020d.json", i), nil); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		n := 0
		for _, err := range s.List(b.Context(), "t/_delta_log/", "") {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 10_000 {
			b.Fatalf("got %d objects, want 10000", n)
		}
	}
}

func BenchmarkReadAll(b *testing.B) {
	s := benchStore(b, true)
	if _, err := storage.Put(b.Context(), s, "t/_delta_log/0.json", make([]byte, 1000)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := storage.ReadAll(b.Context(), s, "t/_delta_log/0.json"); err != nil {
			b.Fatal(err)
		}
	}
}

func benchStore(b *testing.B, noSync bool) *local.Store {
	s, err := local.Config{NoSync: noSync}.New(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	return s
}
