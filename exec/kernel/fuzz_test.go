package kernel_test

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/medallion-go/medallion/exec/kernel"
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// one evaluates an expression without columns; "!" and the class for an error.
func one(t *testing.T, b expr.Bound) string {
	t.Helper()
	got, err := evaluate(t, b, nil, false)
	if err != nil {
		return "!" + class(err)
	}
	return got[0]
}

// FuzzCastText casts any text to any type: never a panic, and what is printed is read as the same value again.
func FuzzCastText(f *testing.F) {
	for _, s := range []string{"", " 12 ", "1.5e3", "-0", "2020-02-29", "2020-01-01T12:34:56.789+02:00", "12:30", "T1", "Infinity", "yes", "1e99999", "0x1p3"} {
		f.Add(s)
	}
	types := []arrow.DataType{
		schema.Boolean, schema.TinyInt, schema.BigInt, schema.Float, schema.Double, schema.DecimalOf(10, 2), schema.DecimalOf(38, 38), schema.DateType,
		schema.Timestamp, schema.TimestampNTZType,
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range types {
			first := one(t, tryCast(lit(s, schema.String), typ))
			if first == "NULL" || strings.HasPrefix(first, "+") || strings.HasPrefix(first, "-") && typ.ID() != arrow.FLOAT64 {
				continue // NULL, or a year that the text of another type reads differently
			}
			if second := one(t, cast(lit(first, schema.String), typ)); second != first {
				t.Errorf("%q as %s prints %s, which reads as %s", s, schema.Name(typ), first, second)
			}
		}
	})
}

// FuzzLike holds LIKE against a regular expression.
func FuzzLike(f *testing.F) {
	for _, p := range [][2]string{{"abc", "a%"}, {"abc", "_b_"}, {"aXbXb", "a%b"}, {"", "%"}, {"é", "_"}, {"a%", `a\%`}, {"abab", "%ab"}, {"aab", "%a_b%"}} {
		f.Add(p[0], p[1])
	}
	f.Fuzz(func(t *testing.T, s, pattern string) {
		if !utf8.ValidString(s) || !utf8.ValidString(pattern) {
			return
		}
		want, ok := likeByRegexp(s, pattern)
		got := one(t, call("like", schema.Boolean, lit(s, schema.String), lit(pattern, schema.String)))
		if !ok {
			if !strings.HasPrefix(got, "!INVALID_FORMAT") {
				t.Errorf("%q LIKE %q = %s, want an error", s, pattern, got)
			}
			return
		}
		if got != strconv.FormatBool(want) {
			t.Errorf("%q LIKE %q = %s, want %t", s, pattern, got, want)
		}
	})
}

// FuzzLikeColumn does so for a column of short texts, so that what is looked for also lies across two of them.
func FuzzLikeColumn(f *testing.F) {
	f.Add("abcabc", "%ab%", uint64(1))
	f.Add("abba\x00", "a%b%a", uint64(2))
	f.Add("special requests", "%special%requests%", uint64(3))
	f.Add("aé日", "%é%_", uint64(4))
	f.Fuzz(func(t *testing.T, letters, pattern string, seed uint64) {
		if !utf8.ValidString(letters) || !utf8.ValidString(pattern) || letters == "" {
			return
		}
		if _, ok := likeByRegexp("", pattern); !ok {
			return
		}
		r, runes := rand.New(rand.NewPCG(seed, 1)), []rune(letters)
		b := array.NewStringBuilder(memory.NewGoAllocator())
		for range r.IntN(300) {
			if r.IntN(9) == 0 {
				b.AppendNull()
				continue
			}
			text := ""
			for range r.IntN(12) {
				from := r.IntN(len(runes))
				text += string(runes[from:min(len(runes), from+1+r.IntN(9))])
			}
			b.Append(text)
		}
		column := b.NewStringArray()
		like := call("like", schema.Boolean, col(0, schema.String), lit(pattern, schema.String))
		e, err := kernel.Compile(call("and", schema.Boolean, like, call("isnotnull", schema.Boolean, col(0, schema.String))))
		if err != nil {
			t.Fatal(err)
		}
		sel := randomRows(r, column.Len())
		var want []int32
		for _, i := range rowsOf(column.Len(), sel) {
			if match, _ := likeByRegexp(column.Value(int(i)), pattern); match && column.IsValid(int(i)) {
				want = append(want, i)
			}
		}
		got, err := e.Select(&kernel.Env{Alloc: memory.NewGoAllocator()}, []arrow.Array{column}, column.Len(), sel, nil)
		if diff := cmp.Diff(got, want, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("LIKE %q: %v, -got +want\n%s", pattern, err, diff)
		}
	})
}

