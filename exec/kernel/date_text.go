package kernel

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/internal/datetime"
)

// dateTexts read and print dates and timestamps by patterns.
func dateTexts() map[string]builder {
	read := func(c *site) (kernel, error) { return readBy(c) }
	return map[string]builder{
		"to_date": read, "try_to_date": read, "to_timestamp": read, "try_to_timestamp": read, "to_timestamp_ntz": read,
		"date_format": func(c *site) (kernel, error) {
			return formattedBy(c, func(v vec) func(i int) int64 { return valuesOf[int64](v).at })
		},
	}
}

// patterns gives each row its pattern: a constant one compiled once, others whenever they change.
type patterns struct {
	c        *site
	parsing  bool
	fixed    datePattern
	constant bool
}

func (c *site) patterns(i int, otherwise string, parsing bool) (p patterns, err error) {
	p = patterns{c: c, parsing: parsing}
	text := otherwise
	if i < len(c.args) {
		var ok bool
		if text, ok = c.text(i); !ok {
			return p, nil
		}
	}
	p.constant = true
	p.fixed, err = compilePattern(c.pos, text, parsing)
	return p, err
}

// over gives the pattern of each row of the argument.
func (p patterns) over(args []vec, i int) func(row int) (datePattern, error) {
	if p.constant {
		return func(int) (datePattern, error) { return p.fixed, nil }
	}
	a := textsOf(args[i])
	var last []byte
	var pattern datePattern
	known := false
	return func(row int) (datePattern, error) {
		if text := a.at(row); !known || !bytes.Equal(text, last) {
			var err error
			if pattern, err = compilePattern(p.c.pos, string(text), p.parsing); err != nil {
				return nil, err
			}
			last, known = text, true
		}
		return pattern, nil
	}
}

// readBy is to_date, to_timestamp and their try_ forms.
func readBy(c *site) (kernel, error) {
	if len(c.args) == 1 {
		return conversion{pos: c.pos, from: c.args[0], to: c.typ, try: tries(c.name)}.kernel()
	}
	if c.typ.ID() == arrow.DATE32 {
		return parsedBy(c, "", datetime.DayOf)
	}
	return parsedBy(c, "", func(t int64) int64 { return t })
}

// parsedBy reads text by the pattern of the second argument.
func parsedBy[R arrow.FixedWidthType](c *site, otherwise string, f func(micros int64) R) (kernel, error) {
	if c.args[0].ID() != arrow.STRING {
		return c.unsupported()
	}
	p, err := c.patterns(1, otherwise, true)
	if err != nil {
		return kernel{}, err
	}
	try := tries(c.name)
	zoned := c.name != "to_timestamp_ntz"
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, of := textsOf(args[0]), p.over(args, 1)
		return tried(k, false, func(i int) (R, error) {
			pattern, err := of(i)
			if err != nil {
				return *new(R), err
			}
			if t, offset, ok := pattern.parseLocal(a.at(i)); ok {
				if zoned {
					t -= offset * datetime.MicrosPerSecond
				}
				return f(t), nil
			}
			if try {
				return *new(R), errNull
			}
			return *new(R), fault(c.pos, "CANNOT_PARSE_TIMESTAMP", "22007", "use a try_ function to get NULL instead",
				"the text '%s' could not be parsed by the pattern", a.at(i))
		})
	}}, nil
}

// formattedBy prints a time by the pattern of the second argument.
func formattedBy(c *site, times func(v vec) func(i int) int64) (kernel, error) {
	p, err := c.patterns(1, defaultPattern, false)
	if err != nil {
		return kernel{}, err
	}
	return kernel{unsafe: !p.constant, run: func(k *frame, args []vec) (vec, error) {
		at, of := times(args[0]), p.over(args, 1)
		t := k.newText(20 * k.n)
		for i := range k.rows() {
			pattern, err := of(i)
			if err != nil {
				return vec{}, err
			}
			t.row(i)
			t.data = pattern.format(t.data, at(i))
		}
		return t.done()
	}}, nil
}
