//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
	"github.com/medallion-go/medallion/schema"
)

// open is a connection of ours to the warehouse, closed at the test's end.
func (w *warehouseToken) open(t testing.TB, options url.Values, change ...func(*databricks.Config)) *databricks.Warehouse {
	t.Helper()
	return openDSN(t, w.dsn(options), append(change, func(c *databricks.Config) {
		c.RetryWaitMin, c.RetryWaitMax, c.MaxRetries = time.Millisecond, 10*time.Millisecond, 3
	})...)
}

func openDSN(t testing.TB, dsn string, change ...func(*databricks.Config)) *databricks.Warehouse {
	t.Helper()
	cfg, err := databricks.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(&cfg)
	}
	w, err := databricks.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close the warehouse: %v", err)
		}
	})
	return w
}

// workspaceVariable names a Databricks workspace, as a DSN, on which what can run there runs too.
const workspaceVariable = "MEDALLION_TEST_DATABRICKS"

// onWarehouses runs a test on the suite's warehouse, and on a workspace where one is named.
func onWarehouses(t *testing.T, test func(t *testing.T, open func(...func(*databricks.Config)) *databricks.Warehouse)) {
	t.Run("fixture", func(t *testing.T) {
		t.Parallel()
		token := shared.warehouse.login(t)
		test(t, func(change ...func(*databricks.Config)) *databricks.Warehouse { return token.open(t, nil, change...) })
	})
	if dsn := os.Getenv(workspaceVariable); dsn != "" {
		t.Run("workspace", func(t *testing.T) {
			t.Parallel()
			test(t, func(change ...func(*databricks.Config)) *databricks.Warehouse { return openDSN(t, dsn, change...) })
		})
	}
}

// textOfColumns are a result's columns as text: each value as an array of its own.
func textOfColumns(ctx context.Context, w warehouse.Server, s warehouse.Statement) (columns []string, types *arrow.Schema, err error) {
	types, batches, err := w.Query(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	columns = make([]string, types.NumFields())
	for rec, err := range batches {
		if err != nil {
			return nil, types, err
		}
		for i, c := range rec.Columns() {
			for row := range c.Len() {
				value := array.NewSlice(c, int64(row), int64(row+1))
				columns[i] += fmt.Sprint(value)
				value.Release()
			}
		}
	}
	return columns, types, nil
}

// TestDatabricksTypes reads two rows, values and NULLs, of every type, once as the server describes them, and once as wanted.
func TestDatabricksTypes(t *testing.T) {
	t.Parallel()
	values := []struct {
		sql, want string
		typ       arrow.DataType
	}{
		{"true", "true", schema.Boolean},
		{"CAST(-7 AS TINYINT)", "-7", schema.TinyInt},
		{"CAST(-300 AS SMALLINT)", "-300", schema.SmallInt},
		{"70000", "70000", schema.Int},
		{"9007199254740993", "9007199254740993", schema.BigInt},
		{"CAST(1.5 AS FLOAT)", "1.5", schema.Float},
		{"CAST('NaN' AS DOUBLE)", "NaN", schema.Double},
		{"CAST(-12.50 AS DECIMAL(38, 2))", "-12.5", schema.DecimalOf(38, 2)},
		{"'naïve ☃'", `"naïve ☃"`, schema.String},
		{"X'00FF'", `"\x00\xff"`, schema.Binary},
		{"DATE '0001-01-01'", "0001-01-01", schema.DateType},
		{"TIMESTAMP '2026-03-29 01:30:00.123456 Europe/Vienna'", "1774744200123456", schema.Timestamp},
		{"TIMESTAMP_NTZ '1969-12-31 23:59:59.999999'", "-1", schema.TimestampNTZType},
		{"INTERVAL '-1-2' YEAR TO MONTH", "-14", arrow.FixedWidthTypes.MonthInterval},
		{"INTERVAL '1 02:03:04.000005' DAY TO SECOND", "93784000005", arrow.FixedWidthTypes.Duration_us},
		{"array(1, NULL)", "[1 (null)]", schema.ArrayOf(schema.Int, true)},
		{"map('k', 1.25)", `{["k"] [1.25]}`, schema.MapOf(schema.String, schema.DecimalOf(3, 2), true)},
		{"named_struct('at', TIMESTAMP '1970-01-01 00:00:01', 'l', array('x'))", `{[1000000] [["x"]]}`, arrow.StructOf(
			arrow.Field{Name: "at", Type: schema.Timestamp, Nullable: true}, arrow.Field{Name: "l", Type: schema.ArrayOf(schema.String, true), Nullable: true})},
		{"NULL", "(null)", schema.Void},
	}
	list := make([]string, len(values))
	wanted := make([]arrow.Field, len(values))
	for i, v := range values {
		list[i] = fmt.Sprintf("if(id = 0, %s, NULL) AS c%d", v.sql, i)
		wanted[i] = arrow.Field{Name: fmt.Sprintf("c%d", i), Type: v.typ, Nullable: true}
	}
	s := warehouse.Statement{SQL: "SELECT " + strings.Join(list, ", ") + " FROM range(2) ORDER BY id"}
	onWarehouses(t, func(t *testing.T, open func(...func(*databricks.Config)) *databricks.Warehouse) {
		mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
		defer mem.AssertSize(t, 0)
		w := open(func(c *databricks.Config) { c.Allocator = mem })
		for _, rows := range []*arrow.Schema{nil, arrow.NewSchema(wanted, nil)} {
			s.Rows = rows
			got, types, err := textOfColumns(t.Context(), w, s)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				want := "[" + v.want + "][(null)]"
				if v.typ.ID() == arrow.STRUCT {
					want = v.want + "{[(null)] [(null)]}"
				}
				if got[i] != want {
					t.Errorf("%s: got %s, want %s", v.sql, got[i], want)
				}
				if f := types.Field(i); !schema.Equal(f.Type, v.typ) || f.Name != wanted[i].Name {
					t.Errorf("%s: got type %s of %s, want %s", v.sql, f.Type, f.Name, v.typ)
				}
			}
		}
	})
}

