package skipping_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/parquet/meta"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// patched is a file of one column c and one row group, whose footer was changed.
func patched(t *testing.T, ddl, rows string, change func(*meta.FileMetaData, *meta.SchemaElement, *meta.ColumnChunk)) *parquet.File {
	t.Helper()
	s, err := schema.ParseDDL("c " + ddl)
	if err != nil {
		t.Fatal(err)
	}
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, s, strings.NewReader(rows))
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, s, parquet.WriterConfig{})
	if err == nil {
		err = w.Write(rec.Columns(), int(rec.NumRows()), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	end := len(file) - 8
	start := end - int(binary.LittleEndian.Uint32(file[end:]))
	m, err := meta.DecodeFileMetaData(file[start:end])
	if err != nil {
		t.Fatal(err)
	}
	change(m, &m.Schema[1], &m.RowGroups[0].Columns[0])
	out := m.Append(bytes.Clone(file[:start]))
	out = append(binary.LittleEndian.AppendUint32(out, uint32(len(out)-start)), "PAR1"...)
	f, err := parquet.Open(bytes.NewReader(out), int64(len(out)), parquet.ReaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestStatisticsOfOthers has statistics as other writers are known to write them, and such that mean nothing.
func TestStatisticsOfOthers(t *testing.T) {
	t.Parallel()
	type change = func(*meta.FileMetaData, *meta.SchemaElement, *meta.ColumnChunk)
	asIs := func(*meta.FileMetaData, *meta.SchemaElement, *meta.ColumnChunk) {}
	stats := func(s meta.Statistics) change {
		return func(_ *meta.FileMetaData, _ *meta.SchemaElement, c *meta.ColumnChunk) { c.Statistics = s }
	}
	with := func(lo, hi []byte) meta.Statistics { return meta.Statistics{MinValue: lo, MaxValue: hi} }
	as := func(conv meta.Converted) change {
		return func(_ *meta.FileMetaData, e *meta.SchemaElement, _ *meta.ColumnChunk) {
			e.Converted, e.Logical = conv, meta.LogicalType{}
		}
	}
	order := func(o ...meta.ColumnOrder) change {
		return func(m *meta.FileMetaData, _ *meta.SchemaElement, _ *meta.ColumnChunk) { m.Orders = o }
	}
	i32 := func(v int32) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }
	f64 := func(v float64) []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)) }
	tests := []struct {
		name      string
		ddl, rows string
		change    change
		where     string
		keeps     bool
	}{
		{"our own", "INT", `[{"c":1},{"c":5}]`, asIs, "c = 7", false},
		{"our own", "INT", `[{"c":1},{"c":5}]`, asIs, "c = 4", true},
		{"no statistics", "INT", `[{"c":1},{"c":5}]`, stats(meta.Statistics{NullCount: -1}), "c = 7 AND c IS NULL", true},
		{"no count of NULLs", "INT", `[{"c":1},{"c":5}]`, stats(meta.Statistics{NullCount: -1, MinValue: i32(1), MaxValue: i32(5)}), "c IS NULL", true},
		{"bounds beside no count of NULLs", "INT", `[{"c":1},{"c":5}]`, stats(meta.Statistics{NullCount: -1, MinValue: i32(1), MaxValue: i32(5)}), "c = 7", false},
		{"no minimum", "INT", `[{"c":1},{"c":5}]`, stats(with(nil, i32(5))), "c < 0", true},
		{"the other bound counts", "INT", `[{"c":1},{"c":5}]`, stats(with(nil, i32(5))), "c > 5", false},
		{"bounds of another width", "INT", `[{"c":1},{"c":5}]`, stats(with([]byte{9}, []byte{9, 9})), "c = 3", true},
		{"only NULL", "INT", `[{},{}]`, asIs, "c = 7 OR c <> 7", false},
		{"NaN is in no bound", "DOUBLE", `[{"c":1},{"c":5}]`, stats(with(f64(1), f64(5))), "c > 7", true},
		{"NaN equals no number", "DOUBLE", `[{"c":1},{"c":5}]`, stats(with(f64(1), f64(5))), "c = 7", false},
		{"NaN as a minimum", "DOUBLE", `[{"c":1},{"c":5}]`, stats(with(f64(math.NaN()), f64(2))), "c = 5", true},
		{"NaN as a maximum", "DOUBLE", `[{"c":1},{"c":5}]`, stats(with(f64(2), f64(math.NaN()))), "c = 1", true},
		{"zero without its sign", "DOUBLE", `[{"c":0}]`, stats(with(f64(0), f64(0))), "c = double('-0.0')", true},
		{"a text that is cut", "STRING", `[{"c":"abc"},{"c":"abd"}]`, stats(with([]byte("ab"), []byte("abe"))), "c = 'abc'", true},
		{"a text that is cut", "STRING", `[{"c":"abc"},{"c":"abd"}]`, stats(with([]byte("ab"), []byte("abe"))), "c = 'aa'", false},
		{"old bounds of a text have signed bytes", "STRING", `[{"c":"é"},{"c":"z"}]`, stats(meta.Statistics{OldMin: []byte("é"), OldMax: []byte("z")}), "c < 'b'", true},
		{"old bounds of a number", "INT", `[{"c":1},{"c":5}]`, stats(meta.Statistics{OldMin: i32(1), OldMax: i32(5)}), "c = 7", false},
		{"an order that is not known", "STRING", `[{"c":"a"}]`, order(meta.UnknownOrder), "c = 'b'", true},
		{"an order too few", "STRING", `[{"c":"a"}]`, order(), "c = 'b'", false},
		{"unsigned with signed bounds", "INT", `[{"c":-1},{"c":5}]`, as(meta.ConvUint32), "c = 4294967295", true},
		{"unsigned in signed order", "BIGINT", `[{"c":-1},{"c":5}]`, as(meta.ConvUint64), "c = 18446744073709551615", true},
		{"INT96 has no order", "STRING", `[{"c":"a"}]`, func(_ *meta.FileMetaData, e *meta.SchemaElement, c *meta.ColumnChunk) {
			*e = meta.SchemaElement{Type: meta.Int96, Repetition: meta.Optional, Name: "c", Converted: meta.NoConverted}
			c.Type, c.Statistics = meta.Int96, with(make([]byte, 12), make([]byte, 12))
		}, "c > TIMESTAMP'2020-01-01'", true},
		{"decimals by signed bytes", "DECIMAL(30,1)", `[{"c":"-1.0"},{"c":"5.0"}]`, asIs, "c < CAST('-1.5' AS DECIMAL(30,1))", false},
		{"decimals by unsigned bytes", "DECIMAL(30,1)", `[{"c":"-1.0"},{"c":"5.0"}]`, func(m *meta.FileMetaData, _ *meta.SchemaElement, c *meta.ColumnChunk) {
			m.CreatedBy = "parquet-cpp version 1.5.1-SNAPSHOT"
			c.Statistics.MinValue, c.Statistics.MaxValue = c.Statistics.MaxValue, c.Statistics.MinValue
		}, "c = CAST('2.0' AS DECIMAL(30,1))", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := patched(t, tt.ddl, tt.rows, tt.change)
			node, err := expr.Parse(tt.where)
			if err != nil {
				t.Fatal(err)
			}
			where, err := expr.BindPredicate(node, expr.NewScope(f.Schema()))
			if err != nil {
				t.Fatal(err)
			}
			p := skipping.New(where, f.Schema().Fields())
			paths, known := make([][]string, len(p.Leaves())), make([]skipping.Bounds, len(p.Leaves()))
			for i := range paths {
				paths[i], known[i] = []string{"c"}, skipping.Unknown()
			}
			if got := p.Over(f, paths, known).KeepsGroup(0); got != tt.keeps {
				s, _ := f.RowGroups()[0].Stats("c")
				t.Errorf("WHERE %s keeps = %v, want %v (statistics %+v)", tt.where, got, tt.keeps, s)
			}
		})
	}
}

