package kernel

import (
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/columns"
	"github.com/medallion-go/medallion/internal/csv"
	"github.com/medallion-go/medallion/internal/datetime"
)

// textOptions are the options of functions that read or write JSON and CSV; the zero value of each pattern is Spark's default.
type textOptions struct {
	failFast      bool
	corruptColumn string
	doubleQuotes  bool // strings stand in double quotes only
	controls      bool // control characters may stand in strings
	nonNumeric    bool // NaN and infinities are numbers
	nulls, pretty bool // write fields that are NULL; write over several lines

	comma, quote, escape byte   // of CSV
	null                 string // what stands for NULL in CSV

	date, timestamp, ntz datePattern

	malformed bool // a VARIANT that was printed is damaged
}

// textOptions reads the constant map of an argument, if it is given.
func (c *site) textOptions(i int) (textOptions, error) {
	o := textOptions{corruptColumn: "_corrupt_record", nonNumeric: true, comma: ',', quote: '"', escape: '\\'}
	if i >= len(c.consts) {
		return o, nil
	}
	m, ok := c.consts[i].(*array.Map)
	if !ok {
		_, err := c.variable("options")
		return o, err
	}
	keys, items := textsOf(vec{arr: m.Keys()}), textsOf(vec{arr: m.Items()})
	start, end := m.ValueOffsets(0)
	for j := start; j < end; j++ {
		if err := o.set(c, strings.ToLower(string(keys.at(int(j)))), string(items.at(int(j)))); err != nil {
			return o, err
		}
	}
	if strings.HasSuffix(c.name, "_csv") && (o.comma == o.quote || o.comma == o.escape) {
		return o, fault(c.pos, "UNSUPPORTED_FEATURE", "0A000", "use another character", "%s needs a separator that is neither the quote nor the escape", c.name)
	}
	return o, nil
}

// set takes one option; names that are not known the binder has refused.
func (o *textOptions) set(c *site, name, value string) (err error) {
	reading := !strings.HasPrefix(c.name, "to_")
	yes := strings.EqualFold(value, "true")
	switch name {
	case "mode":
		switch strings.ToUpper(value) {
		case "PERMISSIVE":
		case "FAILFAST":
			o.failFast = true
		default:
			return fault(c.pos, "PARSE_MODE_UNSUPPORTED", "42601", "use PERMISSIVE or FAILFAST", "%s does not support the mode %s", c.name, value)
		}
	case "columnnameofcorruptrecord":
		o.corruptColumn = value
	case "allowsinglequotes":
		o.doubleQuotes = !yes
	case "allowunquotedcontrolchars":
		o.controls = yes
	case "allownonnumericnumbers":
		o.nonNumeric = yes
	case "ignorenullfields":
		o.nulls = !yes
	case "pretty":
		o.pretty = yes
	case "sep", "delimiter":
		o.comma, err = c.character(name, value)
	case "quote":
		o.quote, err = c.character(name, value)
	case "escape":
		o.escape, err = c.character(name, value)
	case "nullvalue":
		o.null = value
	case "dateformat":
		o.date, err = compilePattern(c.pos, value, reading)
	case "timestampformat":
		o.timestamp, err = compilePattern(c.pos, value, reading)
	case "timestampntzformat":
		o.ntz, err = compilePattern(c.pos, value, reading)
	}
	return err
}

// character is the value of an option that is one ASCII character.
func (c *site) character(name, value string) (byte, error) {
	b, err := csv.Character(value)
	if err != nil {
		return 0, fault(c.pos, "UNSUPPORTED_FEATURE", "0A000", "use another character", "the option %s of %s: %s", name, c.name, err)
	}
	return b, nil
}

// timeReader reads dates and timestamps by the options' patterns, or else as casts do.
type timeReader struct {
	textOptions
	zoned, local datetime.Parser // of TIMESTAMP and TIMESTAMP_NTZ
}

func newTimeReader(o textOptions, now time.Time) timeReader {
	return timeReader{textOptions: o, zoned: datetime.Parser{Now: now}, local: datetime.Parser{Zone: datetime.Refused}}
}

// append reads text into a column of DATE, TIMESTAMP or TIMESTAMP_NTZ and tells whether it is one.
func (t *timeReader) append(col *columns.Column, text []byte) bool {
	pattern := map[columns.Kind]datePattern{columns.Date: t.date, columns.Timestamp: t.timestamp, columns.TimestampNTZ: t.ntz}[col.Kind()]
	switch {
	case pattern != nil:
		micros, ok := pattern.parse(text)
		if !ok {
			return false
		}
		if col.Kind() == columns.Date {
			col.AppendDate(datetime.DayOf(micros))
		} else {
			col.AppendInt64(micros)
		}
		return true
	case col.Kind() == columns.Date:
		days, ok := datetime.ParseDate(text)
		if ok {
			col.AppendDate(days)
		}
		return ok
	}
	p := &t.zoned
	if col.Kind() == columns.TimestampNTZ {
		p = &t.local
	}
	micros, ok := p.Parse(text)
	if ok {
		col.AppendInt64(micros)
	}
	return ok
}
