package expr

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

func dateFunctions() []Function {
	part := returns(typeInt, wantDate)
	clock := returns(typeInt, wantClock)
	return []Function{
		scalar("current_date", 0, 0, "current_date(): day on which the statement began, UTC", returns(typeDate), "curdate"),
		scalar("year", 1, 1, "year(date)", part),
		scalar("quarter", 1, 1, "quarter(date): 1 to 4", part),
		scalar("month", 1, 1, "month(date): 1 to 12", part),
		scalar("day", 1, 1, "day(date): 1 to 31", part, "dayofmonth"),
		scalar("dayofweek", 1, 1, "dayofweek(date): 1 is Sunday", part),
		scalar("dayofyear", 1, 1, "dayofyear(date): 1 to 366", part),
		scalar("weekofyear", 1, 1, "weekofyear(date): ISO week", part),
		scalar("hour", 1, 1, "hour(timestamp)", clock),
		scalar("minute", 1, 1, "minute(timestamp)", clock),
		scalar("second", 1, 1, "second(timestamp): whole seconds", clock),
		scalar("date_add", 2, 2, "date_add(date, days)", returns(typeDate, wantDate, wantDays), "dateadd"),
		scalar("date_sub", 2, 2, "date_sub(date, days)", returns(typeDate, wantDate, wantDays)),
		scalar("datediff", 2, 2, "datediff(end, start): days", returns(typeInt, wantDate), "date_diff"),
		scalar("add_months", 2, 2, "add_months(date, months): the last day of the month where the day does not exist", returns(typeDate, wantDate, wantInt)),
		scalar("months_between", 2, 3, "months_between(a, b[, rounded])", filled(3, returns(typeDouble, wantTimestamp, wantTimestamp, wantBoolean),
			literal(true, typeBoolean))),
		scalar("last_day", 1, 1, "last_day(date): last day of its month", returns(typeDate, wantDate)),
		scalar("trunc", 2, 2, "trunc(date, unit): first day of its YEAR, QUARTER, MONTH or WEEK", truncDate),
		scalar("make_date", 3, 3, "make_date(year, month, day): an error if there is no such day", returns(typeDate, wantInt)),
	}
}

// truncDate is NULL for a unit that there is not.
func truncDate(c *call) (Bound, error) {
	c.null = c.args[0].Nullable() || !c.knownUnit(1, "YEAR YYYY YY QUARTER MONTH MON MM WEEK")
	return returns(typeDate, wantDate, wantString)(c)
}

func truncTimestamp(c *call) (Bound, error) {
	c.null = c.args[1].Nullable() || !c.knownUnit(0, "YEAR YYYY YY QUARTER MONTH MON MM WEEK DAY DD HOUR MINUTE SECOND MILLISECOND MICROSECOND")
	return returns(typeTimestamp, wantString, wantTimestamp)(c)
}

func (c *call) knownUnit(i int, units string) bool {
	v, _ := c.constant(i)
	unit, ok := v.(string)
	return ok && strings.Contains(" "+units+" ", " "+strings.ToUpper(unit)+" ")
}

// patterned checks a constant datetime pattern when the call is bound.
func patterned(i int, bind binding) binding {
	return func(c *call) (Bound, error) {
		if v, ok := c.constant(i); ok {
			if text, ok := v.(string); ok {
				if err := checkPattern(text, c.place(i)); err != nil {
					return nil, err
				}
			}
		}
		return bind(c)
	}
}

func dateFormat(c *call) (Bound, error) {
	return patterned(1, returns(typeString, wantTimestamp, wantString))(c)
}

// patternLetters are the letters of Spark's datetime patterns that every engine prints and reads alike, each with the most of them in a row.
var patternLetters = map[rune]int{
	'y': 6, 'M': 4, 'L': 4, 'd': 2, 'D': 3, 'E': 4, 'Q': 4, 'q': 4, 'a': 1, 'H': 2, 'h': 2, 'k': 2, 'K': 2, 'm': 2, 's': 2, 'S': 9,
	'X': 5, 'x': 5, 'Z': 5, 'z': 4, 'V': 2, 'O': 4,
}

// PatternFault is the class and the SQLSTATE of a datetime pattern that is refused for a letter: one that Spark knows and this library does not support, one
// that only Spark before 3.0 took, or one that there never was.
func PatternFault(pattern string, letter byte) (class, state string) {
	const before3 = "GyYMLwWDdFEuaHkKhmsSzZX"
	unquoted := ""
	for i, part := range strings.Split(pattern, "'") {
		if i%2 == 0 {
			unquoted += part
		}
	}
	foreign := strings.ContainsFunc(unquoted, func(r rune) bool { return (r|0x20 >= 'a' && r|0x20 <= 'z') && !strings.ContainsRune(before3, r) })
	switch {
	case strings.IndexByte("GFzVO", letter) >= 0:
		return "UNSUPPORTED_FEATURE", "0A000"
	case !foreign:
		return "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION", "42K0B"
	case strings.IndexByte("YWwuec", letter) >= 0:
		return "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN", "42K0B"
	}
	return "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER", "22007"
}