// TestReadAs has bounds of a narrower type than the column is read as.
func TestReadAs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ddl, rows string
		as        arrow.DataType
		where     string
		keeps     bool
	}{
		{"INT", `[{"c":1},{"c":5}]`, schema.BigInt, "c = 7", false},
		{"FLOAT", `[{"c":0.1},{"c":5}]`, schema.Double, "c = 0.10000000149011612D", true},
		{"FLOAT", `[{"c":0.1},{"c":5}]`, schema.Double, "c < 0.1D", false},
		{"DECIMAL(7,2)", `[{"c":"1.50"}]`, schema.DecimalOf(12, 2), "c > CAST(1.5 AS DECIMAL(12,2))", false},
		{"DECIMAL(7,2)", `[{"c":"1.50"}]`, schema.DecimalOf(12, 3), "c > CAST(1.5 AS DECIMAL(12,3))", true}, // of another scale
		{"TIMESTAMP_NTZ", `[{"c":"2020-01-01T00:00:00"}]`, schema.Timestamp, "c > TIMESTAMP'2020-01-01 00:00:00Z'", false},
		{"DATE", `[{"c":"2020-01-01"}]`, schema.TimestampNTZType, "c > TIMESTAMP_NTZ'2020-01-01 00:00:00'", true}, // days
		{"INT", `[{"c":1},{"c":5}]`, schema.Double, "c = 7.0D", true},
	} {
		f := patched(t, tt.ddl, tt.rows, func(*meta.FileMetaData, *meta.SchemaElement, *meta.ColumnChunk) {})
		fields := []arrow.Field{{Name: "c", Type: tt.as, Nullable: true}}
		node, err := expr.Parse(tt.where)
		if err != nil {
			t.Fatal(err)
		}
		where, err := expr.BindPredicate(node, expr.NewScope(arrow.NewSchema(fields, nil)))
		if err != nil {
			t.Fatal(err)
		}
		over := skipping.New(where, fields).Over(f, [][]string{{"c"}}, []skipping.Bounds{skipping.Unknown()})
		if got := over.KeepsGroup(0); got != tt.keeps {
			t.Errorf("%s read as %s WHERE %s keeps = %v, want %v", tt.ddl, schema.Name(tt.as), tt.where, got, tt.keeps)
		}
	}
}
