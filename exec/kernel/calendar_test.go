package kernel_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

// TestCalendarAgreesWithTime walks over the Gregorian calendar, and to both ends of what a DATE holds.
func TestCalendarAgreesWithTime(t *testing.T) {
	t.Parallel()
	days := []int64{math.MinInt32, math.MinInt32 + 1, -59_153_468, -59_153_467, 1 << 30, math.MaxInt32 - 1, math.MaxInt32}
	for d := int64(-900_000); d < 900_000; d += 97 {
		days = append(days, d)
	}
	for d := int64(19_700); d < 19_700+800; d++ {
		days = append(days, d)
	}
	json := make([]string, len(days))
	for i, d := range days {
		json[i] = strconv.FormatInt(d, 10)
	}
	ints := column{schema.Int, "[" + strings.Join(json, ",") + "]"}
	date := call("date_add", schema.DateType, lit(arrow.Date32(0), schema.DateType), col(0, schema.Int))
	parts := map[string]func(time.Time) int{
		"year": time.Time.Year, "month": func(t time.Time) int { return int(t.Month()) }, "day": time.Time.Day, "dayofyear": time.Time.YearDay,
		"weekofyear": func(t time.Time) int { _, w := t.ISOWeek(); return w }, "dayofweek": func(t time.Time) int { return int(t.Weekday()) + 1 },
		"quarter": func(t time.Time) int { return (int(t.Month()) + 2) / 3 },
	}
	for name, want := range parts {
		got, err := evaluate(t, call(name, schema.Int, date), nil, false, ints)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range days {
			if w := strconv.Itoa(want(time.Unix(d*86400, 0).UTC())); got[i] != w {
				t.Fatalf("%s of day %d = %s, want %s", name, d, got[i], w)
			}
		}
	}
}

// TestTimesSurviveText prints timestamps and reads them again.
func TestTimesSurviveText(t *testing.T) {
	t.Parallel()
	micros := []string{"0", "-1", "1", "1709212455678901", "-62135596800000000", "253402300799999999", "-62167219200000001", "8210266876799999999"}
	longs := column{schema.BigInt, "[" + strings.Join(micros, ",") + "]"}
	ts := call("timestamp_micros", schema.Timestamp, col(0, schema.BigInt))
	there := cast(cast(ts, schema.String), schema.Timestamp)
	got, err := evaluate(t, call("unix_micros", schema.BigInt, there), nil, false, longs)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range micros[:7] {
		if got[i] != want {
			t.Errorf("timestamp %s comes back as %s", want, got[i])
		}
	}
}
