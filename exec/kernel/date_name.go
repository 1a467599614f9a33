package kernel

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
)

// weekdayNamed counts from Monday = 0; -1 is no weekday's name of two letters, three letters or in full.
func weekdayNamed(name string) int {
	name = strings.ToUpper(name)
	for i, day := range dayNames() {
		day = strings.ToUpper(day)
		if name == day || name == day[:2] || name == day[:3] {
			return i
		}
	}
	return -1
}

// dayName prints the weekday's first three letters.
func dayName(c *site) (kernel, error) {
	names := dayNames()
	return named(c, func(d int32) string { return names[datetime.Weekday(d)][:3] })
}

// monthName prints the month's first three letters.
func monthName(c *site) (kernel, error) {
	names := monthNames()
	return named(c, func(d int32) string { return names[datetime.CivilOf(d).Month-1][:3] })
}

func named(c *site, name func(d int32) string) (kernel, error) {
	if c.args[0].ID() != arrow.DATE32 {
		return c.unsupported()
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		a := valuesOf[int32](args[0])
		return k.texted(3*k.n, func(dst []byte, i int) []byte { return append(dst, name(a.at(i))...) })
	}}, nil
}

// fieldOf is date_part for the fields that no function of their own gives: the second with its fraction, and those of ISO's week.
func fieldOf(c *site) (kernel, error) {
	field, constant := c.text(0)
	if !constant {
		return c.variable("field")
	}
	source := *c
	source.args, source.consts = c.args[1:], c.consts[1:]
	var k kernel
	var err error
	switch id := c.args[1].ID(); {
	case isInterval(c.args[1]):
		k, err = intervalPart(&source, field)
	case field == "YEAROFWEEK":
		k, err = dayPart(func(d int32) int32 { return int32(datetime.CivilOf(d - int32(datetime.Weekday(d)) + 3).Year) })(&source)
	case field == "DAYOFWEEK_ISO":
		k, err = dayPart(func(d int32) int32 { return int32(datetime.Weekday(d)) + 1 })(&source)
	case field == "SECOND" && id == arrow.TIMESTAMP:
		k = unary(func(t int64) num { return decimal128.FromI64(datetime.FloorMod(t, datetime.MicrosPerMinute)) })
	default:
		return c.unsupported()
	}
	run := k.run
	k.run = func(f *frame, args []vec) (vec, error) { return run(f, args[1:]) }
	return k, err
}

// variable is the error for an argument that must be a constant, as its value decides what is computed.
func (c *site) variable(what string) (kernel, error) {
	return kernel{}, fault(c.pos, "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "42K09", "", "the %s of %s must be a constant", what, c.name)
}
