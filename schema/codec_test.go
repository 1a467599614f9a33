package schema_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

type item struct {
	SKU   string
	Price *float64
	Tags  []string
}

type level string

type everything struct {
	Flag     bool
	Tiny     int8
	Small    int16
	Medium   int32
	Big      int64
	N        int
	Single   float32
	Ratio    float64
	Text     string
	Raw      []byte
	Day      schema.Date
	At       time.Time
	Local    schema.TimestampNTZ
	Amount   schema.Decimal `delta:"amount,decimal(20,3)"`
	Level    level
	MaybeN   *int64
	MaybeS   *string
	MaybeRaw *[]byte
	MaybeAt  *time.Time
	MaybeLvl *level
	MaybeAmt *schema.Decimal `delta:"maybe_amt,decimal(38,0)"`
	Item     item
	MaybeIt  *item
	Items    []item
	MaybeIts *[]*item
	Names    []string
	Levels   []level
	Matrix   [][]int64
	Counts   map[string]int64
	ByDay    map[schema.Date]*item
	Blobs    [][]byte
	MaybeMap *map[string][]string
}

func ptr[T any](v T) *T { return &v }

// sample makes row i; every third has all its nullable values, every third has none, and lengths vary.
func sample(i int) everything {
	it := func(j int) item {
		return item{SKU: fmt.Sprintf("sku-%d-%d", i, j), Tags: words(j), Price: ptr(float64(j) / 4)}
	}
	r := everything{
		Flag: i%2 == 0, Tiny: int8(i), Small: int16(-i), Medium: int32(i * 1000), Big: int64(i) << 40, N: -i, Single: float32(i) / 2, Ratio: 1 / float64(i+1),
		Text: strings.Repeat("x", i%7), Raw: []byte(strings.Repeat("y", i%5)), Day: schema.Date(i * 31), At: time.UnixMicro(int64(i) * 1234567891).UTC(),
		Local: schema.TimestampNTZ(i) * 987654321, Amount: schema.NewDecimal(int64(i)*1001, 3), Level: level(fmt.Sprint("level", i%3)),
		Item: it(i % 4), Items: []item{}, Names: words(i % 6), Levels: []level{"a", level(fmt.Sprint(i))}, Matrix: [][]int64{{int64(i)}, {}, {1, 2, 3}},
		Counts: map[string]int64{"a": int64(i), fmt.Sprint(i): 1}, ByDay: map[schema.Date]*item{}, Blobs: [][]byte{{1}, {}, []byte(fmt.Sprint(i))},
	}
	for j := range i % 5 {
		r.Items = append(r.Items, it(j))
	}
	if i%3 == 0 {
		return r
	}
	r.MaybeN, r.MaybeS, r.MaybeRaw, r.MaybeAt = ptr(int64(i)), ptr(fmt.Sprint("maybe", i)), ptr([]byte{byte(i)}), ptr(r.At)
	r.MaybeLvl, r.MaybeAmt = ptr(r.Level), ptr(schema.NewDecimal(int64(-i), 0))
	r.MaybeIt, r.MaybeIts = ptr(it(1)), ptr([]*item{nil, ptr(it(2)), nil})
	r.ByDay[schema.Date(i)], r.ByDay[schema.Date(-i)] = ptr(it(3)), nil
	r.MaybeMap = ptr(map[string][]string{"k": words(i % 3), "": {}})
	return r
}

func words(n int) []string {
	out := []string{}
	for i := range n {
		out = append(out, strings.Repeat("w", i))
	}
	return out
}

func samples(n int) []everything {
	rows := make([]everything, n)
	for i := range rows {
		rows[i] = sample(i)
	}
	return rows
}

