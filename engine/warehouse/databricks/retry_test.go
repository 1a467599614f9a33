package databricks_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
)

// TestRetry counts how often each request is made when the server refuses it for a while.
func TestRetry(t *testing.T) {
	t.Parallel()
	const again = "Retry-After: 0"
	tests := []struct {
		name   string
		before before
		call   string
		want   int // times that the call is made
		lost   bool
		fails  bool
	}{
		{"a statement, 429", refuse("ExecuteStatement", 2, http.StatusTooManyRequests), "ExecuteStatement", 3, false, false},
		{"a statement, 503 and when to come back", refuse("ExecuteStatement", 2, http.StatusServiceUnavailable, again), "ExecuteStatement", 3, false, false},
		{"a statement, 503", refuse("ExecuteStatement", 2, http.StatusServiceUnavailable), "ExecuteStatement", 1, true, true},
		{"a statement, 429 for ever", refuse("ExecuteStatement", 99, http.StatusTooManyRequests), "ExecuteStatement", 4, true, true},
		{"a statement, 502", refuse("ExecuteStatement", 1, http.StatusBadGateway), "ExecuteStatement", 1, true, true},
		{"a statement, no answer", drop("ExecuteStatement", 1), "ExecuteStatement", 1, true, true},
		{"a statement, 403", refuse("ExecuteStatement", 1, http.StatusForbidden), "ExecuteStatement", 1, false, true},
		{"a session, 503", refuse("OpenSession", 2, http.StatusServiceUnavailable), "OpenSession", 3, false, false},
		{"a session, no answer", drop("OpenSession", 2), "OpenSession", 3, false, false},
		{"a session, 401", refuse("OpenSession", 9, http.StatusUnauthorized, "X-Databricks-Reason-Phrase: Invalid access token"), "OpenSession", 1, false, true},
		{"a page, 503", refuse("FetchResults", 2, http.StatusServiceUnavailable), "FetchResults", 3, false, false},
		{"a page, no answer", drop("FetchResults", 2), "FetchResults", 3, false, false},
		{"a file, 500", refuse("download", 2, http.StatusInternalServerError), "download", 4, false, false},
		{"a file, no answer", drop("download", 2), "download", 4, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, result{pages: []page{{batches: []arrow.RecordBatch{numbers(0, 3)}}, {batches: []arrow.RecordBatch{numbers(3, 6)}}}})
			if tt.call == "download" {
				f.result.pages = []page{{batches: []arrow.RecordBatch{numbers(0, 3), numbers(3, 6)}, files: true}}
			}
			f.before = tt.before
			got, err := read(t.Context(), f.open(t), "SELECT n")
			if n := f.count(tt.call); n != tt.want {
				t.Errorf("got %s %d times, want %d", tt.call, n, tt.want)
			}
			if (err != nil) != tt.fails || !tt.fails && len(got) != 6 {
				t.Fatalf("got %v, %v", got, err)
			}
			var failed *warehouse.StatementError
			if err != nil && (!errors.As(err, &failed) || failed.Lost != tt.lost || failed.Retryable() != tt.lost) {
				t.Errorf("got %#v, want Lost %v", err, tt.lost)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{})
	f.before = refuse("ExecuteStatement", 1, http.StatusTooManyRequests, "Retry-After: 3600")
	w := f.open(t, func(c *databricks.Config) { c.RetryWaitMax = 300 * time.Millisecond })
	start := time.Now()
	if err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"}); err != nil {
		t.Fatal(err)
	}
	if waited := time.Since(start); waited < 300*time.Millisecond {
		t.Errorf("got the statement again after %v, want RetryWaitMax, as Retry-After is longer", waited)
	}
}

// TestNoConnection has errors of the network, before anything was sent and after, when a statement is sent.
func TestNoConnection(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want int // times that the statement is tried
	}{
		{"refused", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, 4},
		{"cut", &net.OpError{Op: "read", Err: errors.New("connection reset")}, 1},
		{"no such host", &net.OpError{Op: "dial", Err: &net.DNSError{Name: "h", IsNotFound: true}}, 1},
		{"bad certificate", &tls.CertificateVerificationError{Err: errors.New("expired")}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, tried := newFake(t, result{}), 0
			base := &http.Transport{}
			defer base.CloseIdleConnections()
			w := f.open(t, func(c *databricks.Config) {
				c.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
					body, err := io.ReadAll(r.Body)
					if err != nil {
						return nil, err
					}
					if methodOf(body) == "ExecuteStatement" {
						tried++
						return nil, tt.err
					}
					r.Body = io.NopCloser(bytes.NewReader(body))
					return base.RoundTrip(r)
				})
			})
			err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"})
			if tried != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %d tries and %v, want %d", tried, err, tt.want)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{})
	w := f.open(t)
	f.Close()
	err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"})
	var failed *warehouse.StatementError
	if !errors.As(err, &failed) || !failed.Lost || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v, want a lost connection", err)
	}
}
