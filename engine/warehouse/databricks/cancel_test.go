package databricks_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
)

// hang is a before that does not answer calls of a name until the test ends, and tells when there is one.
func hang(t *testing.T, call string, from int) (hanging before, started chan struct{}) {
	t.Helper()
	started = make(chan struct{}, 100)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	return func(c string, n int, _ http.ResponseWriter, _ []byte) bool {
		if c != call || n < from {
			return false
		}
		started <- struct{}{}
		<-release
		return true
	}, started
}

// TestCancel ends the context in every phase of a statement. It must end at once with the context's error, and on the server.
func TestCancel(t *testing.T) {
	t.Parallel()
	inline := []page{{batches: []arrow.RecordBatch{numbers(0, 3)}}, {batches: []arrow.RecordBatch{numbers(3, 6)}}}
	files := []page{{batches: []arrow.RecordBatch{numbers(0, 3), numbers(3, 6)}, files: true}}
	tests := []struct {
		name   string
		result result
		call   string // during which the context ends
		ends   string // the call that ends the statement
	}{
		{"opening a session", result{}, "OpenSession", ""},
		{"sending the statement", result{}, "ExecuteStatement", "CloseSession"},
		{"fetching a page", result{pages: inline}, "FetchResults", "CloseOperation"},
		{"downloading files", result{pages: files}, "download", "CloseOperation"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, tt.result)
			var started chan struct{}
			f.before, started = hang(t, tt.call, 0)
			w := f.open(t)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-started; cancel() }()
			_, err := read(ctx, w, "SELECT n")
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
			if tt.ends != "" && f.count(tt.ends) == 0 {
				t.Errorf("there is no %s in %v", tt.ends, f.calls)
			}
		})
	}
}

// TestCancelWhileRunning ends the context when the server is asked how the statement is getting on.
func TestCancelWhileRunning(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{polled: true})
	ctx, cancel := context.WithCancel(t.Context())
	f.before = func(call string, _ int, w http.ResponseWriter, request []byte) bool {
		if call == "GetOperationStatus" {
			cancel()
			_, _ = w.Write(reply(request, fields{1: success, 2: int32(1)}))
		}
		return call == "GetOperationStatus"
	}
	if err := f.open(t).Exec(ctx, warehouse.Statement{SQL: "SELECT 1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	if f.count("CancelOperation")+f.count("CloseOperation") == 0 || f.count("CloseSession") == 0 {
		t.Errorf("the statement is not ended on the server: %v", f.calls)
	}
}

func TestBreak(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{pages: []page{{batches: []arrow.RecordBatch{numbers(0, 3)}}, {batches: []arrow.RecordBatch{numbers(3, 6)}}}})
	w := f.open(t, func(c *databricks.Config) { c.MaxConnections = 1 })
	for range 2 {
		_, batches, err := w.Query(t.Context(), warehouse.Statement{SQL: "SELECT n"})
		if err != nil {
			t.Fatal(err)
		}
		for range batches {
			break
		}
		var again error
		for _, err := range batches {
			again = err
		}
		if again == nil {
			t.Error("a result is read twice")
		}
	}
	if closed, opened := f.count("CloseOperation"), f.count("OpenSession"); closed != 2 || opened != 1 {
		t.Errorf("got %d statements closed in %d sessions, want 2 in 1", closed, opened)
	}
}

// TestGoexit leaves a loop as t.FailNow and panics do.
func TestGoexit(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{pages: []page{{batches: []arrow.RecordBatch{numbers(0, 3)}}, {batches: []arrow.RecordBatch{numbers(3, 6)}}}})
	w := f.open(t, func(c *databricks.Config) { c.MaxConnections = 1 })
	_, batches, err := w.Query(t.Context(), warehouse.Statement{SQL: "SELECT n"})
	if err != nil {
		t.Fatal(err)
	}
	left := make(chan struct{})
	go func() {
		defer close(left)
		for range batches {
			runtime.Goexit()
		}
	}()
	<-left
	if _, err := read(t.Context(), w, "SELECT n"); err != nil || f.count("CloseOperation") == 0 { // needs the only session
		t.Errorf("got %v after %v", err, f.calls)
	}
}

// TestNeverRead leaves a result alone: its session comes back when its context ends.
func TestNeverRead(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{pages: []page{{batches: []arrow.RecordBatch{numbers(0, 3)}}, {batches: []arrow.RecordBatch{numbers(3, 6)}}}})
	w := f.open(t, func(c *databricks.Config) { c.MaxConnections = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	_, batches, err := w.Query(ctx, warehouse.Statement{SQL: "SELECT n"})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := read(t.Context(), w, "SELECT n"); err != nil { // waits for the only session
		t.Error(err)
	}
	for _, err = range batches {
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v of the result, want the context's error", err)
	}
	if f.count("CloseOperation") == 0 {
		t.Error("the statement is left open")
	}
}

// TestPrefetch reads a result of many files slowly: only so many are downloaded ahead.
func TestPrefetch(t *testing.T) {
	t.Parallel()
	var batches []arrow.RecordBatch
	for i := range int64(20) {
		batches = append(batches, numbers(i, i+1))
	}
	f := newFake(t, result{pages: []page{{batches: batches, files: true}}})
	w := f.open(t, func(c *databricks.Config) { c.Prefetch = 3 })
	_, rows, err := w.Query(t.Context(), warehouse.Statement{SQL: "SELECT n"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if ahead := f.count("download") - n; ahead > 3 {
			t.Fatalf("got %d files ahead of the reader, want at most 3", ahead)
		}
		time.Sleep(time.Millisecond)
	}
	if n != 20 {
		t.Errorf("got %d batches, want 20", n)
	}
}
