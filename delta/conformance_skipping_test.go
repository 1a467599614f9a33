//go:build integration

package delta_test

import (
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// TestConformanceSkipping filters every table by predicates that are made of its own values: what is read with data skipping is what the whole table, filtered
// afterwards, gives.
func TestConformanceSkipping(t *testing.T) {
	tables := conformanceTables(t)
	var files, groups, pages atomic.Int64
	t.Run("tables", func(t *testing.T) {
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			c := tables[name]
			if c.truth == "error-or-log-only" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s, err := c.open(t).Snapshot(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				seed := fnv.New64a()
				seed.Write([]byte(name))
				k := &skipping{snapshot: s, random: rand.New(rand.NewPCG(1, seed.Sum64()))}
				k.readAll(t)
				for range k.rounds() {
					k.check(t)
				}
				files.Add(k.files)
				groups.Add(k.groups)
				pages.Add(k.pages)
			})
		}
	})
	t.Logf("skipped: %d files, %d row groups, %d pages", files.Load(), groups.Load(), pages.Load())
	if files.Load() < 1000 || groups.Load() < 100 {
		t.Errorf("only %d files and %d row groups were skipped: the predicates test nothing", files.Load(), groups.Load())
	}
}

// skipping makes predicates over one table.
type skipping struct {
	snapshot *delta.Snapshot
	random   *rand.Rand
	leaves   []expr.Bound // columns that have an order, at any depth of structs
	values   [][]any      // some of each leaf's values, and others near to them
	batches  []arrow.RecordBatch
	rows     int
	files    int64
	groups   int64
	pages    int64
}

// rounds is how many predicates a table gets: few where reading it takes long.
func (k *skipping) rounds() int {
	switch {
	case len(k.leaves) == 0 || k.rows == 0:
		return 0
	case k.rows > 50_000:
		return 3
	case k.rows > 1000:
		return 12
	default:
		return 60
	}
}

// readAll reads the table and collects values.
func (k *skipping) readAll(t *testing.T) {
	t.Helper()
	scan, err := k.snapshot.Scan(delta.ScanConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		rec.Retain()
		k.batches = append(k.batches, rec)
		k.rows += int(rec.NumRows())
	}
	t.Cleanup(func() {
		for _, rec := range k.batches {
			rec.Release()
		}
	})
	for i, f := range k.snapshot.Schema().Fields() {
		k.addLeaves(expr.BoundColumn{Index: i, Name: f.Name, Typ: f.Type, Null: true}, func(rec arrow.RecordBatch) arrow.Array { return rec.Column(i) })
	}
}

// addLeaves adds a column, or the fields of a struct; of gives its array.
func (k *skipping) addLeaves(e expr.Bound, of func(arrow.RecordBatch) arrow.Array) {
	if st, ok := e.Type().(*arrow.StructType); ok {
		for i, f := range st.Fields() {
			k.addLeaves(expr.BoundField{Arg: e, Index: i, Name: f.Name, Typ: f.Type, Null: true},
				func(rec arrow.RecordBatch) arrow.Array { return of(rec).(*array.Struct).Field(i) })
		}
		return
	}
	if !comparableType(e.Type()) {
		return
	}
	values := edges(e.Type())
	for range 12 {
		if len(k.batches) == 0 {
			break
		}
		a := of(k.batches[k.random.IntN(len(k.batches))])
		if i := k.random.IntN(max(a.Len(), 1)); a.Len() > 0 && a.IsValid(i) {
			values = append(values, near(literalOf(a, i), k.random)...)
		}
	}
	k.leaves = append(k.leaves, e)
	k.values = append(k.values, values)
}

func comparableType(t arrow.DataType) bool {
	return !arrow.IsNested(t.ID()) && t.ID() != arrow.NULL && t.ID() != arrow.EXTENSION
}

// literalOf is a value as a BoundLiteral holds it.
func literalOf(a arrow.Array, i int) any {
	switch a := a.(type) {
	case *array.Boolean:
		return a.Value(i)
	case *array.Int8:
		return a.Value(i)
	case *array.Int16:
		return a.Value(i)
	case *array.Int32:
		return a.Value(i)
	case *array.Int64:
		return a.Value(i)
	case *array.Float32:
		return a.Value(i)
	case *array.Float64:
		return a.Value(i)
	case *array.Decimal128:
		return a.Value(i)
	case *array.Date32:
		return a.Value(i)
	case *array.Timestamp:
		return a.Value(i)
	case *array.Binary:
		return slices.Clone(a.Value(i))
	default:
		return string([]byte(a.(*array.String).Value(i)))
	}
}

