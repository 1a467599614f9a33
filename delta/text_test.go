package delta

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/medallion-go/medallion/internal/skipping"
	"github.com/medallion-go/medallion/schema"
)

func TestPartitionValueText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		typ   arrow.DataType
		value skipping.Scalar
		want  string
	}{
		{schema.Double, skipping.Float(1.5e20), "1.5E20"},
		{schema.Double, skipping.Float(1), "1.0"},
		{schema.Double, skipping.Float(math.NaN()), "NaN"},
		{schema.Double, skipping.Float(math.Inf(-1)), "-Infinity"},
		{schema.Double, skipping.Float(0.0001), "1.0E-4"},
		{schema.Float, skipping.Float(float64(float32(0.1))), "0.1"},
		{schema.DecimalOf(10, 3), skipping.Decimal(decimal128.FromI64(1500)), "1.500"},
		{schema.Timestamp, skipping.Int(1_577_836_800_123_456), "2020-01-01T00:00:00.123456Z"},
		{schema.TimestampNTZType, skipping.Int(1_577_836_800_000_000), "2020-01-01 00:00:00"},
		{schema.DateType, skipping.Int(-719162), "0001-01-01"},
		{schema.Boolean, skipping.Int(1), "true"},
		{schema.TinyInt, skipping.Int(-128), "-128"},
		{schema.String, skipping.Text("a/b"), "a/b"},
	}
	for _, tt := range tests {
		got := formatScalar(tt.value, tt.typ)
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.typ, got, tt.want)
		}
		back, ok := parseScalar(got, tt.typ)
		if tt.typ.ID() == arrow.FLOAT32 {
			back.Float = float64(float32(back.Float))
		}
		if !ok || back.Compare(tt.value) != 0 {
			t.Errorf("%s: %q reads back as %+v, want %+v", tt.typ, got, back, tt.value)
		}
	}
}

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	at := func(text string) int64 {
		v, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixMicro()
	}
	tests := []struct {
		text  string
		want  int64
		zoned bool
		ok    bool
	}{
		{"2020-01-01 00:00:00", at("2020-01-01T00:00:00Z"), false, true},
		{"2020-01-01T00:00:00.1Z", at("2020-01-01T00:00:00.1Z"), false, true},
		{"1969-12-31 23:59:59.999999999", -1, false, true},
		{"2020-01-01T00:00:00.000+05:30", at("2019-12-31T18:30:00Z"), true, true},
		{"1850-01-01T00:00:00-07:52:58", at("1850-01-01T07:52:58Z"), true, true},
		{"2020-02-29", at("2020-02-29T00:00:00Z"), false, true},
		{"2021-02-29", 0, false, false},
		{"2020-01-01T24:00:00", 0, false, false},
		{"2020-01-01T00:00", at("2020-01-01T00:00:00Z"), false, true},
		{"2020-01-01 00:00:00 Europe/Berlin", at("2019-12-31T23:00:00Z"), false, true},
		{"+12020-01-01 00:00:00-01:00", time.Date(12020, 1, 1, 1, 0, 0, 0, time.UTC).UnixMicro(), true, true},
		{"2020-01-01x00:00:00", 0, false, false},
		{"", 0, false, false},
	}
	for _, tt := range tests {
		got, zoned, ok := parseTimestamp(tt.text)
		if ok != tt.ok || ok && (got != tt.want || zoned != tt.zoned) {
			t.Errorf("%q = %d, %v, %v, want %d, %v, %v", tt.text, got, zoned, ok, tt.want, tt.zoned, tt.ok)
		}
	}
}

