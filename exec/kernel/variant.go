package kernel

import (
	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/variant"
	"github.com/medallion-go/medallion/schema"
)

func malformedVariant(pos expr.Pos) error {
	return fault(pos, "MALFORMED_VARIANT", "22023", "", "the bytes of a VARIANT are damaged")
}

// variantText is CAST(variant AS STRING): text as it is, dates and times as casts write them, everything else as JSON; NULL for the null of JSON.
func variantText(k *frame, v vec, pos expr.Pos) (vec, error) {
	a, mask := v.arr.(*schema.VariantArray), v.mask()
	t := k.newText(16 * k.n)
	for i := range k.rows() {
		t.row(i)
		value, err := variantAt(a, i&mask)
		if err != nil {
			return vec{}, malformedVariant(pos)
		}
		var some bool
		if t.data, some, err = appendVariantText(t.data, value, a.At(i&mask)); err != nil {
			return vec{}, malformedVariant(pos)
		}
		if !some {
			k.setNull(i)
		}
	}
	return t.done()
}

func variantAt(a *schema.VariantArray, i int) (variant.Value, error) {
	v := a.At(i)
	return variant.New(v.Metadata, v.Value)
}

// appendVariantText appends a value that is whole; some is false for the null of JSON.
func appendVariantText(dst []byte, v variant.Value, whole schema.Variant) (out []byte, some bool, err error) {
	kind, err := v.Kind()
	if err != nil {
		return dst, false, err
	}
	switch kind {
	case variant.Null:
		return dst, false, nil
	case variant.String, variant.Binary:
		text, err := v.Bytes()
		return append(dst, text...), true, err
	case variant.Date:
		days, err := v.Int()
		return appendDate(dst, int32(days)), true, err
	case variant.Timestamp, variant.TimestampNTZ:
		micros, err := v.Int()
		return appendTimestamp(dst, micros), true, err
	case variant.Float, variant.Double:
		f, err := v.Float()
		bits := 64
		if kind == variant.Float {
			bits = 32
		}
		return appendFloat(dst, f, bits), true, err
	case variant.Boolean, variant.Integer, variant.Decimal, variant.UUID, variant.Object, variant.Array:
	}
	start := len(dst)
	dst, err = schema.AppendVariantJSON(dst, whole.Metadata, whole.Value)
	if kind == variant.UUID && err == nil { // without its quotes
		return append(dst[:start], dst[start+1:len(dst)-1]...), true, nil
	}
	return dst, true, err
}
