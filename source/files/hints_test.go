package files_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/parquet/meta"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/source"
	"github.com/medallion-go/medallion/source/files"
	memstore "github.com/medallion-go/medallion/storage/memory"
)

// The columns of the files, and what the source reads them as: as they are, wider, of another type, and such as only one side has.
const (
	prunedFile = "i INT, n BIGINT, f FLOAT, d DOUBLE, s STRING, long STRING, b BOOLEAN, small DECIMAL(7,2), big DECIMAL(30,3), t TIMESTAMP_NTZ, day DATE, " +
		"st STRUCT<x: INT, y: STRING>, odd STRING, unknown BIGINT"
	prunedRows = "i BIGINT, n BIGINT, f DOUBLE, d DOUBLE, s STRING, long STRING, b BOOLEAN, small DECIMAL(9,2), big DECIMAL(32,5), t TIMESTAMP, day TIMESTAMP_NTZ, " +
		"st STRUCT<x: BIGINT, y: STRING, z: INT>, odd INT, missing BIGINT, _metadata STRUCT<file_name: STRING, file_size: BIGINT>, _rescued_data STRING"
)

// operands are what each column is compared with, as SQL.
var operands = map[string][]string{
	"i": {"-3", "0", "7", "40", "NULL"}, "n": {"-3", "0", "7", "40"},
	"f": {"-1.5", "0", "double('-0.0')", "double('NaN')", "double('Infinity')", "8.0"}, "d": {"-1.5", "0", "double('NaN')", "double('-Infinity')", "8.0"},
	"s": {"''", "'b'", "'bb'", "'k7'", "'ü'"}, "long": {"'a'", "'" + strings.Repeat("x", 1024) + "'", "'" + strings.Repeat("x", 1100) + "'"}, "b": {"true", "false"},
	"small": {"-1.00", "0.50", "8.25"}, "big": {"-1.00000", "0.50000", "8.25000"}, "t": {"TIMESTAMP'1970-01-01 00:00:05Z'", "TIMESTAMP'1969-12-31 23:59:59Z'"},
	"day": {"TIMESTAMP_NTZ'1970-01-05 00:00:00'", "TIMESTAMP_NTZ'1970-01-01 00:00:00'"}, "st.x": {"3", "20"}, "st.y": {"'y3'", "'z'"}, "st.z": {"1"},
	"odd": {"3"}, "missing": {"3"}, "_metadata.file_name": {"'0.parquet'", "'9'"}, "_metadata.file_size": {"100", "1000000"}, "_rescued_data": {"'x'"},
}

// TestFilterLeavesOutNoRow reads files with and without random filters: statistics spare row groups and pages, but no row that the filter keeps is gone, whether the
// statistics are there, are cut or lie in the order of their bytes, whatever the values.
func TestFilterLeavesOutNoRow(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	var sum source.Counts
	for range 4 {
		alloc := memory.NewCheckedAllocator(pool.NewChecked())
		store := memstore.New()
		for n := range 2 {
			put(t, store, fmt.Sprintf("%d.parquet", n), withoutSome(t, random, randomFile(t, random)))
		}
		src := files.In(store, "*", files.WithDDL(prunedRows))
		for range 50 {
			where := randomWhere(random, 2)
			want, _ := filtered(t, src, where, source.Hints{})
			got, counts := filtered(t, src, where, hintsFor(t, src, where, alloc))
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("WHERE %s (-all +spared):\n%s", where, d)
			}
			sum.SkippedRowGroups += counts.SkippedRowGroups
			sum.SkippedPages += counts.SkippedPages
			sum.SkippedBytes += counts.SkippedBytes
		}
		alloc.AssertSize(t, 0)
	}
	if sum.SkippedRowGroups < 100 || sum.SkippedPages < 100 || sum.SkippedBytes == 0 {
		t.Errorf("%d row groups of %d bytes and %d pages were skipped: the test shows little", sum.SkippedRowGroups, sum.SkippedBytes, sum.SkippedPages)
	}
}

