package storagetest

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/medallion-go/medallion/storage"
)

func readCases() []testCase {
	return []testCase{
		{"open of a missing key is ErrNotFound", openMissing},
		{"open finds no object in a parent of keys", openParent},
		{"info of an open object", openInfo},
		{"ranges of a small object", smallRanges},
		{"ranges of a large object", largeRanges},
		{"concurrent ranges", concurrentRanges},
		{"an io.SectionReader reads the whole object", sectionReader},
		{"an empty object", emptyObject},
		{"an object replaced while open is never mixed", replacedWhileOpen},
		{"an object deleted while open is never other content", deletedWhileOpen},
	}
}

func openMissing(t *testing.T, s storage.Store) {
	put(t, s, "a/b", "x")
	for _, key := range []string{"missing", "a/missing", "missing/b", "a/b/c"} {
		_, err := s.Open(t.Context(), key)
		wantErr(t, err, storage.ErrNotFound)
	}
}

func openParent(t *testing.T, s storage.Store) {
	put(t, s, "a/b/c", "x")
	for _, key := range []string{"a", "a/b"} {
		_, err := s.Open(t.Context(), key)
		wantErr(t, err, storage.ErrNotFound)
	}
}

func openInfo(t *testing.T, s storage.Store) {
	put(t, s, "a/b", "hello")
	o := openObject(t, s, "a/b")
	got := o.Info()
	if got.Key != "a/b" || got.Size != 5 {
		t.Errorf("got info %+v, want key a/b and size 5", got)
	}
	if got.ModTime.IsZero() || got.ModTime.Location().String() != "UTC" {
		t.Errorf("got modification time %v, want one in UTC", got.ModTime)
	}
	for _, listed := range list(t, s, "a/b", "") {
		if listed.ETag != got.ETag {
			t.Errorf("got ETag %q from List and %q from Open, want the same", listed.ETag, got.ETag)
		}
	}
}

func smallRanges(t *testing.T, s storage.Store) {
	put(t, s, "k", "0123456789")
	o := openObject(t, s, "k")
	tests := []struct {
		off  int64
		size int
		want string
		eof  eofRule
	}{
		{0, 10, "0123456789", eofMay},
		{0, 4, "0123", eofNever},
		{3, 4, "3456", eofNever},
		{6, 4, "6789", eofMay},
		{6, 5, "6789", eofMust},
		{0, 100, "0123456789", eofMust},
		{9, 1, "9", eofMay},
		{10, 1, "", eofMust},
		{1000, 1, "", eofMust},
		{5, 0, "", eofNever},
	}
	for _, tt := range tests {
		checkRead(t, o, tt.off, tt.size, []byte(tt.want), tt.eof)
	}
	if n, err := o.ReadAt(make([]byte, 1), -1); n != 0 || err == nil || errors.Is(err, io.EOF) {
		t.Errorf("ReadAt(-1): got (%d, %v), want an error that is not io.EOF", n, err)
	}
}

// largeObject is larger than what any store reads ahead, and of an odd size.
const largeObject = 3<<20 + 17

func largeRanges(t *testing.T, s storage.Store) {
	data := pattern(largeObject)
	putBytes(t, s, "large", data)
	o := openObject(t, s, "large")
	for _, r := range []struct{ off, size int }{
		{largeObject - 8, 8}, {largeObject - 64<<10, 64 << 10}, {0, 1}, {1, 5000}, {5001, 5000}, {10001, 1 << 20}, {0, largeObject}, {1 << 20, 2 << 20}, {777, 3},
	} {
		checkRead(t, o, int64(r.off), r.size, data[r.off:r.off+r.size], eofMay)
	}
	checkRead(t, o, largeObject-100, 200, data[largeObject-100:], eofMust)
	checkRead(t, o, largeObject, 1, nil, eofMust)
}

