package kernel

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

func malformedVariant(pos expr.Pos) error {
	return fault(pos, "MALFORMED_VARIANT", "22023", "", "the bytes of a VARIANT are damaged")
}

// variantAt is a row's value, which is not NULL.
func variantAt(a *schema.VariantArray, i int) (variant.Value, error) {
	v := a.At(i)
	return variant.New(v.Metadata, v.Value)
}

// variantScalar is what a value is as a literal, with its type: nil for the null of JSON, no type for objects and arrays.
func variantScalar(v variant.Value) (value any, typ arrow.DataType, err error) {
	kind, err := v.Kind()
	if err != nil {
		return nil, nil, err
	}
	switch kind {
	case variant.Null:
		return nil, nil, nil
	case variant.Boolean:
		return v.Bool(), schema.Boolean, nil
	case variant.Integer:
		n, err := v.Int()
		return n, schema.BigInt, err
	case variant.Float:
		f, err := v.Float()
		return float32(f), schema.Float, err
	case variant.Double:
		f, err := v.Float()
		return f, schema.Double, err
	case variant.Decimal:
		n, scale, err := v.Decimal()
		n, scale = strippedZeros(n, scale)
		return n, schema.DecimalOf(38, scale), err
	case variant.Date:
		n, err := v.Int()
		return arrow.Date32(n), schema.DateType, err
	case variant.Timestamp:
		n, err := v.Int()
		return arrow.Timestamp(n), schema.Timestamp, err
	case variant.TimestampNTZ:
		n, err := v.Int()
		return arrow.Timestamp(n), schema.TimestampNTZType, err
	case variant.Binary:
		b, err := v.Bytes()
		return bytes.Clone(b), schema.Binary, err
	case variant.String:
		b, err := v.Bytes()
		return string(b), schema.String, err
	case variant.UUID:
		text, err := schemaJSON(v)
		if err != nil {
			return nil, nil, err
		}
		return text[1 : len(text)-1], schema.String, nil // without its quotes
	case variant.Object, variant.Array:
	}
	return v, nil, nil
}

// schemaOfVariant writes the types of values.
func schemaOfVariant(k *frame, args []vec) (vec, error) {
	if args[0].arr.DataType().ID() == arrow.NULL {
		return k.nothing(), nil
	}
	a, mask, out := args[0].arr.(*schema.VariantArray), args[0].mask(), k.newText(16*k.n)
	for i := range k.rows() {
		out.row(i)
		v, err := variantAt(a, i&mask)
		if err != nil {
			return vec{}, malformedVariant(k.call.pos)
		}
		shape, err := variant.ShapeOf(v)
		if err != nil {
			return vec{}, malformedVariant(k.call.pos)
		}
		out.data = shape.AppendText(out.data, schema.Quote)
	}
	texts, err := out.array(schema.String, k.valid.buf)
	return vec{arr: texts}, err
}

// strippedZeros leaves out the zeros that end a fraction.
func strippedZeros(n decimal128.Num, scale int32) (decimal128.Num, int32) {
	ten := decimal128.FromI64(10)
	for scale > 0 {
		quotient, rest := n.Div(ten)
		if rest.Sign() != 0 {
			break
		}
		n, scale = quotient, scale-1
	}
	return n, scale
}

// schemaJSON is a value as to_json writes it.
func schemaJSON(v variant.Value) (string, error) {
	var b variant.Builder
	if err := b.Copy(v); err != nil {
		return "", err
	}
	text, err := schema.AppendVariantJSON(nil, b.Metadata(nil), b.Value())
	return string(text), err
}
