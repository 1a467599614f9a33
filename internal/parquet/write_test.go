package parquet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
)

// Selected rows of sliced arrays are the rows that are written, for every type.
func TestSelection(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	g := &gen{rnd: rand.New(rand.NewPCG(21, 1)), alloc: alloc, nulls: 0.3}
	whole := randomBatch(g, testSchema(), 300)
	defer whole.Release()
	part := whole.NewSlice(13, 213)
	defer part.Release()
	var sel []int32
	for i := range 200 {
		if g.rnd.IntN(3) > 0 {
			sel = append(sel, int32(i))
		}
	}
	var buf bytes.Buffer
	w, err := parquet.NewWriter(&buf, part.Schema(), parquet.WriterConfig{PageRows: 50})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(part.Columns(), 200, sel[:90]), w.Write(part.Columns(), 200, []int32{}), w.Write(part.Columns(), 200, sel[90:])); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := readAll(t, open(t, buf.Bytes(), parquet.ReaderConfig{Alloc: alloc}), alloc, parquet.ReadConfig{})
	for i, f := range part.Schema().Fields() {
		want := take(t, alloc, part.Column(i), sel)
		if !array.ApproxEqual(want, got[i], array.WithNaNsEqual(true), array.WithAbsTolerance(0)) {
			t.Errorf("column %s %s: values differ", f.Name, f.Type)
		}
		want.Release()
		got[i].Release()
	}
}

func take(t *testing.T, alloc memory.Allocator, a arrow.Array, sel []int32) arrow.Array {
	t.Helper()
	var parts []arrow.Array
	for _, i := range sel {
		p := array.NewSlice(a, int64(i), int64(i)+1)
		defer p.Release()
		parts = append(parts, p)
	}
	out, err := array.Concatenate(parts, alloc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// dictionaryOf turns n values into a dictionary array with that index type.
func dictionaryOf(alloc memory.Allocator, index arrow.DataType, values []string) arrow.Array {
	b := array.NewDictionaryBuilder(alloc, &arrow.DictionaryType{IndexType: index, ValueType: schema.String}).(*array.BinaryDictionaryBuilder)
	defer b.Release()
	for _, v := range values {
		if v == "null" {
			b.AppendNull()
		} else if err := b.AppendString(v); err != nil {
			panic(err)
		}
	}
	return b.NewArray()
}

// Dictionary arrays, a new dictionary with each batch, give the same file as strings do.
func TestDictionaryArraysIn(t *testing.T) {
	t.Parallel()
	s := arrow.NewSchema([]arrow.Field{{Name: "c", Type: schema.String, Nullable: true}}, nil)
	for _, index := range []arrow.DataType{
		arrow.PrimitiveTypes.Int8, arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Int16, arrow.PrimitiveTypes.Uint16,
		arrow.PrimitiveTypes.Int32, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Int64,
	} {
		for _, unique := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, unique=%v", index, unique), func(t *testing.T) {
				t.Parallel()
				alloc := memory.NewCheckedAllocator(pool.NewChecked())
				defer alloc.AssertSize(t, 0)
				var all []string
				var plain, coded bytes.Buffer
				p, err := parquet.NewWriter(&plain, s, parquet.WriterConfig{PageRows: 300})
				c, err2 := parquet.NewWriter(&coded, s, parquet.WriterConfig{PageRows: 300})
				if err := errors.Join(err, err2); err != nil {
					t.Fatal(err)
				}
				for round := range 7 {
					var values []string
					for i := range 100 {
						v := fmt.Sprintf("value %d", (i+round)%30)
						if unique {
							v = fmt.Sprintf("value %d of %d", i, round)
						}
						if i%9 == 0 {
							v = "null"
						}
						values = append(values, v)
					}
					all = append(all, values...)
					d := dictionaryOf(alloc, index, values)
					str := stringsOf(alloc, values)
					if err := errors.Join(c.Write([]arrow.Array{d}, 100, nil), p.Write([]arrow.Array{str}, 100, nil)); err != nil {
						t.Fatal(err)
					}
					d.Release()
					str.Release()
				}
				_, err = p.Close()
				_, err2 = c.Close()
				if err := errors.Join(err, err2); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(plain.Bytes(), coded.Bytes()) {
					t.Error("the files differ")
				}
				want := stringsOf(alloc, all)
				defer want.Release()
				compare(t, s, []arrow.Array{want}, readAll(t, open(t, coded.Bytes(), parquet.ReaderConfig{Alloc: alloc}), alloc, parquet.ReadConfig{}))
			})
		}
	}
}