func likeByRegexp(s, pattern string) (match, ok bool) {
	var re strings.Builder
	re.WriteString(`(?s)\A`)
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped && r != '%' && r != '_' && r != '\\':
			return false, false
		case escaped:
			re.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			re.WriteString(".*")
		case r == '_':
			re.WriteString(".")
		default:
			re.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return regexp.MustCompile(re.String() + `\z`).MatchString(s), !escaped
}

// FuzzDecimals holds decimal arithmetic against exact fractions.
func FuzzDecimals(f *testing.F) {
	f.Add(int64(125), uint64(0), int64(3), uint64(1), uint8(2), uint8(0))
	f.Add(int64(-999999999999999999), uint64(7), int64(1000000007), uint64(3), uint8(9), uint8(18))
	f.Fuzz(func(t *testing.T, a int64, aMore uint64, b int64, bMore uint64, s1, s2 uint8) {
		x, y := wide(a, aMore), wide(b, bMore)
		t1, t2 := schema.DecimalOf(38, int32(s1%19)), schema.DecimalOf(38, int32(s2%19))
		if !fits(x) || !fits(y) {
			return
		}
		p, q := rational(x, s1%19), rational(y, s2%19)
		results := map[string]*big.Rat{"+": new(big.Rat).Add(p, q), "-": new(big.Rat).Sub(p, q), "*": new(big.Rat).Mul(p, q)}
		if q.Sign() != 0 {
			results["/"] = new(big.Rat).Quo(p, q)
		}
		const scale = 6
		for op, exact := range results {
			got := one(t, call(op, schema.DecimalOf(38, scale), lit(decimal128.FromBigInt(x), t1), lit(decimal128.FromBigInt(y), t2)))
			want := exact.FloatString(scale) // rounds half away from zero
			if len(strings.Trim(strings.Replace(want, ".", "", 1), "-")) > 38 && strings.Trim(want, "-0.") != "" {
				want = "!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"
			}
			if strings.Trim(want, "-0.") == "" {
				want = "0.000000"
			}
			if got != want {
				t.Errorf("%s %s %s = %s, want %s", p.FloatString(18), op, q.FloatString(18), got, want)
			}
		}
	})
}

// wide spreads a number beyond 64 bits.
func wide(v int64, more uint64) *big.Int {
	b := new(big.Int).Mul(big.NewInt(v), new(big.Int).SetUint64(more%1_000_000_007+1))
	return b
}

func fits(b *big.Int) bool { return len(new(big.Int).Abs(b).String()) <= 38 }

func rational(b *big.Int, scale uint8) *big.Rat {
	return new(big.Rat).SetFrac(b, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
}

// FuzzRound holds round against the shortest digits of the number, rounded as text.
func FuzzRound(f *testing.F) {
	f.Add(2.675, int8(2))
	f.Add(-0.285, int8(2))
	f.Add(1e22, int8(-3))
	f.Add(123456.5, int8(0))
	f.Fuzz(func(t *testing.T, x float64, places int8) {
		if math.IsNaN(x) || math.IsInf(x, 0) || places > 20 || places < -20 {
			return
		}
		r, ok := new(big.Rat).SetString(strconv.FormatFloat(x, 'e', -1, 64))
		if !ok {
			t.Fatalf("%v is no fraction", x)
		}
		power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(places, -places))), nil))
		if places < 0 {
			power.Inv(power)
		}
		whole, _ := new(big.Rat).SetString(r.Mul(r, power).FloatString(0))
		want, _ := whole.Quo(whole, power).Float64()
		got := one(t, call("round", schema.Double, lit(x, schema.Double), lit(int32(places), schema.Int)))
		if got != one(t, cast(lit(want+0, schema.Double), schema.String)) {
			t.Errorf("round(%v, %d) = %s, want %v", x, places, got, want)
		}
	})
}