func codecOf[R any](t testing.TB) *schema.Codec[R] {
	t.Helper()
	s, err := schema.Of[R]()
	if err != nil {
		t.Fatal(err)
	}
	c, err := schema.NewCodec[R](s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var compareDecimals = cmp.Comparer(func(a, b schema.Decimal) bool { return a.Scale() == b.Scale() && a.Cmp(b) == 0 })

func TestCodecRoundTrip(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	c := codecOf[everything](t)
	for _, n := range []int{0, 1, 3, 256, 257, 700} {
		rows := samples(n)
		batch, err := c.Encode(alloc, rows)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Decode(batch, nil)
		batch.Release()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, got, compareDecimals); n > 0 && diff != "" {
			t.Fatalf("%d rows changed (-want +got):\n%s", n, diff)
		}
	}
}

func TestCodecReadsSlices(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	c := codecOf[everything](t)
	rows := samples(600)
	batch, err := c.Encode(alloc, rows)
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	part := batch.NewSlice(100, 555)
	defer part.Release()
	got, err := c.Decode(part, []everything{{Text: "first"}})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Text != "first" {
		t.Errorf("Decode changed the rows before: %v", got[0].Text)
	}
	if diff := cmp.Diff(rows[100:555], got[1:], compareDecimals); diff != "" {
		t.Fatalf("rows changed (-want +got):\n%s", diff)
	}
}

func TestCodecRowsAgree(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	c := codecOf[everything](t)
	dynamic, err := schema.NewCodec[schema.Row](c.Schema())
	if err != nil {
		t.Fatal(err)
	}
	batch, err := c.Encode(alloc, samples(300))
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	rows, err := dynamic.Decode(batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := dynamic.Encode(alloc, rows)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Release()
	if !array.RecordEqual(batch, again) {
		t.Error("rows of a run-time schema give another batch")
	}
	for i, r := range rows {
		got, err := r.MarshalJSON()
		if want := schema.AppendRowJSON(nil, batch, i); err != nil || string(got) != string(want) {
			t.Fatalf("row %d: JSON = %s, %v\nwant %s", i, got, err, want)
		}
	}
}

func TestCodecDictionaries(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	type row struct {
		A string
		B *string
		C []byte
	}
	batch := dictionaryBatch(t, alloc)
	defer batch.Release()
	got, err := codecOf[row](t).Decode(batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []row{{"x", nil, []byte("p")}, {"", ptr("y"), []byte("q")}, {"x", nil, []byte("p")}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// dictionaryBatch has dictionary columns a, b and c; b has a null index and a null among its values.
func dictionaryBatch(t *testing.T, alloc memory.Allocator) arrow.RecordBatch {
	t.Helper()
	column := func(typ arrow.DataType, values, codes string) arrow.Array {
		v, _, err := array.FromJSON(alloc, typ, strings.NewReader(values))
		if err != nil {
			t.Fatal(err)
		}
		defer v.Release()
		c, _, err := array.FromJSON(alloc, schema.Int, strings.NewReader(codes))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Release()
		return array.NewDictionaryArray(&arrow.DictionaryType{IndexType: schema.Int, ValueType: typ}, c, v)
	}
	columns := []arrow.Array{
		column(schema.String, `["","x"]`, `[1,0,1]`), column(schema.String, `["y",null]`, `[1,0,null]`), column(schema.Binary, `["cA==","cQ=="]`, `[0,1,0]`),
	}
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		defer c.Release()
		fields[i] = arrow.Field{Name: string(rune('a' + i)), Type: c.DataType(), Nullable: true}
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, 3)
}

func TestCodecMatchesNames(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	type row struct {
		B  string
		ID int64
		S  struct{ Y *int32 }
	}
	c := codecFor[row](t, "id BIGINT, s STRUCT<x: INT, y: INT>, b STRING, extra DATE")
	batch, err := c.Encode(alloc, []row{{B: "b", ID: 7}, {S: struct{ Y *int32 }{ptr(int32(3))}}})
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	if got, want := string(schema.AppendRowJSON(nil, batch, 1)), `{"id":0,"s":{"x":null,"y":3},"b":"","extra":null}`; got != want {
		t.Errorf("row = %s, want %s", got, want)
	}
	reordered := codecFor[row](t, "B STRING, S STRUCT<x: INT, y: INT>, ID BIGINT")
	got, err := reordered.Decode(batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]row{{B: "b", ID: 7}, {S: struct{ Y *int32 }{ptr(int32(3))}}}, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func codecFor[R any](t *testing.T, ddl string) *schema.Codec[R] {
	t.Helper()
	c, err := schema.NewCodec[R](schematest.DDL(t, ddl))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDecodeErrorsNameColumnAndRow(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	type inner struct{ V int64 }
	tests := []struct {
		name, ddl, json, want string
		decode                func(arrow.RecordBatch) error
	}{
		{"value", "a BIGINT", `[{"a":1},{"a":null}]`, "column a, row 1: NULL has no place", decode[struct{ A int64 }]},
		{"struct", "a STRUCT<v: BIGINT>", `[{"a":{"v":1}},{"a":{"v":2}},{"a":null}]`, "column a, row 2", decode[struct{ A inner }]},
		{"field", "a STRUCT<v: BIGINT>", `[{"a":{"v":1}},{"a":{"v":null}}]`, "column a.v, row 1", decode[struct{ A inner }]},
		{"field of pointer", "a STRUCT<v: BIGINT>", `[{"a":null},{"a":{"v":null}}]`, "column a.v, row 1", decode[struct{ A *inner }]},
		{"element", "a ARRAY<BIGINT>", `[{"a":[1,2]},{"a":[]},{"a":[3,null]},{"a":[]}]`, "column a.element, row 2", decode[struct{ A []int64 }]},
		{"nested element", "a ARRAY<STRUCT<v: BIGINT>>", `[{"a":[]},{"a":[{"v":1},{"v":null}]}]`, "column a.element.v, row 1", decode[struct{ A []inner }]},
		{"list", "a ARRAY<BIGINT>", `[{"a":[1]},{"a":null}]`, "column a, row 1", decode[struct{ A []int64 }]},
		{"map", "a MAP<STRING, BIGINT>", `[{"a":[]},{"a":[{"key":"k","value":null}]}]`, "column a.value, row 1", decode[struct{ A map[string]int64 }]},
		{
			"key twice", "a MAP<STRING, BIGINT>", `[{"a":[{"key":"k","value":1},{"key":"k","value":2}]}]`, "row 0: the map has 2 entries but 1 keys",
			decode[struct{ A map[string]int64 }],
		},
		{"missing", "b BIGINT", `[{"b":1}]`, "column a: type bigint: the batch has no such column", decode[struct{ A int64 }]},
		{"type", "a INT", `[{"a":1}]`, "column a: type int: the batch should hold bigint", decode[struct{ A int64 }]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			batch, _, err := array.RecordFromJSON(alloc, schematest.DDL(t, tt.ddl), strings.NewReader(tt.json))
			if err != nil {
				t.Fatal(err)
			}
			defer batch.Release()
			if err := tt.decode(batch); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
		})
	}
}

func decode[R any](batch arrow.RecordBatch) error {
	s, err := schema.Of[R]()
	if err != nil {
		return err
	}
	c, err := schema.NewCodec[R](s)
	if err != nil {
		return err
	}
	_, err = c.Decode(batch, nil)
	return err
}

func TestEncodeErrorsNameColumnAndRow(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	type inner struct{ V *int64 }
	type amount struct {
		A schema.Decimal `delta:"a,decimal(5,2)"`
	}
	far := time.Date(300000, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct{ name, got, want string }{
		{"nil", encode(t, alloc, "a BIGINT NOT NULL", make([]struct{ A *int64 }, 300)), "column a, row 0: nil has no place"},
		{"nil element", encode(t, alloc, "a ARRAY<STRUCT<v: BIGINT NOT NULL>>",
			[]struct{ A []inner }{{[]inner{{ptr(int64(1))}}}, {}, {[]inner{{ptr(int64(1))}, {nil}}}}), "column a.element.v, row 2: nil"},
		{"nil struct", encode(t, alloc, "a STRUCT<v: BIGINT> NOT NULL", []struct{ A *inner }{{&inner{}}, {nil}}), "column a, row 1: nil"},
		{
			"digits", encode(t, alloc, "a DECIMAL(5,2)", []amount{{schema.NewDecimal(99999, 2)}, {schema.NewDecimal(10000, 1)}}),
			"column a, row 1: 1000.0 does not fit decimal(5,2)",
		},
		{"scale", encode(t, alloc, "a DECIMAL(5,2)", []amount{{schema.NewDecimal(1, 3)}}), "row 0: 0.001 does not fit decimal(5,2) exactly"},
		{"time", encode(t, alloc, "a TIMESTAMP", []struct{ A []time.Time }(nil)), "the column is timestamp"},
		{"far time", encode(t, alloc, "a ARRAY<TIMESTAMP>", []struct{ A []time.Time }{{}, {[]time.Time{{}, far}}}), "column a.element, row 1: time is beyond"},
		{"no field", encode(t, alloc, "a BIGINT, b INT NOT NULL", make([]struct{ A int64 }, 1)), "column b, row 0: the column is NOT NULL"},
		{"no column", encode(t, alloc, "b BIGINT", make([]struct{ A int64 }, 1)), "column a: type int64: the schema has no such column"},
		{"untyped", encode(t, alloc, "a STRING", make([]struct{ A any }, 1)), "column a: type interface {}: a column needs one type"},
		{"row type", encode(t, alloc, "a INT", []schema.Row{schema.NewRow(schematest.DDL(t, "a INT"), "x")}), "column a, row 0: a Go value of type string is no int"},
		{"row null", encode(t, alloc, "a INT NOT NULL", []schema.Row{schema.NewRow(schematest.DDL(t, "a INT"))}), "column a, row 0: nil has no place"},
		{
			"row struct", encode(t, alloc, "a STRUCT<b: ARRAY<INT>>",
				[]schema.Row{schema.NewRow(schematest.DDL(t, "a INT"), schema.NewRow(schematest.DDL(t, "b INT"), []any{int32(1), int64(2)}))}),
			"column a.b.element, row 0: a Go value of type int64",
		},
	}
	for _, tt := range tests {
		if !strings.Contains(tt.got, tt.want) {
			t.Errorf("%s: error = %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func encode[R any](t *testing.T, alloc memory.Allocator, ddl string, rows []R) string {
	t.Helper()
	c, err := schema.NewCodec[R](schematest.DDL(t, ddl))
	if err == nil {
		var batch arrow.RecordBatch
		if batch, err = c.Encode(alloc, rows); err == nil {
			batch.Release()
			return "no error"
		}
		var valueError *schema.ValueError
		if !errors.As(err, &valueError) {
			t.Errorf("error %v is not a *ValueError", err)
		}
	}
	return err.Error()
}

func TestDecodeKeepsNothingOfTheBatch(t *testing.T) {
	t.Parallel()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	type row struct {
		Text string
		Raw  []byte
	}
	c := codecOf[row](t)
	batch, err := c.Encode(alloc, []row{{"text", []byte("raw")}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := c.Decode(batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, col := range batch.Columns() {
		for _, b := range col.Data().Buffers()[1:] {
			clear(b.Bytes())
		}
	}
	batch.Release()
	if diff := cmp.Diff([]row{{"text", []byte("raw")}}, rows); diff != "" {
		t.Errorf("rows share memory with the batch (-want +got):\n%s", diff)
	}
}

func TestCodecConcurrent(t *testing.T) {
	t.Parallel()
	c := codecOf[everything](t)
	rows := samples(400)
	done := make(chan error)
	for range 4 {
		go func() {
			batch, err := c.Encode(memory.DefaultAllocator, rows)
			if err != nil {
				done <- err
				return
			}
			defer batch.Release()
			got, err := c.Decode(batch, nil)
			if err == nil && !cmp.Equal(rows, got, compareDecimals) {
				err = errors.New("rows changed")
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

type trade struct {
	ID     int64
	Symbol string
	Price  float64
	At     time.Time
}

func benchmarkTrades(b *testing.B) ([]trade, *schema.Codec[trade]) {
	rows := make([]trade, 64<<10)
	for i := range rows {
		rows[i] = trade{int64(i), fmt.Sprintf("SYM%03d", i%500), float64(i) / 7, time.UnixMicro(int64(i) * 1e6).UTC()}
	}
	return rows, codecOf[trade](b)
}

func BenchmarkDecode(b *testing.B) {
	rows, c := benchmarkTrades(b)
	batch, err := c.Encode(memory.DefaultAllocator, rows)
	if err != nil {
		b.Fatal(err)
	}
	defer batch.Release()
	b.ReportAllocs()
	for b.Loop() {
		if rows, err = c.Decode(batch, rows[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/row")
}

func BenchmarkEncode(b *testing.B) {
	rows, c := benchmarkTrades(b)
	b.ReportAllocs()
	for b.Loop() {
		batch, err := c.Encode(memory.DefaultAllocator, rows)
		if err != nil {
			b.Fatal(err)
		}
		batch.Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/row")
}
