package kernel

import (
	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/schema"
)

// span is an INTERVAL of make_interval: months, days and nanoseconds.
type span = arrow.MonthDayNanoInterval

func isCalendar(t arrow.DataType) bool { return schema.IsCalendar(t) }

// makeCalendar is make_interval, and try_make_interval.
func makeCalendar(c *site) (kernel, error) {
	if t, ok := c.args[6].(*arrow.Decimal128Type); !ok || t.Scale != 6 {
		return c.unsupported()
	}
	return kernel{unsafe: !tries(c.name), run: func(k *frame, args []vec) (vec, error) {
		var whole [6]values[int32]
		for i := range whole {
			whole[i] = valuesOf[int32](args[i])
		}
		seconds := valuesOf[num](args[6])
		return tried(k, tries(c.name), func(i int) (span, error) {
			field := func(f int) int64 { return int64(whole[f].at(i)) }
			// Hours and minutes of 32 bits and DECIMAL(18,6) seconds together fit into 64 bits.
			micros := field(4)*datetime.MicrosPerHour + field(5)*datetime.MicrosPerMinute + toLong(seconds.at(i))
			return c.span(12*field(0)+field(1), 7*field(2)+field(3), micros)
		})
	}}, nil
}

// span fails for what the type does not hold.
func (c *site) span(months, days, micros int64) (span, error) {
	v, ok := schema.CalendarOf(months, days, micros)
	if !ok {
		return v, arithmeticOverflow(c.pos, "interval", "")
	}
	return v, nil
}

// spanSum adds two of them field by field, or subtracts for sign -1.
func spanSum(c *site, sign int64) (kernel, error) {
	if !isCalendar(c.args[0]) || !isCalendar(c.args[1]) {
		return c.unsupported()
	}
	return moved(c, 0, 1, func(a, b span) (span, error) {
		return c.span(int64(a.Months)+sign*int64(b.Months), int64(a.Days)+sign*int64(b.Days), a.Nanoseconds/1000+sign*(b.Nanoseconds/1000))
	}), nil
}

// spanPlus moves a date or a timestamp: by the months, then the days, then the time, which a date does not take.
func spanPlus(c *site, sign int64) (kernel, error) {
	if !isTemporal(c.args[0]) {
		return c.unsupported()
	}
	if c.args[0].ID() == arrow.DATE32 {
		return moved(c, 0, 1, func(d int32, by span) (int32, error) {
			if by.Nanoseconds != 0 {
				return 0, fault(c.pos, "INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION", "22006", "cast the date to TIMESTAMP", "a time cannot be added to a DATE")
			}
			return c.toDate(datetime.AddMonths(d, sign*int64(by.Months)) + sign*int64(by.Days))
		}), nil
	}
	return moved(c, 0, 1, func(t int64, by span) (int64, error) {
		t, err := c.addMonths(t, sign*int64(by.Months))
		if err != nil {
			return 0, err
		}
		hi, days := mul64(int64(by.Days), datetime.MicrosPerDay)
		if hi != days>>63 {
			return 0, c.datetimeOverflow()
		}
		if t, err = c.addMicros(t, days, sign); err != nil {
			return 0, err
		}
		return c.addMicros(t, by.Nanoseconds/1000, sign)
	}), nil
}

// castToCalendar reads text; what is no interval is NULL, as in Spark.
func castToCalendar(c conversion) (kernel, error) {
	if c.from.ID() != arrow.STRING {
		return c.unsupported()
	}
	c.try = true
	return parsed(c, func(b []byte) (span, error) {
		v, err := schema.ParseCalendar(string(b))
		if err != nil {
			return v, errNull
		}
		return v, nil
	}), nil
}
