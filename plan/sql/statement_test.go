package sql_test

import (
	"testing"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/plan/sql"
)

func TestStatementErrors(t *testing.T) {
	t.Parallel()
	unsupported := func(line, column int) expr.Error { return fault("UNSUPPORTED_FEATURE", "0A000", line, column) }
	syntax := func(line, column int) expr.Error { return fault("PARSE_SYNTAX_ERROR", "42601", line, column) }
	tests := []struct {
		text    string
		want    expr.Error
		message string
	}{
		{"INSERT t VALUES (1)", syntax(1, 8), "'t'"},
		{"INSERT INTO t PARTITION (p = 1) VALUES (1)", unsupported(1, 15), "PARTITION"},
		{"INSERT OVERWRITE t REPLACE WHERE a = 1 SELECT 1", syntax(1, 20), "REPLACE WHERE"},
		{"INSERT INTO t VALUES (1) x y", syntax(1, 26), "'x'"},
		{"UPDATE t a = 1", syntax(1, 12), "'='"},
		{"UPDATE t SET a > 1", syntax(1, 16), "'>'"},
		{"DELETE t WHERE a", syntax(1, 8), "'t'"},
		{"MERGE INTO t USING s ON t.a = s.a", syntax(1, 34), "WHEN clause"},
		{"MERGE WITH SCHEMA EVOLUTION INTO t USING s ON TRUE WHEN MATCHED THEN DELETE", unsupported(1, 7), "SCHEMA EVOLUTION"},
		{"MERGE INTO t USING s ON TRUE WHEN MATCHED THEN INSERT *", syntax(1, 48), "UPDATE SET or DELETE"},
		{"MERGE INTO t USING s ON TRUE WHEN NOT MATCHED THEN DELETE", syntax(1, 52), "expected INSERT"},
		{"MERGE INTO t USING s ON TRUE WHEN NOT MATCHED THEN INSERT (a, b) VALUES (1)", syntax(1, 59), "1 values for 2 columns"},
		{"MERGE INTO t USING s ON TRUE WHEN NOT MATCHED BY SOURCE THEN UPDATE SET *", syntax(1, 73), ""},
		{"CREATE VIEW v AS SELECT 1", unsupported(1, 8), "anything but a TABLE"},
		{"CREATE TABLE t (a INT DEFAULT 1)", unsupported(1, 23), "DEFAULT"},
		{"CREATE TABLE t (a INT GENERATED ALWAYS AS (1))", unsupported(1, 23), "GENERATED"},
		{"CREATE TABLE t (a NOTHING)", syntax(1, 17), "unknown type NOTHING"},
		{"CREATE TABLE t (a INT", syntax(1, 22), "expected )"},
		{"CREATE TABLE t USING parquet AS SELECT 1", unsupported(1, 16), "parquet"},
		{"CREATE TABLE t (a INT) LOCATION '/x'", unsupported(1, 24), "LOCATION"},
		{"OPTIMIZE t WHERE a = 1 ZORDER BY (a", syntax(1, 36), "end of the text"},
		{"RESTORE TABLE t", syntax(1, 16), "a version or a time"},
		{"CREATE TABLE c DEEP CLONE t", unsupported(1, 16), "copies its files"},
		{"CREATE TABLE c SHALLOW CLONE t LOCATION 'x'", unsupported(1, 32), "LOCATION"},
		{"REORG TABLE t APPLY (UPGRADE UNIFORM (ICEBERG_COMPAT_VERSION = 2))", unsupported(1, 22), "anything but PURGE"},
		{"CREATE TABLE t (a INT) CLUSTER BY a", syntax(1, 35), "'a'"},
		{"OPTIMIZE WHERE a = 1", syntax(1, 10), "'WHERE'"},
		{"VACUUM t LITE USING INVENTORY i", unsupported(1, 15), "VACUUM by an inventory"},
		{"VACUUM t RETAIN x HOURS", syntax(1, 17), "number of hours"},
		{"VACUUM t RETAIN 9e9 HOURS", syntax(1, 17), "number of hours"},
		{"VACUUM t RETAIN 7 DAYS", syntax(1, 19), "'DAYS'"},
		{"DESCRIBE HISTORY t LIMIT x", syntax(1, 26), "number of commits"},
		{"SELECT * FROM t VERSION AS OF x", syntax(1, 31), "version"},
		{"SELECT * FROM t TIMESTAMP AS OF now()", unsupported(1, 33), "TIMESTAMP AS OF"},
		{"SELECT * FROM t@3", syntax(1, 16), "version"},
		{"SELECT * FROM table_changes(t, 1)", syntax(1, 29), "text"},
		{"SELECT * FROM table_changes('a b', 1)", syntax(1, 29), "'a b'"},
		{"SELECT * FROM table_changes('t')", syntax(1, 32), "')'"},
		{"SELECT * FROM table_changes('t', 1, 2, 3)", syntax(1, 38), "','"},
		{"SELECT * FROM table_changes('t', now())", unsupported(1, 34), "now"},
		{"SELECT * FROM table_changes('t', 1.5)", unsupported(1, 34), "1.5"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			_, err := sql.ParseStatement(tt.text, nil)
			checkError(t, err, tt.want, tt.message)
		})
	}
}

