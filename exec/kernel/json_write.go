package kernel

import (
	"encoding/base64"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/schema"
)

// toJSON prints structs, arrays and maps.
func toJSON(c *site) (kernel, error) {
	o, err := c.textOptions(1)
	if err != nil {
		return kernel{}, err
	}
	return kernel{run: func(k *frame, args []vec) (vec, error) {
		mask := args[0].mask()
		o := o
		print := jsonPrinter(args[0].arr, &o)
		v, err := k.texted(32*k.n, func(dst []byte, i int) []byte {
			start := len(dst)
			dst = print(dst, i&mask)
			if o.pretty {
				return append(dst[:start], prettyJSON(dst[start:])...)
			}
			return dst
		})
		if err == nil && o.malformed {
			return vec{}, malformedVariant(c.pos)
		}
		return v, err
	}}, nil
}

// jsonPrinter appends row i, which is not NULL, as JSON.
func jsonPrinter(a arrow.Array, o *textOptions) printer {
	v := vec{arr: a}
	switch t := a.DataType().(type) {
	case *arrow.StructType:
		return jsonStruct(a.(*array.Struct), o)
	case *arrow.MapType:
		return jsonMap(a.(*array.Map), o)
	case *arrow.ListType:
		return jsonList(a.(*array.List), o)
	case *arrow.StringType:
		x := textsOf(v)
		return func(dst []byte, i int) []byte { return appendJSONText(dst, x.at(i)) }
	case *arrow.DictionaryType:
		x := textsOf(v)
		if t.ValueType.ID() == arrow.BINARY {
			return func(dst []byte, i int) []byte { return appendBase64JSON(dst, x.at(i)) }
		}
		return func(dst []byte, i int) []byte { return appendJSONText(dst, x.at(i)) }
	case *arrow.BinaryType:
		x := textsOf(v)
		return func(dst []byte, i int) []byte { return appendBase64JSON(dst, x.at(i)) }
	case *arrow.Float32Type:
		return fixedPrinter(v, func(dst []byte, x float32) []byte { return appendJSONFloat(dst, float64(x), 32) })
	case *arrow.Float64Type:
		return fixedPrinter(v, func(dst []byte, x float64) []byte { return appendJSONFloat(dst, x, 64) })
	case *arrow.Decimal128Type:
		return fixedPrinter(v, func(dst []byte, x num) []byte { return appendBigDecimal(dst, x, t.Scale) })
	case *arrow.Date32Type, *arrow.TimestampType:
		return quotedJSON(o.timePrinter(a))
	case arrow.ExtensionType:
		return variantJSON(a.(*schema.VariantArray), o)
	}
	if isInterval(a.DataType()) || isCalendar(a.DataType()) {
		return quotedJSON(printerOf(a))
	}
	return printerOf(a)
}

// variantJSON notes in the options that a value is damaged.
func variantJSON(a *schema.VariantArray, o *textOptions) printer {
	return func(dst []byte, i int) []byte {
		v := a.At(i)
		dst, err := schema.AppendVariantJSON(dst, v.Metadata, v.Value)
		o.malformed = o.malformed || err != nil
		return dst
	}
}

func quotedJSON(p printer) printer {
	return func(dst []byte, i int) []byte { return append(p(append(dst, '"'), i), '"') }
}

func appendBase64JSON(dst, b []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), b), '"')
}

// appendJSONFloat writes what is no number as a string.
func appendJSONFloat(dst []byte, x float64, bits int) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(appendFloat(append(dst, '"'), x, bits), '"')
	}
	return appendFloat(dst, x, bits)
}

// appendBigDecimal prints a decimal as Java does: in scientific notation below 10⁻⁶.
func appendBigDecimal(dst []byte, n num, scale int32) []byte {
	digits := n.ToString(0)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	exponent := len(digits) - 1 - int(scale)
	if exponent >= -6 {
		return appendDecimal(dst, n, scale)
	}
	dst = append(append(dst, sign...), digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	return strconv.AppendInt(append(dst, 'E'), int64(exponent), 10)
}

// timePrinter prints dates and timestamps by the options' patterns, or as 2024-02-29 and 2024-02-29T12:34:56.789Z.
func (o *textOptions) timePrinter(a arrow.Array) printer {
	v := vec{arr: a}
	t, isTimestamp := a.DataType().(*arrow.TimestampType)
	if !isTimestamp {
		if o.date == nil {
			return fixedPrinter(v, datetime.AppendDate)
		}
		return fixedPrinter(v, func(dst []byte, d int32) []byte { return o.date.format(dst, int64(d)*datetime.MicrosPerDay) })
	}
	pattern := o.timestamp
	if t.TimeZone == "" {
		pattern = o.ntz
	}
	if pattern != nil {
		return fixedPrinter(v, pattern.format)
	}
	zone := "Z"
	if t.TimeZone == "" {
		zone = ""
	}
	return fixedPrinter(v, func(dst []byte, micros int64) []byte { return append(datetime.AppendISO(dst, micros, 3), zone...) })
}

func jsonStruct(a *array.Struct, o *textOptions) printer {
	fields, names := make([]printer, a.NumField()), make([][]byte, a.NumField())
	for f := range fields {
		fields[f] = jsonPrinter(a.Field(f), o)
		names[f] = append(appendJSONText(nil, []byte(a.DataType().(*arrow.StructType).Field(f).Name)), ':')
	}
	return func(dst []byte, i int) []byte {
		dst = append(dst, '{')
		first := true
		for f, p := range fields {
			null := vec{arr: a.Field(f)}.isNull(i)
			if null && !o.nulls {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if dst = append(dst, names[f]...); null {
				dst = append(dst, "null"...)
			} else {
				dst = p(dst, i)
			}
		}
		return append(dst, '}')
	}
}

// orNullJSON prints NULL as null.
func orNullJSON(a arrow.Array, p printer) printer {
	v := vec{arr: a}
	return func(dst []byte, i int) []byte {
		if v.isNull(i) {
			return append(dst, "null"...)
		}
		return p(dst, i)
	}
}

func jsonList(a *array.List, o *textOptions) printer {
	element := orNullJSON(a.ListValues(), jsonPrinter(a.ListValues(), o))
	return func(dst []byte, i int) []byte {
		dst = append(dst, '[')
		start, end := a.ValueOffsets(i)
		for j := start; j < end; j++ {
			if j > start {
				dst = append(dst, ',')
			}
			dst = element(dst, int(j))
		}
		return append(dst, ']')
	}
}

// jsonMap takes the text of any key as the name.
func jsonMap(a *array.Map, o *textOptions) printer {
	key, item := printerOf(a.Keys()), orNullJSON(a.Items(), jsonPrinter(a.Items(), o))
	return func(dst []byte, i int) []byte {
		dst = append(dst, '{')
		start, end := a.ValueOffsets(i)
		for j := start; j < end; j++ {
			if j > start {
				dst = append(dst, ',')
			}
			dst = append(appendJSONText(dst, key(nil, int(j))), ':')
			dst = item(dst, int(j))
		}
		return append(dst, '}')
	}
}
