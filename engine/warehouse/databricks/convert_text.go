package databricks

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/schema"
)

// fromText converts what servers send as text: decimals, where they do not send them as such, and intervals, which they never do. Nil: not that type.
func (c *converter) fromText(to arrow.DataType) column {
	switch to := to.(type) {
	case *arrow.Decimal128Type:
		return func(a arrow.Array) (arrow.Array, error) {
			b := array.NewDecimal128Builder(c.mem, to)
			return parsed(a, b, func(text string) error {
				d, err := parseDecimal(text, to)
				b.Append(d.Unscaled())
				return err
			})
		}
	case *arrow.MonthIntervalType:
		return func(a arrow.Array) (arrow.Array, error) {
			b := array.NewMonthIntervalBuilder(c.mem)
			return parsed(a, b, func(text string) error {
				months, err := parseInterval[arrow.MonthInterval](text, "YEAR TO MONTH")
				b.Append(months)
				return err
			})
		}
	case *arrow.MonthDayNanoIntervalType:
		return func(a arrow.Array) (arrow.Array, error) {
			b := array.NewMonthDayNanoIntervalBuilder(c.mem)
			return parsed(a, b, func(text string) error {
				v, err := schema.ParseCalendar(text)
				b.Append(v)
				return err
			})
		}
	case *arrow.DurationType:
		if to.Unit != arrow.Microsecond {
			return nil
		}
		return func(a arrow.Array) (arrow.Array, error) {
			b := array.NewDurationBuilder(c.mem, to)
			return parsed(a, b, func(text string) error {
				micros, err := parseInterval[arrow.Duration](text, "DAY TO SECOND")
				b.Append(micros)
				return err
			})
		}
	default:
		return nil
	}
}

// parsed builds an array of texts' values. It releases the builder.
func parsed(a arrow.Array, b array.Builder, add func(text string) error) (arrow.Array, error) {
	defer b.Release()
	texts := a.(*array.String)
	b.Reserve(texts.Len())
	for i := range texts.Len() {
		if texts.IsNull(i) {
			b.AppendNull()
			continue
		}
		if err := add(texts.Value(i)); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
	}
	return b.NewArray(), nil
}

// parseDecimal reads a number that the type holds exactly.
func parseDecimal(text string, to *arrow.Decimal128Type) (schema.Decimal, error) {
	d, err := schema.ParseDecimal(text)
	if err != nil {
		return d, err
	}
	scaled, exact := d.Rescale(to.Scale)
	if !exact || !scaled.Unscaled().FitsInPrecision(to.Precision) {
		return d, fmt.Errorf("%s does not fit", text)
	}
	return scaled, nil
}

// parseInterval reads an interval as a literal (INTERVAL '1 02:00:00' DAY TO SECOND), or as what stands between its quotes.
func parseInterval[T arrow.MonthInterval | arrow.Duration](text, fields string) (T, error) {
	literal := text
	if !strings.HasPrefix(strings.ToUpper(text), "INTERVAL") {
		literal = "INTERVAL '" + text + "' " + fields
	}
	var none T
	n, err := expr.Parse(literal)
	if err != nil {
		return none, err
	}
	if l, ok := n.(expr.Literal); ok {
		if v, ok := l.Value.(T); ok {
			return v, nil
		}
	}
	return none, fmt.Errorf("%q is no interval of %s", text, fields)
}