func TestTravel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"t VERSION AS OF 3":                           "t VERSION AS OF 3",
		"s.t FOR VERSION AS OF '3' AS x":              "s.t VERSION AS OF 3",
		"t@v3":                                        "t VERSION AS OF 3",
		"t TIMESTAMP AS OF '2026-01-31' y":            "t TIMESTAMP AS OF '2026-01-31'",
		"t FOR SYSTEM_TIME AS OF TIMESTAMP'2026-1-3'": "t TIMESTAMP AS OF '2026-1-3'",
		"t version":                                   "t",
	} {
		q, err := sql.Parse("SELECT * FROM " + text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := q.Tables(); len(got) != 1 || got[0].String() != want {
			t.Errorf("%s: tables %v, want %s", text, got, want)
		}
	}
	q, err := sql.Parse("SELECT * FROM orders VERSION AS OF 1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.Resolve(tables(t))
	checkError(t, err, fault("UNSUPPORTED_FEATURE.TIME_TRAVEL", "0A000", 1, 15), "orders")
}

func TestTableChanges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"table_changes('t', 3)":                                        "table_changes('t', 3)",
		"TABLE_CHANGES('s.`t x`', 0, 7) AS c (a, b)":                   "table_changes('s.t x', 0, 7)",
		"table_changes('t', '2026-01-31', TIMESTAMP '2026-02-01') c":   "table_changes('t', '2026-01-31', '2026-02-01')",
		"table_changes_by_path('/data/my orders', 1, '2026-01-31')":    "table_changes('delta./data/my orders', 1, '2026-01-31')",
		"(SELECT * FROM table_changes('t', 1) WHERE _change_type = 1)": "table_changes('t', 1)",
	} {
		q, err := sql.Parse("SELECT * FROM " + text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := q.Tables(); len(got) != 1 || got[0].String() != want || !got[0].Changes {
			t.Errorf("%s: tables %v, want %s", text, got, want)
		}
	}
	q, err := sql.Parse("SELECT * FROM table_changes('orders', 1)")
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.Resolve(tables(t))
	checkError(t, err, fault("UNSUPPORTED_FEATURE.TABLE_OPERATION", "0A000", 1, 15), "orders")
}

func FuzzStatement(f *testing.F) {
	for _, text := range []string{
		"INSERT INTO t (a, b) BY NAME SELECT 1", "INSERT INTO t REPLACE WHERE a = 1 VALUES (1)", "UPDATE t AS x SET x.a = 1, b = :p WHERE c IN (SELECT 1)",
		"MERGE INTO t USING (SELECT 1 a) s ON t.a = s.a WHEN MATCHED AND TRUE THEN UPDATE SET * WHEN NOT MATCHED BY SOURCE THEN DELETE",
		"CREATE OR REPLACE TABLE t (a INT NOT NULL COMMENT 'x') PARTITIONED BY (a) TBLPROPERTIES (delta.x = 'y')", "DESCRIBE HISTORY t LIMIT 1",
		"OPTIMIZE t WHERE p = :p ZORDER BY a, b.`c d`", "REORG TABLE t WHERE p = 1 APPLY (PURGE)", "RESTORE TABLE t TO VERSION AS OF 3", "CREATE TABLE c SHALLOW CLONE t TIMESTAMP AS OF '2026-01-31'", "DESCRIBE DETAIL t", "CREATE TABLE t (a INT, s STRUCT<b: INT>) CLUSTER BY (a, s.b)", "OPTIMIZE t FULL", "VACUUM t RETAIN 1.5 HOURS DRY RUN", "VACUUM t LITE DRY RUN",
		"SELECT * FROM table_changes('t', 1, '2026-01-31')",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := sql.ParseStatement(text, nil)
		if err != nil {
			return
		}
		if _, err := sql.BindStatement(s); err != nil {
			t.Errorf("%q: nothing was bound, but %v", text, err)
		}
	})
}
