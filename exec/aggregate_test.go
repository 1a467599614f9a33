package exec_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/exec"
	"github.com/medallion-go/medallion/exec/vector"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// col is column i of a schema as an expression.
func col(s *arrow.Schema, i int) expr.Bound {
	f := s.Field(i)
	return expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: f.Nullable}
}

func lit(v any, t arrow.DataType) expr.Bound { return expr.BoundLiteral{Value: v, Typ: t} }

// agg is an aggregate over columns of s.
func agg(name string, typ arrow.DataType, args ...expr.Bound) expr.BoundAggregate {
	return expr.BoundAggregate{Func: name, Args: args, Typ: typ, Null: true}
}

// resultSchema names the columns of an aggregate's result by their number.
func resultSchema(keys []expr.Bound, aggs []expr.BoundAggregate) *arrow.Schema {
	var fields []arrow.Field
	for _, k := range keys {
		fields = append(fields, arrow.Field{Name: fmt.Sprint("k", len(fields)), Type: k.Type(), Nullable: true})
	}
	for _, a := range aggs {
		fields = append(fields, arrow.Field{Name: fmt.Sprint("a", len(fields)), Type: a.Typ, Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

func aggregate(t testing.TB, env *exec.Env, src exec.Source, keys []expr.Bound, aggs ...expr.BoundAggregate) []string {
	t.Helper()
	a, err := exec.NewAggregate(env, keys, aggs, resultSchema(keys, aggs))
	if err != nil {
		t.Fatal(err)
	}
	into(t, env, a, src)
	return collect(t, env, a).sorted()
}

func TestAggregateFunctions(t *testing.T) {
	t.Parallel()
	list := func(e arrow.DataType) arrow.DataType { return schema.ArrayOf(e, false) }
	s := columns("k", schema.String, "i", schema.BigInt, "d", schema.Double, "s", schema.String, "m", schema.DecimalOf(10, 2), "b", schema.Boolean,
		"a", schema.ArrayOf(schema.Int, true))
	const data = `{"k":"x","i":1,"d":1.5,"s":"b","m":"1.10","b":true,"a":[2]}
{"k":"x","i":3,"d":2.5,"s":"a","m":"2.25","b":false,"a":[1,5]}
{"k":"x","i":3,"d":null,"s":null,"m":null,"b":null,"a":null}
{"k":"y","i":null,"d":null,"s":null,"m":null,"b":null,"a":null}
{"k":null,"i":-7,"d":-0.5,"s":"z","m":"-0.05","b":true,"a":[]}`
	i, d, str, m, b, a := col(s, 1), col(s, 2), col(s, 3), col(s, 4), col(s, 5), col(s, 6)
	tests := []struct {
		name string
		agg  expr.BoundAggregate
		want []string // in the order of keys NULL, x, y
	}{
		{"count(*)", agg("count", schema.BigInt), []string{"1", "3", "1"}},
		{"count(s)", agg("count", schema.BigInt, str), []string{"1", "2", "0"}},
		{"count(d, s)", agg("count", schema.BigInt, d, str), []string{"1", "2", "0"}},
		{"count_if(b)", agg("count_if", schema.BigInt, b), []string{"1", "1", "0"}},
		{"sum(i)", agg("sum", schema.BigInt, i), []string{"-7", "7", "NULL"}},
		{"sum(d)", agg("sum", schema.Double, d), []string{"-0.5", "4", "NULL"}},
		{"sum(m)", agg("sum", schema.DecimalOf(20, 2), m), []string{"-0.05", "3.35", "NULL"}},
		{"avg(i)", agg("avg", schema.Double, i), []string{"-7", "2.3333333333333335", "NULL"}},
		{"avg(d)", agg("avg", schema.Double, d), []string{"-0.5", "2", "NULL"}},
		{"avg(m)", agg("avg", schema.DecimalOf(14, 6), m), []string{"-0.050000", "1.675000", "NULL"}},
		{"min(i)", agg("min", schema.BigInt, i), []string{"-7", "1", "NULL"}},
		{"max(d)", agg("max", schema.Double, d), []string{"-0.5", "2.5", "NULL"}},
		{"min(s)", agg("min", schema.String, str), []string{"z", "a", "NULL"}},
		{"max(s)", agg("max", schema.String, str), []string{"z", "b", "NULL"}},
		{"min(m)", agg("min", schema.DecimalOf(10, 2), m), []string{"-0.05", "1.10", "NULL"}},
		{"max(a)", agg("max", a.Type(), a), []string{"[]", "[2]", "NULL"}},
		{"bool_and(b)", agg("bool_and", schema.Boolean, b), []string{"true", "false", "NULL"}},
		{"bool_or(b)", agg("bool_or", schema.Boolean, b), []string{"true", "true", "NULL"}},
		{"stddev_samp(i)", agg("stddev_samp", schema.Double, i), []string{"NULL", "1.1547005383792515", "NULL"}},
		{"var_pop(i)", agg("var_pop", schema.Double, i), []string{"0", "0.8888888888888888", "NULL"}},
		{"var_samp(d)", agg("var_samp", schema.Double, d), []string{"NULL", "0.5", "NULL"}},
		{"median(d)", agg("median", schema.Double, d), []string{"-0.5", "2", "NULL"}},
		{"percentile(i, 0.25)", agg("percentile", schema.Double, i, lit(0.25, schema.Double)), []string{"-7", "2", "NULL"}},
		{"max_by(s, i)", agg("max_by", schema.String, str, i), []string{"z", "NULL", "NULL"}},
		{"min_by(a, d)", agg("min_by", a.Type(), a, d), []string{"[]", "[2]", "NULL"}},
		{"first(i)", agg("first", schema.BigInt, i), []string{"-7", "1", "NULL"}},
		{"last(s)", agg("last", schema.String, str), []string{"z", "NULL", "NULL"}},
		{"last(s, true)", agg("last", schema.String, str, lit(true, schema.Boolean)), []string{"z", "a", "NULL"}},
		{"collect_list(i)", agg("collect_list", list(schema.BigInt), i), []string{"[-7]", "[1,3,3]", "[]"}},
		{"collect_set(i)", agg("collect_set", list(schema.BigInt), i), []string{"[-7]", "[1,3]", "[]"}},
		{"collect_list(a)", agg("collect_list", list(a.Type()), a), []string{"[[]]", "[[2],[1,5]]", "[]"}},
		{"count(DISTINCT i)", distinct(agg("count", schema.BigInt, i)), []string{"1", "2", "0"}},
		{"count(DISTINCT s, i)", distinct(agg("count", schema.BigInt, str, i)), []string{"1", "2", "0"}},
		{"sum(DISTINCT i)", distinct(agg("sum", schema.BigInt, i)), []string{"-7", "4", "NULL"}},
		{"avg(DISTINCT m)", distinct(agg("avg", schema.DecimalOf(14, 6), m)), []string{"-0.050000", "1.675000", "NULL"}},
		{"sum(i) FILTER (WHERE b)", filtered(agg("sum", schema.BigInt, i), b), []string{"-7", "1", "NULL"}},
		{"count(*) FILTER (WHERE b)", filtered(agg("count", schema.BigInt), b), []string{"1", "1", "0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			rec := rows(t, alloc, s, data)
			want := []string{"NULL " + tt.want[0], "x " + tt.want[1], "y " + tt.want[2]}
			env := &exec.Env{Alloc: alloc, Workers: 1}
			if d := cmp.Diff(want, aggregate(t, env, exec.NewBatches(s, rec), []expr.Bound{col(s, 0)}, tt.agg)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func distinct(a expr.BoundAggregate) expr.BoundAggregate {
	a.Distinct = true
	return a
}

func filtered(a expr.BoundAggregate, by expr.Bound) expr.BoundAggregate {
	a.Filter = by
	return a
}

func TestAggregateWithoutKeys(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	s := columns("n", schema.BigInt)
	aggs := []expr.BoundAggregate{agg("count", schema.BigInt), agg("sum", schema.BigInt, col(s, 0)), agg("max", schema.BigInt, col(s, 0))}
	var recs []arrow.RecordBatch
	for i := range 10 {
		recs = append(recs, numbers(t, alloc, i*10, i*10+10))
	}
	for _, workers := range []int{1, 4} {
		env := &exec.Env{Alloc: alloc, Workers: workers}
		if d := cmp.Diff([]string{"100 4950 99"}, aggregate(t, env, exec.NewBatches(s, recs...), nil, aggs...)); d != "" {
			t.Errorf("%d workers: -want +got:\n%s", workers, d)
		}
		if d := cmp.Diff([]string{"0 NULL NULL"}, aggregate(t, env, exec.NewBatches(s), nil, aggs...)); d != "" {
			t.Errorf("no rows, %d workers: -want +got:\n%s", workers, d)
		}
		if got := aggregate(t, env, exec.NewBatches(s), []expr.Bound{col(s, 0)}, aggs...); len(got) != 0 {
			t.Errorf("no rows with a key: got %v", got)
		}
	}
}

// TestCountDistinctWords counts pairs whose words are short, until a wide one comes, in sets that grow and that are merged.
func TestCountDistinctWords(t *testing.T) {
	t.Parallel()
	for _, keys := range []int{0, 3, 40_000} {
		for _, wide := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d groups, wide %t", keys, wide), func(t *testing.T) {
				t.Parallel()
				alloc := checked(t)
				s := columns("k", schema.BigInt, "w", schema.BigInt)
				seen := map[int64]map[int64]bool{}
				var recs []arrow.RecordBatch
				for b := range 6 {
					k, w := array.NewInt64Builder(alloc), array.NewInt64Builder(alloc)
					for i := range 20_000 {
						key, word := int64(i%max(keys, 1)), int64(i*7%5000+b)
						if wide && b > 2 && i%3 == 0 {
							word = -word<<33 - 1
						}
						if seen[key] == nil {
							seen[key] = map[int64]bool{}
						}
						seen[key][word] = true
						k.Append(key)
						w.Append(word)
					}
					recs = append(recs, batch(t, s, []arrow.Array{k.NewArray(), w.NewArray()}))
					k.Release()
					w.Release()
				}
				var want []string
				for key, words := range seen {
					want = append(want, fmt.Sprint(key, " ", len(words)))
				}
				by := []expr.Bound{col(s, 0)}
				if keys == 0 {
					want, by = []string{fmt.Sprint(len(seen[0]))}, nil
				}
				slices.Sort(want)
				got := aggregate(t, &exec.Env{Alloc: alloc, Workers: 3}, exec.NewBatches(s, recs...), by, distinct(agg("count", schema.BigInt, col(s, 1))))
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
			})
		}
	}
}

// TestDistinctRows groups without aggregates, over values that are equal in different batches and forms.
func TestDistinctRows(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	s := columns("s", schema.String, "x", schema.Double)
	plain := rows(t, alloc, s, "{\"s\":\"a\",\"x\":0}\n{\"s\":\"a\",\"x\":-0.0}\n{\"s\":null,\"x\":null}\n{\"s\":\"\",\"x\":1}")
	plain.Column(1).Retain()
	dict := batch(t, s, []arrow.Array{vector.NewDictionary(alloc, []int32{0, 1, -1, 1}, plain.Column(0)), plain.Column(1)})
	keys := []expr.Bound{col(s, 0), col(s, 1)}
	got := aggregate(t, &exec.Env{Alloc: alloc, Workers: 2}, exec.NewBatches(s, plain, dict), keys)
	want := []string{" 1", "NULL NULL", "a 0", "a 1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestSumOverflow(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	tests := []struct {
		typ, result arrow.DataType
		rows        string
		want        string // "": overflow
	}{
		{schema.BigInt, schema.BigInt, "{\"v\":9223372036854775807}\n{\"v\":1}", ""},
		{schema.BigInt, schema.BigInt, "{\"v\":9223372036854775807}\n{\"v\":1}\n{\"v\":-1}", "9223372036854775807"},
		{schema.BigInt, schema.BigInt, "{\"v\":-9223372036854775808}\n{\"v\":-1}", ""},
		{schema.DecimalOf(38, 0), schema.DecimalOf(38, 0), "{\"v\":\"99999999999999999999999999999999999999\"}\n{\"v\":\"1\"}", ""},
		{schema.DecimalOf(3, 0), schema.DecimalOf(13, 0), "{\"v\":\"999\"}\n{\"v\":\"1\"}", "1000"},
	}
	for _, tt := range tests {
		s := columns("v", tt.typ)
		a, err := exec.NewAggregate(&exec.Env{Alloc: alloc}, nil, []expr.BoundAggregate{agg("sum", tt.result, col(s, 0))}, columns("s", tt.result))
		if err != nil {
			t.Fatal(err)
		}
		into(t, &exec.Env{Alloc: alloc}, a, exec.NewBatches(s, rows(t, alloc, s, tt.rows)))
		var p printer
		err = exec.Pipeline{Source: a}.Run(t.Context(), nil, p.sink())
		if tt.want == "" {
			if !errors.Is(err, &expr.Error{Class: "ARITHMETIC_OVERFLOW"}) {
				t.Errorf("sum of %s: got %v and error %v, want ARITHMETIC_OVERFLOW", tt.rows, p.rows, err)
			}
			continue
		}
		if err != nil || len(p.rows) != 1 || p.rows[0] != tt.want {
			t.Errorf("sum of %s: got %v and error %v, want %s", tt.rows, p.rows, err, tt.want)
		}
	}
}

// wide is a table of random rows with keys of several kinds, in several batches: k (STRING, some NULL, about n/3 distinct), d (dictionary of STRING),
// g (INT, few), v (BIGINT), x (DECIMAL(10,2)), s (STRING), u (BIGINT, unique).
func wide(t testing.TB, alloc memory.Allocator, n int) (*arrow.Schema, []arrow.RecordBatch) {
	t.Helper()
	s := columns("k", schema.String, "d", schema.String, "g", schema.Int, "v", schema.BigInt, "x", schema.DecimalOf(10, 2), "s", schema.String, "u", schema.BigInt)
	r := rand.New(rand.NewPCG(uint64(n), 1))
	words := array.NewStringBuilder(alloc)
	defer words.Release()
	for i := range 50 {
		words.Append(fmt.Sprint("word ", i))
	}
	dict := words.NewArray()
	defer dict.Release()
	var recs []arrow.RecordBatch
	size := max(100, n/8)
	for from := 0; from < n; from += size {
		m := min(size, n-from)
		cols := make([]arrow.Array, 7)
		k, g, v := array.NewStringBuilder(alloc), array.NewInt32Builder(alloc), array.NewInt64Builder(alloc)
		x, str := array.NewDecimal128Builder(alloc, &arrow.Decimal128Type{Precision: 10, Scale: 2}), array.NewStringBuilder(alloc)
		u := array.NewInt64Builder(alloc)
		codes := make([]int32, m)
		for i := range m {
			id := r.IntN(n/3 + 1)
			if id%100 == 0 {
				k.AppendNull()
			} else {
				k.Append(fmt.Sprintf("key number %d of a group", id))
			}
			codes[i] = int32(r.IntN(51)) - 1
			g.Append(int32(r.IntN(12)))
			if v.Append(r.Int64N(1000) - 500); r.IntN(20) == 0 {
				x.AppendNull()
			} else {
				x.Append(decimal128.FromI64(r.Int64N(100000)))
			}
			str.Append(fmt.Sprint("payload ", r.IntN(n)))
			u.Append(int64(from+i) * 7919 % int64(n))
		}
		cols[0], cols[2], cols[3], cols[4], cols[5], cols[6] = k.NewArray(), g.NewArray(), v.NewArray(), x.NewArray(), str.NewArray(), u.NewArray()
		for _, b := range []array.Builder{k, g, v, x, str, u} {
			b.Release()
		}
		cols[1] = vector.NewDictionary(alloc, codes, dict)
		recs = append(recs, batch(t, s, cols))
	}
	return s, recs
}

// batch makes a record of columns that it takes over. Its own schema names dictionaries, as arrow demands.
func batch(t testing.TB, s *arrow.Schema, cols []arrow.Array) arrow.RecordBatch {
	fields := s.Fields()
	for i, c := range cols {
		fields[i].Type = c.DataType()
	}
	rec := array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, int64(cols[0].Len()))
	for _, c := range cols {
		c.Release()
	}
	t.Cleanup(rec.Release)
	return rec
}

// deterministic aggregates: those whose result does not depend on the order of rows.
func manyAggregates(s *arrow.Schema) []expr.BoundAggregate {
	v, x, str := col(s, 3), col(s, 4), col(s, 5)
	return []expr.BoundAggregate{
		agg("count", schema.BigInt), agg("sum", schema.BigInt, v), agg("sum", schema.DecimalOf(20, 2), x), agg("min", schema.String, str),
		agg("max", schema.BigInt, v), agg("avg", schema.DecimalOf(14, 6), x), distinct(agg("count", schema.BigInt, str)),
		distinct(agg("count", schema.BigInt, v)), agg("median", schema.Double, v), agg("max_by", schema.BigInt, v, col(s, 6)), agg("bool_or", schema.Boolean,
			expr.BoundCall{Func: "isnull", Args: []expr.Bound{x}, Typ: schema.Boolean}),
	}
}

// TestAggregateAgrees compares every way in which an aggregation can run with the plain one: workers, spilling, and kinds of keys.
func TestAggregateAgrees(t *testing.T) {
	t.Parallel()
	keySets := map[string][]int{"string": {0}, "dictionary": {1}, "dictionary and int": {1, 2}, "all": {0, 1, 2, 4}}
	for name, set := range keySets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			s, recs := wide(t, alloc, 1_200)
			var keys []expr.Bound
			for _, i := range set {
				keys = append(keys, col(s, i))
			}
			want := aggregate(t, &exec.Env{Alloc: alloc, Workers: 1}, exec.NewBatches(s, recs...), keys, manyAggregates(s)...)
			for _, workers := range []int{1, 3} {
				for _, limit := range []int64{0, 70 << 10} {
					env := &exec.Env{Alloc: alloc, Workers: workers, Budget: exec.NewBudget(limit), Spill: exec.Dir(t.TempDir())}
					got := aggregate(t, env, exec.NewBatches(s, recs...), keys, manyAggregates(s)...)
					if d := cmp.Diff(want, got); d != "" {
						t.Errorf("%d workers, budget %d, spilled %d: -want +got:\n%.2000s", workers, limit, env.Budget.Spilled(), d)
					}
					if name == "string" && limit > 0 && env.Budget.Spilled() == 0 {
						t.Errorf("%d workers: nothing was spilled in a budget of %d", workers, limit)
					}
				}
			}
		})
	}
}
