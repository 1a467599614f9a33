package schema

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
	"github.com/medallion-go/medallion/internal/variant"
)

// AppendVariantJSON appends a value of VARIANT as Spark's to_json writes it: fields in the order of their names, decimals without trailing zeros, timestamps with
// the offset of UTC, binary in base 64.
func AppendVariantJSON(dst, metadata, value []byte) ([]byte, error) {
	v, err := variant.New(metadata, value)
	if err != nil {
		return dst, err
	}
	return appendVariant(dst, v)
}

func appendVariant(dst []byte, v variant.Value) ([]byte, error) {
	kind, err := v.Kind()
	if err != nil {
		return dst, err
	}
	switch kind {
	case variant.Null:
		return append(dst, "null"...), nil
	case variant.Boolean:
		return strconv.AppendBool(dst, v.Bool()), nil
	case variant.Integer:
		n, err := v.Int()
		return strconv.AppendInt(dst, n, 10), err
	case variant.Float, variant.Double:
		return appendVariantFloat(dst, v, kind)
	case variant.Decimal:
		n, scale, err := v.Decimal()
		return appendPlainDecimal(dst, n, scale), err
	case variant.Date:
		n, err := v.Int()
		return append(datetime.AppendDate(append(dst, '"'), int32(n)), '"'), err
	case variant.Timestamp:
		n, err := v.Int()
		return append(datetime.AppendTimestamp(append(dst, '"'), n), `+00:00"`...), err
	case variant.TimestampNTZ:
		n, err := v.Int()
		return append(datetime.AppendTimestamp(append(dst, '"'), n), '"'), err
	case variant.Object, variant.Array:
		return appendVariantParts(dst, v, kind)
	case variant.Binary, variant.String, variant.UUID:
	}
	content, err := v.Bytes()
	switch kind {
	case variant.Binary:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), content), '"'), err
	case variant.UUID:
		return append(appendUUID(append(dst, '"'), content), '"'), err
	default:
		return AppendQuoted(dst, string(content)), err
	}
}

func appendVariantParts(dst []byte, v variant.Value, kind variant.Kind) ([]byte, error) {
	opens, closes := byte('['), byte(']')
	if kind == variant.Object {
		opens, closes = '{', '}'
	}
	dst = append(dst, opens)
	first := true
	err := v.Each(func(name string, part variant.Value) (err error) {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if kind == variant.Object {
			dst = append(AppendQuoted(dst, name), ':')
		}
		dst, err = appendVariant(dst, part)
		return err
	})
	return append(dst, closes), err
}

func appendVariantFloat(dst []byte, v variant.Value, kind variant.Kind) ([]byte, error) {
	f, err := v.Float()
	if err != nil {
		return dst, err
	}
	bits := 64
	if kind == variant.Float {
		bits = 32
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(AppendDouble(append(dst, '"'), f, bits), '"'), nil
	}
	return AppendDouble(dst, f, bits), nil
}

// appendPlainDecimal appends a decimal without the zeros that end its fraction.
func appendPlainDecimal(dst []byte, n decimal128.Num, scale int32) []byte {
	start := len(dst)
	dst = appendDecimalText(dst, n, scale)
	if scale > 0 {
		dst = dst[:start+len(bytes.TrimRight(dst[start:], "0"))]
		dst = bytes.TrimSuffix(dst, []byte{'.'})
	}
	if string(dst[start:]) == "-0" {
		return append(dst[:start], '0')
	}
	return dst
}

func appendUUID(dst, id []byte) []byte {
	if len(id) < 16 {
		return dst
	}
	for i, to := 0, []int{4, 6, 8, 10, 16}; len(to) > 0; to = to[1:] {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, id[i:to[0]])
		i = to[0]
	}
	return dst
}
