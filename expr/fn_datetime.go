package expr

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// datetimeFunctions are those that move, measure, make and name dates and timestamps, and change their zones.
func datetimeFunctions() []Function {
	day := returns(typeInt, wantDate)
	exactDay := wanted{label: "DATE", accept: func(t arrow.DataType) (arrow.DataType, bool) { return typeDate, isDate(t) || isNull(t) }}
	name := returns(typeString, wantDate)
	return []Function{
		scalar("timestampadd", 3, 3, "timestampadd(UNIT, n, timestamp): moved on by n of YEAR … MICROSECOND; also date_add and dateadd with three arguments", shiftBy),
		scalar("timestampdiff", 3, 3, "timestampdiff(UNIT, start, end): whole units between them; also datediff and date_diff with three arguments", unitsBetween),
		scalar("date_from_unix_date", 1, 1, "date_from_unix_date(n): n days after 1970-01-01", returns(typeDate, wantInt)),
		scalar("unix_date", 1, 1, "unix_date(date): days since 1970-01-01", returns(typeInt, exactDay)),
		scalar("weekday", 1, 1, "weekday(date): 0 is Monday", day),
		scalar("dayname", 1, 1, "dayname(date): Mon to Sun", name),
		scalar("monthname", 1, 1, "monthname(date): Jan to Dec", name),
		scalar("next_day", 2, 2, "next_day(date, weekday): first such day after the date; an error for a name that is no weekday", returns(typeDate, wantDate, wantString)),
		scalar("from_utc_timestamp", 2, 2, "from_utc_timestamp(timestamp, zone): what clocks of the zone show when it is that time in UTC",
			returns(typeTimestamp, wantTimestamp, wantString)),
		scalar("to_utc_timestamp", 2, 2, "to_utc_timestamp(timestamp, zone): what it is in UTC when clocks of the zone show that time",
			returns(typeTimestamp, wantTimestamp, wantString)),
		scalar("convert_timezone", 2, 3, "convert_timezone([from,] to, timestamp_ntz): the same instant on the clocks of another zone", convertZone),
		rewritten("current_timezone", 0, 0, "current_timezone(): the session's zone, UTC here", func(c *call) (Bound, error) { return literal(utcName, typeString), nil }),
		scalar("localtimestamp", 0, 0, "localtimestamp(): TIMESTAMP_NTZ at which the statement began, UTC", returns(typeNTZ)),
		scalar("date_part", 2, 2, "date_part(field, a): as EXTRACT(field FROM a): a field of a date, a timestamp or an interval", datePart, "datepart"),
		scalar("make_timestamp", 6, 7, "make_timestamp(year, month, day, hour, minute, second[, zone])", makeTimestamp(typeTimestamp, 7), "make_timestamp_ltz"),
		scalar("try_make_timestamp", 6, 7, "try_make_timestamp(year, month, day, hour, minute, second[, zone]): NULL if there is no such time",
			orNull(makeTimestamp(typeTimestamp, 7)), "try_make_timestamp_ltz"),
		scalar("make_timestamp_ntz", 6, 6, "make_timestamp_ntz(year, month, day, hour, minute, second)", makeTimestamp(typeNTZ, 6)),
		scalar("try_make_timestamp_ntz", 6, 6, "try_make_timestamp_ntz(year, month, day, hour, minute, second): NULL if there is no such time",
			orNull(makeTimestamp(typeNTZ, 6))),
		rewritten("to_timestamp_ltz", 1, 2, "to_timestamp_ltz(a[, pattern]): to_timestamp", asTimestamp),
		scalar("to_timestamp_ntz", 1, 2, "to_timestamp_ntz(a[, pattern]): without a pattern, a cast to TIMESTAMP_NTZ", parsed(typeNTZ, false)),
	}
}

// utcName is how Spark names the session's zone.
const utcName = "UTC"

// shiftBy keeps both kinds of timestamp; a date becomes a TIMESTAMP.
func shiftBy(c *call) (Bound, error) {
	if err := c.want(wantString, wantBigInt, wantClock); err != nil {
		return nil, err
	}
	return c.unit(c.args[2].Type())
}

func unitsBetween(c *call) (Bound, error) {
	if v, _ := c.constant(0); v == "DAYOFYEAR" {
		c.args[0] = literal("", typeString) // a day of timestampadd alone
	}
	if err := c.want(wantString, wantTimestamp, wantTimestamp); err != nil {
		return nil, err
	}
	return c.unit(typeBigInt)
}

// unit checks the first argument, which stands as a keyword.
func (c *call) unit(result arrow.DataType) (Bound, error) {
	v, _ := c.constant(0)
	text, ok := v.(string)
	if !ok || !shiftUnits[text] {
		at := c.place(0)
		return nil, &Error{
			Class: "INVALID_PARAMETER_VALUE.DATETIME_UNIT", SQLState: "22023", Line: at.Line, Column: at.Column,
			Message: c.name + " takes a unit's name as its first argument, without quotes",
			Hint:    "write " + c.name + "(MONTH, …)",
		}
	}
	return c.result(result), nil
}

