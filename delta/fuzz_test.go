package delta

import (
	"strconv"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/medallion-go/medallion/expr"
	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

// FuzzStatistics reads any text as a file's statistics: what is wrong with it never fails, and a value between its own minimum and maximum is never skipped.
func FuzzStatistics(f *testing.F) {
	f.Add(`{"numRecords":3,"minValues":{"a":1},"maxValues":{"a":3},"nullCount":{"a":0}}`)
	f.Add(`{"numRecords":1e3,"minValues":{"a":null},"nullCount":{"a":-1},"tightBounds":false}`)
	f.Add(`{"numRecords":"3","minValues":[],"maxValues":{"a":{"b":1}}`)
	f.Add("{\"minValues\":{\"a\":\"\\ud800\"}}")
	types := []arrow.DataType{
		schema.BigInt, schema.Double, schema.String, schema.Binary, schema.Boolean, schema.DateType, schema.Timestamp, schema.TimestampNTZType, schema.DecimalOf(20, 3),
	}
	f.Fuzz(func(_ *testing.T, text string) {
		for _, typ := range types {
			p := newPruner(expr.BoundCall{Func: "isnull", Typ: schema.Boolean, Args: []expr.Bound{expr.BoundColumn{Name: "a", Typ: typ, Null: true}}},
				[]arrow.Field{{Name: "a", Type: typ}}, &Metadata{})
			b := make([]skipping.Bounds, len(p.leaves))
			p.fileBounds(&File{Stats: text}, b)
			p.MayKeep(b)
			statsNumRecords(text)
		}
	})
}

// FuzzBounds writes a minimum and a maximum as other writers do: a value between them is never skipped.
func FuzzBounds(f *testing.F) {
	f.Add(int64(1), int64(2), int64(3))
	f.Add(int64(-9007199254740993), int64(9007199254740992), int64(9007199254740993))
	f.Add(int64(1577836799999999), int64(1577836800000001), int64(1577836800000500))
	types := []arrow.DataType{schema.BigInt, schema.Double, schema.Float, schema.Timestamp, schema.TimestampNTZType, schema.DecimalOf(38, 3)}
	f.Fuzz(func(t *testing.T, x, y, z int64) {
		low, value, high := min(x, y, z), max(min(x, y), min(max(x, y), z)), max(x, y, z)
		for _, typ := range types {
			v, ok := fuzzScalar(value, typ)
			lowest, okLow := statText(low, typ)
			highest, okHigh := statText(high, typ)
			if !ok || !okLow || !okHigh {
				continue
			}
			p := newPruner(expr.BoundCall{Func: "=", Typ: schema.Boolean, Args: []expr.Bound{
				expr.BoundColumn{Name: "a", Typ: typ, Null: true}, literalOfAny(v, typ),
			}}, []arrow.Field{{Name: "a", Type: typ}}, &Metadata{})
			b := make([]skipping.Bounds, len(p.leaves))
			stats := `{"numRecords":9,"minValues":{"a":` + lowest + `},"maxValues":{"a":` + highest + `},"nullCount":{"a":0}}`
			if p.fileBounds(&File{Stats: stats}, b); !p.MayKeep(b) {
				t.Errorf("a = %s is skipped by %s", formatScalar(v, typ), stats)
			}
		}
	})
}

// fuzzScalar is a value of the type made of a number; false where it has none.
func fuzzScalar(n int64, typ arrow.DataType) (skipping.Scalar, bool) {
	switch typ.ID() {
	case arrow.TIMESTAMP:
		_, _, ok := parseTimestamp(formatScalar(skipping.Int(n), typ))
		return skipping.Int(n), ok // years of four digits
	case arrow.FLOAT32:
		return skipping.Float(float64(float32(n) / 1000)), true
	case arrow.FLOAT64:
		return skipping.Float(float64(n) / 1000), true
	case arrow.DECIMAL128:
		return parseScalar(strconv.FormatInt(n, 10)+".125", typ)
	default:
		return skipping.Int(n), true
	}
}

// statText is the value as statistics hold it: timestamps cut to milliseconds.
func statText(n int64, typ arrow.DataType) (string, bool) {
	v, ok := fuzzScalar(n, typ)
	t, isTimestamp := typ.(*arrow.TimestampType)
	if !isTimestamp {
		return formatScalar(v, typ), ok
	}
	layout := `"2006-01-02T15:04:05.000Z"`
	if t.TimeZone == "" {
		layout = `"2006-01-02T15:04:05.000"`
	}
	return time.UnixMicro(n).UTC().Format(layout), ok
}

// FuzzPartitionValue reads any text as a partition value: what is read is written so that it reads back.
func FuzzPartitionValue(f *testing.F) {
	for _, text := range []string{
		"", "1", "-128", "1.5E20", "NaN", "1.500", "2020-01-01", "2020-01-01 00:00:00.5", "2020-01-01T00:00:00.123456Z", "true", "é😀", "1e400", "+5", "0x10", "1_0", "-0.0",
	} {
		f.Add(text)
	}
	types := []arrow.DataType{
		schema.TinyInt, schema.BigInt, schema.Float, schema.Double, schema.String, schema.Binary, schema.Boolean, schema.DateType, schema.Timestamp,
		schema.TimestampNTZType, schema.DecimalOf(20, 3), schema.DecimalOf(38, 38),
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range types {
			v, ok := parseScalar(text, typ)
			if !ok {
				continue
			}
			if typ.ID() == arrow.FLOAT32 {
				v.Float = float64(float32(v.Float))
			}
			written := formatScalar(v, typ)
			back, ok := parseScalar(written, typ)
			if typ.ID() == arrow.FLOAT32 {
				back.Float = float64(float32(back.Float))
			}
			if !ok || back.Compare(v) != 0 {
				t.Errorf("%q as %s is written %q and reads back as %+v, want %+v", text, typ, written, back, v)
			}
		}
	})
}

// FuzzPath encodes any key as a path in the log: it is the same key again, and any text of another writer has one canonical form.
func FuzzPath(f *testing.F) {
	for _, key := range []string{"part-0.parquet", "p=a b/x", "p=%2F/x", "é😀/%", "a#b?c", "file:/x", "s3a://b/k", "//x", "a%zz", "", "p=a:b/\x7f"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if got := decodePath(encodePath(key)); got != key {
			t.Errorf("%q is encoded as %q, which is %q", key, encodePath(key), got)
		}
		if !isAbsolute(key) && canonicalPath(encodePath(key)) != key {
			t.Errorf("%q is encoded as %q, whose canonical form is %q", key, encodePath(key), canonicalPath(encodePath(key)))
		}
		canonicalPath(key)
		partitionDirectory([]PartitionValue{{Column: key, Value: key}})
	})
}
