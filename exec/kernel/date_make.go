package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// makeTimestamp joins year, month, day, hour, minute and seconds with a fraction, and perhaps a zone. 60 seconds are the next minute.
func makeTimestamp(c *site) (kernel, error) {
	if t, ok := c.args[5].(*arrow.Decimal128Type); !ok || t.Scale != 6 {
		return c.unsupported()
	}
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		var fields [5]values[int32]
		for i := range fields {
			fields[i] = valuesOf[int32](args[i])
		}
		seconds := valuesOf[num](args[5])
		names := zoneNames{c: c}
		var zone func(i int) (*zoneClock, error)
		if len(args) == 7 {
			zone = names.over(args[6])
		}
		return tried(k, false, func(i int) (int64, error) {
			t, err := c.timeOf(fields, seconds.at(i), i)
			if err != nil || zone == nil {
				return t, err
			}
			z, err := zone(i)
			if err != nil {
				return 0, err
			}
			return z.toInstant(t), nil
		})
	}}, nil
}

// timeOf is the local time of row i; where there is none, the try_ functions give NULL.
func (c *site) timeOf(fields [5]values[int32], seconds num, i int) (int64, error) {
	t := datetime.Clock{
		Year: int(fields[0].at(i)), Month: int(fields[1].at(i)), Day: int(fields[2].at(i)), Hour: int(fields[3].at(i)), Minute: int(fields[4].at(i)),
	}
	of := toLong(seconds) // DECIMAL(16,6) fits
	t.Second, t.Micros = int(of/datetime.MicrosPerSecond), int(of%datetime.MicrosPerSecond)
	extra, try := int64(0), tries(c.name)
	if t.Second == 60 {
		if t.Micros != 0 && try {
			return 0, errNull
		}
		if t.Micros != 0 {
			return 0, fault(c.pos, "INVALID_FRACTION_OF_SECOND", "22023", "", "a 60th second has no fraction")
		}
		t.Second, extra = 0, datetime.MicrosPerMinute
	}
	inside := of >= 0 && t.Second < 60 && t.Minute >= 0 && t.Minute < 60 && t.Hour >= 0 && t.Hour < 24 && datetime.IsDate(t.Year, t.Month, t.Day)
	local, ok := t.Local()
	if (!inside || !ok) && try {
		return 0, errNull
	}
	if !inside || !ok {
		return 0, fault(c.pos, "DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION", "22023", "use try_"+c.name+" to get NULL instead",
			"there is no time %d-%d-%d %d:%d:%d", t.Year, t.Month, t.Day, t.Hour, t.Minute, t.Second)
	}
	return local + extra, nil
}