func stringsOf(alloc memory.Allocator, values []string) arrow.Array {
	b := array.NewStringBuilder(alloc)
	defer b.Release()
	for _, v := range values {
		if v == "null" {
			b.AppendNull()
		} else {
			b.Append(v)
		}
	}
	return b.NewArray()
}

// A chunk that outgrows its dictionary goes on without one, and reads as if nothing had happened.
func TestDictionaryFallback(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	var values []string
	for i := range 30_000 {
		k := i
		if i < 1000 {
			k = i % 500 // the first page is worth a dictionary
		}
		values = append(values, fmt.Sprintf("%d %s", k, strings.Repeat("x", 100)))
	}
	a := stringsOf(alloc, values)
	defer a.Release()
	s := arrow.NewSchema([]arrow.Field{{Name: "c", Type: schema.String, Nullable: true}}, nil)
	b := array.NewRecordBatch(s, []arrow.Array{a}, int64(a.Len()))
	defer b.Release()
	file, _ := write(t, s, parquet.WriterConfig{PageRows: 1000, BloomFilters: []string{"c"}}, b)
	kinds := map[arrow.Type]bool{}
	for _, keep := range []bool{false, true} {
		f := open(t, file, parquet.ReaderConfig{Alloc: alloc})
		at := 0
		err := f.Read(context.Background(), parquet.ReadConfig{BatchRows: 1500, KeepDictionary: keep}, func(r arrow.RecordBatch) error {
			kinds[r.Column(0).DataType().ID()] = true
			for i := range int(r.NumRows()) {
				if got := r.Column(0).ValueStr(i); got != values[at] {
					return fmt.Errorf("row %d: got %.20q, want %.20q", at, got, values[at])
				}
				at++
			}
			return nil
		})
		if err != nil || at != len(values) {
			t.Errorf("keep=%v: %d rows, %v", keep, at, err)
		}
	}
	if !kinds[arrow.STRING] || !kinds[arrow.DICTIONARY] {
		t.Errorf("column types: got %v, want both STRING and DICTIONARY", kinds)
	}
}

