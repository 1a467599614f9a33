package statement_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/storage/memory"
)

func TestMergeWithSchemaEvolution(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, memory.New())
	for _, text := range []string{
		"CREATE TABLE t (id BIGINT, st STRUCT<a: INT>)",
		"INSERT INTO t VALUES (1, named_struct('a', 1)), (2, NULL)",
		"MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT 1L AS id, named_struct('b', 'x') AS st, 5 AS n) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET *",
		"MERGE WITH SCHEMA EVOLUTION INTO t USING (SELECT 2L AS id, 'z' AS extra, 7 AS m) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET m = s.m + 1",
		"MERGE INTO t USING (SELECT 1L AS id, named_struct('b', 'by name', 'a', 9) AS st) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET st = s.st",
	} {
		if _, err := d.run(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	got, err := d.run("SELECT * FROM t ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`{"id":1,"st":{"a":9,"b":"by name"},"n":5,"m":null}`, `{"id":2,"st":null,"n":null,"m":8}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if _, err := d.run("MERGE INTO t USING (SELECT 1L AS id, 3 AS q) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET q = s.q"); err == nil {
		t.Error("without schema evolution, a column that the table does not have is set")
	}
}