func TestDatabricksParameters(t *testing.T) {
	t.Parallel()
	price, err := schema.ParseDecimal("12.50")
	if err != nil {
		t.Fatal(err)
	}
	values := []any{
		true, int8(1), int16(2), int32(3), int64(4), float32(0.5), 2.5, "it's :p ? `x`", price,
		arrow.Date32(19_000), time.Date(2026, 3, 29, 0, 30, 0, 123_456_000, time.UTC), nil,
	}
	want := []string{
		"[true]", "[1]", "[2]", "[3]", "[4]", "[0.5]", "[2.5]", "[\"it's :p ? `x`\"]", "[12.5]", "[2022-01-08]", "[1774744200123456]", "[(null)]",
	}
	var named, positional []warehouse.Parameter
	var byName, byPlace []string
	for i, v := range values {
		named = append(named, warehouse.Parameter{Name: fmt.Sprintf("p%d", i), Value: v})
		positional = append(positional, warehouse.Parameter{Value: v})
		byName = append(byName, fmt.Sprintf(":p%d AS c%d", i, i))
		byPlace = append(byPlace, fmt.Sprintf("? AS c%d", i))
	}
	onWarehouses(t, func(t *testing.T, open func(...func(*databricks.Config)) *databricks.Warehouse) {
		w := open()
		for _, s := range []warehouse.Statement{
			{SQL: "SELECT " + strings.Join(byName, ", "), Parameters: named},
			{SQL: "SELECT " + strings.Join(byPlace, ", "), Parameters: positional},
		} {
			got, types, err := textOfColumns(t.Context(), w, s)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(got, want); d != "" {
				t.Errorf("%s (-got +want):\n%s", s.SQL, d)
			}
			if typ := types.Field(8).Type; !schema.Equal(typ, schema.DecimalOf(4, 2)) {
				t.Errorf("got a decimal as %s", typ)
			}
		}
	})
}

