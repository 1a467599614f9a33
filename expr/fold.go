package expr

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/datetime"
)

// folding is what became of converting a constant before any row is seen.
type folding uint8

const (
	folded     folding = iota // the value is the result
	impossible                // the conversion fails for this value
	unfolded                  // left to the engine
)

// fold converts a constant. Only conversions whose result is beyond doubt are done here.
func fold(v any, from, to arrow.DataType) (any, folding) {
	if v == nil {
		return nil, folded
	}
	if equalType(from, to) {
		return v, folded
	}
	if text, ok := v.(string); ok {
		return foldString(text, to)
	}
	switch to.ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64:
		return foldIntegral(v, from, to)
	case arrow.FLOAT32, arrow.FLOAT64:
		return foldFloating(v, from, to)
	case arrow.DECIMAL128:
		return foldDecimal(v, from, to.(*arrow.Decimal128Type))
	case arrow.TIMESTAMP:
		if d, ok := v.(arrow.Date32); ok {
			return arrow.Timestamp(int64(d) * datetime.MicrosPerDay), folded
		}
		if ts, ok := v.(arrow.Timestamp); ok {
			return ts, folded // the session's zone is UTC
		}
	case arrow.STRING:
		return foldToString(v)
	case arrow.DURATION, arrow.INTERVAL_MONTHS:
		if from.ID() == to.ID() && lastField(to) >= lastField(from) {
			return v, folded
		}
	default:
	}
	return nil, unfolded
}

func foldString(text string, to arrow.DataType) (any, folding) {
	trimmed := strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	switch to.ID() {
	case arrow.BINARY:
		return []byte(text), folded
	case arrow.BOOL:
		return foldBoolean(strings.ToLower(trimmed))
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64:
		return foldWhole(trimmed, to)
	case arrow.FLOAT32, arrow.FLOAT64:
		return foldNumber(trimmed, to)
	case arrow.DECIMAL128:
		return foldExact(trimmed, to.(*arrow.Decimal128Type))
	case arrow.DATE32, arrow.TIMESTAMP:
		return done(datetimeOf(text, to))
	default:
		return nil, unfolded
	}
}

func done(v any, ok bool) (any, folding) {
	if !ok {
		return nil, impossible
	}
	return v, folded
}

func foldBoolean(text string) (any, folding) {
	switch text {
	case "t", "true", "y", "yes", "1":
		return true, folded
	case "f", "false", "n", "no", "0":
		return false, folded
	}
	return nil, impossible
}

func foldWhole(text string, to arrow.DataType) (any, folding) {
	if strings.Contains(text, "_") {
		return nil, impossible
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, impossible
	}
	return integerAs(n, to)
}

// foldNumber reads what Java's parseDouble and Go's ParseFloat both take; other spellings (Infinity, NaN, hexadecimal) are the engine's.
func foldNumber(text string, to arrow.DataType) (any, folding) {
	if text == "" || strings.Trim(text, "0123456789+-.eE") != "" {
		return nil, unfolded
	}
	bits := 64
	if to.ID() == arrow.FLOAT32 {
		bits = 32
	}
	f, err := strconv.ParseFloat(text, bits)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return nil, unfolded // Java makes it an infinity
	case err != nil:
		return nil, impossible
	case bits == 32:
		return float32(f), folded
	}
	return f, folded
}

func foldExact(text string, to *arrow.Decimal128Type) (any, folding) {
	v, _, scale, ok := parseDecimal(text)
	if !ok {
		if strings.Trim(text, "0123456789+-.eE") == "" && text != "" {
			return nil, unfolded // perhaps more digits than are needed
		}
		return nil, impossible
	}
	return rescale(v, scale, to)
}

// rescale changes the number of decimals, rounding half away from zero.
func rescale(v decimal128.Num, scale int32, to *arrow.Decimal128Type) (any, folding) {
	n := v.BigInt()
	if to.Scale >= scale {
		n.Mul(n, pow10(to.Scale-scale))
	} else {
		unit := pow10(scale - to.Scale)
		half := new(big.Int).Rsh(unit, 1)
		if n.Sign() < 0 {
			half.Neg(half)
		}
		n.Quo(n.Add(n, half), unit)
	}
	if n.CmpAbs(pow10(to.Precision)) >= 0 {
		return nil, impossible
	}
	return decimal128.FromBigInt(n), folded
}

func foldIntegral(v any, from, to arrow.DataType) (any, folding) {
	if n, ok := integerOf(v); ok {
		return integerAs(n, to)
	}
	d, ok := v.(decimal128.Num)
	if !ok {
		return nil, unfolded
	}
	n := d.BigInt()
	n.Quo(n, pow10(from.(*arrow.Decimal128Type).Scale))
	if !n.IsInt64() {
		return nil, impossible
	}
	return integerAs(n.Int64(), to)
}

func foldFloating(v any, from, to arrow.DataType) (any, folding) {
	var f float64
	switch v := v.(type) {
	case float32:
		f = float64(v)
	case float64:
		f = v
	case decimal128.Num:
		text := v.ToString(from.(*arrow.Decimal128Type).Scale)
		return foldNumber(text, to)
	default:
		n, ok := integerOf(v)
		if !ok {
			return nil, unfolded
		}
		f = float64(n)
		if to.ID() == arrow.FLOAT32 {
			return float32(n), folded
		}
	}
	if to.ID() == arrow.FLOAT32 {
		return float32(f), folded
	}
	return f, folded
}

func foldDecimal(v any, from arrow.DataType, to *arrow.Decimal128Type) (any, folding) {
	if d, ok := v.(decimal128.Num); ok {
		return rescale(d, from.(*arrow.Decimal128Type).Scale, to)
	}
	if n, ok := integerOf(v); ok {
		return rescale(decimal128.FromI64(n), 0, to)
	}
	return nil, unfolded
}

func foldToString(v any) (any, folding) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), folded
	case arrow.Date32:
		return string(datetime.AppendDate(nil, int32(v))), folded
	}
	if n, ok := integerOf(v); ok {
		return strconv.FormatInt(n, 10), folded
	}
	return nil, unfolded
}

// integerOf widens a value of an integral type.
func integerOf(v any) (int64, bool) {
	switch v := v.(type) {
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

// integerAs narrows n to an integral type, if it fits.
func integerAs(n int64, to arrow.DataType) (any, folding) {
	switch to.ID() {
	case arrow.INT8:
		return done(int8(n), n >= math.MinInt8 && n <= math.MaxInt8)
	case arrow.INT16:
		return done(int16(n), n >= math.MinInt16 && n <= math.MaxInt16)
	case arrow.INT32:
		return done(int32(n), n >= math.MinInt32 && n <= math.MaxInt32)
	default:
		return n, folded
	}
}

func pow10(n int32) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