// shiftUnits are the units of timestampadd and timestampdiff.
var shiftUnits = map[string]bool{
	"YEAR": true, "QUARTER": true, "MONTH": true, "WEEK": true, "DAY": true, "DAYOFYEAR": true, "HOUR": true, "MINUTE": true, "SECOND": true,
	"MILLISECOND": true, "MICROSECOND": true,
}

// convertZone fills in the session's zone.
func convertZone(c *call) (Bound, error) {
	if len(c.args) == 2 {
		c.args = append([]Bound{literal(utcName, typeString)}, c.args...)
		c.nodes = append([]Node{Literal{Pos: c.Pos, Value: utcName, Type: typeString}}, c.nodes...)
	}
	return returns(typeNTZ, wantString, wantString, exactly(typeNTZ))(c)
}

// makeTimestamp takes seconds with a fraction; only the zoned form has a seventh argument.
func makeTimestamp(to arrow.DataType, most int) binding {
	seconds := exactly(decimalOf(16, 6))
	params := []wanted{wantInt, wantInt, wantInt, wantInt, wantInt, seconds, wantString}
	return returns(to, params[:most]...)
}

func asTimestamp(c *call) (Bound, error) {
	c.name = "to_timestamp"
	return parsed(typeTimestamp, false)(c)
}

// datePart turns a field into the function that gives it, where there is one.
func datePart(c *call) (Bound, error) {
	v, _ := c.constant(0)
	field, ok := v.(string)
	if !ok {
		return c.noField()
	}
	if isInterval(c.args[1].Type()) {
		return c.intervalPart(strings.ToUpper(field))
	}
	part := fieldNamed(strings.ToUpper(field))
	switch part {
	case "":
		return nil, c.invalidField(field)
	case "SECOND":
		c.args = []Bound{literal(part, typeString), c.args[1]}
		return returns(decimalOf(8, 6), wantString, wantClock)(c)
	case "YEAROFWEEK", "DAYOFWEEK_ISO":
		c.args = []Bound{literal(part, typeString), c.args[1]}
		return returns(typeInt, wantString, wantDate)(c)
	}
	inner := &call{Pos: c.Pos, name: part, nodes: c.nodes[1:], args: c.args[1:], null: c.null}
	if part == "hour" || part == "minute" {
		return returns(typeInt, wantClock)(inner)
	}
	return returns(typeInt, wantDate)(inner)
}

// noField is a field that is NULL, which gives NULL, or one that is no constant.
func (c *call) noField() (Bound, error) {
	if l, ok := c.args[0].(BoundLiteral); ok && l.Value == nil {
		return literal(nil, typeDouble), nil
	}
	at := c.place(0)
	return nil, &Error{
		Class: "NON_FOLDABLE_ARGUMENT", SQLState: "42K08", Line: at.Line, Column: at.Column,
		Message: "the field of date_part must be a constant STRING",
	}
}

func (c *call) invalidField(field string) error {
	at := c.place(0)
	return &Error{
		Class: "INVALID_EXTRACT_FIELD", SQLState: "42601", Line: at.Line, Column: at.Column,
		Message: "cannot extract " + quoteString(field) + " from " + TypeSQL(c.args[1].Type()),
		Hint:    "use YEAR, YEAROFWEEK, QUARTER, MONTH, WEEK, DAY, DAYOFWEEK, DAYOFWEEK_ISO, DOY, HOUR, MINUTE or SECOND; of an interval, a field that it has",
	}
}

// fieldNamed is the function that gives a field, or the field's own name in capitals where date_part itself gives it.
func fieldNamed(field string) string {
	switch field {
	case "YEAR", "Y", "YEARS", "YR", "YRS":
		return "year"
	case "QUARTER", "QTR":
		return "quarter"
	case "MONTH", "MON", "MONS", "MONTHS":
		return "month"
	case "WEEK", "W", "WEEKS":
		return "weekofyear"
	case "DAY", "D", "DAYS":
		return "day"
	case "DAYOFWEEK", "DOW":
		return "dayofweek"
	case "DOY":
		return "dayofyear"
	case "HOUR", "H", "HOURS", "HR", "HRS":
		return "hour"
	case "MINUTE", "M", "MIN", "MINS", "MINUTES":
		return "minute"
	case "SECOND", "S", "SEC", "SECONDS", "SECS":
		return "SECOND"
	case "DAYOFWEEK_ISO", "DOW_ISO":
		return "DAYOFWEEK_ISO"
	case "YEAROFWEEK":
		return "YEAROFWEEK"
	}
	return ""
}
