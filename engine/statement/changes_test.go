package statement_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/storage/memory"
)

func TestTableChanges(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, memory.New())
	for _, text := range []string{
		"CREATE TABLE t (id BIGINT, name STRING) TBLPROPERTIES (delta.enableChangeDataFeed = true)",
		"INSERT INTO t VALUES (1, 'a'), (2, 'b')",
		"INSERT OVERWRITE t VALUES (3, 'c')",
	} {
		if _, err := d.run(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	for _, test := range []struct {
		query string
		want  []string
	}{
		{
			"SELECT id, _change_type, _commit_version FROM table_changes('t', 1) ORDER BY ALL",
			[]string{
				`{"id":1,"_change_type":"delete","_commit_version":2}`, `{"id":1,"_change_type":"insert","_commit_version":1}`,
				`{"id":2,"_change_type":"delete","_commit_version":2}`, `{"id":2,"_change_type":"insert","_commit_version":1}`,
				`{"id":3,"_change_type":"insert","_commit_version":2}`,
			},
		},
		{"SELECT count(*) AS n FROM table_changes('t', 0, 1)", []string{`{"n":2}`}},
		{"SELECT c.name FROM table_changes('t', 1) AS c JOIN t ON c.id = t.id", []string{`{"name":"c"}`}},
		{"SELECT name FROM table_changes('t', 1, 2) WHERE _change_type = 'delete' AND id > 1", []string{`{"name":"b"}`}},
		{"SELECT count(_commit_timestamp) AS n FROM table_changes('t', '2000-01-01')", []string{`{"n":5}`}},
	} {
		got, err := d.run(test.query)
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.query, diff)
		}
	}
	for query, want := range map[string]error{
		"SELECT * FROM table_changes('t', 3)":            delta.ErrVersionNotFound,
		"SELECT * FROM table_changes('t', '2999-01-01')": delta.ErrVersionNotFound,
	} {
		if _, err := d.run(query); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", query, err, want)
		}
	}
}

// TestVersionsThatWereCleanedUp gives versions that cannot be read Spark's class, and says in them which can.
func TestVersionsThatWereCleanedUp(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, memory.New())
	d.must("CREATE TABLE t (id BIGINT) TBLPROPERTIES (delta.enableChangeDataFeed = true)", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)")
	table := delta.Open(d.store, "t", delta.Config{})
	s, err := table.SnapshotAt(t.Context(), 2)
	if err == nil {
		err = table.Checkpoint(t.Context(), s)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := d.store.Delete(t.Context(), "t/_delta_log/00000000000000000000.json", "t/_delta_log/00000000000000000001.json"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ text, class, state string }{
		{"SELECT * FROM t VERSION AS OF 1", "DELTA_VERSION_NOT_FOUND", "22003"},
		{"SELECT * FROM t VERSION AS OF 4", "DELTA_VERSION_NOT_FOUND", "22003"},
		{"SELECT * FROM t TIMESTAMP AS OF '2000-01-01'", "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION", "42816"},
		{"SELECT * FROM t TIMESTAMP AS OF '2999-01-01'", "DELTA_TIMESTAMP_GREATER_THAN_COMMIT", "42816"},
		{"INSERT INTO t SELECT * FROM t VERSION AS OF 1", "DELTA_VERSION_NOT_FOUND", "22003"},
		{"SELECT * FROM table_changes('t', 1)", "DELTA_VERSION_NOT_FOUND", "22003"},
		{"SELECT * FROM table_changes('t', 0, 1)", "DELTA_VERSION_NOT_FOUND", "22003"},
		{"SELECT * FROM table_changes('t', 4)", "DELTA_CDC_START_VERSION_AFTER_LATEST", "22003"},
		{"RESTORE TABLE t TO VERSION AS OF 1", "DELTA_CANNOT_RESTORE_TABLE_VERSION", "22003"},
		{"RESTORE TABLE t TO VERSION AS OF 4", "DELTA_CANNOT_RESTORE_TABLE_VERSION", "22003"},
		{"RESTORE TABLE t TO TIMESTAMP AS OF '2000-01-01'", "DELTA_CANNOT_RESTORE_TIMESTAMP_EARLIER", "22003"},
		{"RESTORE TABLE t TO TIMESTAMP AS OF '2999-01-01'", "DELTA_CANNOT_RESTORE_TIMESTAMP_GREATER", "22003"},
		{"CREATE TABLE c SHALLOW CLONE t VERSION AS OF 1", "DELTA_VERSION_NOT_FOUND", "22003"},
	} {
		_, err := d.run(test.text)
		var e *expr.Error
		var gone *delta.VersionError
		if !errors.As(err, &e) || e.Class != test.class || e.SQLState != test.state || e.Line != 1 || !errors.As(err, &gone) {
			t.Errorf("%s: error %v, want %s (%s) with its place", test.text, err, test.class, test.state)
			continue
		}
		if diff := cmp.Diff([]delta.VersionRange{{First: 2, Last: 3}}, gone.Readable); diff != "" {
			t.Errorf("%s: versions that can be read (-want +got):\n%s", test.text, diff)
		}
	}
	if got, err := d.run("SELECT count(*) AS n FROM t VERSION AS OF 2"); err != nil || !cmp.Equal(got, []string{`{"n":2}`}) {
		t.Errorf("the oldest version: %v, %v", got, err)
	}
}
