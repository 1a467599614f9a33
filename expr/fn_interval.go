package expr

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/schema"
)

// wantMeasure takes numbers and intervals.
var wantMeasure = kind("NUMERIC or INTERVAL", typeDouble, func(t arrow.DataType) bool { return isNumeric(t) || isInterval(t) })

// intervalFunctions make intervals out of numbers.
func intervalFunctions() []Function {
	zero, none := literal(int32(0), typeInt), literal(decimalFromInt(0), decimalOf(18, 6))
	seconds := exactly(decimalOf(18, 6))
	calendar := filled(7, returns(typeCalendar, wantInt, wantInt, wantInt, wantInt, wantInt, wantInt, seconds), zero, zero, zero, zero, zero, zero, none)
	return []Function{
		scalar("make_ym_interval", 0, 2, "make_ym_interval([years[, months]]): INTERVAL YEAR TO MONTH", filled(2, returns(typeMonths, wantInt), zero, zero)),
		scalar("make_dt_interval", 0, 4, "make_dt_interval([days[, hours[, minutes[, seconds]]]]): INTERVAL DAY TO SECOND",
			filled(4, returns(typeDuration, wantInt, wantInt, wantInt, seconds), zero, zero, zero, none)),
		scalar("make_interval", 0, 7, "make_interval([years[, months[, weeks[, days[, hours[, minutes[, seconds]]]]]]]): INTERVAL of months, days and time, "+
			"which dates and timestamps are moved by", calendar),
		scalar("try_make_interval", 1, 7, "try_make_interval(years[, …]): make_interval, NULL on overflow", orNull(calendar)),
	}
}

// intervalSum adds or subtracts two intervals of one kind; NULL counts as the other's type.
func (c *call) intervalSum() (Bound, error) {
	a, b := c.args[0].Type(), c.args[1].Type()
	t, ok := commonWithoutStrings(a, b)
	if !ok {
		return nil, c.noInterval(a, b)
	}
	for i := range c.args {
		if err := c.convert(i, t); err != nil {
			return nil, err
		}
	}
	return c.result(t), nil
}

// tryAdd is try_add or try_subtract: of numbers, of intervals, or a timestamp moved by an interval.
func tryAdd(c *call) (Bound, error) {
	a, b := c.args[0].Type(), c.args[1].Type()
	switch {
	case isTimestamp(a) && isInterval(b):
		return c.result(a), nil
	case isInterval(a) && isTimestamp(b) && c.name == "try_add":
		c.swap()
		return c.result(b), nil
	case isCalendar(a) || isCalendar(b):
		return c.calendarSum()
	case isInterval(a) || isInterval(b):
		return c.intervalSum()
	}
	return arithmetic(c)
}

// calendarSum adds or subtracts an INTERVAL of make_interval: another one, or what a date or timestamp is moved by.
func (c *call) calendarSum() (Bound, error) {
	if isCalendar(c.args[0].Type()) && isDatetime(c.args[1].Type()) && (c.name == "+" || c.name == "try_add") {
		c.swap()
	}
	a, b := c.args[0].Type(), c.args[1].Type()
	switch {
	case isCalendar(b) && (isCalendar(a) || isDatetime(a)):
		return c.result(a), nil
	case isCalendar(a):
		return nil, c.unexpected(1, "INTERVAL")
	}
	return nil, c.unexpected(0, "DATE, TIMESTAMP or INTERVAL")
}

// multiply is arithmetic, or an interval taken so many times.
func multiply(c *call) (Bound, error) {
	a, b := c.args[0].Type(), c.args[1].Type()
	switch {
	case isInterval(a) && !isInterval(b):
		return c.scaleInterval()
	case isInterval(b) && !isInterval(a):
		c.swap()
		return c.scaleInterval()
	case isInterval(a):
		return nil, c.unexpected(1, "NUMERIC")
	}
	return arithmetic(c)
}

// noInterval is the error for operands of which one is an interval that the other does not go with.
func (c *call) noInterval(a, b arrow.DataType) error {
	if isInterval(a) && (isInterval(b) || isDatetime(b)) {
		return c.unexpected(1, TypeSQL(a))
	}
	return c.operandsDiffer()
}

// scaleInterval multiplies or divides an interval, which comes first, by a number. The result has all fields.
func (c *call) scaleInterval() (Bound, error) {
	whole := typeDuration
	if c.args[0].Type().ID() == arrow.INTERVAL_MONTHS {
		whole = typeMonths
	}
	if t := c.args[1].Type(); !isNumeric(t) && !isString(t) && !isNull(t) {
		return nil, c.unexpected(1, "NUMERIC")
	}
	if err := c.convert(0, whole); err != nil {
		return nil, err
	}
	to, _ := wantNumeric.accept(c.args[1].Type())
	switch {
	case isIntegral(to):
		to = typeBigInt
	case isFloating(to):
		to = typeDouble
	}
	if err := c.convert(1, to); err != nil {
		return nil, err
	}
	return c.result(whole), nil
}

// dateMoves is a DATE moved by months or whole days, which stays a DATE; ok is false for finer intervals.
func (c *call) dateMoves(sign int64) (b Bound, ok bool) {
	t := c.args[1].Type()
	switch first, last, _ := schema.IntervalFields(t); {
	case last <= schema.Month:
		c.name = "add_months"
		if v, ok := c.constant(1); ok {
			c.args[1] = literal(int32(sign)*int32(v.(arrow.MonthInterval)), typeInt)
			return c.result(typeDate), true
		}
		months := countOf(c.args[1], schema.Month)
		if sign < 0 {
			months = BoundCall{Pos: c.Pos, Func: "negative", Args: []Bound{months}, Typ: typeInt, Null: months.Nullable()}
		}
		c.args[1] = months
		return c.result(typeDate), true
	case first == schema.Day && last == schema.Day:
		c.name = "date_add"
		if sign < 0 {
			c.name = "date_sub"
		}
		if v, ok := c.constant(1); ok {
			days := int64(v.(arrow.Duration)) / datetime.MicrosPerDay // at most 106,751,991
			c.name, c.args[1] = "date_add", literal(int32(sign*days), typeInt)
			return c.result(typeDate), true
		}
		c.args[1] = countOf(c.args[1], schema.Day)
		return c.result(typeDate), true
	}
	return nil, false
}

// countOf is how many of a field an interval has in all, as INT.
func countOf(interval Bound, f schema.IntervalField) Bound {
	return Convert(Convert(interval, schema.IntervalOf(f, f)), typeInt)
}

// intervalPart gives a field of an interval, which must be among those of its type.
func (c *call) intervalPart(field string) (Bound, error) {
	part, result := "", arrow.DataType(typeInt)
	switch field {
	case "YEAR", "Y", "YEARS", "YR", "YRS":
		part = "YEAR"
	case "MONTH", "MON", "MONS", "MONTHS":
		part, result = "MONTH", typeTinyInt
	case "DAY", "D", "DAYS":
		part = "DAY"
	case "HOUR", "H", "HOURS", "HR", "HRS":
		part, result = "HOUR", typeTinyInt
	case "MINUTE", "M", "MIN", "MINS", "MINUTES":
		part, result = "MINUTE", typeTinyInt
	case "SECOND", "S", "SEC", "SECONDS", "SECS":
		part, result = "SECOND", decimalOf(8, 6)
	}
	first, last, _ := schema.IntervalFields(c.args[1].Type())
	if f, ok := intervalField(part); !ok || f < first || f > last {
		return nil, c.invalidField(strings.ToLower(field))
	}
	c.args[0] = literal(part, typeString)
	return c.result(result), nil
}
