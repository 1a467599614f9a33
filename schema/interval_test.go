package schema_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func TestIntervals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		first, last schema.IntervalField
		text        string
		value       int64 // months or µs
		printed     string
		err         error
	}{
		{schema.Day, schema.Day, "3", 3 * 86_400_000_000, "INTERVAL '3' DAY", nil},
		{schema.Day, schema.Day, " interval -'3' day ", -3 * 86_400_000_000, "INTERVAL '-3' DAY", nil},
		{schema.Day, schema.Day, "INTERVAL '3' HOUR", 0, "", schema.ErrIntervalFormat},
		{schema.Day, schema.Day, "106751992", 0, "", schema.ErrIntervalRange},
		{schema.Day, schema.Second, "1 2:03:04.5", 93_784_500_000, "INTERVAL '1 02:03:04.5' DAY TO SECOND", nil},
		{schema.Day, schema.Second, "1 02:03", 0, "", schema.ErrIntervalFormat},
		{schema.Day, schema.Second, "1 24:00:00", 0, "", schema.ErrIntervalRange},
		{schema.Hour, schema.Minute, "-30:05", -1805 * 60_000_000, "INTERVAL '-30:05' HOUR TO MINUTE", nil},
		{schema.Second, schema.Second, "5.000001", 5_000_001, "INTERVAL '05.000001' SECOND", nil},
		{schema.Second, schema.Second, "5.1234567899", 0, "", schema.ErrIntervalFormat},
		{schema.Year, schema.Month, "1-2", 14, "INTERVAL '1-2' YEAR TO MONTH", nil},
		{schema.Year, schema.Month, "1-12", 0, "", schema.ErrIntervalRange},
		{schema.Year, schema.Year, "178956971", 0, "", schema.ErrIntervalRange},
		{schema.Month, schema.Month, "14", 14, "INTERVAL '14' MONTH", nil},
		{schema.Month, schema.Month, "", 0, "", schema.ErrIntervalFormat},
	}
	for _, tt := range tests {
		typ := schema.IntervalOf(tt.first, tt.last)
		v, err := schema.ParseInterval(tt.text, typ)
		if !errors.Is(err, tt.err) || err == nil && v != tt.value {
			t.Errorf("ParseInterval(%q, %s) = %d, %v; want %d, %v", tt.text, typ, v, err, tt.value, tt.err)
		}
		if tt.err != nil {
			continue
		}
		if got := string(schema.AppendInterval(nil, tt.value, typ)); got != tt.printed {
			t.Errorf("AppendInterval(%d, %s) = %s, want %s", tt.value, typ, got, tt.printed)
		}
		if again, err := schema.ParseInterval(tt.printed, typ); err != nil || again != tt.value {
			t.Errorf("ParseInterval(%q) = %d, %v; want %d", tt.printed, again, err, tt.value)
		}
	}
}

func TestIntervalTypes(t *testing.T) {
	t.Parallel()
	day, days := schema.IntervalOf(schema.Day, schema.Day), schema.IntervalOf(schema.Day, schema.Second)
	if arrow.TypeEqual(day, days) || !arrow.TypeEqual(day, schema.IntervalOf(schema.Day, schema.Day)) {
		t.Error("interval types must be equal just where their fields are")
	}
	if day.Fingerprint() == days.Fingerprint() {
		t.Errorf("%s and %s have one fingerprint, %s", day, days, day.Fingerprint())
	}
	nested := schema.ArrayOf(arrow.StructOf(arrow.Field{Name: "d", Type: day}), true)
	want := schema.ArrayOf(arrow.StructOf(arrow.Field{Name: "d", Type: schema.DayToSecond}), true)
	if got := schema.Plain(nested); !arrow.TypeEqual(got, want) {
		t.Errorf("Plain(%s) = %s, want %s", nested, got, want)
	}
}

func ExampleAppendInterval() {
	hours := schema.IntervalOf(schema.Hour, schema.Minute)
	v, _ := schema.ParseInterval("30:05", hours)
	fmt.Println(v, schema.Name(hours), string(schema.AppendInterval(nil, v, hours)))
	// Output: 108300000000 interval hour to minute INTERVAL '30:05' HOUR TO MINUTE
}