// filtered are the rows that pass, and what was counted.
func filtered(t *testing.T, src *files.Source, where string, h source.Hints) (rows []string, sum source.Counts) {
	t.Helper()
	s, err := src.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cond, err := kernel.Compile(bound(t, where, s))
	if err != nil {
		t.Fatal(err)
	}
	batch, err := src.Plan(t.Context(), nil, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	env := &kernel.Env{Alloc: memory.DefaultAllocator}
	for _, split := range batch.Splits {
		if h.Filter != nil {
			split = split.(source.Hinted).With(h)
		}
		counts, err := split.Read(context.Background(), nil, func(rec arrow.RecordBatch) error {
			kept, err := cond.Select(env, rec.Columns(), int(rec.NumRows()), nil, nil)
			for _, i := range kept {
				rows = append(rows, string(schema.AppendRowJSON(nil, rec, int(i))))
			}
			return err
		})
		if err != nil {
			t.Fatalf("WHERE %s: %v", where, err)
		}
		sum.SkippedRowGroups += counts.SkippedRowGroups
		sum.SkippedPages += counts.SkippedPages
		sum.SkippedBytes += counts.SkippedBytes
	}
	return rows, sum
}

func bound(t *testing.T, where string, s *arrow.Schema) expr.Bound {
	t.Helper()
	node, err := expr.Parse(where)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	e, err := expr.BindPredicate(node, expr.NewScope(s))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	return e
}

// hintsFor binds the filter over the source's columns in another order.
func hintsFor(t *testing.T, src *files.Source, where string, alloc memory.Allocator) source.Hints {
	t.Helper()
	s, err := src.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fields := s.Fields()
	slices.Reverse(fields)
	h := source.Hints{Filter: bound(t, where, arrow.NewSchema(fields, nil)), Alloc: alloc}
	for _, f := range fields {
		h.Columns = append(h.Columns, f.Name)
	}
	return h
}

func randomWhere(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		a := randomWhere(r, depth-1)
		switch r.IntN(3) {
		case 0:
			return "NOT (" + a + ")"
		case 1:
			return "(" + a + " AND " + randomWhere(r, depth-1) + ")"
		default:
			return "(" + a + " OR " + randomWhere(r, depth-1) + ")"
		}
	}
	columns := make([]string, 0, len(operands))
	for c := range operands {
		columns = append(columns, c)
	}
	slices.Sort(columns)
	column := columns[r.IntN(len(columns))]
	operand := func() string { return operands[column][r.IntN(len(operands[column]))] }
	switch r.IntN(5) {
	case 0:
		return column + []string{" IS NULL", " IS NOT NULL"}[r.IntN(2)]
	case 1:
		return fmt.Sprintf("%s IN (%s, %s)", column, operand(), operand())
	case 2:
		if column == "s" || column == "long" {
			return fmt.Sprintf("startswith(%s, %s)", column, operand())
		}
	}
	return fmt.Sprintf("%s %s %s", column, []string{"=", "<=>", "<>", "<", "<=", ">", ">="}[r.IntN(7)], operand())
}

// randomFile has small row groups and pages of values that rise, mostly.
func randomFile(t *testing.T, r *rand.Rand) []byte {
	t.Helper()
	n := 40 + r.IntN(80)
	rows := make([]string, n)
	for i := range rows {
		var members []string
		add := func(name string, values ...any) {
			if v := values[r.IntN(len(values))]; r.IntN(6) > 0 {
				members = append(members, fmt.Sprintf("%q:%v", name, v))
			}
		}
		at := i/4 - 5
		add("i", at, at, at+r.IntN(3))
		add("n", at, at, 100-at)
		add("f", float64(at)/2, float64(at)/2, 91, 94, 92) // withoutNumbers
		add("d", float64(at)/2, float64(at)/2, float64(at)/2, 91, 93)
		add("s", fmt.Sprintf("%q", string(rune('a'+i/10))), fmt.Sprintf(`"k%d"`, at), `""`)
		add("long", fmt.Sprintf("%q", strings.Repeat("x", 1000+i*2)), `"`+strings.Repeat("\U0010FFFF", i*4)+`"`)
		add("b", i < n/2)
		add("small", fmt.Sprintf(`"%d.25"`, at))
		add("big", fmt.Sprintf(`"%d.250"`, at))
		add("t", fmt.Sprintf(`"1970-01-01T00:00:%02d.5"`, i/4))
		add("day", fmt.Sprintf(`"1970-01-%02d"`, 1+i/6))
		if r.IntN(4) > 0 {
			add("st", fmt.Sprintf(`{"x":%d,"y":"y%d"}`, at, at), fmt.Sprintf(`{"y":"y%d"}`, at), `{}`)
		}
		add("odd", `"o"`)
		add("unknown", at)
		rows[i] = "{" + strings.Join(members, ",") + "}"
	}
	return parquetFile(t, prunedFile, "["+strings.Join(rows, ",")+"]", parquet.WriterConfig{RowGroupRows: int64(8 + r.IntN(40)), PageRows: 4 + r.IntN(8)})
}

// withoutSome takes statistics and indexes away from some columns, cuts some, and names other orders for some.
func withoutSome(t *testing.T, r *rand.Rand, file []byte) []byte {
	t.Helper()
	end := len(file) - 8
	start := end - int(binary.LittleEndian.Uint32(file[end:]))
	m, err := meta.DecodeFileMetaData(file[start:end])
	if err != nil {
		t.Fatal(err)
	}
	for g := range m.RowGroups {
		for i := range m.RowGroups[g].Columns {
			c := &m.RowGroups[g].Columns[i]
			switch s := &c.Statistics; r.IntN(12) {
			case 0:
				*s = meta.Statistics{NullCount: -1}
			case 1:
				s.MinValue = nil
			case 2:
				s.MaxValue = nil
			case 3:
				s.NullCount = -1
			case 4:
				s.MinValue, s.MaxValue = []byte{1}, []byte{0} // of no fixed width
				if c.Type == meta.ByteArray || c.Type == meta.FixedLenByteArray || c.Type == meta.Boolean {
					s.MinValue, s.MaxValue = nil, nil
				}
			case 5:
				if c.Type == meta.ByteArray && s.MinValue != nil {
					s.MinValue = s.MinValue[:len(s.MinValue)/2]
				}
			}
			if r.IntN(8) == 0 {
				c.ColumnIndexOffset, c.ColumnIndexLength = 0, 0
			}
		}
	}
	for i := range m.Orders {
		if r.IntN(10) == 0 {
			m.Orders[i] = meta.UnknownOrder
		}
	}
	out := m.Append(slices.Clone(file[:start]))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(out)-start))
	return append(out, "PAR1"...)
}
