package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/s3"
	"github.com/medallion-go/medallion/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) storage.Store { return newStore(t, newFake(t), s3.Config{Prefix: "a lake/"}) })
}

func TestStoreOnServersThatLackHeaders(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"If-Match", "Range"} {
		t.Run(header, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.ignores[header] = true
			s := newStore(t, f, s3.Config{})
			data := bytes.Repeat([]byte("0123456789"), 50_000)
			put(t, s, "k", data)
			o := open(t, s, "k")
			put(t, s, "k", bytes.ToUpper(append(data, 'x')))
			got := make([]byte, 10)
			if n, err := o.ReadAt(got, 100); err == nil {
				t.Errorf("got %q (%d bytes) of another object and no error", got, n)
			}
		})
	}
}

func TestEmptyObjectOnLenientServer(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.ignores["empty range"] = true
	s := newStore(t, f, s3.Config{})
	put(t, s, "k", nil)
	wantContent(t, s, "k", nil)
}

func TestMultipartUpload(t *testing.T) {
	t.Parallel()
	const part = 5 << 20
	for _, size := range []int{part, part + 1, 2*part + 17} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			s := newStore(t, f, s3.Config{PartSize: part, Parallel: 2})
			data := make([]byte, size)
			for i := range data {
				data[i] = byte(i * 7 >> 3)
			}
			w := create(t, s, "k")
			for chunk := range slices.Chunk(data, 1<<20+1) {
				if _, err := w.Write(chunk); err != nil {
					t.Fatal(err)
				}
			}
			info, err := w.Commit(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if info.Size != int64(size) || info.ModTime.IsZero() {
				t.Errorf("got info %+v, want size %d and a time", info, size)
			}
			wantContent(t, s, "k", data)
			wantParts := 0
			if size > part {
				wantParts = (size + part - 1) / part
			}
			if got := count(f.calls(), "PUT k?"); got != wantParts {
				t.Errorf("got %d parts, want %d: %q", got, wantParts, f.calls())
			}
		})
	}
}

func TestMultipartAbort(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := newStore(t, f, s3.Config{PartSize: 5 << 20})
	ctx, cancel := context.WithCancel(t.Context())
	w, err := s.Create(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 11<<20)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := w.Abort(); err != nil {
		t.Fatalf("abort after the context has ended: %v", err)
	}
	if got := len(f.uploads); got != 0 {
		t.Errorf("got %d uploads left on the server, want none", got)
	}
}

func TestMultipartFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fault = func(_ int, r *http.Request) fault {
		if r.URL.Query().Get("partNumber") == "2" {
			return fault{status: http.StatusForbidden, code: "AccessDenied"}
		}
		return fault{}
	}
	s := newStore(t, f, s3.Config{PartSize: 5 << 20})
	_, err := storage.Put(t.Context(), s, "k", make([]byte, 30<<20))
	if e, ok := errors.AsType[*s3.RequestError](err); !ok || e.Code != "AccessDenied" || e.Status != 403 || e.RequestID == "" || e.Retryable() {
		t.Errorf("got error %v (%+v), want the server's refusal of part 2", err, e)
	}
	if len(f.uploads) != 0 || len(f.objects) != 0 {
		t.Errorf("got %d uploads and %d objects left, want none", len(f.uploads), len(f.objects))
	}
}