// edges are the ends of a type.
func edges(t arrow.DataType) []any {
	switch t := t.(type) {
	case *arrow.BooleanType:
		return []any{true, false}
	case *arrow.Int8Type:
		return []any{int8(math.MinInt8), int8(math.MaxInt8)}
	case *arrow.Int16Type:
		return []any{int16(math.MinInt16), int16(math.MaxInt16)}
	case *arrow.Int32Type:
		return []any{int32(math.MinInt32), int32(math.MaxInt32)}
	case *arrow.Int64Type:
		return []any{int64(math.MinInt64), int64(math.MaxInt64), int64(1<<53 + 1)}
	case *arrow.Float32Type:
		return []any{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.Copysign(0, -1)), float32(0), float32(math.MaxFloat32)}
	case *arrow.Float64Type:
		return []any{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0.0, math.MaxFloat64, math.SmallestNonzeroFloat64}
	case *arrow.Decimal128Type:
		return []any{decimal128.GetMaxValue(t.Precision), decimal128.GetMaxValue(t.Precision).Negate(), decimal128.FromI64(0)}
	case *arrow.Date32Type:
		return []any{arrow.Date32(-719162), arrow.Date32(2932896)}
	case *arrow.TimestampType:
		return []any{arrow.Timestamp(-62135596800000000), arrow.Timestamp(253402300799999999)}
	case *arrow.BinaryType:
		return []any{[]byte{}, []byte{0xFF}}
	default:
		return []any{"", "\x7f", "\U0010FFFF", "zzz"}
	}
}

// near is a value and others close to it.
func near(v any, r *rand.Rand) []any {
	switch v := v.(type) {
	case int8:
		return []any{v, v - 1, v + 1}
	case int16:
		return []any{v, v - 1, v + 1}
	case int32:
		return []any{v, v - 1, v + 1}
	case int64:
		return []any{v, v - 1, v + 1}
	case arrow.Date32:
		return []any{v, v - 1, v + 1}
	case arrow.Timestamp:
		return []any{v, v - 1, v + 1, v / 1000 * 1000, v + 999}
	case float32:
		return []any{v, math.Nextafter32(v, float32(math.Inf(1))), math.Nextafter32(v, float32(math.Inf(-1)))}
	case float64:
		return []any{v, math.Nextafter(v, math.Inf(1)), math.Nextafter(v, math.Inf(-1)), float64(float32(v))}
	case decimal128.Num:
		one := decimal128.FromI64(1)
		return []any{v, v.Add(one), v.Sub(one)}
	case string:
		cut := []rune(v)
		cut = cut[:r.IntN(min(len(cut), 40)+1)]
		return []any{v, string(cut), string(cut) + "\x7f", v + "\x00", v + "a"}
	default:
		return []any{v}
	}
}

// check makes a predicate, and compares the two ways to filter by it.
func (k *skipping) check(t *testing.T) {
	t.Helper()
	predicate := k.predicate(2)
	compiled, err := kernel.Compile(predicate)
	if err != nil {
		t.Fatalf("%s: %v", predicate, err)
	}
	env := &kernel.Env{Alloc: memory.DefaultAllocator}
	want := []string{}
	for _, rec := range k.batches {
		sel, err := compiled.Select(env, rec.Columns(), int(rec.NumRows()), nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", predicate, err)
		}
		for _, i := range sel {
			want = append(want, string(schema.AppendRowJSON(nil, rec, int(i))))
		}
	}
	scan, err := k.snapshot.Scan(delta.ScanConfig{Filter: predicate})
	if err != nil {
		t.Fatalf("%s: %v", predicate, err)
	}
	got := []string{}
	for rec, err := range scan.Records(t.Context()) {
		if err != nil {
			t.Fatalf("%s: %v", predicate, err)
		}
		got = appendRows(got, rec)
	}
	k.files += int64(scan.SkippedFiles)
	k.groups += scan.Stats().SkippedRowGroups
	k.pages += scan.Stats().SkippedPages
	if diff := compareRows(want, got); diff != "" {
		t.Errorf("WHERE %s: %d of %d files were skipped; rows (-want +got):\n%s", predicate, scan.SkippedFiles, k.snapshot.NumFiles(), diff)
	}
}

// predicate is a tree of tests at most so deep.
func (k *skipping) predicate(depth int) expr.Bound {
	if depth == 0 {
		return k.leafTest()
	}
	switch k.random.IntN(6) {
	case 0:
		return call("and", k.predicate(depth-1), k.predicate(depth-1))
	case 1:
		return call("or", k.predicate(depth-1), k.predicate(depth-1))
	case 2:
		return call("not", k.predicate(depth-1))
	default:
		return k.leafTest()
	}
}

// leafTest compares one leaf.
func (k *skipping) leafTest() expr.Bound {
	i := k.random.IntN(len(k.leaves))
	leaf, typ := k.leaves[i], k.leaves[i].Type()
	pick := func() expr.Bound {
		if k.random.IntN(20) == 0 {
			return expr.BoundLiteral{Typ: typ}
		}
		return expr.BoundLiteral{Value: k.values[i][k.random.IntN(len(k.values[i]))], Typ: typ}
	}
	operators := []string{"=", "<=>", "<", "<=", ">", ">="}
	switch n := k.random.IntN(12); {
	case n < 6:
		return call(operators[n], leaf, pick())
	case n == 6:
		return call(operators[k.random.IntN(6)], pick(), leaf)
	case n == 7:
		return call("isnull", leaf)
	case n == 8:
		return call("isnotnull", leaf)
	case n == 9:
		return call("in", leaf, pick(), pick(), pick())
	case n == 10 && typ.ID() == arrow.STRING:
		return call("startswith", leaf, pick())
	case n == 10 && typ.ID() == arrow.BOOL:
		return leaf
	default:
		for j, other := range k.leaves { // two columns of one type
			if j != i && arrow.TypeEqual(other.Type(), typ) {
				return call(operators[k.random.IntN(6)], leaf, other)
			}
		}
		return call("and", call(">=", leaf, pick()), call("<=", leaf, pick()))
	}
}