// checkPattern refuses letters that are not in patternLetters. Text in single quotes stands for itself.
func checkPattern(pattern string, at Pos) error {
	quoted := false
	run, last := 0, rune(0)
	for _, r := range pattern {
		if r == '\'' {
			quoted = !quoted
		}
		if r != last {
			run, last = 0, r
		}
		run++
		if letter := r|0x20 >= 'a' && r|0x20 <= 'z'; !letter || quoted {
			continue
		}
		if run > patternLetters[r] {
			class, state := PatternFault(pattern, byte(r))
			return &Error{
				Class: class, SQLState: state, Line: at.Line, Column: at.Column,
				Message: fmt.Sprintf("the datetime pattern %s has %s, which is not supported", quoteString(pattern), strings.Repeat(string(r), run)),
				Hint:    "use yyyy, MM, MMM, dd, HH, hh, mm, ss, SSS, a, EEE, DDD and XXX; put text in single quotes and what may be missing in brackets",
			}
		}
	}
	if quoted {
		return &Error{
			Class: "INVALID_DATETIME_PATTERN.LENGTH", SQLState: "22007", Line: at.Line, Column: at.Column,
			Message: fmt.Sprintf("the datetime pattern %s has a quote that is not closed", quoteString(pattern)),
		}
	}
	return nil
}

func timestampFunctions() []Function {
	standard := literal("yyyy-MM-dd HH:mm:ss", typeString)
	micros := returns(typeBigInt, wantInstant)
	return []Function{
		scalar("current_timestamp", 0, 0, "current_timestamp(): instant at which the statement began", returns(typeTimestamp), "now"),
		scalar("date_trunc", 2, 2, "date_trunc(unit, timestamp): start of its YEAR … MICROSECOND", truncTimestamp),
		scalar("date_format", 2, 2, "date_format(timestamp, pattern)", dateFormat),
		scalar("unix_timestamp", 0, 2, "unix_timestamp([a[, pattern]]): seconds since 1970; a string is read by the pattern", patterned(1,
			filledClock(standard)), "to_unix_timestamp"),
		scalar("from_unixtime", 1, 2, "from_unixtime(seconds[, pattern])", patterned(1, filled(2, returns(typeString, wantBigInt, wantString), standard))),
		scalar("timestamp_micros", 1, 1, "timestamp_micros(n): microseconds since 1970", returns(typeTimestamp, wantWhole)),
		scalar("timestamp_millis", 1, 1, "timestamp_millis(n): milliseconds since 1970", returns(typeTimestamp, wantWhole)),
		scalar("timestamp_seconds", 1, 1, "timestamp_seconds(a): seconds since 1970, with a fraction", timestampSeconds),
		scalar("unix_micros", 1, 1, "unix_micros(timestamp)", micros),
		scalar("unix_millis", 1, 1, "unix_millis(timestamp): rounded down", micros),
		scalar("unix_seconds", 1, 1, "unix_seconds(timestamp): rounded down", micros),
	}
}

// filledClock binds unix_timestamp: of now, of a timestamp, or of a string with its pattern.
func filledClock(standard Bound) binding {
	return func(c *call) (Bound, error) {
		c.name = "unix_timestamp"
		if len(c.args) == 0 {
			c.args = []Bound{BoundCall{Pos: c.Pos, Func: "current_timestamp", Typ: typeTimestamp}}
		}
		if t := c.args[0].Type(); isDatetime(t) {
			c.args = c.args[:1]
			return returns(typeBigInt, wantTimestamp)(c)
		}
		c.fill(2, standard)
		return returns(typeBigInt, wantString)(c)
	}
}

// timestampSeconds takes whole seconds as BIGINT, others as DOUBLE or DECIMAL. It is NULL for NaN and infinities.
func timestampSeconds(c *call) (Bound, error) {
	switch t := c.args[0].Type(); {
	case isIntegral(t), isNull(t):
		return returns(typeTimestamp, wantBigInt)(c)
	case isDecimal(t):
		return c.result(typeTimestamp), nil
	case t.ID() == arrow.FLOAT32:
		return orNull(returns(typeTimestamp, wantDouble))(c)
	}
	return orNull(returns(typeTimestamp, wantNumeric))(c)
}
