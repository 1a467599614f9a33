package delta_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// lines reads a scan as sorted JSON arrays, one a row.
func lines(t testing.TB, s *delta.Scan) []string {
	t.Helper()
	list := []string{}
	for rec, err := range s.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			var row []byte
			for c := range rec.Columns() {
				row = append(schema.AppendJSON(row, rec.Column(c), i), ' ')
			}
			list = append(list, strings.TrimSpace(string(row)))
		}
	}
	slices.Sort(list)
	return list
}

func scan(t testing.TB, table *delta.Table, c delta.ScanConfig) *delta.Scan {
	t.Helper()
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Scan(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func column(i int, typ arrow.DataType) expr.Bound {
	return expr.BoundColumn{Index: i, Name: fmt.Sprint("c", i), Typ: typ, Null: true}
}

func call(f string, args ...expr.Bound) expr.Bound {
	return expr.BoundCall{Func: f, Args: args, Typ: schema.Boolean, Null: true}
}

func literal(v any, typ arrow.DataType) expr.Bound { return expr.BoundLiteral{Value: v, Typ: typ} }

func TestScan(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(memory.New(), "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT, p STRING, name STRING, d DATE"), PartitionBy: []string{"p", "d"}}); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{
		`[{"id": 1, "p": "a", "name": "x", "d": "2026-01-01"}, {"id": 2, "p": null, "name": null, "d": null}]`,
		`[{"id": 3, "p": "a", "name": "y", "d": "2026-01-01"}, {"id": 4, "p": "b", "name": "x", "d": "2026-02-01"}]`,
	} {
		if v, err := table.Append(t.Context(), rows(t, alloc, "id BIGINT, p STRING, name STRING, d DATE", text), delta.WriteOptions{}); err != nil || v != int64(i+1) {
			t.Fatalf("Append = %d, %v", v, err)
		}
	}
	tests := []struct {
		name    string
		config  delta.ScanConfig
		want    []string
		skipped int
	}{
		{"all", delta.ScanConfig{}, []string{`1 "a" "x" "2026-01-01"`, `2 null null null`, `3 "a" "y" "2026-01-01"`, `4 "b" "x" "2026-02-01"`}, 0},
		{"columns in another order, one twice", delta.ScanConfig{Columns: []int{2, 0, 2}}, []string{`"x" 1 "x"`, `"x" 4 "x"`, `"y" 3 "y"`, `null 2 null`}, 0},
		{"only partition columns", delta.ScanConfig{Columns: []int{1}}, []string{`"a"`, `"a"`, `"b"`, `null`}, 0},
		{"dictionaries", delta.ScanConfig{Columns: []int{1, 2}, KeepDictionary: true}, []string{`"a" "x"`, `"a" "y"`, `"b" "x"`, `null null`}, 0},
		{
			"partition value",
			delta.ScanConfig{Filter: call("=", column(1, schema.String), literal("a", schema.String))},
			[]string{`1 "a" "x" "2026-01-01"`, `3 "a" "y" "2026-01-01"`},
			2,
		},
		{"statistics", delta.ScanConfig{Columns: []int{0}, Filter: call(">", column(0, schema.BigInt), literal(int64(2), schema.BigInt))}, []string{"3", "4"}, 2},
		{"function of a partition column", delta.ScanConfig{Columns: []int{0, 3}, Filter: call("=", expr.BoundCast{
			Arg: column(1, schema.DateType), Typ: schema.String,
		}, literal("2026-02-01", schema.String))}, []string{`4 "2026-02-01"`}, 3},
		{"nothing", delta.ScanConfig{Filter: literal(false, schema.Boolean)}, []string{}, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := scan(t, table, tt.config)
			if diff := cmp.Diff(tt.want, lines(t, p)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if p.SkippedFiles != tt.skipped || len(p.Files) != 4-tt.skipped {
				t.Errorf("skipped %d files and kept %d, want %d of 4 skipped", p.SkippedFiles, len(p.Files), tt.skipped)
			}
		})
	}
	t.Run("stop early", func(t *testing.T) {
		for rec, err := range scan(t, table, delta.ScanConfig{}).Records(t.Context()) {
			if err != nil || rec.NumRows() == 0 {
				t.Errorf("first batch: %v, %v", rec, err)
			}
			break
		}
	})
	t.Run("pipeline", func(t *testing.T) {
		env := &exec.Env{Alloc: alloc}
		all := exec.NewCollect(env, snapshot(t, table).Schema(), false)
		defer all.Close()
		if err := (exec.Pipeline{Source: scan(t, table, delta.ScanConfig{}).Source()}).Run(t.Context(), env, all); err != nil {
			t.Fatal(err)
		}
		if all.Rows() != 4 {
			t.Errorf("rows = %d, want 4", all.Rows())
		}
	})
}

func snapshot(t testing.TB, table *delta.Table) *delta.Snapshot {
	t.Helper()
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestScanFillsAndWidensOlderFiles(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := delta.Open(memory.New(), "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id INT, s STRUCT<a: INT>, l ARRAY<INT>")}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, alloc, "id INT, s STRUCT<a: INT>, l ARRAY<INT>",
		`[{"id": 1, "s": {"a": 5}, "l": [1, 2]}, {"id": 2, "s": null, "l": null}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	tx := table.Begin(snapshot(t, table), delta.Operation{Name: "CHANGE COLUMNS"})
	if err := tx.UpdateSchema(ddl(t, "id BIGINT, s STRUCT<a: BIGINT, b: STRING>, l ARRAY<BIGINT>, more STRING")); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{`1 {"a":5,"b":null} [1,2] null`, `2 null null null`}
	if diff := cmp.Diff(want, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestScanSkipsPages(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	c := testConfig()
	c.Alloc = alloc
	table := create(t, memory.New(), c, nil)
	b := array.NewRecordBuilder(alloc, ddl(t, "id BIGINT, name STRING"))
	defer b.Release()
	const n = 100_000
	for i := range n {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprint("n", i))
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	if _, err := table.Append(t.Context(), exec.NewBatches(rec.Schema(), rec).InOrder(), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	between := call("and", call(">=", column(0, schema.BigInt), literal(int64(50_000), schema.BigInt)), call("<", column(0, schema.BigInt), literal(int64(50_003), schema.BigInt)))
	p := scan(t, table, delta.ScanConfig{Filter: between})
	if diff := cmp.Diff([]string{`50000 "n50000"`, `50001 "n50001"`, `50002 "n50002"`}, lines(t, p)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	read := 0
	sink := exec.SinkFunc(func(_ context.Context, b *exec.Batch) error { read += b.N; return nil })
	if err := (exec.Pipeline{Source: p.Source()}).Run(t.Context(), &exec.Env{Alloc: alloc, Workers: 1}, sink); err != nil {
		t.Fatal(err)
	}
	if read >= n/2 {
		t.Errorf("decoded %d of %d rows, want the page index to skip most", read, n)
	}
}
