package databricks_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/engine/warehouse"
	"github.com/medallion-go/medallion/engine/warehouse/databricks"
	"github.com/medallion-go/medallion/schema"
)

// sent is a batch of one column x from JSON values.
func sent(t *testing.T, typ arrow.DataType, values string) arrow.RecordBatch {
	t.Helper()
	s := arrow.NewSchema([]arrow.Field{{Name: "x", Type: typ, Nullable: true}}, nil)
	a, _, err := array.FromJSON(memory.DefaultAllocator, typ, strings.NewReader(values))
	if err != nil {
		t.Fatal(err)
	}
	return array.NewRecordBatch(s, []arrow.Array{a}, int64(a.Len()))
}

var (
	msOfSpark = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "Etc/UTC"}
	duration  = arrow.FixedWidthTypes.Duration_us
	months    = arrow.FixedWidthTypes.MonthInterval
)

// TestTypes sends a column of one type that is wanted, or, where nothing is wanted, described, as another. The texts are the array's.
func TestTypes(t *testing.T) {
	t.Parallel()
	money := schema.DecimalOf(6, 2)
	item := arrow.ListOfField(arrow.Field{Name: "item", Type: msOfSpark, Nullable: true})
	entries := arrow.MapOf(schema.String, arrow.StructOf(arrow.Field{Name: "A", Type: schema.Int, Nullable: true}))
	tests := []struct {
		name   string
		sent   arrow.DataType
		values string
		kind   int32 // in the protocol
		wanted arrow.DataType
		want   string // values, or a part of the error
		as     arrow.DataType
	}{
		{"the same", schema.Int, `[1, null]`, 3, schema.Int, "[1 (null)]", nil},
		{"zone", msOfSpark, `[1000000]`, 8, schema.Timestamp, "[1000000]", nil},
		{"zone, described", msOfSpark, `[1000000]`, 8, nil, "[1000000]", schema.Timestamp},
		{"no zone, described", schema.TimestampNTZType, `[1000000]`, 8, nil, "[1000000]", schema.TimestampNTZType},
		{"other unit", arrow.FixedWidthTypes.Timestamp_ms, `[1]`, 8, schema.Timestamp, "the types are not the same", nil},
		{"decimal", money, `["12.50"]`, 15, money, "[12.5]", nil},
		{"decimal of other scale", schema.DecimalOf(6, 3), `["12.500"]`, 15, money, "the types are not the same", nil},
		{"decimal as text", schema.String, `["12.5", null, "-0.05"]`, 15, money, "[12.5 (null) -0.05]", nil},
		{"decimal as text, inexact", schema.String, `["12.505"]`, 15, money, "row 0: 12.505 does not fit", nil},
		{"decimal as text, too large", schema.String, `["1", "12345"]`, 15, money, "row 1: 12345 does not fit", nil},
		{"decimal as text, none", schema.String, `["x"]`, 15, money, "not a decimal", nil},
		{"decimal as text, described", schema.String, `["1"]`, 15, nil, "does not say which precision", nil},
		{"years", schema.String, `["INTERVAL '1-2' YEAR TO MONTH", "-0-3", "INTERVAL '2' YEAR"]`, 20, months, "[14 -3 24]", nil},
		{"years, described", schema.String, `["1-2"]`, 20, nil, "[14]", months},
		{
			"days", schema.String, `["INTERVAL '1 00:00:01' DAY TO SECOND", "-1 00:00:00.500000000", "INTERVAL '3' HOUR"]`, 21, duration,
			"[86401000000 -86400500000 10800000000]", nil,
		},
		{"days, described", schema.String, `["0 00:00:01.000000000"]`, 21, nil, "[1000000]", duration},
		{"days that are none", schema.String, `["' || x"]`, 21, duration, "row 0", nil},
		{"months for days", schema.String, `["INTERVAL '1' MONTH"]`, 21, duration, "no interval of DAY TO SECOND", nil},
		{"list", item, `[[1, null], null]`, 10, schema.ArrayOf(schema.Timestamp, true), "[[1 (null)] (null)]", nil},
		{"list, described", item, `[[1]]`, 10, nil, "[[1]]", schema.ArrayOf(schema.Timestamp, true)},
		{
			"map", entries, `[[{"key": "k", "value": {"A": 1}}]]`, 11,
			schema.MapOf(schema.String, arrow.StructOf(arrow.Field{Name: "a", Type: schema.Int, Nullable: true}), true), `[{["k"] {[1]}}]`, nil,
		},
		{
			"map, described", arrow.MapOf(schema.String, schema.Int), `[[{"key": "k", "value": 1}]]`, 11, nil,
			`[{["k"] [1]}]`, schema.MapOf(schema.String, schema.Int, true),
		},
		{"list of other elements", item, `[[1]]`, 10, schema.ArrayOf(schema.BigInt, true), "the types are not the same", nil},
		{"nothing", schema.Void, `[null, null]`, 16, money, "[(null) (null)]", nil},
		{"nothing but text", schema.String, `[null]`, 16, schema.Void, "[(null)]", nil},
		{"text for nothing", schema.String, `["x"]`, 16, schema.Void, "it has values", nil},
		{"text for a number", schema.String, `["1"]`, 7, schema.Int, "the types are not the same", nil},
		{"no Spark type", arrow.FixedWidthTypes.Time64us, `[1]`, 7, nil, "a type of Spark SQL", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
			defer mem.AssertSize(t, 0)
			r := result{pages: []page{{batches: []arrow.RecordBatch{sent(t, tt.sent, tt.values)}}}, names: []string{"X"}, kinds: []int32{tt.kind}}
			w := newFake(t, r).open(t, func(c *databricks.Config) { c.Allocator = mem })
			s := warehouse.Statement{SQL: "SELECT x"}
			wantType := tt.as
			if tt.wanted != nil {
				wantType = tt.wanted
				s.Rows = arrow.NewSchema([]arrow.Field{{Name: "X", Type: tt.wanted, Nullable: true}}, nil)
			}
			columns, got, err := collect(t, w, s)
			var column *databricks.ColumnError
			if errors.As(err, &column) {
				if column.Column != "X" && column.Column != "x" || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil || got != tt.want {
				t.Fatalf("got %s, %v, want %s", got, err, tt.want)
			}
			if f := columns.Field(0); f.Name != "X" || !arrow.TypeEqual(f.Type, wantType, arrow.CheckMetadata()) {
				t.Errorf("got column %v, want X of type %v", f, wantType)
			}
		})
	}
}

