package kernel_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// FuzzTextArrays holds the functions between texts and arrays or maps of them against references.
func FuzzTextArrays(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, seed uint64, rows uint8, text string) {
		n := newNestedTable(t, seed, rows, text, "a ARRAY<STRING>, s STRING, d STRING, b BOOLEAN")
		for _, ref := range textArrays() {
			n.check(t, ref)
		}
	})
}

func textArrays() []reference {
	return []reference{
		{"array_join(a, s)", strict("a s", func(v ...any) any { return joined(v[1].(string), present(v[0].(list))) })},
		{"array_join(a, s, d)", strict("a s d", func(v ...any) any {
			all := slices.Clone(v[0].(list))
			for i, x := range all {
				if x == nil {
					all[i] = v[2]
				}
			}
			return joined(v[1].(string), all)
		})},
		{"concat_ws(s, a, d, a)", func(r row) any {
			a, _ := r["a"].(list)
			return strict("s", func(v ...any) any { return joined(v[0].(string), present(slices.Concat(a, list{r["d"]}, a))) })(r)
		}},
		{"reverse(s)", strict("s", func(v ...any) any {
			runes := []rune(v[0].(string))
			slices.Reverse(runes)
			return string(runes)
		})},
		{"str_to_map(s)", strict("s", func(v ...any) any { return mapOfText(v[0].(string), ",") })},
		{"str_to_map(s, if(b, '[,]', 'a'), ':')", func(r row) any {
			between := "a"
			if r["b"] == true {
				between = ","
			}
			return strict("s", func(v ...any) any { return mapOfText(v[0].(string), between) })(r)
		}},
	}
}

func present(a list) list {
	return slices.DeleteFunc(slices.Clone(a), func(x any) bool { return x == nil })
}

func joined(separator string, a list) any {
	parts := make([]string, len(a))
	for i, x := range a {
		parts[i] = x.(string)
	}
	return strings.Join(parts, separator)
}

func mapOfText(s, between string) any {
	var keys, values list
	for _, pair := range strings.Split(s, between) {
		key, value, ok := strings.Cut(pair, ":")
		keys, values = append(keys, key), append(values, value)
		if !ok {
			values[len(values)-1] = nil
		}
	}
	return mapOf(keys, values)
}

// FuzzSequence holds sequences of numbers against addition without limits.
func FuzzSequence(f *testing.F) {
	f.Add(int64(1), int64(5), int64(2))
	f.Add(int64(5), int64(-5), int64(-3))
	f.Add(int64(3), int64(3), int64(0))
	f.Add(int64(3), int64(4), int64(0))
	f.Add(int64(-1<<63), int64(1<<63-1), int64(1<<62))
	f.Add(int64(1<<63-1), int64(-1<<63), int64(-1<<63))
	f.Add(int64(-1<<63), int64(1<<63-1), int64(1))
	f.Fuzz(func(t *testing.T, start, stop, by int64) {
		typ, unit := schema.ArrayOf(schema.BigInt, false), int64(1)
		if start > stop {
			unit = -1
		}
		from, to := lit(start, schema.BigInt), lit(stop, schema.BigInt)
		hold := func(e expr.Bound, want string) {
			if want == "" {
				return
			}
			if got := one(t, e); got != want {
				t.Errorf("%s = %s, want %s", e, got, want)
			}
		}
		hold(call("sequence", typ, from, to, lit(by, schema.BigInt)), progression(start, stop, by))
		hold(call("sequence", typ, from, to), progression(start, stop, unit))
	})
}

// progression is "" where it is too long to be tried.
func progression(start, stop, by int64) string {
	at, end, step := big.NewInt(start), big.NewInt(stop), big.NewInt(by)
	distance := new(big.Int).Sub(end, at)
	if distance.Sign() != 0 && distance.Sign() != step.Sign() {
		return "!ILLEGAL_SEQUENCE_BOUNDARIES"
	}
	count := big.NewInt(1)
	if distance.Sign() != 0 {
		count.Add(count, new(big.Int).Quo(distance, step))
	}
	switch {
	case count.Cmp(big.NewInt(mostElements)) > 0:
		return "!COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER"
	case count.Cmp(big.NewInt(2000)) > 0:
		return ""
	}
	var out []string
	for range count.Int64() {
		out = append(out, at.String())
		at.Add(at, step)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// FuzzMonthSequence holds sequences by months against the calendar of package time.
func FuzzMonthSequence(f *testing.F) {
	day := int64(24 * time.Hour / time.Microsecond)
	f.Add(int64(0), 400*day, int8(1))
	f.Add(11016*day+3_723_000_001, 9000*day, int8(-1)) // from the 29th of February
	f.Add(19752*day-1, 21000*day+5, int8(13))
	f.Add(int64(-1), int64(-1), int8(0))
	f.Add(int64(5), 5*day, int8(-2))
	f.Fuzz(func(t *testing.T, start, stop int64, months int8) {
		const first, beyond = -62_135_596_800_000_000, 253_402_300_800_000_000 // µs: the years 1 to 9999
		from, to := time.UnixMicro(start).UTC(), time.UnixMicro(stop).UTC()
		if min(start, stop) < first || max(start, stop) >= beyond || months != 0 && (to.Year()-from.Year())*12/int(months) > 2000 {
			return
		}
		e := call("sequence", schema.ArrayOf(schema.Timestamp, false), lit(arrow.Timestamp(start), schema.Timestamp), lit(arrow.Timestamp(stop), schema.Timestamp),
			lit(arrow.MonthInterval(months), schema.YearToMonth))
		if got, want := one(t, e), monthly(from, to, int(months)); got != want {
			t.Errorf("%s = %s, want %s", e, got, want)
		}
	})
}

func monthly(start, stop time.Time, months int) string {
	const layout = "2006-01-02 15:04:05.999999"
	if start.Equal(stop) {
		return "[" + start.Format(layout) + "]"
	}
	if months == 0 || months > 0 != stop.After(start) {
		return "!ILLEGAL_SEQUENCE_BOUNDARIES"
	}
	var out []string
	for n := 0; ; n += months {
		at := sameDay(start, n)
		if months > 0 && at.After(stop) || months < 0 && at.Before(stop) {
			return "[" + strings.Join(out, ", ") + "]"
		}
		out = append(out, at.Format(layout))
	}
}

// sameDay is so many months later, on the last day of a month that is too short.
func sameDay(t time.Time, months int) time.Time {
	month := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	return month.AddDate(0, 0, min(t.Day(), month.AddDate(0, 1, -1).Day())-1)
}