func TestWriterErrors(t *testing.T) {
	t.Parallel()
	field := func(typ arrow.DataType, nullable bool) *arrow.Schema {
		return arrow.NewSchema([]arrow.Field{{Name: "c", Type: typ, Nullable: nullable}}, nil)
	}
	ints := oneColumn(schema.Int, func(b *array.Int32Builder) { b.AppendValues([]int32{1, 2}, []bool{true, false}) }).Columns()
	nested := oneColumn(schema.ArrayOf(schema.Int, true), func(b *array.ListBuilder) { b.Append(true); b.ValueBuilder().AppendNull() }).Columns()
	tests := []struct {
		name   string
		schema *arrow.Schema
		config parquet.WriterConfig
		cols   []arrow.Array
		n      int
		sel    []int32
		want   string
	}{
		{"unsigned", field(arrow.PrimitiveTypes.Uint8, true), parquet.WriterConfig{}, nil, 0, nil, "column c: writing the Arrow type uint8 is not supported"},
		{"nanoseconds", field(arrow.FixedWidthTypes.Timestamp_ns, true), parquet.WriterConfig{}, nil, 0, nil, "is not supported"},
		{"codec", field(schema.Int, true), parquet.WriterConfig{Compression: 9}, nil, 0, nil, "9 is no codec"},
		{"bloom", field(schema.Int, true), parquet.WriterConfig{BloomFilters: []string{"d"}}, nil, 0, nil, "bloom filter for d: there is no such leaf"},
		{"bloom of booleans", field(schema.Boolean, true), parquet.WriterConfig{BloomFilters: []string{"c"}}, nil, 0, nil, "bloom filter for c"},
		{"type", field(schema.BigInt, true), parquet.WriterConfig{}, ints, 2, nil, "column c: array of type int32 where the schema says int64"},
		{"columns", field(schema.Int, true), parquet.WriterConfig{}, nil, 2, nil, "0 columns for a schema of 1"},
		{"rows", field(schema.Int, true), parquet.WriterConfig{}, ints, 3, nil, "column c: 2 rows in a batch of 3"},
		{"selection", field(schema.Int, true), parquet.WriterConfig{}, ints, 2, []int32{2}, "row 2 selected in a batch of 2"},
		{"null", field(schema.Int, false), parquet.WriterConfig{}, ints, 2, nil, "column c: NULL in a field that is not nullable"},
		{"null element", field(schema.ArrayOf(schema.Int, false), true), parquet.WriterConfig{}, nested, 1, nil, "column c.list.element: NULL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, err := parquet.NewWriter(new(bytes.Buffer), tt.schema, tt.config)
			if err == nil {
				err = w.Write(tt.cols, tt.n, tt.sel)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// A null that is not selected does no harm.
func TestRequiredColumnSelection(t *testing.T) {
	t.Parallel()
	cols := oneColumn(schema.Int, func(b *array.Int32Builder) { b.AppendValues([]int32{1, 2}, []bool{true, false}) }).Columns()
	s := arrow.NewSchema([]arrow.Field{{Name: "c", Type: schema.Int}}, nil)
	w, err := parquet.NewWriter(new(bytes.Buffer), s, parquet.WriterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(cols, 2, []int32{0}); err != nil {
		t.Error(err)
	}
}

type failing struct{ left int }

var errFull = errors.New("disk full")

func (f *failing) Write(b []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// Whichever write fails, the error comes out of Write or Close.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	b := oneColumn(schema.Int, func(b *array.Int32Builder) { b.AppendValues(make([]int32, 100), nil) })
	for n := 0; ; n++ {
		w, err := parquet.NewWriter(&failing{left: n}, b.Schema(), parquet.WriterConfig{RowGroupRows: 60})
		if err == nil {
			err = w.Write(b.Columns(), 100, nil)
		}
		if err == nil {
			_, err = w.Close()
		}
		if err == nil {
			if n < 8 {
				t.Errorf("only %d writes", n)
			}
			return
		}
		if !errors.Is(err, errFull) {
			t.Fatalf("write %d fails: got error %v, want %v", n, err, errFull)
		}
	}
}

func TestWriteAfterClose(t *testing.T) {
	t.Parallel()
	b := oneColumn(schema.Int, func(b *array.Int32Builder) { b.Append(1) })
	w, err := parquet.NewWriter(new(bytes.Buffer), b.Schema(), parquet.WriterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(b.Columns(), 1, nil); err == nil {
		t.Error("Write after Close: no error")
	}
}

// Size goes up to what Close writes, roughly, while little is written before.
func TestSize(t *testing.T) {
	t.Parallel()
	g := &gen{rnd: rand.New(rand.NewPCG(23, 1)), alloc: memory.DefaultAllocator, nulls: 0.1}
	s := arrow.NewSchema([]arrow.Field{{Name: "a", Type: schema.String, Nullable: true}, {Name: "b", Type: schema.BigInt, Nullable: true}}, nil)
	b := randomBatch(g, s, 5000)
	var n counter
	w, err := parquet.NewWriter(&n, s, parquet.WriterConfig{PageRows: 1000})
	if err != nil {
		t.Fatal(err)
	}
	last := int64(0)
	for range 10 {
		if err := w.Write(b.Columns(), 5000, nil); err != nil {
			t.Fatal(err)
		}
		if size := w.Size(); size < last {
			t.Errorf("size fell from %d to %d", last, size)
		}
		last = w.Size()
	}
	f, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if last < f.Bytes*8/10 || last > f.Bytes*12/10 {
		t.Errorf("size before Close: got %d, want about %d", last, f.Bytes)
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	field := func(name, id string, typ arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: typ, Nullable: true, Metadata: arrow.NewMetadata([]string{"PARQUET:field_id"}, []string{id})}
	}
	s := arrow.NewSchema([]arrow.Field{
		field("a", "0", schema.Int), field("b", "7", arrow.ListOfField(field("element", "8", schema.String))),
		field("c", "9", arrow.StructOf(field("d", "10", schema.Double))),
	}, nil)
	file, _ := write(t, s, parquet.WriterConfig{Metadata: map[string]string{"k": "v", "empty": ""}})
	f := open(t, file, parquet.ReaderConfig{})
	if !f.Schema().Equal(s) {
		t.Errorf("schema with field ids:\ngot  %s\nwant %s", f.Schema(), s)
	}
	got := map[string]string{}
	for _, k := range []string{"k", "empty", "none"} {
		if v, ok := f.KeyValue(k); ok {
			got[k] = v
		}
	}
	if d := cmp.Diff(map[string]string{"k": "v", "empty": ""}, got); d != "" {
		t.Error(d)
	}
	if f.NumRows() != 0 || len(f.RowGroups()) != 0 {
		t.Errorf("an empty file has %d rows in %d row groups", f.NumRows(), len(f.RowGroups()))
	}
}