// A writer whose part did not go up must not commit what is left.
func TestWriterWithHoleDoesNotCommit(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fault = func(n int, _ *http.Request) fault {
		if n == 1 {
			return fault{status: http.StatusForbidden, code: "AccessDenied"}
		}
		return fault{}
	}
	s := newStore(t, f, s3.Config{PartSize: 5 << 20})
	w := create(t, s, "k")
	if _, err := w.Write(make([]byte, 6<<20)); err == nil {
		t.Fatal("write: got no error")
	}
	if _, err := w.Write([]byte("more")); err == nil {
		t.Error("write after a failed write: got no error")
	}
	if _, err := w.Commit(t.Context()); err == nil {
		t.Error("commit: got no error")
	}
	if len(f.objects) != 0 {
		t.Error("an object with a hole was committed")
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := newStore(t, f, s3.Config{SSEKMSKeyID: "key-1", PartSize: 5 << 20})
	put(t, s, "small", []byte("x"))
	put(t, s, "large", make([]byte, 6<<20))
	if err := s.PutIfAbsent(t.Context(), "absent", nil); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{ // request: If-None-Match, encryption, key, whether it has a checksum
		"PUT small":          {"", "aws:kms", "key-1", "true"},
		"POST large?uploads": {"", "aws:kms", "key-1", "false"},
		"PUT large?1":        {"", "", "", "true"},
		"PUT absent":         {"*", "aws:kms", "key-1", "true"},
	}
	got := map[string][]string{}
	for i, request := range f.calls() {
		if _, ok := want[request]; ok {
			h := f.headers[i]
			got[request] = []string{
				h.Get("If-None-Match"), h.Get("X-Amz-Server-Side-Encryption"), h.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"),
				fmt.Sprint(h.Get("X-Amz-Checksum-Crc32c") != ""),
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestOpenOfSmallObjectIsOneRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s := newStore(t, f, s3.Config{})
	put(t, s, "k", []byte("commit"))
	wantContent(t, s, "k", []byte("commit"))
	if diff := cmp.Diff([]string{"PUT k", "GET k"}, f.calls()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestRequestsOfReads(t *testing.T) {
	t.Parallel()
	const size = 20 << 20
	type read struct{ off, size int }
	sequence := make([]read, 0, 256)
	for off := 0; off < 8<<20; off += 32 << 10 {
		sequence = append(sequence, read{off, 32 << 10})
	}
	tests := []struct {
		name  string
		reads []read
		want  int // requests after Open
	}{
		{"the footer", []read{{size - 8, 8}, {size - 5000, 4992}}, 0},
		{"a footer larger than the tail", []read{{size - 8, 8}, {size - 100_000, 100_000}}, 1},
		{"small reads side by side", []read{{0, 100}, {100, 100}, {5000, 3000}}, 1},
		{"column chunks side by side", []read{{4, 300_000}, {300_004, 300_000}, {600_004, 300_000}, {900_004, 300_000}}, 2},
		{"8 MiB in sequence", sequence, 9},
		{"one large read", []read{{0, 8 << 20}}, 1},
		{"a read of several parts", []read{{0, 19 << 20}}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			s := newStore(t, f, s3.Config{})
			data := make([]byte, size)
			for i := range data {
				data[i] = byte(i>>8 ^ i)
			}
			f.objects["k"] = fakeObject{data: data, etag: `"e"`, modified: time.Now()}
			o := open(t, s, "k")
			before := len(f.calls())
			for _, r := range tt.reads {
				got := make([]byte, r.size)
				if _, err := o.ReadAt(got, int64(r.off)); err != nil && !errors.Is(err, io.EOF) || !bytes.Equal(got, data[r.off:r.off+r.size]) {
					t.Fatalf("read of %d bytes at %d: error %v, or other bytes", r.size, r.off, err)
				}
			}
			if got := len(f.calls()) - before; got != tt.want {
				t.Errorf("got %d requests, want %d", got, tt.want)
			}
		})
	}
}

func TestListLeavesOutWhatIsNoKey(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, key := range []string{"lake/", "lake/a/", "lake/a/k", "lake/a//k", "lake/../k", "lake/z", "lakeside/k", "other"} {
		f.objects[key] = fakeObject{etag: `"e"`, modified: time.Now()}
	}
	s := newStore(t, f, s3.Config{Prefix: "lake"})
	if diff := cmp.Diff([]string{"a/k", "z"}, keys(t, s)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestReadsDemandTheETagOfOpen(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.objects["k"] = fakeObject{data: make([]byte, 1<<20), etag: `"e-1"`, modified: time.Now()}
	o := open(t, newStore(t, f, s3.Config{}), "k")
	if _, err := o.ReadAt(make([]byte, 10), 0); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range f.headers {
		got = append(got, h.Get("Range")+" "+h.Get("If-Match"))
	}
	if diff := cmp.Diff([]string{"bytes=-65536 ", `bytes=0-65535 "e-1"`}, got); diff != "" {
		t.Errorf("ranges and conditions (-want +got):\n%s", diff)
	}
}

func TestKeyLimits(t *testing.T) {
	t.Parallel()
	s := newStore(t, newFake(t), s3.Config{Prefix: "12345"})
	put(t, s, strings.Repeat("k", 1018), nil)
	for _, key := range []string{strings.Repeat("k", 1019), "a\xffb"} {
		_, err := s.Open(t.Context(), key)
		if _, ok := errors.AsType[*storage.KeyError](err); !ok {
			t.Errorf("open of %d bytes: got error %v, want a *storage.KeyError", len(key), err)
		}
	}
}

func TestControlCharacters(t *testing.T) {
	t.Parallel()
	s := newStore(t, newFake(t), s3.Config{})
	want := []string{"a\x01b", "a\nb", "ab"}
	for _, key := range want {
		put(t, s, key, []byte(key))
	}
	if diff := cmp.Diff(want, keys(t, s)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if err := s.Delete(t.Context(), want...); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, s); len(got) != 0 {
		t.Errorf("got keys %q after the delete, want none", got)
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	s := newStore(t, newFake(t), s3.Config{Prefix: "a b/"})
	if got, want := s.URL("t/p=1%2F/f"), "s3://lake/a b/t/p=1%2F/f"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestConfigFaults(t *testing.T) {
	t.Parallel()
	_, err := s3.New(s3.Config{PartSize: 1, Endpoint: "localhost:9000", Prefix: "../x", MaxAttempts: -1, Tail: 1})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{
		"Bucket is empty", "no Credentials", "PartSize is 1", `"localhost:9000" is no http`,
		"Prefix: storage: key", "MaxAttempts is -1", "Tail is 1",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got error %q, which does not say %q", err, want)
		}
	}
	if _, err := s3.New(s3.Config{Bucket: "b", Credentials: aws.AnonymousCredentials{}}); err == nil || !strings.Contains(err.Error(), "Region is empty") {
		t.Errorf("got error %v, want one about the region", err)
	}
}

func TestConfigFromAWS(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	s, err := s3.New(s3.Config{Bucket: "lake", PathStyle: true, AWS: &aws.Config{
		Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""), BaseEndpoint: aws.String(f.server.URL),
		HTTPClient: f.server.Client(),
	}})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "k", nil)
	if got := f.headers[0].Get("Authorization"); !strings.Contains(got, "/eu-central-1/s3/") {
		t.Errorf("got signature %q, want one for eu-central-1", got)
	}
}

// newStore fills in what every test needs. Tests of the probe set cfg.Endpoint themselves.
func newStore(t *testing.T, f *fake, cfg s3.Config) *s3.Store {
	t.Helper()
	if cfg.Endpoint == "" {
		cfg.Endpoint, cfg.SkipProbe = f.server.URL, true
	}
	cfg.Bucket, cfg.PathStyle = "lake", true
	cfg.Credentials = credentials.NewStaticCredentialsProvider("key", "secret", "")
	cfg.HTTPClient = f.server.Client()
	cfg.Backoff = func(int) time.Duration { return 0 }
	s, err := s3.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s storage.Store, key string, data []byte) {
	t.Helper()
	if _, err := storage.Put(t.Context(), s, key, data); err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, s storage.Store, key string) storage.Writer {
	t.Helper()
	w, err := s.Create(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func open(t *testing.T, s storage.Store, key string) storage.Object {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func wantContent(t *testing.T, s storage.Store, key string, want []byte) {
	t.Helper()
	if got, err := storage.ReadAll(t.Context(), s, key); err != nil || !bytes.Equal(got, want) {
		t.Errorf("read %s: got %d bytes and error %v, want %d bytes as written", key, len(got), err, len(want))
	}
}

func keys(t *testing.T, s storage.Store) []string {
	t.Helper()
	found := map[string]bool{}
	var keys []string
	for info, err := range s.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		found[info.Key] = true
		keys = append(keys, info.Key)
	}
	if sorted := slices.Sorted(maps.Keys(found)); !slices.Equal(sorted, keys) {
		t.Errorf("got keys %q, which are not in order", keys)
	}
	return keys
}

func count(calls []string, prefix string) int {
	n := 0
	for _, c := range calls {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

// TestNoCredentials is about a process that finds no credentials: the error says how to give it some, and nothing tries again.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	none := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("no role found") })
	s, err := s3.New(s3.Config{Bucket: "lake", PathStyle: true, Region: "eu-central-1", Endpoint: f.server.URL, Credentials: none, HTTPClient: f.server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Open(t.Context(), "k")
	var refused *s3.RequestError
	if !errors.As(err, &refused) || !strings.Contains(refused.Hint, "AWS_ACCESS_KEY_ID") || storage.Retryable(err) {
		t.Errorf("got %v, want a RequestError that is final and says how to give credentials", err)
	}
}
