package s3_test

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is a server of one bucket, "lake", in path style. It checks what S3 checks and does to requests what a test says.
type fake struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex
	objects  map[string]fakeObject
	uploads  map[string]*fakeUpload
	requests []string // "PUT key", "POST key?uploads", …
	headers  []http.Header
	fault    func(n int, r *http.Request) fault // n counts the requests from 1
	ignores  map[string]bool                    // headers that the server does not know
}

type fakeObject struct {
	data     []byte
	etag     string
	modified time.Time
	mark     string
}

type fakeUpload struct {
	key   string
	mark  string
	parts map[int][]byte
}

// fault is what happens to one request. The zero fault is none.
type fault struct {
	status int    // answer this
	code   string // with this
	after  bool   // once the request has had its effect
	lost   bool   // close the connection in place of an answer
	cut    int    // close the connection after so many bytes of the answer's body
}

func newFake(t *testing.T) *fake {
	f := &fake{t: t, objects: map[string]fakeObject{}, uploads: map[string]*fakeUpload{}, ignores: map[string]bool{}}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

// newSecureServer serves the same bucket over TLS.
func newSecureServer(t *testing.T, f *fake) *httptest.Server {
	server := httptest.NewTLSServer(f)
	t.Cleanup(server.Close)
	return server
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has given up
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	name := strings.TrimPrefix(r.URL.Path, "/lake")
	name = strings.TrimPrefix(name, "/")
	label := r.Method + " " + name
	if q := r.URL.Query(); q.Has("uploads") || q.Has("uploadId") || q.Has("delete") || q.Has("list-type") {
		label += "?" + cmp.Or(q.Get("partNumber"), slices.Sorted(maps.Keys(q))[0])
	}
	f.requests = append(f.requests, label)
	f.headers = append(f.headers, r.Header.Clone())
	var fl fault
	if f.fault != nil {
		fl = f.fault(len(f.requests), r)
	}
	rec := httptest.NewRecorder()
	if fl == (fault{}) || fl.after || fl.cut > 0 {
		f.serve(rec, r, name, body)
	}
	if fl.status != 0 {
		rec = httptest.NewRecorder()
		fail(rec, fl.status, fl.code)
	}
	if fl.lost {
		hangUp(w)
		return
	}
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	if answer := rec.Body.Bytes(); fl.cut > 0 && fl.cut < len(answer) {
		_, _ = w.Write(answer[:fl.cut]) // the client sees the rest missing
		_ = http.NewResponseController(w).Flush()
		hangUp(w)
	} else if r.Method != http.MethodHead {
		_, _ = w.Write(answer)
	}
}

func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
		return
	}
	panic(http.ErrAbortHandler)
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodGet && q.Has("list-type"):
		f.list(w, q)
	case r.Method == http.MethodPost && q.Has("delete"):
		f.deleteMany(w, body)
	case r.Method == http.MethodPost && q.Has("uploads"):
		id := strconv.Itoa(len(f.uploads) + 1)
		f.uploads[id] = &fakeUpload{key: key, mark: r.Header.Get("X-Amz-Meta-Medallion-Write"), parts: map[int][]byte{}}
		answer(w, "InitiateMultipartUploadResult", "<UploadId>"+id+"</UploadId>")
	case r.Method == http.MethodPost && q.Has("uploadId"):
		f.completeUpload(w, q.Get("uploadId"), body)
	case r.Method == http.MethodPut && q.Has("uploadId"):
		f.putPart(w, r, q, body)
	case r.Method == http.MethodDelete && q.Has("uploadId"):
		delete(f.uploads, q.Get("uploadId"))
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut:
		f.put(w, r, key, body)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		f.get(w, r, key)
	case r.Method == http.MethodDelete:
		delete(f.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		fail(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func (f *fake) put(w http.ResponseWriter, r *http.Request, key string, body []byte) {
	if _, taken := f.objects[key]; taken && r.Header.Get("If-None-Match") == "*" && !f.ignores["If-None-Match"] {
		fail(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	if !checkSum(w, r, body) {
		return
	}
	w.Header().Set("ETag", f.store(key, body, r.Header.Get("X-Amz-Meta-Medallion-Write")))
}

func (f *fake) putPart(w http.ResponseWriter, r *http.Request, q url.Values, body []byte) {
	u, ok := f.uploads[q.Get("uploadId")]
	if !ok {
		fail(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	if !checkSum(w, r, body) {
		return
	}
	number, err := strconv.Atoi(q.Get("partNumber"))
	if err != nil {
		fail(w, http.StatusBadRequest, "InvalidArgument")
		return
	}
	u.parts[number] = body
	w.Header().Set("ETag", etagOf(body))
}

func (f *fake) completeUpload(w http.ResponseWriter, id string, body []byte) {
	var request struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	u, ok := f.uploads[id]
	if !ok {
		fail(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	if err := xml.Unmarshal(body, &request); err != nil {
		fail(w, http.StatusBadRequest, "MalformedXML")
		return
	}
	var data []byte
	for i, p := range request.Part {
		part := u.parts[p.PartNumber]
		last := i == len(request.Part)-1
		if p.ETag != etagOf(part) || !last && len(part) < 5<<20 || i > 0 && p.PartNumber <= request.Part[i-1].PartNumber {
			fail(w, http.StatusBadRequest, "InvalidPart")
			return
		}
		data = append(data, part...)
	}
	etag := f.store(u.key, data, u.mark)
	delete(f.uploads, id)
	answer(w, "CompleteMultipartUploadResult", "<ETag>"+escape(etag)+"</ETag>")
}

func (f *fake) get(w http.ResponseWriter, r *http.Request, key string) {
	o, ok := f.objects[key]
	if !ok {
		fail(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	if match := r.Header.Get("If-Match"); match != "" && match != o.etag && !f.ignores["If-Match"] {
		fail(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	w.Header().Set("ETag", o.etag)
	if o.mark != "" {
		w.Header().Set("X-Amz-Meta-Medallion-Write", o.mark)
	}
	if f.ignores["Range"] {
		r.Header.Del("Range")
	}
	if len(o.data) == 0 && r.Header.Get("Range") != "" && !f.ignores["empty range"] {
		fail(w, http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
		return
	}
	r.Header.Del("If-Match")
	http.ServeContent(w, r, "", o.modified, bytes.NewReader(o.data))
}

func (f *fake) list(w http.ResponseWriter, q url.Values) {
	const page = 1000
	after := max(q.Get("start-after"), q.Get("continuation-token"))
	var contents strings.Builder
	n, last := 0, ""
	truncated := false
	for _, key := range slices.Sorted(maps.Keys(f.objects)) {
		if !strings.HasPrefix(key, q.Get("prefix")) || key <= after {
			continue
		}
		if truncated = n == page; truncated {
			break
		}
		o := f.objects[key]
		fmt.Fprintf(&contents, "<Contents><Key>%s</Key><Size>%d</Size><ETag>%s</ETag><LastModified>%s</LastModified></Contents>",
			url.QueryEscape(key), len(o.data), escape(o.etag), o.modified.Format("2006-01-02T15:04:05.000Z"))
		n, last = n+1, key
	}
	fmt.Fprintf(&contents, "<IsTruncated>%v</IsTruncated><EncodingType>url</EncodingType>", truncated)
	if truncated {
		fmt.Fprintf(&contents, "<NextContinuationToken>%s</NextContinuationToken>", escape(last))
	}
	answer(w, "ListBucketResult", contents.String())
}

func (f *fake) deleteMany(w http.ResponseWriter, body []byte) {
	var request struct{ Object []struct{ Key string } }
	if err := xml.Unmarshal(body, &request); err != nil || len(request.Object) > 1000 {
		fail(w, http.StatusBadRequest, "MalformedXML")
		return
	}
	for _, o := range request.Object {
		delete(f.objects, o.Key)
	}
	answer(w, "DeleteResult", "")
}

func (f *fake) store(key string, data []byte, mark string) (etag string) {
	etag = etagOf(data)
	if len(f.objects) > 0 && len(data) == 0 {
		etag = `"empty"` // S3's ETags are opaque, and so are these
	}
	f.objects[key] = fakeObject{data: data, etag: etag, modified: time.Now().UTC(), mark: mark}
	return etag
}

// calls returns the requests so far, without those of the probe.
func (f *fake) calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

func checkSum(w http.ResponseWriter, r *http.Request, body []byte) bool {
	sum := binary.BigEndian.AppendUint32(nil, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
	if want := r.Header.Get("X-Amz-Checksum-Crc32c"); want != "" && want != base64.StdEncoding.EncodeToString(sum) {
		fail(w, http.StatusBadRequest, "BadDigest")
		return false
	}
	return true
}

func etagOf(data []byte) string {
	sum := md5.Sum(data)
	return strconv.Quote(hex.EncodeToString(sum[:]))
}

func answer(w http.ResponseWriter, root, content string) {
	w.Header().Set("Content-Type", "application/xml")
	fmt.Fprintf(w, "<%s>%s</%s>", root, content, root)
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>as the test says</Message><RequestId>request-1</RequestId></Error>", code)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder does not fail
	return b.String()
}
