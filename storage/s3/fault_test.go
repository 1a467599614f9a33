package s3_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/s3"
)

// script makes the first requests of one method go as the faults say, one after the other, and leaves all others alone.
func script(method string, faults ...fault) func(int, *http.Request) fault {
	seen := 0
	return func(_ int, r *http.Request) fault {
		if r.Method != method || seen >= len(faults) {
			return fault{}
		}
		seen++
		return faults[seen-1]
	}
}

func repeat(n int, f fault) []fault {
	faults := make([]fault, n)
	for i := range faults {
		faults[i] = f
	}
	return faults
}

var (
	lostBefore = fault{lost: true}
	lostAfter  = fault{lost: true, after: true}
	conflict   = fault{status: 409, code: "ConditionalRequestConflict"}
	slowDown   = fault{status: 503, code: "SlowDown"}
	throttled  = fault{status: 429, code: "TooManyRequests"}
	internal   = fault{status: 500, code: "InternalError"}
	storedYet  = fault{status: 500, code: "InternalError", after: true}
	denied     = fault{status: 403, code: "AccessDenied"}
	unknown    = fault{status: 501, code: "NotImplemented"}
	skewed     = fault{status: 403, code: "RequestTimeTooSkewed"}
)

func TestPutIfAbsentWithFaults(t *testing.T) {
	t.Parallel()
	none := errors.New("another error")
	tests := []struct {
		name   string
		taken  bool // another's object lies under the key
		faults []fault
		want   error // nil, a sentinel, or none: a certain failure
		stored bool
		calls  []string
	}{
		{"success", false, nil, nil, true, []string{"PUT k"}},
		{"taken", true, nil, storage.ErrExists, true, []string{"PUT k"}},
		{"lost request", false, []fault{lostBefore}, nil, true, []string{"PUT k", "PUT k"}},
		{"lost answer of our success", false, []fault{lostAfter}, nil, true, []string{"PUT k", "PUT k", "HEAD k"}},
		{"500 although it was stored", false, []fault{storedYet}, nil, true, []string{"PUT k", "PUT k", "HEAD k"}},
		{"lost answer of another's", true, []fault{lostAfter}, storage.ErrExists, true, []string{"PUT k", "PUT k", "HEAD k"}},
		{"conflict, then free", false, []fault{conflict, conflict}, nil, true, []string{"PUT k", "PUT k", "PUT k"}},
		{"conflict, then taken", true, []fault{conflict}, storage.ErrExists, true, []string{"PUT k", "PUT k", "HEAD k"}},
		{"conflict for ever", false, repeat(3, conflict), storage.ErrUndecided, false, []string{"PUT k", "PUT k", "PUT k", "HEAD k"}},
		{"conflict for ever, and taken", true, repeat(3, conflict), storage.ErrExists, true, []string{"PUT k", "PUT k", "PUT k", "HEAD k"}},
		{"slow down", false, []fault{slowDown, throttled}, nil, true, []string{"PUT k", "PUT k", "PUT k"}},
		{"500 for ever", false, repeat(3, internal), storage.ErrUndecided, false, []string{"PUT k", "PUT k", "PUT k", "HEAD k"}},
		{"500 for ever although it was stored at last", false, []fault{internal, internal, storedYet}, nil, true, []string{"PUT k", "PUT k", "PUT k", "HEAD k"}},
		{"refused", false, []fault{denied}, none, false, []string{"PUT k"}},
		{"refused after a lost answer", false, []fault{lostAfter, denied}, nil, true, []string{"PUT k", "PUT k", "HEAD k"}},
		{"refused after a lost request", false, []fault{lostBefore, denied}, storage.ErrUndecided, false, []string{"PUT k", "PUT k", "HEAD k"}},
		{"a header that the server does not know", false, []fault{unknown}, none, false, []string{"PUT k"}},
		{"a wrong clock", false, []fault{skewed}, nil, true, []string{"PUT k", "PUT k"}},
		{"a wrong clock for ever", false, repeat(3, skewed), none, false, []string{"PUT k", "PUT k", "PUT k"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			content := "ours"
			if tt.taken {
				content = "another's"
				f.objects["k"] = fakeObject{data: []byte(content), etag: `"e"`, modified: time.Now(), mark: "another"}
			}
			f.fault = script(http.MethodPut, tt.faults...)
			s := newStore(t, f, s3.Config{MaxAttempts: 3})
			err := s.PutIfAbsent(t.Context(), "k", []byte("ours"))
			checkOutcome(t, err, tt.want, none)
			o, stored := f.objects["k"]
			if stored != tt.stored || stored && string(o.data) != content {
				t.Errorf("got object %q (stored: %v), want %q (stored: %v)", o.data, stored, content, tt.stored)
			}
			if diff := cmp.Diff(tt.calls, f.calls()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// checkOutcome compares an error with nil, with a sentinel, or with none, which stands for a failure that is certain.
func checkOutcome(t *testing.T, got, want, none error) {
	t.Helper()
	isSentinel := errors.Is(got, storage.ErrExists) || errors.Is(got, storage.ErrUndecided) || errors.Is(got, storage.ErrNotFound)
	switch {
	case want == nil && got != nil, errors.Is(want, none) && (got == nil || isSentinel), want != nil && !errors.Is(want, none) && !errors.Is(got, want):
		t.Errorf("got error %v, want %v", got, want)
	}
	if errors.Is(got, storage.ErrExists) && errors.Is(got, storage.ErrUndecided) {
		t.Errorf("got error %v, which is both certain and undecided", got)
	}
}

func TestPutIfAbsentCannotLook(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fault = func(_ int, r *http.Request) fault {
		if r.Method == http.MethodHead {
			return denied
		}
		return lostAfter
	}
	err := newStore(t, f, s3.Config{MaxAttempts: 2}).PutIfAbsent(t.Context(), "k", nil)
	if !errors.Is(err, storage.ErrUndecided) || storage.Retryable(err) {
		t.Errorf("got error %v, want storage.ErrUndecided, which is not retryable", err)
	}
}

func TestPutIfAbsentCancelled(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.fault = func(int, *http.Request) fault {
		cancel()
		return lostAfter
	}
	err := newStore(t, f, s3.Config{}).PutIfAbsent(ctx, "k", nil)
	if !errors.Is(err, storage.ErrUndecided) || !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want storage.ErrUndecided and the end of the context", err)
	}
}

func TestPutIfAbsentUnreachable(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.server.Close()
	err := newStore(t, f, s3.Config{MaxAttempts: 2}).PutIfAbsent(t.Context(), "k", nil)
	if err == nil || errors.Is(err, storage.ErrUndecided) || !storage.Retryable(err) {
		t.Errorf("got error %v, want a certain failure that is retryable", err)
	}
}

func TestCreateWithFaults(t *testing.T) {
	t.Parallel()
	none := errors.New("another error")
	isComplete := func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") }
	isPut := func(r *http.Request) bool { return r.Method == http.MethodPut }
	isStart := func(r *http.Request) bool { return r.URL.Query().Has("uploads") }
	tests := []struct {
		name   string
		size   int
		match  func(*http.Request) bool
		faults []fault
		want   error
		stored bool
	}{
		{"small, lost answer", 10, isPut, []fault{lostAfter, slowDown, conflict}, nil, true},
		{"small, refused", 10, isPut, []fault{denied}, none, false},
		{"small, 500 for ever", 10, isPut, repeat(4, internal), storage.ErrUndecided, false},
		{"parts, lost answers", 6 << 20, isPut, []fault{lostBefore, lostAfter, slowDown}, nil, true},
		{"parts, refused", 6 << 20, isPut, []fault{denied}, none, false},
		{"start, slow down", 6 << 20, isStart, []fault{slowDown}, nil, true},
		{"start, refused", 6 << 20, isStart, []fault{denied}, none, false},
		{"complete, lost request", 6 << 20, isComplete, []fault{lostBefore}, nil, true},
		{"complete, lost answer", 6 << 20, isComplete, []fault{lostAfter}, nil, true},
		{"complete, 500 for ever", 6 << 20, isComplete, repeat(4, internal), storage.ErrUndecided, false},
		{"complete, stored at the last of many 500", 6 << 20, isComplete, []fault{internal, internal, internal, storedYet}, nil, true},
		{"complete, refused", 6 << 20, isComplete, []fault{denied}, none, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.objects["k"] = fakeObject{data: []byte("another's"), etag: `"e"`, modified: time.Now(), mark: "another"}
			seen := 0
			f.fault = func(_ int, r *http.Request) fault {
				if !tt.match(r) || seen >= len(tt.faults) {
					return fault{}
				}
				seen++
				return tt.faults[seen-1]
			}
			s := newStore(t, f, s3.Config{MaxAttempts: 4, PartSize: 5 << 20})
			info, err := storage.Put(t.Context(), s, "k", make([]byte, tt.size))
			checkOutcome(t, err, tt.want, none)
			o := f.objects["k"]
			if stored := o.mark != "another"; stored != tt.stored || stored && len(o.data) != tt.size {
				t.Errorf("got object of %d bytes (replaced: %v), want %d (replaced: %v)", len(o.data), stored, tt.size, tt.stored)
			}
			if err == nil && (info.Size != int64(tt.size) || `"`+info.ETag+`"` != o.etag) {
				t.Errorf("got info %+v, want that of the object, ETag %s", info, o.etag)
			}
			if len(f.uploads) != 0 {
				t.Errorf("got %d uploads left on the server, want none", len(f.uploads))
			}
		})
	}
}

func TestCommitStopsWithItsContext(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f.fault = func(_ int, r *http.Request) fault {
		if r.Method == http.MethodPut {
			cancel()
			return slowDown
		}
		return fault{}
	}
	w := create(t, newStore(t, f, s3.Config{PartSize: 5 << 20, MaxAttempts: 100}), "k")
	if _, err := w.Write(make([]byte, 5<<20)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("the second part begins")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the end of the context", err)
	}
	if len(f.uploads) != 0 {
		t.Errorf("got %d uploads left on the server, want none", len(f.uploads))
	}
}

func TestReadWithFaults(t *testing.T) {
	t.Parallel()
	data := []byte(strings.Repeat("0123456789", 100_000))
	tests := []struct {
		name  string
		fault fault
		want  error // of the first read; nil for the right bytes
	}{
		{"slow down", slowDown, nil},
		{"lost", lostBefore, nil},
		{"answer that breaks off", fault{cut: 10_000}, nil},
		{"refused", denied, &s3.RequestError{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.objects["k"] = fakeObject{data: data, etag: `"e"`, modified: time.Now()}
			o := open(t, newStore(t, f, s3.Config{}), "k")
			f.fault = script(http.MethodGet, tt.fault, tt.fault)
			got := make([]byte, 300_000)
			_, err := o.ReadAt(got, 5)
			if tt.want != nil {
				if _, ok := errors.AsType[*s3.RequestError](err); !ok {
					t.Errorf("got error %v, want a *s3.RequestError", err)
				}
				return
			}
			if err != nil || string(got) != string(data[5:300_005]) {
				t.Errorf("got error %v or other bytes", err)
			}
		})
	}
}

func TestOpenWithFaults(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.objects["k"] = fakeObject{data: make([]byte, 5000), etag: `"e"`, modified: time.Now()}
	f.fault = script(http.MethodGet, internal, fault{cut: 100}, lostBefore, throttled)
	wantContent(t, newStore(t, f, s3.Config{}), "k", make([]byte, 5000))
}

func TestMissingBucketIsNoMissingObject(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fault = script(http.MethodGet, fault{status: 404, code: "NoSuchBucket"})
	_, err := newStore(t, f, s3.Config{}).Open(t.Context(), "k")
	if errors.Is(err, storage.ErrNotFound) || err == nil || !strings.Contains(err.Error(), "check the name of the bucket") {
		t.Errorf("got error %v, want one about the bucket", err)
	}
}

func TestListWithFaults(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := newStore(t, f, s3.Config{})
	put(t, s, "a", nil)
	f.fault = script(http.MethodGet, slowDown, lostBefore, internal)
	if diff := cmp.Diff([]string{"a"}, keys(t, s)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	f.fault = script(http.MethodGet, denied)
	var got []error
	for _, err := range s.List(t.Context(), "", "") {
		got = append(got, err)
	}
	if len(got) != 1 || got[0] == nil || !strings.Contains(got[0].Error(), "s3:ListBucket") {
		t.Errorf("got errors %v, want one that names the permission", got)
	}
}

func TestDeleteWithFaults(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := newStore(t, f, s3.Config{})
	for _, key := range []string{"a", "b", "c"} {
		put(t, s, key, nil)
	}
	f.fault = script(http.MethodPost, slowDown, lostAfter)
	if err := s.Delete(t.Context(), "a", "b"); err != nil {
		t.Errorf("delete of two: %v", err)
	}
	f.fault = script(http.MethodDelete, internal)
	if err := s.Delete(t.Context(), "c"); err != nil {
		t.Errorf("delete of one: %v", err)
	}
	if len(f.objects) != 0 {
		t.Errorf("got %d objects left, want none", len(f.objects))
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := newStore(t, f, s3.Config{})
	if err := s.Probe(t.Context()); err != nil {
		t.Errorf("a sound server: %v", err)
	}
	f.ignores["If-None-Match"] = true
	if err := s.Probe(t.Context()); !errors.Is(err, s3.ErrUnconditional) {
		t.Errorf("a server that ignores the condition: got error %v, want s3.ErrUnconditional", err)
	}
	if len(f.objects) != 0 {
		t.Errorf("the probe left objects: %v", f.objects)
	}
	f.ignores["If-None-Match"] = false
	f.fault = script(http.MethodPut, lostAfter, lostBefore)
	if err := s.Probe(t.Context()); err != nil {
		t.Errorf("lost answers: %v", err)
	}
}

func TestFirstPutIfAbsentProbesAnEndpoint(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := newStore(t, f, s3.Config{Endpoint: f.server.URL})
	f.ignores["If-None-Match"] = true
	for range 2 {
		if err := s.PutIfAbsent(t.Context(), "k", nil); !errors.Is(err, s3.ErrUnconditional) {
			t.Errorf("got error %v, want s3.ErrUnconditional", err)
		}
	}
	if len(f.objects) != 0 {
		t.Errorf("got %d objects on a server that is not sound, want none", len(f.objects))
	}
	f.ignores["If-None-Match"] = false
	before := len(f.calls())
	for _, key := range []string{"a", "b"} {
		if err := s.PutIfAbsent(t.Context(), key, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(f.calls()) - before; got != 5 {
		t.Errorf("got %d requests for two writes, want two and three of one probe", got)
	}
}

func TestSignaturesOverTLSLeaveTheBodyToTheChecksum(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	secure := newSecureServer(t, f)
	s := newStore(t, &fake{server: secure}, s3.Config{Endpoint: secure.URL, SkipProbe: true})
	put(t, s, "k", []byte("x"))
	if got := f.headers[0].Get("X-Amz-Content-Sha256"); got != "UNSIGNED-PAYLOAD" {
		t.Errorf("got payload hash %q over TLS, want UNSIGNED-PAYLOAD", got)
	}
	if f.headers[0].Get("X-Amz-Checksum-Crc32c") == "" {
		t.Error("got no checksum")
	}
}
