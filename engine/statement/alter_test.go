package statement_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	storagememory "github.com/medallion-go/medallion/storage/memory"
)

func TestAlter(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, storagememory.New())
	for _, text := range []string{
		`CREATE TABLE t (id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 10), a INT NOT NULL, note VARCHAR(5) DEFAULT 'none', twice INT GENERATED ALWAYS AS (a * 2),
			s STRUCT<x: INT>, CONSTRAINT positive CHECK (a > 0)) TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.enableTypeWidening' = true)`,
		"INSERT INTO t (a, s) VALUES (1, named_struct('x', 1))",
		"ALTER TABLE t RENAME COLUMN s.x TO y",
		"ALTER TABLE t ADD COLUMNS (s.z STRING COMMENT 'new', more DATE AFTER a)",
		"ALTER TABLE t ALTER COLUMN s.y TYPE BIGINT",
		"ALTER TABLE t ALTER COLUMN note SET DEFAULT concat('a', 'b')",
		"ALTER TABLE t DROP COLUMN more",
		"ALTER TABLE t DROP COLUMNS IF EXISTS (nothing, s.nothing)",
		"ALTER TABLE t DROP CONSTRAINT positive",
		"ALTER TABLE t ADD CONSTRAINT small CHECK (a < 10)",
		"ALTER TABLE t SET TBLPROPERTIES ('mine' = 'x')",
		"ALTER TABLE t UNSET TBLPROPERTIES IF EXISTS ('mine', 'yours')",
		"INSERT INTO t (a, s) VALUES (-2, named_struct('y', 3000000000, 'z', 'q'))",
		"INSERT INTO t VALUES (DEFAULT, 6, DEFAULT, DEFAULT, DEFAULT), (DEFAULT, 7, 'x', DEFAULT, NULL)",
		"DELETE FROM t WHERE a = 7 AND note = 'x' AND twice = 14 OR a = 6 AND note = 'ab' AND s IS NULL",
		"UPDATE t SET note = DEFAULT, a = 3 WHERE a = 1",
		"MERGE INTO t USING (SELECT -2 AS a UNION ALL SELECT 5 AS a) s ON s.a = t.a WHEN MATCHED THEN UPDATE SET a = 4 WHEN NOT MATCHED THEN INSERT (a, note) VALUES (s.a, DEFAULT)",
		"ALTER TABLE t ALTER COLUMN id SYNC IDENTITY",
		"ALTER TABLE t CLUSTER BY (a)",
		"ALTER TABLE t CLUSTER BY NONE",
	} {
		if _, err := d.run(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	got, err := d.run("SELECT * FROM t ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"id":10,"a":3,"note":"ab","twice":6,"s":{"y":1,"z":null}}`, `{"id":11,"a":4,"note":"ab","twice":8,"s":{"y":3000000000,"z":"q"}}`,
		`{"id":14,"a":5,"note":"ab","twice":10,"s":null}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	for text, reason := range map[string]string{
		"INSERT INTO t (id, a) VALUES (1, 1)":                    "GENERATED ALWAYS AS IDENTITY",
		"INSERT INTO t (id, a) VALUES (DEFAULT, 1), (1, 1)":      "DEFAULT in some rows",
		"INSERT INTO t (id) VALUES (DEFAULT)":                    "nothing but values that the table gives",
		"INSERT INTO t (a, twice) VALUES (1, 3)":                 "constraint generated column twice",
		"INSERT INTO t (a, note) VALUES (1, 'longer')":           "length of note",
		"ALTER TABLE t DROP COLUMN a":                            "reads it",
		"ALTER TABLE t SET TBLPROPERTIES ('delta.wonder' = 'x')": "no such property",
		"ALTER TABLE t DROP FEATURE wonder":                      "does not have it",
		"ALTER TABLE t ALTER COLUMN a SYNC IDENTITY":             "it is no identity column",
		"ALTER TABLE u DROP COLUMN a":                            "there is no table u",
		"ALTER TABLE t ALTER COLUMN note TYPE INT":               "cannot change from string to int",
	} {
		if _, err := d.run(text); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want an error that says %q", text, err, reason)
		}
	}
	var e *expr.Error
	if _, err := d.run("ALTER TABLE t DROP COLUMN nothing"); !errors.As(err, &e) || e.Line != 1 || e.SQLState == "" {
		t.Errorf("dropping nothing: %v, want an *expr.Error with a place", err)
	}
}
