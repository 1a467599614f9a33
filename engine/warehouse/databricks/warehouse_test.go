package databricks_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// numbers is a batch of one BIGINT column n.
func numbers(from, to int64) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "n", Type: schema.BigInt, Nullable: true}}, nil))
	defer b.Release()
	for n := from; n < to; n++ {
		b.Field(0).(*array.Int64Builder).Append(n)
	}
	return b.NewRecordBatch()
}

// read is every number of a query of one column.
func read(ctx context.Context, w *databricks.Warehouse, sql string) ([]int64, error) {
	_, batches, err := w.Query(ctx, warehouse.Statement{SQL: sql})
	if err != nil {
		return nil, err
	}
	var out []int64
	for rec, err := range batches {
		if err != nil {
			return out, err
		}
		out = append(out, rec.Column(0).(*array.Int64).Int64Values()...)
	}
	return out, nil
}

func upTo(n int64) (out []int64) {
	for i := range n {
		out = append(out, i)
	}
	return out
}

func TestQuery(t *testing.T) {
	t.Parallel()
	batches := func(ends ...int64) (out []arrow.RecordBatch) {
		from := int64(0)
		for _, to := range ends {
			out = append(out, numbers(from, to))
			from = to
		}
		return out
	}
	padded := page{batches: []arrow.RecordBatch{numbers(0, 7), numbers(5, 9)}, rows: []int64{5, 4}, files: true}
	tests := []struct {
		name   string
		result result
		want   int64
	}{
		{"at once", result{pages: []page{{batches: batches(2, 5)}}}, 5},
		{"in pages", result{pages: []page{{batches: batches(2)}, {batches: []arrow.RecordBatch{numbers(2, 4), numbers(4, 5)}}}}, 5},
		{"polled", result{polled: true, pages: []page{{batches: batches(2, 5)}}}, 5},
		{"files", result{pages: []page{{batches: batches(2, 5, 9), files: true}, {batches: []arrow.RecordBatch{numbers(9, 12)}, files: true}}}, 12},
		{"files polled", result{polled: true, pages: []page{{batches: batches(2, 5, 9), files: true}}}, 9},
		{"files with rows beyond those declared", result{pages: []page{padded}}, 9},
		{"empty", result{pages: []page{{batches: batches(0)}}}, 0},
		{"empty polled", result{polled: true, pages: []page{{batches: batches(0)}}}, 0},
		{"no result", result{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
			defer mem.AssertSize(t, 0)
			tt.result.names, tt.result.kinds = []string{"n"}, []int32{4}
			w := newFake(t, tt.result).open(t, func(c *databricks.Config) { c.Allocator = mem })
			ctx, cancel := context.WithCancel(t.Context())
			columns, _, err := w.Query(ctx, warehouse.Statement{SQL: "SELECT n"})
			cancel()
			if err != nil || columns.NumFields() != min(1, len(tt.result.pages)) {
				t.Fatalf("got columns %v, %v", columns, err)
			}
			got, err := read(t.Context(), w, "SELECT n")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(got, upTo(tt.want)); d != "" {
				t.Errorf("rows (-got +want):\n%s", d)
			}
		})
	}
}

