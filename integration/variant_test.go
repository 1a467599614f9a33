//go:build integration

package integration

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/local"
)

// variantRows are variants of every kind, alone and in an array and a struct.
const variantRows = `SELECT id, v, array(v, NULL) AS a, named_struct('v', v, 'n', id) AS s FROM (
	SELECT 1 AS id, parse_json('{"b": 1, "a": {"c": [true, "x", null, 1.50, 1e30]}, "é": ""}') AS v
	UNION ALL SELECT 2, NULL UNION ALL SELECT 3, parse_json('null') UNION ALL SELECT 4, parse_json('[]') UNION ALL SELECT 5, parse_json('"text"')
	UNION ALL SELECT 6, to_variant_object(named_struct('b', 7, 'a', named_struct('c', array(date'2024-02-29'))))
	UNION ALL SELECT 7, CAST(timestamp'2024-02-29 12:34:56.789' AS VARIANT) UNION ALL SELECT 8, CAST(timestamp_ntz'1850-01-01 00:00:00' AS VARIANT)
	UNION ALL SELECT 9, CAST(X'00ff' AS VARIANT) UNION ALL SELECT 10, CAST(float('1.1') AS VARIANT) UNION ALL SELECT 11, parse_json('{"b": "no number", "z": {}}'))`

// TestVariants copies variants that Spark writes, shredded and not, into a table of ours, which Spark reads and appends to.
func TestVariants(t *testing.T) {
	t.Parallel()
	const columns = "id, to_json(v), to_json(a), to_json(s)"
	query := func(text string) []string {
		t.Helper()
		return normal(t, shared.spark.ask(t, map[string]any{"op": "sql", "query": text}).Rows)
	}
	for name, properties := range map[string]string{"whole": "", "shredded": "TBLPROPERTIES ('delta.enableVariantShredding' = 'true')"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			theirs, ours := filepath.Join(t.TempDir(), "theirs"), t.TempDir()
			query("CREATE TABLE delta.`" + theirs + "` USING DELTA " + properties + " AS " + variantRows)
			copyTable(t, theirs, ours)
			want := query("SELECT " + columns + " FROM delta.`" + theirs + "`")
			if len(want) != 11 {
				t.Fatalf("%d rows", len(want))
			}
			if diff := cmp.Diff(want, query("SELECT "+columns+" FROM delta.`"+ours+"`")); diff != "" {
				t.Errorf("rows of our copy (-want +got):\n%s", diff)
			}
			const texts = "SELECT id, v::JSON::VARCHAR AS v, a::JSON::VARCHAR AS a, s::JSON::VARCHAR AS s FROM t"
			duckdb := func(path string) []string {
				return normal(t, shared.readers.ask(t, map[string]any{"op": "query", "path": path, "query": texts}).Rows)
			}
			if diff := cmp.Diff(duckdb(theirs), duckdb(ours)); diff != "" {
				t.Errorf("rows of our copy by DuckDB (-those of Spark's table +got):\n%s", diff)
			}
			rows := shared.readers.ask(t, map[string]any{"op": "read", "engine": "datafusion", "path": ours}).Rows
			if name == "whole" { // delta-rs reads no shredded variants
				if diff := cmp.Diff(normal(t, shared.readers.ask(t, map[string]any{"op": "read", "engine": "datafusion", "path": theirs}).Rows), normal(t, rows)); diff != "" {
					t.Errorf("bytes of our copy by delta-rs (-those of Spark's table +got):\n%s", diff)
				}
			}
			query("INSERT INTO delta.`" + ours + "` SELECT id + 100, v, a, s FROM delta.`" + theirs + "`")
			if got := cat(t, ours); len(got) != 22 {
				t.Errorf("%d rows after Spark's append", len(got))
			}
		})
	}
}

// copyTable appends the rows of a table to a new one.
func copyTable(t *testing.T, from, to string) {
	t.Helper()
	open := func(dir string) *delta.Table {
		store, err := local.New(dir)
		if err != nil {
			t.Fatal(err)
		}
		return delta.Open(store, "", delta.Config{})
	}
	s, err := open(from).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	scan, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		t.Fatal(err)
	}
	table := open(to)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: s.Schema()}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), scan.Source(), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
}
