package expr

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// timeWindowFunctions cut time into pieces of one length.
func timeWindowFunctions() []Function {
	return []Function{
		rewritten("window", 2, 4, "window(timestamp, length[, slide[, start]]): STRUCT of start and end of the piece of time that it is in; GROUP BY takes it in each of several that overlap", timeWindow),
		rewritten("session_window", 2, 2, "session_window(timestamp, gap): STRUCT of start and end of the time from it until a gap behind it; GROUP BY joins those that meet", sessionWindow),
		rewritten("time_bucket", 2, 3, "time_bucket(size, timestamp[, origin]): begin of the piece of time of a constant INTERVAL's length that it is in, counted from the origin, by default 1970-01-01", timeBucket),
		rewritten("window_time", 1, 1, "window_time(window): the last microsecond of a window", windowTime),
	}
}

// BindTimeWindows resolves a call of window or session_window: the windows that a moment may be in, the latest first. It is in the first for certain, and in another where it
// comes before that one's end.
func BindTimeWindows(n Call, s Scope) ([]Bound, error) {
	f, err := lookup(n)
	if err != nil {
		return nil, err
	}
	b := binder{scope: s}
	c := &call{Pos: n.Pos, name: f.Name, nodes: slices.Clone(n.Args)}
	if c.args, err = b.bindAll(n.Args); err != nil {
		return nil, err
	}
	for i, a := range c.args {
		if err := checkSize(a, c.place(i)); err != nil {
			return nil, err
		}
	}
	if f.Name == "session_window" {
		w, err := sessionWindow(c)
		return []Bound{w}, err
	}
	return timeWindows(c)
}

// sessionWindow begins with a moment. The gap is the text of an interval, or an INTERVAL, of each row.
func sessionWindow(c *call) (Bound, error) {
	if err := c.want(wantClock, wanted{label: "INTERVAL", accept: func(t arrow.DataType) (arrow.DataType, bool) { return typeCalendar, isCalendar(t) || isString(t) }}); err != nil {
		return nil, err
	}
	t := c.args[0].Type()
	end := c.timed("+", t, c.args...)
	named := call{Pos: c.Pos, name: "named_struct", args: []Bound{literal("start", typeString), c.args[0], literal("end", typeString), end}}
	return namedStruct(&named)
}

// timeWindow is the one window of a moment.
func timeWindow(c *call) (Bound, error) {
	windows, err := timeWindows(c)
	if err != nil {
		return nil, err
	}
	if len(windows) > 1 {
		at := c.place(2)
		return nil, &Error{
			Class: "UNSUPPORTED_FEATURE", SQLState: "0A000", Line: at.Line, Column: at.Column,
			Message: "windows that overlap give several rows for one, outside of GROUP BY too", Hint: "group by them, or make the slide as long as the window",
		}
	}
	return windows[0], nil
}

// maxWindows is how many windows a moment may be in.
const maxWindows = 1000

// timeWindows becomes the arithmetic on microseconds that the windows stand for.
func timeWindows(c *call) ([]Bound, error) {
	if err := c.want(wantClock, only(typeString)); err != nil {
		return nil, err
	}
	length, err := c.duration(1, 0)
	if err != nil {
		return nil, err
	}
	slide, err := c.duration(2, length)
	if err != nil {
		return nil, err
	}
	start, err := c.duration(3, 0)
	if err != nil {
		return nil, err
	}
	switch {
	case length <= 0 || slide <= 0:
		return nil, c.mismatch("VALUE_OUT_OF_RANGE", "the length and the slide of a window must be above 0")
	case slide > length, max(start, -start) >= slide:
		return nil, c.mismatch("PARAMETER_CONSTRAINT_VIOLATION", "a window's slide must not be above its length, and its start must be less than its slide")
	case (length+slide-1)/slide > maxWindows:
		return nil, tooComplex(c.Pos)
	}
	var windows []Bound
	for back := int64(0); back < length; back += slide {
		w, err := c.windowAt(start, slide, back, length)
		if err != nil {
			return nil, err
		}
		windows = append(windows, w)
	}
	return windows, nil
}

// windowAt is the window that begins so long before the last slide that a moment is behind.
func (c *call) windowAt(start, slide, back, length int64) (Bound, error) {
	t := c.args[0].Type()
	micros := c.timed("unix_micros", typeBigInt, ConvertAt(c.args[0], typeTimestamp, c.place(0)))
	number := func(n int64) Bound { return literal(n, typeBigInt) }
	begin := c.timed("-", typeBigInt, micros, c.timed("pmod", typeBigInt, c.timed("-", typeBigInt, micros, number(start)), number(slide)))
	if back > 0 {
		begin = c.timed("-", typeBigInt, begin, number(back))
	}
	moment := func(micros Bound) Bound {
		return ConvertAt(c.timed("timestamp_micros", typeTimestamp, micros), t, c.Pos)
	}
	named := call{Pos: c.Pos, name: "named_struct", args: []Bound{
		literal("start", typeString), moment(begin), literal("end", typeString), moment(c.timed("+", typeBigInt, begin, number(length))),
	}}
	return namedStruct(&named)
}

// timed is a call that is NULL where an argument is.
func (c *call) timed(name string, t arrow.DataType, args ...Bound) Bound {
	return BoundCall{Pos: c.Pos, Func: name, Args: args, Typ: t, Null: anyNullable(args)}
}

// duration is the length in microseconds of a constant text such as '1 hour 30 minutes'; missing where the argument is not given.
func (c *call) duration(i int, missing int64) (int64, error) {
	if i >= len(c.args) {
		return missing, nil
	}
	v, _ := c.constant(i)
	text, ok := v.(string)
	if !ok {
		return 0, c.mismatch("NON_FOLDABLE_INPUT", "the lengths of a window must be constants of the type STRING")
	}
	var iv interval
	if ok := iv.addWords(text); !ok || iv.hasMonths || !iv.hasMicros || !iv.micros.IsInt64() {
		at := c.place(i)
		return 0, &Error{
			Class: "CANNOT_PARSE_INTERVAL", SQLState: "22006", Line: at.Line, Column: at.Column,
			Message: quoteString(text) + " is no length of a window", Hint: "write it in weeks or less, as in '1 hour 30 minutes'",
		}
	}
	return iv.micros.Int64(), nil
}

// windowTime is a microsecond before a window's end.
func windowTime(c *call) (Bound, error) {
	t, ok := c.args[0].Type().(*arrow.StructType)
	if !ok || t.NumFields() != 2 || t.Field(0).Name != "start" || t.Field(1).Name != "end" || !isTimestamp(t.Field(1).Type) {
		return nil, c.unexpected(0, "a STRUCT of window")
	}
	f, to := t.Field(1), t.Field(1).Type
	end := BoundField{Arg: c.args[0], Index: 1, Name: f.Name, Typ: to, Null: f.Nullable || c.args[0].Nullable()}
	micros := c.timed("-", typeBigInt, c.timed("unix_micros", typeBigInt, ConvertAt(end, typeTimestamp, c.Pos)), literal(int64(1), typeBigInt))
	return ConvertAt(c.timed("timestamp_micros", typeTimestamp, micros), to, c.Pos), nil
}
