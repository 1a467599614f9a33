package kernel

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// toCSV prints structs as records.
func toCSV(c *site) (kernel, error) {
	o, err := c.textOptions(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		mask := args[0].mask()
		a := args[0].arr.(*array.Struct)
		fields := make([]printer, a.NumField())
		for f := range fields {
			fields[f] = csvPrinter(a.Field(f), &o)
		}
		var text []byte
		return k.texted(32*k.n, func(dst []byte, i int) []byte {
			for f, print := range fields {
				if f > 0 {
					dst = append(dst, o.comma)
				}
				if (vec{arr: a.Field(f)}).isNull(i & mask) {
					dst = append(dst, o.null...)
					continue
				}
				text = print(text[:0], i&mask)
				dst = o.appendCSV(dst, text, f == 0)
			}
			return dst
		})
	}}, nil
}

// csvPrinter appends row i, which is not NULL.
func csvPrinter(a arrow.Array, o *textOptions) printer {
	switch t := a.DataType().(type) {
	case *arrow.Decimal128Type:
		return fixedPrinter(vec{arr: a}, func(dst []byte, x num) []byte { return appendBigDecimal(dst, x, t.Scale) })
	case *arrow.Date32Type, *arrow.TimestampType:
		return o.timePrinter(a)
	}
	return printerOf(a)
}

// appendCSV writes a value without the blanks around it, between quotes where it would be read as something else.
func (o *textOptions) appendCSV(dst, text []byte, first bool) []byte {
	trimmed := bytes.TrimFunc(text, func(c rune) bool { return c <= ' ' })
	if len(trimmed) == 0 {
		return append(dst, `""`...)
	}
	special := first && text[0] == '#'
	for _, c := range trimmed {
		special = special || c == o.comma || c == o.quote || c == '\n' || c == '\r'
	}
	if !special {
		return append(dst, trimmed...)
	}
	dst = append(dst, o.quote)
	for _, c := range trimmed {
		if c == o.quote || c == o.escape {
			dst = append(dst, o.escape)
		}
		dst = append(dst, c)
	}
	return append(dst, o.quote)
}
