package statement_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/flow"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/engine/statement"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/plan"
	"github.com/medallion-go/medallion/plan/sql"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	storagememory "github.com/medallion-go/medallion/storage/memory"
)

// database is the tables in a store, by their keys.
type database struct {
	t       *testing.T
	alloc   memory.Allocator
	store   storage.Store
	session engine.Session
	views   statement.Views
}

func newDatabase(t *testing.T, store storage.Store) *database {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	t.Cleanup(func() { alloc.AssertSize(t, 0) })
	now := func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	s, err := local.New(local.Config{Alloc: alloc}).Open(t.Context(), engine.Run{Now: now, NewID: func() string { return "id" }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &database{t: t, alloc: alloc, store: store, session: s}
}

// Open is any name's table.
func (d *database) Open(_ context.Context, name string) (*delta.Table, error) {
	return delta.Open(d.store, name, delta.Config{Alloc: d.alloc}), nil
}

// Resolve plans a query over the tables of the store.
func (d *database) Resolve(ctx context.Context, q *sql.Query) (plan.Node, error) {
	nodes, err := d.views.In(ctx, q, d.Resolve)
	if err != nil {
		return nil, err
	}
	for _, t := range q.Tables() {
		if d.views.Has(t.Name) {
			continue
		}
		table, err := d.Open(ctx, t.Name)
		if err != nil {
			return nil, err
		}
		if t.Changes {
			changes, err := statement.Changes(ctx, table, t)
			if err != nil {
				return nil, err
			}
			nodes[t.String()] = plan.NewScan(&flow.Feed{Ident: t.String(), Changes: changes})
			continue
		}
		s, err := statement.Snapshot(ctx, table, t)
		if err != nil {
			return nil, err
		}
		nodes[t.String()] = plan.NewScan(&flow.Version{Ident: t.String(), Snapshot: s})
	}
	return q.Resolve(nodes)
}

// run runs a statement, or a query, and gives its rows as JSON.
func (d *database) run(text string) (rows []string, err error) {
	s, err := sql.ParseStatement(text, nil)
	if err != nil {
		return nil, err
	}
	_, batches, err := (&statement.Runner{Session: d.session, Tables: d, Views: &d.views}).Run(d.t.Context(), s)
	if q, ok := s.(*sql.Query); ok && errors.Is(err, statement.ErrOther) {
		n, err := d.Resolve(d.t.Context(), q)
		if err != nil {
			return nil, err
		}
		if _, batches, err = d.session.Query(d.t.Context(), n); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	for rec, err := range batches {
		if err != nil {
			return nil, err
		}
		for i := range int(rec.NumRows()) {
			rows = append(rows, string(schema.AppendRowJSON(nil, rec, i)))
		}
	}
	return rows, nil
}

// must runs statements that are to go well.
func (d *database) must(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if _, err := d.run(text); err != nil {
			d.t.Fatalf("%s: %v", text, err)
		}
	}
}

// content is a table's rows, in order of id.
func (d *database) content(table string) string {
	d.t.Helper()
	rows, err := d.run("SELECT * FROM " + table + " ORDER BY id NULLS LAST")
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(rows, " ")
}

// people makes a table of three rows.
func (d *database) people() {
	d.t.Helper()
	d.must("CREATE TABLE t (id BIGINT NOT NULL, name STRING, v DECIMAL(10,2)) PARTITIONED BY (name)", "INSERT INTO t VALUES (1, 'ann', 1.5), (2, 'bob', 2), (3, NULL, NULL)")
}

func TestStatements(t *testing.T) {
	t.Parallel()
	const ann, bob, nobody = `{"id":1,"name":"ann","v":"1.50"}`, `{"id":2,"name":"bob","v":"2.00"}`, `{"id":3,"name":null,"v":null}`
	tests := []struct{ text, answer, want string }{
		{"INSERT INTO t (v, id) SELECT 1, 4", "1 1", ann + " " + bob + " " + nobody + ` {"id":4,"name":null,"v":"1.00"}`},
		{"INSERT INTO t BY NAME SELECT 'x' AS name, 4 AS id", "1 1", ann + " " + bob + " " + nobody + ` {"id":4,"name":"x","v":null}`},
		{"INSERT OVERWRITE t SELECT id + 1, name, v FROM t WHERE id = 1", "1 1", `{"id":2,"name":"ann","v":"1.50"}`},
		{"INSERT INTO t REPLACE WHERE name = 'ann' VALUES (9, 'ann', 0)", "1 1", bob + " " + nobody + ` {"id":9,"name":"ann","v":"0.00"}`},
		{
			"INSERT INTO t REPLACE USING (name) VALUES (7, 'ann', 7), (8, 'ann', 8), (9, NULL, 9)", "3 3",
			bob + " " + nobody + ` {"id":7,"name":"ann","v":"7.00"} {"id":8,"name":"ann","v":"8.00"} {"id":9,"name":null,"v":"9.00"}`,
		},
		{"INSERT INTO t BY NAME REPLACE USING (id, name) SELECT 'bob' AS name, 2 AS id", "1 1", ann + ` {"id":2,"name":"bob","v":null} ` + nobody},
		{"INSERT INTO t REPLACE USING (id) SELECT * FROM t WHERE id > 9", "0 0", ann + " " + bob + " " + nobody},
		{
			"INSERT INTO t AS x REPLACE ON x.name <=> s.name AND x.id < 9 (SELECT 4 AS id, CAST(NULL AS STRING) AS name, 4 AS v UNION ALL SELECT 5, NULL, 5) AS s", "2 2",
			ann + " " + bob + ` {"id":4,"name":null,"v":"4.00"} {"id":5,"name":null,"v":"5.00"}`,
		},
		{"INSERT INTO t x REPLACE ON x.id = 1 SELECT 4, 'y', 4", "1 1", bob + " " + nobody + ` {"id":4,"name":"y","v":"4.00"}`},
		{"TRUNCATE TABLE t", "3", ""},
		{"UPDATE t SET v = v + 1, name = upper(name) WHERE id < 3", "2", `{"id":1,"name":"ANN","v":"2.50"} {"id":2,"name":"BOB","v":"3.00"} ` + nobody},
		{"UPDATE t AS x SET x.v = x.id", "3", `{"id":1,"name":"ann","v":"1.00"} {"id":2,"name":"bob","v":"2.00"} {"id":3,"name":null,"v":"3.00"}`},
		{"UPDATE t SET v = 0 WHERE id = 7", "0", ann + " " + bob + " " + nobody},
		{"DELETE FROM t WHERE t.v IS NULL", "1", ann + " " + bob},
		{"DELETE FROM t", "3", ""},
		{
			"MERGE INTO t USING (SELECT 1 AS id, 'x' AS name, 9 AS v UNION ALL SELECT 5, 'y', 5) s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
			"2 1 0 1", `{"id":1,"name":"x","v":"9.00"} ` + bob + " " + nobody + ` {"id":5,"name":"y","v":"5.00"}`,
		},
		{
			"MERGE INTO t AS a USING t VERSION AS OF 1 AS b ON a.id = b.id AND a.id < 3 WHEN MATCHED AND b.v > 1.7 THEN DELETE WHEN MATCHED THEN UPDATE SET v = a.v + b.v WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a.name = 'lost'",
			"3 2 1 0", `{"id":1,"name":"ann","v":"3.00"} {"id":3,"name":"lost","v":null}`,
		},
		{"MERGE INTO t USING t s ON t.id = s.id + 1 WHEN NOT MATCHED AND s.id = 3 THEN INSERT (id, v) VALUES (s.id * 10, 1)", "1 0 0 1", ann + " " + bob + " " + nobody + ` {"id":30,"name":null,"v":"1.00"}`},
		{"CREATE TABLE IF NOT EXISTS t AS SELECT 1 AS id", "", ann + " " + bob + " " + nobody},
		{"CREATE OR REPLACE TABLE t AS SELECT id, id * 2 AS w FROM t", "3 3", `{"id":1,"w":2} {"id":2,"w":4} {"id":3,"w":6}`},
		{"CREATE OR REPLACE TABLE t (id INT)", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			d := newDatabase(t, storagememory.New())
			d.people()
			rows, err := d.run(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := numbers(rows); got != tt.answer {
				t.Errorf("the answer is %s, want %s", got, tt.answer)
			}
			if diff := cmp.Diff(tt.want, d.content("t")); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// numbers are the values of a row of JSON.
func numbers(rows []string) string {
	var list []string
	for _, row := range rows {
		for _, part := range strings.Split(strings.Trim(row, "{}"), ",") {
			_, value, _ := strings.Cut(part, ":")
			list = append(list, value)
		}
	}
	return strings.Join(list, " ")
}

func TestCreateAs(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, storagememory.New())
	d.must("CREATE TABLE a PARTITIONED BY (p) COMMENT 'of two' TBLPROPERTIES ('delta.appendOnly' = 'true') AS SELECT id, 'x' AS p FROM VALUES (1), (2) v(id)")
	if got, want := d.content("a"), `{"id":1,"p":"x"} {"id":2,"p":"x"}`; got != want {
		t.Errorf("rows %s, want %s", got, want)
	}
	s, err := delta.Open(d.store, "a", delta.Config{}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintln(s.Version(), s.PartitionColumns(), s.Metadata().Description, s.Property("delta.appendOnly"), s.Schema().Field(0).Nullable)
	if want := "0 [p] of two true true\n"; got != want {
		t.Errorf("the table is %s, want %s", got, want)
	}
	if _, err := d.run("DELETE FROM a"); !errors.Is(err, delta.ErrAppendOnly) {
		t.Errorf("DELETE = %v, want ErrAppendOnly", err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, storagememory.New())
	d.people()
	d.must("DELETE FROM t WHERE id = 1")
	rows, err := d.run("DESCRIBE HISTORY t LIMIT 1")
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %v, %v", rows, err)
	}
	for _, want := range []string{`"version":2,`, `"operation":"DELETE"`, `["predicate","[\"id = 1\"]"]`, `["numDeletedRows","1"]`, `"isBlindAppend":false`} {
		if !strings.Contains(rows[0], want) {
			t.Errorf("%s is not in %s", want, rows[0])
		}
	}
	for text, want := range map[string]int{"DESCRIBE HISTORY t": 3, "DESCRIBE HISTORY t LIMIT 0": 0} {
		if rows, err := d.run(text); err != nil || len(rows) != want {
			t.Errorf("%s: %d rows, %v, want %d", text, len(rows), err, want)
		}
	}
}

func TestStatementsThatFail(t *testing.T) {
	t.Parallel()
	at := func(class string, line, column int) expr.Error {
		return expr.Error{Class: class, Line: line, Column: column}
	}
	tests := []struct {
		text string
		want expr.Error
	}{
		{"INSERT INTO nowhere VALUES (1)", at("TABLE_OR_VIEW_NOT_FOUND", 1, 13)},
		{"INSERT INTO t VALUES (1)", at("INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS", 1, 13)},
		{"INSERT INTO t VALUES (1, 'a', 2, 3)", at("INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", 1, 13)},
		{"INSERT INTO t (id, id) VALUES (1, 2)", at("COLUMN_ALREADY_EXISTS", 1, 13)},
		{"INSERT INTO t (id, x) VALUES (1, 2)", at("UNRESOLVED_COLUMN.WITH_SUGGESTION", 1, 13)},
		{"INSERT INTO t VALUES (1, 'a', 'b')", at("INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", 1, 13)},
		{"INSERT INTO t SELECT 1, 'a', id / 0 FROM t", at("DIVIDE_BY_ZERO", 1, 30)},
		{"UPDATE t SET v = 1 / (id - 1)", at("DIVIDE_BY_ZERO", 1, 8)},
		{"UPDATE t SET x = 1", at("UNRESOLVED_COLUMN.WITH_SUGGESTION", 1, 14)},
		{"UPDATE t SET v = 1, t.v = 2", at("DELTA_CONFLICT_SET_COLUMN", 1, 21)},
		{"UPDATE t SET v = 'x'", at("INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", 1, 18)},
		{"UPDATE t\nSET v = w", at("UNRESOLVED_COLUMN.WITH_SUGGESTION", 2, 9)},
		{"DELETE FROM t WHERE id", at("DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", 1, 21)},
		{"DELETE FROM t WHERE id IN (SELECT w)", at("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", 1, 35)},
		{"UPDATE t SET v = (SELECT id, v FROM t)", at("INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN", 1, 18)},
		{"MERGE INTO t USING t s ON t.id = s.nope WHEN MATCHED THEN DELETE", at("UNRESOLVED_COLUMN.WITH_SUGGESTION", 1, 34)},
		{"MERGE INTO t USING t s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (t.id)", at("UNRESOLVED_COLUMN.WITH_SUGGESTION", 1, 81)},
		{"CREATE TABLE t (a INT)", at("TABLE_OR_VIEW_ALREADY_EXISTS", 1, 14)},
		{"CREATE TABLE u", at("PARSE_SYNTAX_ERROR", 1, 14)},
		{"CREATE TABLE u (a INT) AS SELECT 1", at("PARSE_SYNTAX_ERROR", 1, 14)},
		{"OPTIMIZE t WHERE v > 1", at("DELTA_NON_PARTITION_COLUMN_REFERENCE", 1, 18)},
		{"OPTIMIZE t WHERE w = 1", at("UNRESOLVED_COLUMN.WITH_SUGGESTION", 1, 18)},
		{"OPTIMIZE nowhere", at("TABLE_OR_VIEW_NOT_FOUND", 1, 10)},
		{"VACUUM nowhere", at("TABLE_OR_VIEW_NOT_FOUND", 1, 8)},
		{"SELECT * FROM table_changes('t', 'noon')", at("INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT", 1, 15)},
		{"SELECT * FROM t TIMESTAMP AS OF 'noon'", at("INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT", 1, 15)},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			d := newDatabase(t, storagememory.New())
			d.people()
			before := d.content("t")
			_, err := d.run(tt.text)
			var e *expr.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *expr.Error", err)
			}
			if got := at(e.Class, e.Line, e.Column); got.Class != tt.want.Class || got.Line != tt.want.Line || got.Column != tt.want.Column {
				t.Errorf("got %v, want %s at %d:%d", err, tt.want.Class, tt.want.Line, tt.want.Column)
			}
			if after := d.content("t"); after != before {
				t.Errorf("the table has become %s", after)
			}
		})
	}
}

// TestViolations holds that what a table forbids fails with delta's own errors and changes nothing.
func TestViolations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		"INSERT INTO t (name) VALUES ('x')":                                                          new(*delta.NotNullError),
		"UPDATE t SET id = NULL WHERE id = 1":                                                        new(*delta.NotNullError),
		"INSERT INTO t REPLACE WHERE id = 1 VALUES (2, 'bob', 2)":                                    new(*delta.ConstraintError),
		"MERGE INTO t USING VALUES (1), (1) s(id) ON t.id = s.id WHEN MATCHED THEN UPDATE SET v = 0": new(*delta.MultipleMatchError),
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			d := newDatabase(t, storagememory.New())
			d.people()
			before := d.content("t")
			if _, err := d.run(text); !errors.As(err, want) {
				t.Errorf("got %v, want a %T", err, want)
			}
			if after := d.content("t"); after != before {
				t.Errorf("the table has become %s", after)
			}
		})
	}
}

// TestStatementsAreWholeOrNothing fails every call of the store in turn: the table is as before, or as afterwards.
func TestStatementsAreWholeOrNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"INSERT INTO t VALUES (4, 'd', 4)", "UPDATE t SET v = 7 WHERE id < 3", "MERGE INTO t USING t s ON t.id = s.id + 1 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT *",
		"CREATE OR REPLACE TABLE t AS SELECT id, 1 AS w FROM t",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			whole := newDatabase(t, storagememory.New())
			whole.people()
			before := whole.content("t")
			whole.must(text)
			after := whole.content("t")
			for n, more := 1, true; more; n++ {
				inner := storagememory.New()
				quiet := newDatabase(t, inner)
				quiet.people()
				store := faultstore.New(inner, faultstore.Fault{At: n})
				_, err := newDatabase(t, store).run(text)
				got := quiet.content("t")
				if want := map[bool]string{true: after, false: before}[err == nil]; got != want && got != after {
					t.Fatalf("call %d failed, the statement said %v, and the table is %s", n, err, got)
				}
				more = store.Fired()
			}
		})
	}
}
