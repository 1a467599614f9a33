package udf_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/medallion-go/medallion"
	"github.com/medallion-go/medallion/dataset"
	"github.com/medallion-go/medallion/engine"
	"github.com/medallion-go/medallion/engine/local"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/pool"
	"github.com/medallion-go/medallion/schema"
	storage "github.com/medallion-go/medallion/storage/memory"
	"github.com/medallion-go/medallion/udf"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// query runs SQL with the functions in little memory and gives the rows, each as JSON. Arrow buffers that are not released fail the test.
func query(t *testing.T, functions []udf.Function, text string) ([]string, error) {
	t.Helper()
	alloc := memory.NewCheckedAllocator(pool.NewChecked())
	defer alloc.AssertSize(t, 0)
	p := medallion.Pipeline{
		Lake: medallion.LakeIn(storage.New(), ""), Functions: functions,
		Engines: []engine.Engine{local.New(local.Config{Memory: 128 << 10, Alloc: alloc, SpillDir: t.TempDir()})},
	}
	_, batches, err := p.Query(t.Context(), dataset.SQL[medallion.Row](text))
	if err != nil {
		return nil, err
	}
	var rows []string
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

func wantRows(t *testing.T, functions []udf.Function, text string, want ...string) {
	t.Helper()
	got, err := query(t, functions, text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", text, diff)
	}
}

func ptr[T any](v T) *T { return &v }

var (
	twice   = udf.Scalar1("twice", func(n int64) (int64, error) { return 2 * n, nil })
	orNone  = udf.Scalar1("or_none", func(s *string) (string, error) { return *cmpOr(s, ptr("none")), nil })
	halve   = udf.Scalar1("halve", func(n int32) (*int32, error) { return map[bool]*int32{true: ptr(n / 2)}[n%2 == 0], nil })
	times   = udf.Scalar2("times", func(s string, n *int32) (string, error) { return strings.Repeat(s, int(*cmpOr(n, ptr(int32(0))))), nil })
	between = udf.Scalar3("clamp", func(x, low, high float64) (float64, error) { return min(max(x, low), high), nil })
	fails   = udf.Scalar1("fails", func(n int32) (int32, error) {
		if n == 3 {
			return 0, errThree
		}
		return n, nil
	})
	ranks = udf.Columns1("ranks", func(values []float64) ([]int32, error) {
		ranks := make([]int32, len(values))
		for i, v := range values {
			for _, other := range values {
				if other < v {
					ranks[i]++
				}
			}
		}
		return ranks, nil
	})
	tooFew   = udf.Columns2("too_few", func(a []string, _ []int32) ([]string, error) { return a[1:], nil })
	errThree = errors.New("three is too much")
)

func cmpOr[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

func TestScalar(t *testing.T) {
	t.Parallel()
	all := []udf.Function{twice, orNone, halve, times, between, fails, ranks}
	wantRows(t, all, "SELECT twice(21) AS a, TWICE(id) AS b FROM VALUES (1), (NULL) AS t(id)", `{"a":42,"b":2}`, `{"a":42,"b":null}`)
	wantRows(t, all, "SELECT or_none(s) AS s FROM VALUES ('a'), (NULL) AS t(s)", `{"s":"a"}`, `{"s":"none"}`)
	wantRows(t, all, "SELECT halve(n) AS n FROM VALUES (4), (3), (NULL) AS t(n)", `{"n":2}`, `{"n":null}`, `{"n":null}`)
	wantRows(t, all, "SELECT times(s, n) AS s FROM VALUES ('ab', 2), ('c', NULL), (NULL, 1) AS t(s, n)", `{"s":"abab"}`, `{"s":""}`, `{"s":null}`)
	wantRows(t, all, "SELECT clamp(x, 0, 1) AS x FROM VALUES (2.5BD), (-1BD) AS t(x)", `{"x":1.0}`, `{"x":0.0}`)
	wantRows(t, all, "SELECT id FROM VALUES (1), (2), (3) AS t(id) WHERE twice(id) > 3 ORDER BY twice(-id)", `{"id":3}`, `{"id":2}`)
	wantRows(t, all, "SELECT transform(array(1, 2), x -> twice(x)) AS a", `{"a":[2,4]}`)
	wantRows(t, all, "SELECT CASE WHEN n = 3 THEN 0 ELSE fails(n) END AS n FROM VALUES (1), (3) AS t(n)", `{"n":1}`, `{"n":0}`)
	wantRows(t, all, "SELECT twice(n) AS n FROM VALUES (1) AS t(n) WHERE n > 1")
	// One batch of rows that the function is not to see among others.
	batch := " FROM (SELECT * FROM VALUES (1, 1, 'a'), (2, NULL, 'b'), (3, 3, NULL), (4, 4, 'd') AS t(id, n, s) ORDER BY id LIMIT 9)"
	wantRows(t, all, "SELECT id, twice(n) AS n, times(s, n) AS s, times('x', id) AS x"+batch+" WHERE id <> 1",
		`{"id":2,"n":null,"s":"","x":"xx"}`, `{"id":3,"n":6,"s":null,"x":"xxx"}`, `{"id":4,"n":8,"s":"dddd","x":"xxxx"}`)
	wantRows(t, all, "SELECT ranks(-n) AS r"+batch+" WHERE id > 1", `{"r":null}`, `{"r":1}`, `{"r":0}`)
	wantRows(t, all, "SELECT if(n <> 3, fails(n), 0) AS n"+batch, `{"n":1}`, `{"n":0}`, `{"n":0}`, `{"n":4}`)
}

func TestScalarErrors(t *testing.T) {
	t.Parallel()
	all := []udf.Function{twice, fails, tooFew}
	tests := []struct{ text, class, state, message string }{
		{"SELECT n,\n fails(n) FROM VALUES (1), (3) AS t(n)", "FAILED_EXECUTE_UDF", "39000", "2:2: FAILED_EXECUTE_UDF: the function fails failed: three is too much"},
		{"SELECT too_few('a', 1)", "FAILED_EXECUTE_UDF", "39000", "1:8: FAILED_EXECUTE_UDF: the function too_few failed: it gave 0 values for 1 rows"},
		{"SELECT twice()", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605", "1:8: WRONG_NUM_ARGS.WITHOUT_SUGGESTION: twice takes 1 argument, not 0"},
		{"SELECT twice(array(1))", "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09", ""},
		{"SELECT twice(DISTINCT 1)", "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", ""},
		{"SELECT twice(1) OVER ()", "UNSUPPORTED_EXPR_FOR_WINDOW", "42P20", ""},
		{"SELECT twice('x')", "CAST_INVALID_INPUT", "22018", ""},
	}
	for _, tt := range tests {
		_, err := query(t, all, tt.text)
		var e *expr.Error
		if !errors.As(err, &e) || e.Class != tt.class || e.SQLState != tt.state || e.Line == 0 || tt.message != "" && !strings.HasSuffix(err.Error(), tt.message) {
			t.Errorf("%s: got %v, want %s, %s: %s", tt.text, err, tt.class, tt.state, tt.message)
		}
	}
	if _, err := query(t, all, "SELECT fails(3)"); !errors.Is(err, errThree) {
		t.Errorf("got %v, want the function's own error within", err)
	}
	if _, err := query(t, nil, "SELECT twice(1)"); !errors.Is(err, &expr.Error{Class: "UNRESOLVED_ROUTINE"}) {
		t.Errorf("got %v from a pipeline that does not name the function", err)
	}
}

// TestTypes holds that every Go type goes in and comes out again.
func TestTypes(t *testing.T) {
	t.Parallel()
	type point struct {
		X, Y float64
		Tags []string
	}
	all := []udf.Function{
		same[bool]("f_bool"), same[int8]("f_int8"), same[int16]("f_int16"), same[float32]("f_float32"), same[[]byte]("f_bytes"), same[time.Time]("f_time"),
		same[schema.Date]("f_date"), same[schema.TimestampNTZ]("f_ntz"), same[[]int64]("f_list"), same[map[string]int32]("f_map"), same[point]("f_point"),
		same[*point]("f_null"),
	}
	wantRows(t, all, `SELECT f_bool(true) AS a, f_int8(1Y) AS b, f_int16(2S) AS c, f_float32(CAST(0.5 AS FLOAT)) AS d, f_bytes(X'0aff') AS e,
		f_time(TIMESTAMP'2026-01-01 00:00:00.000001') AS f, f_date(DATE'2026-02-28') AS g, f_ntz(TIMESTAMP_NTZ'2026-01-01 00:00:00') AS h,
		f_list(array(1L, 2L)) AS i, f_map(map('a', 1)) AS j, f_point(named_struct('x', 1D, 'y', 2D, 'tags', array('p'))) AS k, f_null(NULL) AS l`,
		`{"a":true,"b":1,"c":2,"d":0.5,"e":"0aff","f":"2026-01-01T00:00:00.000001Z","g":"2026-02-28","h":"2026-01-01T00:00:00.000000",`+
			`"i":[1,2],"j":[["a",1]],"k":{"x":1.0,"y":2.0,"tags":["p"]},"l":null}`)
}

func same[T any](name string) udf.Function {
	return udf.Scalar1(name, func(v T) (T, error) { return v, nil })
}

func TestVolatile(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(1, 2))
	random := udf.Volatile(udf.Scalar1("draw", func(most int64) (int64, error) { return source.Int64N(most), nil }))
	p := medallion.Pipeline{
		Lake: medallion.LakeIn(storage.New(), ""), Functions: []udf.Function{random}, Engines: []engine.Engine{local.New(local.Config{Workers: 1})},
	}
	type row struct{ A, B, C int64 }
	rows, err := medallion.Collect(t.Context(), &p, dataset.SQL[row](
		`SELECT a, a AS b, draw(1000000000) AS c FROM (SELECT draw(1000000000) AS a FROM VALUES (1), (2), (3) AS t(x))`))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for _, r := range rows {
		if r.A != r.B {
			t.Errorf("%d and %d are one column, but not equal", r.A, r.B)
		}
		seen[r.A], seen[r.C] = true, true
	}
	if len(seen) != 6 {
		t.Errorf("got %d different numbers of 6 draws", len(seen))
	}
}

// bag is the state of an aggregate that keeps its values.
type bag struct{ Values []int64 }

// medianOf is an aggregate whose states are as large as its input.
var medianOf = udf.Aggregate1("median_of", udf.Fold[bag, int64, *int64]{
	Add:   func(b *bag, v int64) error { b.Values = append(b.Values, v); return nil },
	Merge: func(b *bag, other bag) error { b.Values = append(b.Values, other.Values...); return nil },
	Result: func(b bag) (*int64, error) {
		if len(b.Values) == 0 {
			return nil, nil
		}
		slices.Sort(b.Values)
		return &b.Values[len(b.Values)/2], nil
	},
	Size: func(b *bag) int { return 8 * cap(b.Values) },
})

var weighted = udf.Aggregate2("weighted", udf.Fold[float64Sum, udf.Pair[float64, *float64], float64]{})

// float64Sum is here so that a Fold without functions is refused.
type float64Sum struct{ V float64 }

func TestAggregate(t *testing.T) {
	t.Parallel()
	all := []udf.Function{medianOf, twice}
	wantRows(t, all, "SELECT k, median_of(v) AS m FROM VALUES ('a', 3), ('a', 1), ('a', 2), ('b', NULL) AS t(k, v) GROUP BY k ORDER BY k", `{"k":"a","m":2}`, `{"k":"b","m":null}`)
	wantRows(t, all, "SELECT median_of(v) AS m FROM VALUES (1) AS t(v) WHERE v > 1", `{"m":null}`)
	wantRows(t, all, "SELECT median_of(DISTINCT v) AS m, median_of(v) FILTER (WHERE v > 1) AS f FROM VALUES (1), (1), (1), (2), (3) AS t(v)", `{"m":2,"f":3}`)
	wantRows(t, all, "SELECT median_of(twice(v)) + 1 AS m FROM VALUES (1), (2), (3) AS t(v) HAVING median_of(v) > 1", `{"m":5}`)
	wantRows(t, all, "SELECT v, median_of(v) OVER (ORDER BY v) AS m, median_of(v) OVER () AS n FROM VALUES (1), (2), (3) AS t(v) ORDER BY v",
		`{"v":1,"m":1,"n":2}`, `{"v":2,"m":2,"n":2}`, `{"v":3,"m":2,"n":2}`)
	if _, err := query(t, all, "SELECT median_of(median_of(1))"); !errors.Is(err, &expr.Error{Class: "NESTED_AGGREGATE_FUNCTION"}) {
		t.Errorf("got %v of an aggregate within an aggregate", err)
	}
}

// TestAggregateSpills compares an aggregate that spills with what its groups are.
func TestAggregateSpills(t *testing.T) {
	t.Parallel()
	digits := "(SELECT * FROM VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9) AS v(x))"
	text := `SELECT count(*) AS groups, min(m) AS low, max(m) AS high FROM (
		SELECT a.x * 100 + b.x * 10 + c.x AS k, median_of(d.x * 10 + e.x) AS m FROM ` + digits + " a CROSS JOIN " + digits + " b CROSS JOIN " + digits + " c CROSS JOIN " + digits +
		" d CROSS JOIN " + digits + " e GROUP BY k)"
	wantRows(t, []udf.Function{medianOf}, text, `{"groups":1000,"low":50,"high":50}`)
	p := medallion.Pipeline{
		Lake: medallion.LakeIn(storage.New(), ""), Functions: []udf.Function{medianOf},
		Engines: []engine.Engine{local.New(local.Config{Memory: 128 << 10, SpillDir: t.TempDir()})},
	}
	profile, err := p.Profile(t.Context(), dataset.SQL[medallion.Row](text))
	if err != nil {
		t.Fatal(err)
	}
	if profile.Spilled == 0 {
		t.Errorf("nothing was spilled:\n%s", profile)
	}
}

func TestArrow(t *testing.T) {
	t.Parallel()
	money := &arrow.Decimal128Type{Precision: 10, Scale: 2}
	negate := &expr.UserFunction{
		Name: "negate", Params: []expr.UserParam{{Type: money}}, Result: money,
		Eval: func(alloc memory.Allocator, args []arrow.Array, rows int) (arrow.Array, error) {
			b := array.NewDecimal128Builder(alloc, money)
			defer b.Release()
			for i := range rows {
				b.Append(args[0].(*array.Decimal128).Value(i).Negate())
			}
			return b.NewArray(), nil
		},
	}
	short := &expr.UserFunction{
		Name: "short", Params: []expr.UserParam{{Type: schema.Int}}, Result: schema.Int,
		Eval: func(alloc memory.Allocator, _ []arrow.Array, _ int) (arrow.Array, error) {
			return array.MakeArrayOfNull(alloc, schema.Int, 1), nil
		},
	}
	all := []udf.Function{negate, short}
	wantRows(t, all, "SELECT negate(v) AS v FROM VALUES (1.5), (NULL), (2) AS t(v)", `{"v":"-1.50"}`, `{"v":null}`, `{"v":"-2.00"}`)
	for text, want := range map[string]string{
		"SELECT short(v) FROM (SELECT * FROM VALUES (1), (2) AS t(v) ORDER BY v LIMIT 9)": "1:8: FAILED_EXECUTE_UDF: the function short failed: it gave 1 values for 2 rows",
		"SELECT short(v) FROM VALUES (1) AS t(v)":                                         "1:8: FAILED_EXECUTE_UDF: the function short failed: it gave NULL, and is declared not to",
	} {
		if _, err := query(t, all, text); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	s := arrow.NewSchema([]arrow.Field{{Name: "n", Type: schema.BigInt, Nullable: true}}, nil)
	b, err := expr.Bind(twice.Call(expr.Named[int64]("n")).Gt(2).Node(), expr.NewScope(s))
	if err != nil || b.String() != "twice(n) > 2L" || !b.Nullable() {
		t.Errorf("got %v, %v", b, err)
	}
}

func TestDeclarations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		function udf.Function
		want     string
	}{
		{udf.Scalar1("upper", func(s string) (string, error) { return s, nil }), "a built-in function has this name"},
		{udf.Scalar1("my func", func(s string) (string, error) { return s, nil }), "the name must be one word"},
		{udf.Scalar1("select", func(s string) (string, error) { return s, nil }), "the name must be one word"},
		{udf.Scalar1("f", func(chan int) (string, error) { return "", nil }), "chan int"},
		{udf.Scalar1("f", func(string) (uint64, error) { return 0, nil }), "uint64"},
		{weighted, "its Fold needs Add, Merge and Result"},
		{&expr.UserFunction{Name: "f", Result: schema.Int}, "it needs either Eval or NewAccumulator"},
	}
	for _, tt := range tests {
		_, err := query(t, []udf.Function{tt.function}, "SELECT 1")
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "Pipeline.Functions") {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	if _, err := query(t, []udf.Function{twice, twice}, "SELECT 1"); err == nil || !strings.Contains(err.Error(), "two functions have this name") {
		t.Errorf("got %v of a function that is named twice", err)
	}
}

func BenchmarkScalar(b *testing.B) {
	n := 64 << 10
	col := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range n {
		col.Append(int64(i))
	}
	arg := col.NewArray()
	for b.Loop() {
		out, err := twice.Definition().Eval(memory.DefaultAllocator, []arrow.Array{arg}, n)
		if err != nil {
			b.Fatal(err)
		}
		out.Release()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/row")
}
