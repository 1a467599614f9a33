//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
	"github.com/medallion-go/medallion/expr"
)

// exprError is the server's error in an error, or nil.
func exprError(err error) *expr.Error {
	var e *expr.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// countAndSum reads a query of one BIGINT column, and returns its rows' number and sum.
func countAndSum(ctx context.Context, w *databricks.Warehouse, sql string) (n, sum int64, err error) {
	_, batches, err := w.Query(ctx, warehouse.Statement{SQL: sql})
	if err != nil {
		return 0, 0, err
	}
	for rec, err := range batches {
		if err != nil {
			return n, sum, err
		}
		for _, v := range rec.Column(0).(*array.Int64).Int64Values() {
			sum += v
		}
		n += rec.NumRows()
	}
	return n, sum, nil
}

var (
	byLinks = url.Values{"warehouse.links.from": {"1"}, "warehouse.links.size": {"200000"}}
	inPages = url.Values{"maxRows": {"10000"}}
)

// TestDatabricksFaults reads 100 000 rows while something goes wrong. What can be retried is, and everything else is a lost statement: never a short result.
// The server runs the statement once at most, whatever happens.
func TestDatabricksFaults(t *testing.T) {
	t.Parallel()
	const rows, sum = 100_000, 99_999 * 100_000 / 2
	tests := []struct {
		name    string
		options url.Values
		fault   fault
		fails   bool
		runs    int // statements that reach Spark
	}{
		{"session, 503", nil, fault{Kind: "503", Method: "OpenSession", Count: 2}, false, 1},
		{"session, dropped", nil, fault{Kind: "drop", Method: "OpenSession", Count: 2}, false, 1},
		{"session, answer lost", nil, fault{Kind: "lost", Method: "OpenSession", Count: 2}, false, 1},
		{"statement, 429", nil, fault{Kind: "429", Method: "ExecuteStatement", Count: 2, Seconds: 1}, false, 1},
		{"statement, 503 and when to come back", nil, fault{Kind: "503", Method: "ExecuteStatement", Count: 2, Seconds: 1}, false, 1},
		{"statement, 503", nil, fault{Kind: "503", Method: "ExecuteStatement"}, true, 0},
		{"statement, 429 for ever", nil, fault{Kind: "429", Method: "ExecuteStatement", Count: 99}, true, 0},
		{"statement, dropped", nil, fault{Kind: "drop", Method: "ExecuteStatement"}, true, 0},
		{"statement, answer lost", nil, fault{Kind: "lost", Method: "ExecuteStatement"}, true, 1},
		{"statement, answer truncated", nil, fault{Kind: "truncate", Method: "ExecuteStatement"}, true, 1},
		{"page, 503", inPages, fault{Kind: "503", Method: "FetchResults", After: 2, Count: 2}, false, 1},
		{"page, 503 for ever", inPages, fault{Kind: "503", Method: "FetchResults", After: 2, Count: 99}, true, 1},
		{"page, dropped", inPages, fault{Kind: "drop", Method: "FetchResults", After: 2}, false, 1},
		{"page, answer lost", inPages, fault{Kind: "lost", Method: "FetchResults", After: 2}, true, 1},
		{"page, answer truncated", inPages, fault{Kind: "truncate", Method: "FetchResults", After: 2}, true, 1},
		{"file, 503", byLinks, fault{Kind: "503", Method: "cloudfetch", After: 1, Count: 2}, false, 1},
		{"file, 403", byLinks, fault{Kind: "403", Method: "cloudfetch", After: 1}, true, 1},
		{"file, dropped", byLinks, fault{Kind: "drop", Method: "cloudfetch", After: 1}, false, 1},
		{"file, truncated", byLinks, fault{Kind: "truncate", Method: "cloudfetch", After: 1}, false, 1},
		{"file, truncated for ever", byLinks, fault{Kind: "truncate", Method: "cloudfetch", After: 1, Count: 99}, true, 1},
		{"file, without its last batch", byLinks, fault{Kind: "short", After: 1}, true, 1},
		{"file, slow", byLinks, fault{Kind: "slow", Method: "cloudfetch", Seconds: 0.2}, false, 1},
		{"link, expired", byLinks, fault{Kind: "expired-link", After: 1}, true, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token := shared.warehouse.login(t)
			w := token.open(t, tt.options)
			token.fail(t, tt.fault)
			n, all, err := countAndSum(t.Context(), w, fmt.Sprintf("SELECT id FROM range(%d)", rows))
			var failed *warehouse.StatementError
			switch {
			case !tt.fails && (err != nil || n != rows || all != sum):
				t.Errorf("got %d rows, sum %d, %v, want the whole result", n, all, err)
			case tt.fails && (!errors.As(err, &failed) || !failed.Lost):
				t.Errorf("got %d rows, %v, want a lost statement", n, err)
			}
			if ran := token.statements(t); len(ran) != tt.runs {
				t.Errorf("got %d statements run, want %d: %+v", len(ran), tt.runs, ran)
			}
			token.heal(t)
			if n, _, err := countAndSum(t.Context(), w, "SELECT id FROM range(10)"); n != 10 || err != nil {
				t.Errorf("the next statement gives %d rows, %v", n, err)
			}
		})
	}
}

