package files

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/storage"
)

func infos(n int) []storage.Info {
	files := make([]storage.Info, n)
	for i := range files {
		files[i] = storage.Info{Key: fmt.Sprintf("events/date=2025-03-01/part-%05d.json", i), Size: int64(i), ModTime: time.Unix(int64(i), 0)}
	}
	return files
}

func TestSeenIsASet(t *testing.T) {
	t.Parallel()
	files := infos(500)
	var byOnes, atOnce seen
	for i := range files {
		byOnes = byOnes.with(files[len(files)-1-i:len(files)-i], true)
	}
	atOnce = atOnce.with(append(files, files...), true)
	if diff := cmp.Diff(atOnce, byOnes, cmp.AllowUnexported(seen{})); diff != "" {
		t.Errorf("the order of adding matters:\n%s", diff)
	}
	o, err := atOnce.encode("x")
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeOffset(o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(atOnce, again, cmp.AllowUnexported(seen{})); diff != "" {
		t.Errorf("the offset is another set:\n%s", diff)
	}
	for _, f := range files {
		changed := f
		changed.ETag = "other"
		if !again.has(f, true) || again.has(changed, true) || !again.has(changed, false) {
			t.Fatalf("%s: seen %v, as another version %v, regardless of versions %v", f.Key, again.has(f, true), again.has(changed, true), again.has(changed, false))
		}
	}
}

func FuzzOffset(f *testing.F) {
	f.Add([]byte(`{"files":1,"last":"a","seen":"AQ==","versions":"AQAAAA=="}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeOffset(data)
		if err != nil {
			return
		}
		o, err := s.encode("")
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeOffset(o)
		if err != nil || !slices.Equal(s.keys, again.keys) || !slices.Equal(s.versions, again.versions) {
			t.Fatalf("%s is read as %v and written as %s: %v", data, s, o, err)
		}
	})
}

func BenchmarkOffset(b *testing.B) {
	files := infos(100_000)
	known := seen{}.with(files[:99_000], false)
	o, err := known.encode("")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := decodeOffset(o)
		if err != nil {
			b.Fatal(err)
		}
		fresh := 0
		for _, f := range files {
			if !s.has(f, false) {
				fresh++
			}
		}
		if fresh != 1000 {
			b.Fatalf("%d files are new, want 1000", fresh)
		}
		if _, err := s.with(files[99_000:], false).encode(""); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(o))/99_000, "bytes/file")
}
