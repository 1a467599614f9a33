package schema_test

import (
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/schema"
)

func TestCalendarIntervals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1 year 2 months -3 days": "1 years 2 months -3 days",
		"interval 90 minutes":     "1 hours 30 minutes",
		" 1 WEEK 2 milliseconds":  "7 days 0.002 seconds",
		"- 1.5 seconds":           "-1.5 seconds",
		"61.0000019 seconds":      "1 minutes 1.000001 seconds",
		"14 months -1 year":       "2 months",
		"0 days":                  "0 seconds",
	} {
		v, err := schema.ParseCalendar(text)
		if err != nil {
			t.Errorf("ParseCalendar(%q): %v", text, err)
			continue
		}
		got := string(schema.AppendCalendar(nil, v))
		if again, err := schema.ParseCalendar(got); got != want || err != nil || again != v {
			t.Errorf("ParseCalendar(%q) is %s, and read again %v, %v; want %s", text, got, again, err, want)
		}
	}
	for text, want := range map[string]error{
		"": schema.ErrIntervalFormat, "1": schema.ErrIntervalFormat, "x days": schema.ErrIntervalFormat, "1.5 days": schema.ErrIntervalFormat,
		"--1 day": schema.ErrIntervalFormat, "1 fortnight": schema.ErrIntervalFormat, "interval": schema.ErrIntervalFormat, ". seconds": schema.ErrIntervalFormat,
		"300000000 years": schema.ErrIntervalRange, "3000000 hours": schema.ErrIntervalRange,
	} {
		if v, err := schema.ParseCalendar(text); !errors.Is(err, want) {
			t.Errorf("ParseCalendar(%q) is %v, %v; want %v", text, v, err, want)
		}
	}
	if _, ok := schema.CalendarOf(1<<31, 0, 0); ok {
		t.Error("CalendarOf takes 2^31 months")
	}
	if got := schema.Name(schema.CalendarInterval); got != "interval" || schema.Supported(schema.CalendarInterval) == nil || !schema.IsCalendar(arrow.FixedWidthTypes.MonthDayNanoInterval) {
		t.Errorf("the type is called %s, and must not be one of tables", got)
	}
}
