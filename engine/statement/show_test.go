package statement_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/expr"
	storagememory "github.com/medallion-go/medallion/storage/memory"
)

// The rows are those of Spark 4.2 with Delta 4.4 for the same table, but for its catalog's names.
func TestShowAndDescribe(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, storagememory.New())
	d.must("CREATE TABLE t (a INT NOT NULL COMMENT 'the a', s STRUCT<x: INT, y: ARRAY<STRING>>, p DATE, q INT) USING delta PARTITIONED BY (p, q) COMMENT 'things' "+
		"TBLPROPERTIES ('k.x' = 'v', 'delta.appendOnly' = 'false')",
		"INSERT INTO t VALUES (1, NULL, DATE'2024-01-02', 1), (2, NULL, NULL, 2), (3, NULL, DATE'2024-01-02', 1)", "CREATE TABLE plain (a INT)")
	columns := []string{
		`{"col_name":"a","data_type":"int","comment":"the a"}`, `{"col_name":"s","data_type":"struct<x:int,y:array<string>>","comment":null}`,
		`{"col_name":"p","data_type":"date","comment":null}`, `{"col_name":"q","data_type":"int","comment":null}`,
		`{"col_name":"# Partition Information","data_type":"","comment":""}`, `{"col_name":"# col_name","data_type":"data_type","comment":"comment"}`,
		`{"col_name":"p","data_type":"date","comment":null}`, `{"col_name":"q","data_type":"int","comment":null}`,
	}
	tests := []struct {
		text string
		want []string
	}{
		{"DESCRIBE t", columns},
		{"DESC TABLE EXTENDED t", slices.Concat(columns, []string{
			`{"col_name":"","data_type":"","comment":""}`, `{"col_name":"# Detailed Table Information","data_type":"","comment":""}`,
			`{"col_name":"Table","data_type":"t","comment":""}`, `{"col_name":"Comment","data_type":"things","comment":""}`,
			`{"col_name":"Location","data_type":"t","comment":""}`, `{"col_name":"Provider","data_type":"delta","comment":""}`,
			`{"col_name":"Table Properties","data_type":"[delta.appendOnly=false,delta.minReaderVersion=1,delta.minWriterVersion=2,k.x=v]","comment":""}`,
		})},
		{"DESCRIBE QUERY SELECT a, s.y FROM t", []string{
			`{"col_name":"a","data_type":"int","comment":null}`, `{"col_name":"y","data_type":"array<string>","comment":null}`,
		}},
		{"SHOW COLUMNS IN t", []string{`{"col_name":"a"}`, `{"col_name":"s"}`, `{"col_name":"p"}`, `{"col_name":"q"}`}},
		{"SHOW PARTITIONS t", []string{`{"p":null,"q":2}`, `{"p":"2024-01-02","q":1}`}},
		{"SHOW TBLPROPERTIES t", []string{
			`{"key":"delta.appendOnly","value":"false"}`, `{"key":"delta.minReaderVersion","value":"1"}`, `{"key":"delta.minWriterVersion","value":"2"}`,
			`{"key":"k.x","value":"v"}`,
		}},
		{"SHOW TBLPROPERTIES t ('k.x')", []string{`{"key":"k.x","value":"v"}`}},
		{"SHOW TBLPROPERTIES t (k.y)", []string{`{"key":"k.y","value":"Table t does not have property: k.y"}`}},
	}
	for _, tt := range tests {
		got, err := d.run(tt.text)
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", tt.text, err, diff)
		}
	}
	_, err := d.run("SHOW PARTITIONS plain")
	if !errors.Is(err, &expr.Error{Class: "DELTA_SHOW_PARTITION_IN_NON_PARTITIONED_TABLE"}) {
		t.Errorf("got error %v, want that the table is not partitioned", err)
	}
}

func TestViews(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, storagememory.New())
	d.must("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)", "CREATE TEMP VIEW v (x COMMENT 'c', y) AS SELECT a, 'b' FROM t", "CREATE TEMP VIEW w AS SELECT x FROM v")
	for text, class := range map[string]string{
		"CREATE TEMP VIEW V AS SELECT 1":                   "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
		"CREATE OR REPLACE TEMP VIEW v AS SELECT * FROM w": "RECURSIVE_VIEW",
		"CREATE OR REPLACE TEMP VIEW v (a, b) AS SELECT 1": "CREATE_VIEW_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS",
		"CREATE TEMP VIEW u (a) AS SELECT 1, 2":            "CREATE_VIEW_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS",
		"CREATE TEMP VIEW u AS SELECT 1 AS a, 2 AS A":      "COLUMN_ALREADY_EXISTS",
		"INSERT INTO v VALUES (1, 'c')":                    "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE",
		"SHOW PARTITIONS w":                                "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE",
		"DROP VIEW t":                                      "WRONG_COMMAND_FOR_OBJECT_TYPE",
		"DROP VIEW nope":                                   "TABLE_OR_VIEW_NOT_FOUND",
	} {
		var e *expr.Error
		if _, err := d.run(text); !errors.As(err, &e) || e.Class != class || e.Line == 0 || e.SQLState == "" {
			t.Errorf("%s: got error %v, want %s with its place", text, err, class)
		}
	}
	for _, tt := range []struct{ text, want string }{
		{"DESCRIBE v", `{"col_name":"x","data_type":"int","comment":"c"} {"col_name":"y","data_type":"string","comment":null}`},
		{"SHOW COLUMNS IN w", `{"col_name":"x"}`},
		{"SHOW TBLPROPERTIES v", ""},
		{"SHOW VIEWS LIKE 'W*|z'", `{"namespace":"","viewName":"w","isTemporary":true}`},
		{"SHOW TABLES", `{"namespace":"","tableName":"v","isTemporary":true,"location":null} {"namespace":"","tableName":"w","isTemporary":true,"location":null}`},
		{"DROP VIEW IF EXISTS nope", ""},
		{"DROP VIEW W", ""},
		{"SHOW VIEWS", `{"namespace":"","viewName":"v","isTemporary":true}`},
	} {
		got, err := d.run(tt.text)
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", tt.text, err, diff)
		}
	}
}
