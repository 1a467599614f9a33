package databricks_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine/warehouse/databricks"
)

// fake is a server that speaks as much of the dialect as the driver needs. Every statement gives the same result.
type fake struct {
	*httptest.Server
	result result
	// before runs ahead of a call, the n-th of its name from 0, and may answer in its place.
	before before

	mu    sync.Mutex
	calls []string
	sent  []string // the bodies of requests
	page  int      // to fetch next
}

// before may answer a request, with body request, in place of the fake, and then returns true.
type before func(call string, n int, w http.ResponseWriter, request []byte) bool

// result is what a statement gives.
type result struct {
	pages   []page
	polled  bool // the answer comes by polling, not at once
	names   []string
	kinds   []int32 // the columns' types in the protocol; default: STRING
	message string  // of an error
	state   string  // SQLSTATE
}

// page is one page of a result. Its batches are inline or, if files, to be downloaded: each with rows of its own declared.
type page struct {
	batches []arrow.RecordBatch
	files   bool
	rows    []int64 // declared; default: those of the batches
	cut     int     // bytes missing at the end of the last stream
	start   int64   // how far the page's start is off
	last    bool    // the server says that there is no more, or it ends where the pages do
	unended bool    // the server says that there is more
	expired bool    // the addresses of its files
}

func newFake(t *testing.T, r result) *fake {
	t.Helper()
	f := &fake{result: r}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// config is for a connection to the fake that retries at once.
func (f *fake) config(t *testing.T) databricks.Config {
	t.Helper()
	u, err := url.Parse(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return databricks.Config{
		Host: u.Hostname(), Port: port, HTTPPath: "/sql/1.0/warehouses/test", Token: "dapi-secret", InsecureHTTP: true,
		RetryWaitMin: time.Millisecond, RetryWaitMax: 5 * time.Millisecond, MaxRetries: 3,
	}
}

// open is a connection to the fake, closed at the test's end.
func (f *fake) open(t *testing.T, change ...func(*databricks.Config)) *databricks.Warehouse {
	t.Helper()
	cfg := f.config(t)
	for _, c := range change {
		c(&cfg)
	}
	w, err := databricks.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

// count is how many calls of a name there were.
func (f *fake) count(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if c == call {
			n++
		}
	}
	return n
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	call := "download"
	if r.Method == http.MethodPost {
		call = methodOf(body)
	}
	n := f.count(call)
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.sent = append(f.sent, string(body))
	f.mu.Unlock()
	if f.before != nil && f.before(call, n, w, body) {
		return
	}
	if call == "download" {
		f.download(w, r)
		return
	}
	_, _ = w.Write(reply(body, f.answer(call)))
}

var (
	success = fields{1: int32(0)}
	handle  = fields{1: []byte("0123456789abcdef"), 2: []byte("secret-secret-16")}
)

func (f *fake) answer(call string) fields {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch call {
	case "OpenSession":
		return fields{1: success, 2: int32(0xa508), 3: fields{1: handle}}
	case "ExecuteStatement":
		f.page = 0
		out := fields{1: success, 2: fields{1: handle, 2: int32(0), 3: true}}
		if !f.result.polled {
			out[1281] = f.direct()
		}
		return out
	case "GetOperationStatus":
		return f.status()
	case "GetResultSetMetadata":
		return f.metadata()
	case "FetchResults":
		return f.fetch()
	default:
		return fields{1: success}
	}
}

func (f *fake) status() fields {
	if f.result.message != "" {
		return fields{1: success, 2: int32(5), 3: f.result.state, 1281: f.result.message}
	}
	return fields{1: success, 2: int32(2), 9: true}
}

func (f *fake) direct() fields {
	out := fields{1: f.status()}
	if f.result.message != "" {
		out[4] = fields{1: success}
		return out
	}
	out[2] = f.metadata()
	if len(f.result.pages) > 0 {
		out[3] = f.fetch()
	}
	if n := len(f.result.pages); f.page >= n && (n == 0 || !f.result.pages[n-1].files) {
		out[4] = fields{1: success}
	}
	return out
}

func (f *fake) metadata() fields {
	var columns []fields
	for i, name := range f.result.names {
		kind := int32(7)
		if i < len(f.result.kinds) {
			kind = f.result.kinds[i]
		}
		columns = append(columns, fields{1: name, 2: fields{1: []fields{{1: fields{1: kind}}}}, 3: int32(i + 1), 4: ""})
	}
	out := fields{1: success, 2: fields{1: columns}, 1281: int32(0)}
	if len(f.result.pages) > 0 {
		if f.result.pages[0].files {
			out[1281] = int32(3)
		}
		out[1283], _, _ = encoded(f.result.pages[0].batches[0])
	}
	return out
}

func (f *fake) fetch() fields {
	if f.page >= len(f.result.pages) {
		return fields{1: success, 2: false, 3: fields{1: f.startOf(f.page), 2: []fields{}, 1281: []fields{}}, 1281: f.metadata()}
	}
	p := f.result.pages[f.page]
	var streams []fields
	start := f.startOf(f.page) + p.start
	for i, rec := range p.batches {
		_, batch, _ := encoded(rec)
		if i == len(p.batches)-1 && !p.files {
			batch = batch[:len(batch)-p.cut]
		}
		rows := p.declared(i)
		if p.files {
			expiry := time.Now().Add(time.Hour)
			if p.expired {
				expiry = time.Now().Add(-time.Hour)
			}
			link := fmt.Sprintf("%s/files/%d/%d?signature=sig-secret", f.URL, f.page, i)
			streams = append(streams, fields{1: link, 2: expiry.Unix(), 3: start, 4: rows, 5: int64(len(batch))})
		} else {
			streams = append(streams, fields{1: batch, 2: rows})
		}
		start += rows
	}
	list := int16(1281)
	if p.files {
		list = 1282
	}
	f.page++
	more := f.page < len(f.result.pages) && !p.last || p.unended
	return fields{1: success, 2: more, 3: fields{1: f.startOf(f.page-1) + p.start, 2: []fields{}, list: streams}, 1281: f.metadata()}
}

func (p page) declared(i int) int64 {
	if i < len(p.rows) {
		return p.rows[i]
	}
	return p.batches[i].NumRows()
}

// startOf is how many rows are declared in the pages before.
func (f *fake) startOf(n int) (rows int64) {
	for _, p := range f.result.pages[:n] {
		for i := range p.batches {
			rows += p.declared(i)
		}
	}
	return rows
}

func (f *fake) download(w http.ResponseWriter, r *http.Request) {
	var number, i int
	if _, err := fmt.Sscanf(r.URL.Path, "/files/%d/%d", &number, &i); err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	p := f.result.pages[number]
	schema, batch, end := encoded(p.batches[i])
	file := append(append(bytes.Clone(schema), batch...), end...)
	if i == len(p.batches)-1 {
		file = file[:len(file)-p.cut]
	}
	_, _ = w.Write(file)
}

// refuse is a before that answers calls of a name with a status, the first times times.
func refuse(call string, times, status int, header ...string) before {
	return func(c string, n int, w http.ResponseWriter, _ []byte) bool {
		if c != call || n >= times {
			return false
		}
		for _, h := range header {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		return true
	}
}

// drop is a before that breaks the connection on calls of a name, the first times times.
func drop(call string, times int) before {
	return func(c string, n int, _ http.ResponseWriter, _ []byte) bool {
		if c == call && n < times {
			panic(http.ErrAbortHandler)
		}
		return false
	}
}
