//go:build integration

package integration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// manyRows is a result of many links, whose ids are those below 100000.
const manyRows = "SELECT id, repeat('x', 20) AS s FROM range(100000)"

// countRows reads a result to its end.
func countRows(ctx context.Context, c *sql.Conn, query string) (n int, err error) {
	rows, err := c.QueryContext(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

// TestWarehouseFaults sets each fault, and sees what the driver makes of it: the faults are those of the wire that they are named after.
func TestWarehouseFaults(t *testing.T) {
	t.Parallel()
	brief := maps.Clone(smallLinks)
	brief.Set("warehouse.links.life", "1")
	for name, f := range map[string]struct {
		options url.Values // default: smallLinks
		faults  []fault
		rows    int    // when the driver gets over the fault
		err     string // otherwise, a pattern
		ran     int    // statements that the warehouse has seen
	}{
		"busy":                   {faults: []fault{{Kind: "429", Method: "ExecuteStatement", Seconds: 1}}, rows: 100_000, ran: 1},
		"unavailable":            {faults: []fault{{Kind: "503", Method: "FetchResults", Seconds: 1, Count: 2}}, rows: 100_000, ran: 1},
		"dropped before":         {faults: []fault{{Kind: "drop", Method: "ExecuteStatement"}}, err: "EOF", ran: 0},
		"dropped after":          {faults: []fault{{Kind: "lost", Method: "ExecuteStatement"}}, err: "EOF", ran: 1},
		"truncated page":         {faults: []fault{{Kind: "truncate", Method: "FetchResults"}}, err: "EOF", ran: 1},
		"truncated download":     {faults: []fault{{Kind: "truncate", Method: "cloudfetch", After: 1}}, rows: 100_000, ran: 1},
		"download not found":     {faults: []fault{{Kind: "404", Method: "cloudfetch", After: 1}}, err: "404", ran: 1},
		"download unavailable":   {faults: []fault{{Kind: "503", Method: "cloudfetch"}}, rows: 100_000, ran: 1},
		"expired link":           {faults: []fault{{Kind: "expired-link", After: 2}}, err: "link expired", ran: 1},
		"link expires meanwhile": {options: brief, faults: []fault{{Kind: "slow", Method: "cloudfetch", Seconds: 2}}, err: "403|link expired", ran: 1},
		"two faults, both slow":  {faults: []fault{{Kind: "slow", Method: "FetchResults", Seconds: 0.1}, {Kind: "slow", Method: "cloudfetch", Seconds: 0.1}}, rows: 100_000, ran: 1},
		"short download":         {faults: []fault{{Kind: "short"}}, err: "not contained in any arrow batch", ran: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := shared.warehouse.login(t)
			if f.options == nil {
				f.options = smallLinks
			}
			c := w.connect(t, f.options)
			w.fail(t, f.faults...)
			n, err := countRows(t.Context(), c, manyRows)
			if f.err == "" && (err != nil || n != f.rows) {
				t.Errorf("got %d rows, %v, want %d", n, err, f.rows)
			}
			if f.err != "" && (err == nil || !regexp.MustCompile(f.err).MatchString(err.Error())) {
				t.Errorf("got %d rows, %v, want the error %s", n, err, f.err)
			}
			if got := len(w.statements(t)); got != f.ran {
				t.Errorf("the warehouse saw %d statements, want %d", got, f.ran)
			}
		})
	}
}

// TestWarehouseKills kills a client before and after its second statement: what is written is what the warehouse had been told by then.
func TestWarehouseKills(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"kill-before": "1", "kill-after": "1\n2"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := shared.warehouse.login(t)
			schema := "main." + strings.ReplaceAll(w.token, "-", "_")
			c := w.connect(t, nil)
			for _, s := range []string{"CREATE SCHEMA " + schema, "CREATE TABLE " + schema + ".t (a INT)"} {
				if _, err := c.ExecContext(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			w.fail(t, fault{Kind: kind, Statement: 2})
			var errs []error
			for i := 1; i <= 3; i++ {
				_, err := c.ExecContext(t.Context(), fmt.Sprintf("INSERT INTO %s.t VALUES (%d)", schema, i))
				errs = append(errs, err)
			}
			if errs[0] != nil || errs[1] == nil || errs[2] == nil {
				t.Errorf("of three statements, only the second and third should have failed: %v", errs)
			}
			got, err := rowsOf(t.Context(), shared.warehouse.login(t).connect(t, nil), "SELECT a FROM "+schema+".t ORDER BY a")
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("the table holds (-want +got): %s %v", diff, err)
			}
			w.heal(t)
			if err := ping(t, w.dsn(nil)); err != nil {
				t.Errorf("after healing: %v", err)
			}
		})
	}
}

// endless is a query that takes hours, and looks up now and then whether it has been cancelled.
const endless = "SELECT count(*) FROM range(100000000000) WHERE sha2(string(id), 256) LIKE 'ff%'"

// TestWarehouseCancels ends the context of a running statement. It ends on the warehouse too, and its session and others answer.
func TestWarehouseCancels(t *testing.T) {
	t.Parallel()
	w := shared.warehouse.login(t)
	c := w.connect(t, url.Values{"warehouse.direct.wait": {"10"}})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := countRows(ctx, c, endless)
		failed <- err
	}()
	wait(t, w, func(s ranStatement) bool { return s.State == "RUNNING" && s.Tasks > 0 })
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("the query: %v", err)
	}
	wait(t, w, func(s ranStatement) bool { return s.State == "CANCELED" && s.Ended > 0 && s.Tasks == 0 })
	if got, err := rowsOf(t.Context(), c, "SELECT sum(id) FROM range(1000)"); err != nil || got != "499500" {
		t.Errorf("the next query: %q, %v", got, err)
	}
}

// wait polls until the token's last statement is as wanted. One that is over and is not never will be.
func wait(t *testing.T, w *warehouseToken, wanted func(ranStatement) bool) {
	t.Helper()
	for range time.Tick(20 * time.Millisecond) {
		all := w.statements(t)
		if len(all) == 0 {
			continue
		}
		last := all[len(all)-1]
		if wanted(last) {
			return
		}
		if last.Ended > 0 && last.Tasks == 0 {
			t.Fatalf("the statement is %+v", last)
		}
	}
}

// stubborn is a query that does not look up for a long time: each of its rows meets a million.
const stubborn = "SELECT count(*) FROM range(2000000) a JOIN range(1000000) b ON a.id % 1 = b.id % 1 AND a.id * b.id % 7 = 3"

// TestWarehouseGoesOnBesideStubbornQueries has others answered while the tasks of a statement that timed out still run, and these end too.
func TestWarehouseGoesOnBesideStubbornQueries(t *testing.T) {
	t.Parallel()
	w := shared.warehouse.login(t)
	c := w.connect(t, url.Values{"timeout": {"2"}})
	if _, err := countRows(t.Context(), c, stubborn); err == nil || !strings.Contains(err.Error(), "timed out") {
		t.Fatalf("the query: %v", err)
	}
	others := shared.warehouse.login(t)
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			got, err := rowsOf(t.Context(), others.connect(t, nil), fmt.Sprintf("SELECT sum(id) + %d FROM range(1000)", i))
			if want := fmt.Sprint(499500 + i); err != nil || got != want {
				t.Errorf("query %d: %q, %v, want %s", i, got, err, want)
			}
		})
	}
	all.Wait()
	wait(t, w, func(s ranStatement) bool { return s.State == "TIMEDOUT" && s.Ended > 0 && s.Tasks == 0 })
}