// FuzzJSONObject finds nothing in text that is not JSON, and JSON in what it finds of objects.
func FuzzJSONObject(f *testing.F) {
	for _, s := range [][2]string{{`{"a":{"b":[1,"x",null]}}`, "$.a"}, {`[1,2,[3]]`, "$[*]"}, {`{"a":"\u00e9\n"}`, "$['a']"}, {`{"a":[{"b":1},{"b":2}]}`, "$.a[*].b"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, document, path string) {
		got := one(t, call("get_json_object", schema.String, lit(document, schema.String), lit(path, schema.String)))
		whole := one(t, call("get_json_object", schema.String, lit(document, schema.String), lit("$", schema.String)))
		if json.Valid([]byte(document)) && utf8.ValidString(document) && whole == "NULL" && strings.Trim(document, " \t\r\n") != "" {
			t.Errorf("%q has no root", document)
		}
		if strings.HasPrefix(got, "{") && whole != got && !json.Valid([]byte(got)) && strings.Contains(document, "{") && path == "$.a" {
			t.Errorf("%q at %q is %q, which is not JSON", document, path, got)
		}
	})
}

// FuzzDictionary evaluates a text expression over plain and dictionary-encoded values: they agree.
func FuzzDictionary(f *testing.F) {
	f.Add("a", "b", " C ")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for _, s := range []string{a, b, c} {
			if !utf8.ValidString(s) {
				return
			}
		}
		text, err := json.Marshal([]any{a, b, nil, c, a, b, c, a, nil, b, c, a})
		if err != nil {
			t.Fatal(err)
		}
		values := column{schema.String, string(text)}
		lower := call("lower", schema.String, call("trim", schema.String, col(0, schema.String)))
		for _, e := range []expr.Bound{
			lower, call("length", schema.Int, col(0, schema.String)), call("=", schema.Boolean, lower, lit("b", schema.String)),
			expr.BoundCase{Whens: []expr.BoundWhen{{Cond: call("isnull", schema.Boolean, lower), Result: lit("none", schema.String)}}, Else: lower, Typ: schema.String},
			tryCast(col(0, schema.String), schema.Int),
		} {
			plain, err1 := evaluate(t, e, nil, false, values)
			coded, err2 := evaluate(t, e, nil, true, values)
			if err1 != nil || err2 != nil || strings.Join(plain, "\x00") != strings.Join(coded, "\x00") {
				t.Errorf("%s: plain %q, %v; dictionary %q, %v", e, plain, err1, coded, err2)
			}
		}
	})
}

// TestSharedByWorkers evaluates one expression from several goroutines.
func TestSharedByWorkers(t *testing.T) {
	t.Parallel()
	mem := memory.NewGoAllocator()
	e, err := kernel.Compile(call("+", schema.BigInt, col(0, schema.BigInt), lit(int64(1), schema.BigInt)))
	if err != nil {
		t.Fatal(err)
	}
	cols := build(t, mem, []column{{schema.BigInt, "[1, null, 3]"}}, false)
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 100 {
				out, err := e.Eval(&kernel.Env{Alloc: mem, Now: now}, cols, 3, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got := out.String(); got != "[2 (null) 4]" {
					t.Errorf("%s, want [2 (null) 4]", got)
				}
				out.Release()
			}
		})
	}
}