func concurrentRanges(t *testing.T, s storage.Store) {
	data := pattern(1 << 20)
	putBytes(t, s, "k", data)
	o := openObject(t, s, "k")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 16 {
				off := (w*131071 + i*65537) % (1<<20 - 4096)
				checkRead(t, o, int64(off), 4096, data[off:off+4096], eofNever)
			}
		})
	}
	wg.Wait()
}

func sectionReader(t *testing.T, s storage.Store) {
	data := pattern(200_001)
	putBytes(t, s, "k", data)
	o := openObject(t, s, "k")
	got, err := io.ReadAll(io.NewSectionReader(o, 0, o.Info().Size))
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("got %d bytes and error %v, want the %d that were written", len(got), err, len(data))
	}
}

func emptyObject(t *testing.T, s storage.Store) {
	put(t, s, "empty", "")
	wantContent(t, s, "empty", "")
	o := openObject(t, s, "empty")
	if got := o.Info().Size; got != 0 {
		t.Errorf("got size %d, want 0", got)
	}
	checkRead(t, o, 0, 1, nil, eofMust)
}

func replacedWhileOpen(t *testing.T, s storage.Store) {
	before, after := pattern(largeObject), bytes.Repeat([]byte{'n'}, largeObject)
	putBytes(t, s, "k", before)
	o := openObject(t, s, "k")
	checkRead(t, o, 0, 10, before[:10], eofNever)
	putBytes(t, s, "k", after)
	for _, off := range []int{0, 1 << 20, largeObject - 100} {
		p := make([]byte, 100)
		_, err := o.ReadAt(p, int64(off))
		switch {
		case err == nil || errors.Is(err, io.EOF):
			if !bytes.Equal(p, before[off:off+100]) {
				t.Fatalf("ReadAt(%d): got bytes that the object did not hold when it was opened, and no error", off)
			}
		case !errors.Is(err, storage.ErrChanged):
			t.Fatalf("ReadAt(%d): got error %v, want storage.ErrChanged or the content that was opened", off, err)
		}
	}
	wantContent(t, s, "k", string(after))
}

func deletedWhileOpen(t *testing.T, s storage.Store) {
	before := pattern(largeObject)
	putBytes(t, s, "k", before)
	o := openObject(t, s, "k")
	del(t, s, "k")
	p := make([]byte, 100)
	_, err := o.ReadAt(p, 1<<20)
	if err == nil && !bytes.Equal(p, before[1<<20:1<<20+100]) {
		t.Fatal("got other bytes than those that were opened, and no error")
	}
	if err != nil && !errors.Is(err, storage.ErrChanged) && !errors.Is(err, storage.ErrNotFound) {
		t.Fatalf("got error %v, want storage.ErrChanged, storage.ErrNotFound or the content that was opened", err)
	}
}

// eofRule is what io.ReaderAt says about io.EOF: it must come with a short read, may come with the last byte, and never before it.
type eofRule int

const (
	eofNever eofRule = iota
	eofMay
	eofMust
)

func checkRead(t *testing.T, o storage.Object, off int64, size int, want []byte, rule eofRule) {
	t.Helper()
	p := make([]byte, size)
	n, err := o.ReadAt(p, off)
	if !bytes.Equal(p[:n], want) {
		t.Errorf("ReadAt(%d bytes at %d): got %d bytes that differ from the %d wanted", size, off, n, len(want))
	}
	isEOF := errors.Is(err, io.EOF)
	if err != nil && !isEOF || rule == eofNever && isEOF || rule == eofMust && !isEOF {
		t.Errorf("ReadAt(%d bytes at %d): got error %v, which io.ReaderAt does not allow there", size, off, err)
	}
	if isEOF && errors.Unwrap(err) != nil { // io.ReaderAt promises io.EOF itself, and callers compare with it
		t.Errorf("ReadAt(%d bytes at %d): got a wrapped io.EOF (%v), want io.EOF itself", size, off, err)
	}
}