// TestShort cuts results off in every way, and none may pass for whole.
func TestShort(t *testing.T) {
	t.Parallel()
	two := func(second page) result {
		second.batches = []arrow.RecordBatch{numbers(3, 6)}
		return result{pages: []page{{batches: []arrow.RecordBatch{numbers(0, 3)}}, second}}
	}
	files := func(p page) result {
		p.batches, p.files = []arrow.RecordBatch{numbers(0, 3), numbers(3, 6)}, true
		return result{pages: []page{p}}
	}
	failing := func(call string, n int, w http.ResponseWriter, request []byte) bool {
		if call == "FetchResults" {
			_, _ = w.Write(reply(request, fields{1: fields{1: int32(3), 3: "08000", 5: "the cluster is gone"}}))
			return true
		}
		return false
	}
	tests := []struct {
		name   string
		result result
		before before
		want   string
		final  bool // trying again does not help
	}{
		{"a page is refused", two(page{}), refuse("FetchResults", 99, http.StatusServiceUnavailable), "503", false},
		{"a page fails on the server", two(page{}), failing, "the cluster is gone", true},
		{"a page's answer is lost", two(page{}), drop("FetchResults", 99), "FetchResults", false},
		{"a page is left out", two(page{start: 2}), nil, "rows from 3 on", false},
		{"a stream breaks off", two(page{cut: 8}), nil, "stream", false},
		{"a stream has fewer rows than declared", two(page{rows: []int64{4}}), nil, "rows are missing", false},
		{"the server says that there is more", two(page{unended: true}), refuse("FetchResults", 99, http.StatusBadGateway), "502", false},
		{"a file is refused", files(page{}), refuse("download", 99, http.StatusForbidden), "403", false},
		{"a file is lost", files(page{}), drop("download", 99), "download", false},
		{"a file breaks off", files(page{cut: 20}), nil, "stream", false},
		{"a file is empty", files(page{cut: len(stream(numbers(3, 6).Schema(), numbers(3, 6)))}), nil, "stream", false},
		{"a file has fewer rows than declared", files(page{rows: []int64{3, 4}}), nil, "rows are missing", false},
		{"a file's address has expired", files(page{expired: true}), nil, "expired", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
			defer mem.AssertSize(t, 0)
			f := newFake(t, tt.result)
			f.before = tt.before
			got, err := read(t.Context(), f.open(t, func(c *databricks.Config) { c.Allocator = mem }), "SELECT n")
			var failed *warehouse.StatementError
			if !errors.As(err, &failed) || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %d rows and error %v, want a StatementError with %q", len(got), err, tt.want)
			}
			if failed.Lost == tt.final {
				t.Errorf("got Lost %v of %v", failed.Lost, err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestStatementFails(t *testing.T) {
	t.Parallel()
	const spark = "Error running query: [TABLE_OR_VIEW_NOT_FOUND] org.apache.spark.sql.AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] " +
		"The table `t` cannot be found. SQLSTATE: 42P01; line 2 pos 14"
	deep := &expr.Error{Class: "CAST_INVALID_INPUT.DEEP", SQLState: "22018", Message: "bad"}
	tests := []struct {
		name           string
		message, state string
		want           error
	}{
		{"class", spark, "42P01", &expr.Error{Class: "TABLE_OR_VIEW_NOT_FOUND", SQLState: "42P01", Message: "The table `t` cannot be found.", Line: 2, Column: 15}},
		{"class without a state", "[CAST_INVALID_INPUT.DEEP] bad SQLSTATE: 22018", "", deep},
		{"no class", "the warehouse is out of order", "HY000", nil},
	}
	for _, tt := range tests {
		for _, polled := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/polled=%v", tt.name, polled), func(t *testing.T) {
				t.Parallel()
				w := newFake(t, result{message: tt.message, state: tt.state, polled: polled}).open(t)
				err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"})
				var failed *warehouse.StatementError
				if !errors.As(err, &failed) {
					t.Fatalf("got error %v, want a StatementError", err)
				}
				if failed.Lost || failed.QueryID != "30313233-3435-3637-3839-616263646566" || failed.Statement != "SELECT 1" {
					t.Errorf("got %+v", failed)
				}
				if tt.want != nil {
					if d := cmp.Diff(failed.Cause, tt.want); d != "" {
						t.Errorf("cause (-got +want):\n%s", d)
					}
				} else if !strings.Contains(err.Error(), tt.message) || !strings.Contains(err.Error(), tt.state) {
					t.Errorf("got %v, want the message and the state", err)
				}
			})
		}
	}
}

// TestSessionAfterFailure has queries that fail: at once, after which the server has closed them, and later, after which they are open until their session ends.
func TestSessionAfterFailure(t *testing.T) {
	t.Parallel()
	for polled, sessions := range map[bool]int{false: 1, true: 2} {
		t.Run(fmt.Sprintf("polled=%v", polled), func(t *testing.T) {
			t.Parallel()
			f := newFake(t, result{message: "[X] y", polled: polled})
			w := f.open(t)
			for range 2 {
				if _, err := read(t.Context(), w, "SELECT n"); err == nil {
					t.Error("got no error")
				}
			}
			if opened := f.count("OpenSession"); opened != sessions {
				t.Errorf("got %d sessions, want %d", opened, sessions)
			}
		})
	}
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{pages: []page{{batches: []arrow.RecordBatch{numbers(0, 3)}}}})
	var now, most atomic.Int64
	f.before = func(call string, _ int, _ http.ResponseWriter, _ []byte) bool {
		if call == "ExecuteStatement" {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
		}
		return false
	}
	w := f.open(t, func(c *databricks.Config) { c.MaxConnections = 4 })
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if got, err := read(t.Context(), w, "SELECT n"); err != nil || len(got) != 3 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	all.Wait()
	if opened := f.count("OpenSession"); opened > 4 || most.Load() > 4 {
		t.Errorf("got %d sessions and %d statements at once, want at most 4", opened, most.Load())
	}
}

