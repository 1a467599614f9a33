package statement_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
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
