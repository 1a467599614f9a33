//go:build integration

package integration

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/databricks/databricks-sql-go/driverctx"
	"github.com/google/go-cmp/cmp"
)

// smallLinks has every result go by links, and many of them.
var smallLinks = url.Values{"useCloudFetch": {"true"}, "warehouse.links.from": {"1"}, "warehouse.links.size": {"200000"}}

// TestWarehouseValues has every type come through the driver, in one statement, and parameters of every kind go into one.
func TestWarehouseValues(t *testing.T) {
	t.Parallel()
	c := shared.warehouse.login(t).connect(t, nil)
	for _, q := range []struct {
		sql, want string
		args      []any
	}{
		{
			sql: `SELECT 1Y, 2S, 3, 4L, 1.5F, 2.5D, 12.340BD, 's', X'01FF', true, DATE'2026-01-02', TIMESTAMP'2026-01-02 03:04:05.678901',
			TIMESTAMP_NTZ'2026-01-02 03:04:05', NULL, array(1, NULL), map('k', 1), named_struct('a', 1, 'b', 'x'), 1 AS c, 2 AS c, DOUBLE('NaN')`,
			want: `1|2|3|4|1.5|2.5|12.340|s|[1 255]|true|2026-01-02 00:00:00 +0000 UTC|2026-01-02 03:04:05.678901 +0000 UTC|2026-01-02 03:04:05 +0000 UTC|<nil>|` +
				`[1,null]|{"k":1}|{"a":1,"b":"x"}|1|2|NaN`,
		},
		{sql: "SELECT ?, ?, ?, ?, ?, ?, '?' /* ? */ -- ?", args: []any{int64(1), "two", 3.5, nil, true, int64(6)}, want: "1|two|3.5|<nil>|true|6|?"},
		{sql: "SELECT :a + 1, :b, :a", args: []any{sql.Named("a", int64(1)), sql.Named("b", "it's")}, want: "2|it's|1"},
		{sql: "SELECT 1 AS a WHERE false", want: ""},
	} {
		got, err := rowsOf(t.Context(), c, q.sql, q.args...)
		if err != nil {
			t.Errorf("%s: %v", q.sql, err)
		} else if diff := cmp.Diff(q.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", q.sql, diff)
		}
	}
}

// TestWarehouseSessions has a session's settings hold, and refuses what no warehouse takes.
func TestWarehouseSessions(t *testing.T) {
	t.Parallel()
	w := shared.warehouse.login(t)
	c := w.connect(t, url.Values{"timezone": {"America/New_York"}, "ansi_mode": {"false"}})
	if got, err := rowsOf(t.Context(), c, "SELECT current_timezone(), 1 / 0, current_catalog(), current_schema()"); err != nil || got != "America/New_York|<nil>|main|default" {
		t.Errorf("got %q, %v", got, err)
	}
	for name, db := range map[string]string{
		"CONFIG_NOT_AVAILABLE": w.dsn(url.Values{"no_such_setting": {"1"}}),
		"Invalid access token": strings.Replace(w.dsn(nil), w.token, "dapi123", 1),
		"SCHEMA_NOT_FOUND":     w.dsn(url.Values{"schema": {"nowhere"}}),
	} {
		if err := ping(t, db); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %s, got %v", name, err)
		}
	}
	if _, err := c.ExecContext(driverctx.NewContextWithQueryTags(t.Context(), map[string]string{"batch": "7"}), "SELECT 'tagged'"); err != nil {
		t.Fatal(err)
	}
	if all := w.statements(t); all[len(all)-1].Tags != "batch:7" {
		t.Errorf("tags: got %+v", all[len(all)-1])
	}
}

func ping(t *testing.T, dsn string) error {
	t.Helper()
	db, err := sql.Open("databricks", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return db.PingContext(t.Context())
}

// TestWarehouseLargeResults has a result come whole by each way: pages of batches, and links.
func TestWarehouseLargeResults(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]url.Values{"pages": {"useCloudFetch": {"false"}}, "links": smallLinks} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := shared.warehouse.login(t)
			rows, err := w.connect(t, options).QueryContext(t.Context(), "SELECT id, repeat('x', 20) AS s FROM range(250000) ORDER BY id")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var next, id int64
			var s string
			for ; rows.Next(); next++ {
				if err := rows.Scan(&id, &s); err != nil {
					t.Fatal(err)
				}
				if id != next {
					t.Fatalf("row %d has the id %d", next, id)
				}
			}
			if rows.Err() != nil || next != 250_000 {
				t.Errorf("%d rows, %v", next, rows.Err())
			}
		})
	}
}

// TestWarehouseVolumes puts a file into a volume, gets it back and removes it.
func TestWarehouseVolumes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	if err := os.WriteFile(from, []byte("staged"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := shared.warehouse.login(t).connect(t, nil)
	ctx := driverctx.NewContextWithStagingInfo(t.Context(), []string{dir})
	volume := "/Volumes/main/default/v/" + filepath.Base(dir) + "/f"
	for _, s := range []string{"PUT '" + from + "' INTO '" + volume + "'", "GET '" + volume + "' TO '" + to + "'", "REMOVE '" + volume + "'"} {
		if _, err := c.ExecContext(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if got, err := os.ReadFile(to); err != nil || string(got) != "staged" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := c.ExecContext(ctx, "GET '"+volume+"' TO '"+to+"'"); err == nil {
		t.Error("a removed file was got")
	}
}