func TestSessionParameters(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{})
	w := f.open(t, func(c *databricks.Config) {
		c.Catalog, c.Schema = "main", "silver"
		c.SessionParams = map[string]string{"spark.sql.maxPlanStringLength": "7", "ANSI_MODE": "TRUE"}
		c.QueryTags = map[string]string{"team": "data"}
	})
	if err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"main", "silver", "ansi_mode", "timezone", "UTC", "spark.sql.maxPlanStringLength", "team:data"} {
		if !strings.Contains(f.sent[0], want) {
			t.Errorf("the session is opened without %q: %q", want, f.sent[0])
		}
	}
	if strings.Contains(f.sent[0], "ANSI_MODE") {
		t.Errorf("a parameter is set twice: %q", f.sent[0])
	}
	for _, sent := range f.sent {
		if strings.Contains(sent, "dapi-secret") {
			t.Error("a request's body holds the token")
		}
	}
}

func TestForgottenSession(t *testing.T) {
	t.Parallel()
	t.Run("by message", func(t *testing.T) {
		t.Parallel()
		testForgotten(t, fields{1: int32(3), 5: "Invalid SessionHandle: SessionHandle [x]"})
	})
	t.Run("by code", func(t *testing.T) {
		t.Parallel()
		testForgotten(t, fields{1: int32(4)})
	})
}

func testForgotten(t *testing.T, status fields) {
	t.Helper()
	f := newFake(t, result{pages: []page{{batches: []arrow.RecordBatch{numbers(0, 3)}}}})
	f.before = func(call string, n int, w http.ResponseWriter, request []byte) bool {
		if call == "ExecuteStatement" && n == 1 {
			_, _ = w.Write(reply(request, fields{1: status}))
			return true
		}
		return false
	}
	w := f.open(t)
	for range 3 {
		if got, err := read(t.Context(), w, "SELECT n"); err != nil || len(got) != 3 {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if opened, run := f.count("OpenSession"), f.count("ExecuteStatement"); opened != 2 || run != 4 {
		t.Errorf("got %d sessions and %d statements, want 2 and 4", opened, run)
	}
}

// TestKeepIdle has sessions that are too old for the next statement.
func TestKeepIdle(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{})
	w := f.open(t, func(c *databricks.Config) { c.KeepIdle = time.Nanosecond })
	for range 3 {
		if err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"}); err != nil {
			t.Fatal(err)
		}
	}
	if opened, closed := f.count("OpenSession"), f.count("CloseSession"); opened != 3 || closed != 2 {
		t.Errorf("got %d sessions opened and %d closed, want 3 and 2", opened, closed)
	}
}

// TestNotArrow has a server whose rows are not Arrow: no rows for a query, and nothing to one whose rows nobody wants.
func TestNotArrow(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{})
	f.before = func(call string, _ int, w http.ResponseWriter, request []byte) bool {
		if call != "ExecuteStatement" {
			return false
		}
		rows := fields{1: success, 2: false, 3: fields{1: int64(0), 2: []fields{{1: []fields{}}}}}
		direct := fields{1: fields{1: success, 2: int32(2)}, 3: rows, 4: fields{1: success}}
		_, _ = w.Write(reply(request, fields{1: success, 2: fields{1: handle, 2: int32(0), 3: true}, 1281: direct}))
		return true
	}
	w := f.open(t)
	if err := w.Exec(t.Context(), warehouse.Statement{SQL: "CREATE TABLE t"}); err != nil {
		t.Errorf("got %v of a statement without rows", err)
	}
	if got, err := read(t.Context(), w, "SELECT n"); err == nil || !strings.Contains(err.Error(), "not Arrow") {
		t.Errorf("got %v, %v, want an error", got, err)
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	f := newFake(t, result{})
	w := f.open(t)
	if err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n := f.count("CloseSession"); n != 1 {
		t.Errorf("got %d sessions closed, want 1", n)
	}
	if err := w.Exec(t.Context(), warehouse.Statement{SQL: "SELECT 1"}); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got %v after Close, want an error", err)
	}
}