// TestDatabricksErrors has the class, the SQLSTATE and the place of what goes wrong with a statement, early and late.
func TestDatabricksErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ sql, class, state string }{
		{"SELEC 1", "PARSE_SYNTAX_ERROR", "42601"},
		{"SELECT * FROM no_such_table", "TABLE_OR_VIEW_NOT_FOUND", "42P01"},
		{"SELECT no_such_column FROM range(1)", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"},
		{"SELECT 1 / (id - id) FROM range(10)", "DIVIDE_BY_ZERO", "22012"},
		{"SELECT CAST(concat('x', id) AS INT) FROM range(10)", "CAST_INVALID_INPUT", "22018"},
		{"SELECT raise_error('that is that') FROM range(10)", "USER_RAISED_EXCEPTION", "P0001"},
	}
	onWarehouses(t, func(t *testing.T, open func(...func(*databricks.Config)) *databricks.Warehouse) {
		w := open()
		for _, tt := range tests {
			_, _, err := textOfColumns(t.Context(), w, warehouse.Statement{SQL: tt.sql})
			var failed *warehouse.StatementError
			if !errors.As(err, &failed) || failed.Class() != tt.class || failed.Lost || failed.QueryID == "" || !strings.Contains(err.Error(), tt.sql) {
				t.Errorf("%s: got %v, want class %s", tt.sql, err, tt.class)
				continue
			}
			if e := exprError(err); e == nil || e.SQLState != tt.state {
				t.Errorf("%s: got %+v, want SQLSTATE %s", tt.sql, e, tt.state)
			}
		}
	})
}

// TestDatabricksManyAtOnce runs 64 queries on 16 sessions. Each must have its own rows.
func TestDatabricksManyAtOnce(t *testing.T) {
	t.Parallel()
	onWarehouses(t, func(t *testing.T, open func(...func(*databricks.Config)) *databricks.Warehouse) {
		w := open(func(c *databricks.Config) { c.MaxConnections = 16 })
		var all sync.WaitGroup
		for i := range 64 {
			all.Go(func() {
				s := warehouse.Statement{SQL: "SELECT sum(id + :i) FROM range(100)", Parameters: []warehouse.Parameter{{Name: "i", Value: int64(i)}}}
				got, _, err := textOfColumns(t.Context(), w, s)
				if want := fmt.Sprintf("[%d]", 4950+100*i); err != nil || got[0] != want {
					t.Errorf("query %d: got %v, %v, want %s", i, got, err, want)
				}
			})
		}
		all.Wait()
	})
}

// TestDatabricksLargeResults reads results inline in pages, and by links, with the rows' order and sums.
func TestDatabricksLargeResults(t *testing.T) {
	t.Parallel()
	onWarehouses(t, func(t *testing.T, open func(...func(*databricks.Config)) *databricks.Warehouse) {
		w := open(func(c *databricks.Config) { c.PageRows = 20_000 })
		for _, n := range []int64{0, 1, 150_000, 1_000_000} {
			q := fmt.Sprintf("SELECT id, concat('row ', id) AS s, CAST(id AS DECIMAL(20, 2)) AS d, CAST(id AS DOUBLE) AS f FROM range(%d) ORDER BY id", n)
			_, batches, err := w.Query(t.Context(), warehouse.Statement{SQL: q})
			if err != nil {
				t.Fatal(err)
			}
			next := int64(0)
			for rec, err := range batches {
				if err != nil {
					t.Fatalf("%d rows: after %d: %v", n, next, err)
				}
				ids, texts := rec.Column(0).(*array.Int64), rec.Column(1).(*array.String)
				for i := range ids.Len() {
					if ids.Value(i) != next || texts.Value(i) != fmt.Sprintf("row %d", next) {
						t.Fatalf("%d rows: row %d is %d, %s", n, next, ids.Value(i), texts.Value(i))
					}
					next++
				}
			}
			if next != n {
				t.Errorf("got %d rows, want %d", next, n)
			}
		}
	})
}

func TestDatabricksSelect(t *testing.T) {
	t.Parallel()
	type row struct {
		ID    int64
		Name  *string
		Price schema.Decimal `delta:"price,decimal(8,2)"`
		At    time.Time
	}
	onWarehouses(t, func(t *testing.T, open func(...func(*databricks.Config)) *databricks.Warehouse) {
		var got []row
		const q = "SELECT id, if(id = 1, NULL, 'x') AS name, CAST(1.5 AS DECIMAL(8, 2)) AS price, TIMESTAMP '2026-01-01 00:00:00' AS at FROM range(2) ORDER BY id"
		for r, err := range databricks.Select[row](t.Context(), open(), q) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
		}
		if len(got) != 2 || *got[0].Name != "x" || got[1].Name != nil || got[1].ID != 1 || got[0].Price.String() != "1.50" || got[0].At.Year() != 2026 {
			t.Errorf("got %+v", got)
		}
	})
}