// collect is the text of the first column of a result of one batch, whose own type must be its schema's.
func collect(t *testing.T, w *databricks.Warehouse, s warehouse.Statement) (columns *arrow.Schema, text string, err error) {
	t.Helper()
	columns, batches, err := w.Query(t.Context(), s)
	if err != nil {
		return nil, "", err
	}
	for rec, fault := range batches {
		if fault != nil {
			return columns, text, fault
		}
		if !rec.Schema().Equal(columns) || !arrow.TypeEqual(rec.Column(0).DataType(), columns.Field(0).Type) {
			t.Errorf("got a batch of %v, want %v", rec.Schema(), columns)
		}
		text = fmt.Sprint(rec.Column(0))
	}
	return columns, text, nil
}

func TestWantedColumns(t *testing.T) {
	t.Parallel()
	one := result{pages: []page{{batches: []arrow.RecordBatch{sent(t, schema.Int, `[1, null]`)}}}}
	field := arrow.Field{Name: "x", Type: schema.Int}
	tests := []struct {
		name string
		rows []arrow.Field
		want string
	}{
		{"NOT NULL", []arrow.Field{field}, "wanted NOT NULL"},
		{"two", []arrow.Field{field, field}, "sent as 1 columns, wanted as 2 columns"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, _, err := collect(t, newFake(t, one).open(t), warehouse.Statement{SQL: "SELECT x", Rows: arrow.NewSchema(tt.rows, nil)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestStreamsDiffer has files of one result under other names, which is nothing, and of other types, which is a fault.
func TestStreamsDiffer(t *testing.T) {
	t.Parallel()
	other := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "y", Type: schema.Int, Nullable: true}}, nil), sent(t, schema.Int, `[2]`).Columns(), 1)
	tests := []struct {
		name   string
		second arrow.RecordBatch
		want   string
	}{
		{"names", other, ""},
		{"types", sent(t, schema.String, `["x"]`), "a stream before it had INT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			batches := []arrow.RecordBatch{sent(t, schema.Int, `[1]`), tt.second}
			w := newFake(t, result{names: []string{"x"}, pages: []page{{batches: batches, files: true}}}).open(t)
			_, got, err := collect(t, w, warehouse.Statement{SQL: "SELECT x"})
			if tt.want == "" && (err != nil || got != "[2]") || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %s, %v, want error %q", got, err, tt.want)
			}
		})
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	type row struct{ N int64 }
	w := newFake(t, result{names: []string{"n"}, kinds: []int32{4}, pages: []page{{batches: []arrow.RecordBatch{numbers(0, 2), numbers(2, 4)}}}}).open(t)
	var got []row
	for r, err := range databricks.Select[row](t.Context(), w, "SELECT n") {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, r); len(got) == 3 {
			break
		}
	}
	if d := cmp.Diff(got, []row{{0}, {1}, {2}}); d != "" {
		t.Errorf("(-got +want):\n%s", d)
	}
	type other struct{ M string }
	var failed error
	for _, err := range databricks.Select[other](t.Context(), w, "SELECT n") {
		failed = err
	}
	var typ *schema.TypeError
	if !errors.As(failed, &typ) {
		t.Errorf("got %v, want a TypeError: the column is missing", failed)
	}
}