// TestPartitionValuesAsInSpark has what Spark 4.2 with Delta 4.4 takes such partition values for.
func TestPartitionValuesAsInSpark(t *testing.T) {
	t.Parallel()
	tests := []struct {
		typ  arrow.DataType
		text string
		want string
	}{
		{schema.DateType, "2020-1-1", "2020-01-01"},
		{schema.DateType, "2020-01-01 foo", "2020-01-01"},
		{schema.DateType, " 2020-01-01", "2020-01-01"},
		{schema.DateType, "2020", "2020-01-01"},
		{schema.Timestamp, "2020-01-01T00:00", "2020-01-01T00:00:00.000000Z"},
		{schema.Timestamp, "2020-01-01 00:00:00 Europe/Berlin", "2019-12-31T23:00:00.000000Z"},
		{schema.Timestamp, "2020-01-01 1:2:3.5+01:00", "2020-01-01T00:02:03.500000Z"},
		{schema.TimestampNTZType, "2020-01-01 00:00:00+01:00", "2020-01-01 00:00:00"},
		{schema.TimestampNTZType, "2020-01-01 00:00:00Z", "2020-01-01 00:00:00"},
	}
	for _, tt := range tests {
		v, ok := parseScalar(tt.text, tt.typ)
		if got := formatScalar(v, tt.typ); !ok || got != tt.want {
			t.Errorf("%q as %s = %s, %v; want %s", tt.text, tt.typ, got, ok, tt.want)
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	encoded := []struct{ key, want string }{
		{"part-0.parquet", "part-0.parquet"},
		{"p=a b/x", "p=a%20b/x"},
		{"p=a%2Fb/x", "p=a%252Fb/x"},
		{"p=é😀/x", "p=é😀/x"},
		{"p=#?/x", "p=%23%3F/x"},
	}
	for _, tt := range encoded {
		if got := encodePath(tt.key); got != tt.want {
			t.Errorf("encodePath(%q) = %q, want %q", tt.key, got, tt.want)
		}
		if got := decodePath(encodePath(tt.key)); got != tt.key {
			t.Errorf("%q comes back as %q", tt.key, got)
		}
	}
	same := []struct{ a, b string }{{"file:/a/b", "file:///a/b"}, {"/a/b", "file:/a/b"}, {"a%20b", "a b"}, {"//a", "/a"}, {"s3a://b/k", "s3://b/k"}}
	for _, tt := range same {
		if canonicalPath(tt.a) != canonicalPath(tt.b) {
			t.Errorf("%q and %q are two files: %q, %q", tt.a, tt.b, canonicalPath(tt.a), canonicalPath(tt.b))
		}
	}
	for path, want := range map[string]bool{"s3://b/k": true, "/x": true, "p=a:b/x": false, "a/b": false, "1:x": false} {
		if got := isAbsolute(path); got != want {
			t.Errorf("isAbsolute(%q) = %v, want %v", path, got, want)
		}
	}
	values := []PartitionValue{{Column: "a b", Value: "x/y:z"}, {Column: "n", Null: true}, {Column: "e", Value: ""}, {Column: "u", Value: "é%\x01"}}
	if got, want := partitionDirectory(values), "a b=x%2Fy%3Az/n=__HIVE_DEFAULT_PARTITION__/e=__HIVE_DEFAULT_PARTITION__/u=é%25%01/"; got != want {
		t.Errorf("directory = %q, want %q", got, want)
	}
}

func TestParseInterval(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"interval 1 week": 7 * 24 * time.Hour, "INTERVAL 168 HOURS": 168 * time.Hour, "2 days 3 hours": 51 * time.Hour, "interval 1 month": -1, "interval": -1, "x": -1, "": -1,
	} {
		got, err := parseInterval(text)
		if (want < 0) != (err != nil) || err == nil && got != want {
			t.Errorf("%q = %v, %v, want %v", text, got, err, want)
		}
	}
}

// FuzzScanner compares the scanner with encoding/json: it never panics, accepts what is valid, and reads strings alike.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"x\u00e9\ud83d\ude00\n"],"b":{"c":null,"d":true}}`, `{"":""}`, `"\ud800"`, `[`, `{"a"}`, `{"a":1,}`, `nul`, `-`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "[")+strings.Count(text, "{") > maxJSONDepth {
			return // deeper than the scanner goes
		}
		s := &scanner{text: text}
		s.raw()
		valid := s.err == nil && s.peek() == 0
		if json.Valid([]byte(text)) && !valid && s.err != nil {
			t.Errorf("%q is valid, but: %v", text, s.err)
		}
		var want string
		if json.Unmarshal([]byte(text), &want) == nil && text != "null" {
			r := &scanner{text: text}
			if got := r.str(); r.err == nil && got != want && json.Valid([]byte(text)) && isASCII(text) {
				t.Errorf("%q reads as %q, want %q", text, got, want)
			}
		}
	})
}

// isASCII leaves out bytes that are no UTF-8: encoding/json replaces them, the scanner keeps them.
func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// FuzzCommit parses commits: no text makes it panic, and what it wrote it reads.
func FuzzCommit(f *testing.F) {
	f.Add(`{"add":{"path":"a","partitionValues":{"p":null},"size":1,"modificationTime":2,"dataChange":true,"stats":"{}","tags":{"x":"y"},"deletionVector":{"storageType":"u","pathOrInlineDv":"ab","offset":1,"sizeInBytes":2,"cardinality":3}}}`)
	f.Add(`{"remove":{"path":"a","deletionTimestamp":1,"dataChange":false,"extendedFileMetadata":true,"size":5,"future":[{}]}}` + "\r\n" + `{"txn":{"appId":"x","version":9}}`)
	f.Add(`{"metaData":{"id":"1","schemaString":"{}","configuration":null}}`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := newParser().commit(1, text)
		if err != nil {
			return
		}
		for _, add := range a.adds {
			b, err := newParser().commit(1, string(appendAdd(nil, add)))
			if err != nil || len(b.adds) != 1 {
				t.Fatalf("%s cannot be read back: %v", appendAdd(nil, add), err)
			}
			if isASCII(text) && (b.adds[0].Path != add.Path || b.adds[0].Stats != add.Stats || b.adds[0].Size != add.Size) {
				t.Errorf("%+v comes back as %+v", add, b.adds[0])
			}
		}
	})
}
