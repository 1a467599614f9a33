package check

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/medallion-go/medallion/schema"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// within reports whether a value is between the bounds; one that is nil, or cannot be read, bounds nothing. NaN has no place among the bounds that writers know.
func within(a arrow.Array, row int, low, high any) bool {
	if low != nil {
		if order, ok := compareBound(a, row, low); ok && order < 0 {
			return false
		}
	}
	if high != nil {
		if order, ok := compareBound(a, row, high); ok && order > 0 {
			return false
		}
	}
	return true
}

// compareBound compares a value with a bound; false where they cannot be.
func compareBound(a arrow.Array, row int, bound any) (order int, ok bool) {
	text, _ := bound.(string)
	switch a := a.(type) {
	case *array.String:
		return strings.Compare(a.Value(row), text), true
	case *array.Dictionary:
		return compareBound(a.Dictionary(), a.GetValueIndex(row), bound)
	case *array.Date32:
		day, err := schema.ParseDate(text)
		return int(a.Value(row)) - int(day), err == nil
	case *array.Timestamp:
		at, ok := boundMillis(text)
		return cmp.Compare(floorMillis(int64(a.Value(row))), at), ok
	case *array.Float32:
		return compareFloat(float64(a.Value(row)), bound, 32)
	case *array.Float64:
		return compareFloat(a.Value(row), bound, 64)
	case *array.Decimal128:
		t := a.DataType().(*arrow.Decimal128Type)
		value := new(big.Rat).SetFrac(a.Value(row).BigInt(), power10(int(t.Scale)))
		return compareRat(value, bound)
	}
	if n, ok := integerAt(a, row); ok {
		return compareRat(new(big.Rat).SetInt64(n), bound)
	}
	return 0, false
}

func integerAt(a arrow.Array, row int) (int64, bool) {
	switch a := a.(type) {
	case *array.Int8:
		return int64(a.Value(row)), true
	case *array.Int16:
		return int64(a.Value(row)), true
	case *array.Int32:
		return int64(a.Value(row)), true
	case *array.Int64:
		return a.Value(row), true
	}
	return 0, false
}

func compareRat(value *big.Rat, bound any) (int, bool) {
	text, _ := bound.(string)
	if n, ok := bound.(json.Number); ok {
		text = n.String()
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, false
	}
	return value.Cmp(r), true
}

// compareFloat knows the texts of infinities, and lets NaN be. The bound is as exact as the file's type.
func compareFloat(value float64, bound any, bits int) (int, bool) {
	text, _ := bound.(string)
	if n, ok := bound.(json.Number); ok {
		text = n.String()
	}
	f, err := strconv.ParseFloat(text, bits)
	switch {
	case err != nil || f != f || value != value:
		return 0, false
	case value < f:
		return -1, true
	case value > f:
		return 1, true
	}
	return 0, true
}

// floorMillis are the whole milliseconds of a time in microseconds: bounds of timestamps have no more.
func floorMillis(micros int64) int64 {
	ms := micros / 1000
	if micros%1000 < 0 {
		ms--
	}
	return ms
}

// boundLayouts are how writers write bounds of timestamps.
var boundLayouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"}

func boundMillis(text string) (int64, bool) {
	i := slices.IndexFunc(boundLayouts, func(layout string) bool {
		_, err := time.Parse(layout, text)
		return err == nil
	})
	if i < 0 {
		return 0, false
	}
	t, err := time.Parse(boundLayouts[i], text)
	return floorMillis(t.UnixMicro()), err == nil
}
