package kernel_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/cputime"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/schema/schematest"
)

const benchRows = 64 << 10

// benchBatch has one column of each kind that the benchmarks read: l, d, s (plain), k (dictionary), amount, qty, ts.
func benchBatch(b *testing.B) (*arrow.Schema, []arrow.Array) {
	b.Helper()
	mem, r := memory.NewGoAllocator(), rand.New(rand.NewPCG(1, 2))
	kinds := []string{" Purchase", "PAGE_VIEW", "Search ", "login", "logout", "refund", "click", "view"}
	l, d, ts := array.NewInt64Builder(mem), array.NewFloat64Builder(mem), array.NewTimestampBuilder(mem, schema.Timestamp.(*arrow.TimestampType))
	s := array.NewStringBuilder(mem)
	k := array.NewDictionaryBuilder(mem, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String})
	amount := array.NewDecimal128Builder(mem, schema.DecimalOf(18, 2).(*arrow.Decimal128Type))
	qty := array.NewDecimal128Builder(mem, schema.DecimalOf(18, 0).(*arrow.Decimal128Type))
	for range benchRows {
		l.Append(r.Int64N(100))
		d.Append(float64(r.IntN(100_000)) / 100)
		s.Append(kinds[r.IntN(len(kinds))])
		if err := k.(*array.BinaryDictionaryBuilder).AppendString(kinds[r.IntN(len(kinds))]); err != nil {
			b.Fatal(err)
		}
		amount.Append(decimal128.FromI64(r.Int64N(1_000_000)))
		qty.Append(decimal128.FromI64(r.Int64N(100)))
		ts.Append(arrow.Timestamp(1_740_000_000_000_000 + r.Int64N(30*86_400_000_000)))
	}
	cols := []arrow.Array{l.NewArray(), d.NewArray(), s.NewArray(), k.NewArray(), amount.NewArray(), qty.NewArray(), ts.NewArray()}
	sc := schematest.DDL(b, "l BIGINT, d DOUBLE, s STRING, k STRING, amount DECIMAL(18,2), qty DECIMAL(18,0), ts TIMESTAMP")
	return sc, cols
}

func compileSQL(b *testing.B, sc *arrow.Schema, text string) *kernel.Expr {
	b.Helper()
	n, err := expr.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	bound, err := expr.Bind(n, expr.NewScope(sc))
	if err != nil {
		b.Fatal(err)
	}
	e, err := kernel.Compile(bound)
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// report gives the processor time of a row: on a machine with neighbours it says more than the clock.
func report(b *testing.B, since time.Duration) {
	b.Helper()
	b.ReportMetric(float64(cputime.Process()-since)/float64(b.N)/benchRows, "cpu-ns/row")
}

func BenchmarkSelect(b *testing.B) {
	sc, cols := benchBatch(b)
	env := &kernel.Env{Alloc: memory.NewGoAllocator()}
	for _, text := range []string{
		"l > 50", "l = 7", "d < 10.0", "l > 50 and d < 500.0", "l in (1, 2, 3)", "s = 'login'", "k = 'login'", "k in ('login', 'logout')",
		"k like '%o%'", "amount > 50.5", "l is not null", "l between 10 and 20", "l = 7 or d > 990.0",
	} {
		e := compileSQL(b, sc, text)
		b.Run(text, func(b *testing.B) {
			var dst []int32
			since := cputime.Process()
			for b.Loop() {
				var err error
				if dst, err = e.Select(env, cols, benchRows, nil, dst[:0]); err != nil {
					b.Fatal(err)
				}
			}
			report(b, since)
		})
	}
}

func BenchmarkEval(b *testing.B) {
	sc, cols := benchBatch(b)
	env := &kernel.Env{Alloc: memory.NewGoAllocator()}
	branches := "case"
	for i, kind := range []string{" Purchase", "PAGE_VIEW", "Search ", "login", "logout", "refund", "click", "view"} {
		branches += fmt.Sprintf(" when k = '%s' then %d", kind, i*100)
	}
	for _, text := range []string{
		"l + 1", "l * l", "d * 2.0", "l > 50", "amount * qty", "amount * (1 - qty) * (1 + qty)", "amount + 1.5", "amount / 7", branches + " end", "cast(round(d * 100) as bigint)",
		"lower(trim(k))", "lower(trim(s))", "cast(ts as date)", "year(ts)", "date_trunc('MONTH', ts)", "coalesce(l, 0)", "cast(l as string)",
		"cast(d as string)", "cast(ts as string)", "cast(cast(ts as string) as timestamp)", "cast(cast(ts as date) as string)",
		"cast(cast(cast(ts as date) as string) as date)", "upper(s)", "round(d, 1)", "l / 3", "xxhash64(l, s)", "concat(s, '-', k)", "if(l > 50, d, 0.0)",
		"to_utc_timestamp(ts, 'America/New_York')", "timestampadd(MONTH, 1, ts)", "ts - interval '3' day",
		"from_json(to_json(struct(l, s, array(d, d) as a)), 'l bigint, s string, a array<double>')", "to_json(struct(l, s, array(d, d) as a))",
		"from_csv(to_csv(struct(l, s, d)), 'l bigint, s string, d double')", "to_csv(struct(l, s, d))",
	} {
		e := compileSQL(b, sc, text)
		b.Run(text, func(b *testing.B) {
			since := cputime.Process()
			for b.Loop() {
				out, err := e.Eval(env, cols, benchRows, nil)
				if err != nil {
					b.Fatal(err)
				}
				out.Release()
			}
			report(b, since)
		})
	}
}