// TestDatabricksCancel ends the context while a statement is sent, polled and read. It must end on the server at once.
func TestDatabricksCancel(t *testing.T) {
	t.Parallel()
	const slow = "SELECT a.id FROM range(100000000) a CROSS JOIN range(1000) b WHERE hash(a.id, b.id) = 1"
	tests := []struct {
		name    string
		options url.Values
		sql     string
	}{
		{"sent", url.Values{"warehouse.direct.wait": {"60000"}}, slow},
		{"polled", url.Values{"warehouse.direct.wait": {"100"}}, slow},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token := shared.warehouse.login(t)
			w := token.open(t, tt.options)
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			start := time.Now()
			_, _, err := countAndSum(ctx, w, tt.sql)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got %v after %v, want the context's error", err, time.Since(start))
			}
			ran := token.statements(t)
			if len(ran) != 1 || ran[0].State != "CANCELED" {
				t.Errorf("got %+v, want the statement cancelled", ran)
			}
			if n, _, err := countAndSum(t.Context(), w, "SELECT id FROM range(10)"); n != 10 || err != nil {
				t.Errorf("the next statement gives %d rows, %v", n, err)
			}
		})
	}
}

// TestDatabricksLeave breaks out of a result, and ends the context of another in the middle: nothing is left open, and the session goes on.
func TestDatabricksLeave(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]url.Values{"in pages": inPages, "by links": byLinks} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := shared.warehouse.login(t)
			w := token.open(t, options, func(c *databricks.Config) { c.MaxConnections = 1 })
			for _, cancels := range []bool{false, true, false} {
				ctx, cancel := context.WithCancel(t.Context())
				_, batches, err := w.Query(ctx, warehouse.Statement{SQL: "SELECT id FROM range(300000)"})
				if err != nil {
					t.Fatal(err)
				}
				for _, err = range batches {
					if !cancels {
						break
					}
					cancel()
				}
				if cancels != errors.Is(err, context.Canceled) {
					t.Errorf("cancelled %v: got %v", cancels, err)
				}
				cancel()
			}
		})
	}
}

func TestDatabricksStatementTimeout(t *testing.T) {
	t.Parallel()
	w := shared.warehouse.login(t).open(t, url.Values{"timeout": {"2"}})
	_, _, err := countAndSum(t.Context(), w, "SELECT a.id FROM range(100000000) a CROSS JOIN range(1000) b WHERE hash(a.id, b.id) = 1")
	var failed *warehouse.StatementError
	if !errors.As(err, &failed) || failed.Lost {
		t.Errorf("got %v, want a statement that timed out on the server", err)
	}
}
