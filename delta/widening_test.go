package delta_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

func TestTypeChanges(t *testing.T) {
	t.Parallel()
	tests := []struct{ from, to, refused string }{
		{`"byte"`, `"short"`, ""},
		{`"byte"`, `"long"`, ""},
		{`"integer"`, `"double"`, ""},
		{`"float"`, `"double"`, ""},
		{`"byte"`, `"decimal(10,0)"`, ""},
		{`"integer"`, `"decimal(11,1)"`, ""},
		{`"long"`, `"decimal(21,1)"`, ""},
		{`"decimal(5,2)"`, `"decimal(7,3)"`, ""},
		{`"date"`, `"timestamp_ntz"`, ""},
		{`"byte"`, `"decimal(4,1)"`, "column id: from tinyint to decimal(4,1)"},
		{`"long"`, `"integer"`, "column id: from bigint to int"},
		{`"long"`, `"double"`, "column id: from bigint to double"},
		{`"decimal(5,2)"`, `"decimal(6,4)"`, "column id: from decimal(5,2) to decimal(6,4)"},
		{`"date"`, `"timestamp"`, "column id: from date to timestamp"},
		{`"string"`, `"binary"`, "column id: from string to binary"},
	}
	for _, tt := range tests {
		t.Run(tt.from+" to "+tt.to, func(t *testing.T) {
			t.Parallel()
			const protocol = `{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["typeWidening"],"writerFeatures":["typeWidening"]}`
			changes := fmt.Sprintf(`{"delta.typeChanges":[{"fromType":%s,"toType":%s}]}`, tt.from, tt.to)
			_, err := foreign(t, protocol, changes, "{}", "").Snapshot(t.Context())
			var u *delta.UnsupportedError
			switch {
			case tt.refused == "" && err != nil:
				t.Error(err)
			case tt.refused != "" && (!errors.As(err, &u) || u.Feature != "typeWidening" || u.Detail != tt.refused):
				t.Errorf("error %v, want %q", err, tt.refused)
			}
		})
	}
}

func TestTypeChangesThatCannotBeParsed(t *testing.T) {
	t.Parallel()
	const protocol = `{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["typeWidening"],"writerFeatures":["typeWidening"]}`
	for _, changes := range []string{`3`, `[{"fromType":"byte"}]`, `[{"fromType":"byte","toType":"wonder"}]`} {
		_, err := foreign(t, protocol, `{"delta.typeChanges":`+changes+`}`, "{}", "").Snapshot(t.Context())
		var c *delta.CorruptError
		if !errors.As(err, &c) || !strings.Contains(c.Reason, "column id") {
			t.Errorf("%s: error %v, want *CorruptError of column id", changes, err)
		}
	}
}

// TestWidenedColumns reads files that were written before the types of columns, elements, keys, values and fields were widened.
func TestWidenedColumns(t *testing.T) {
	t.Parallel()
	const before = "a TINYINT, l ARRAY<SMALLINT>, m MAP<INT, FLOAT>, s STRUCT<d: DECIMAL(5,2), t: ARRAY<STRUCT<e: DATE>>>"
	const after = "a DECIMAL(12,2), l ARRAY<DOUBLE>, m MAP<BIGINT, DOUBLE>, s STRUCT<d: DECIMAL(9,4), t: ARRAY<STRUCT<e: TIMESTAMP_NTZ>>>"
	store := memory.New()
	alloc := checked(t)
	table := delta.Open(store, "t", testConfig())
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, before)}); err != nil {
		t.Fatal(err)
	}
	data := `[{"a": 1, "l": [2, null], "m": [{"key": 3, "value": 1.5}], "s": {"d": "4.25", "t": [{"e": "2020-02-29"}]}},
		{"a": null, "l": null, "m": [], "s": {"d": null, "t": [{"e": null}]}}]`
	if _, err := table.Append(t.Context(), rows(t, alloc, before, data), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	text, err := schema.MarshalDelta(ddl(t, after))
	if err != nil {
		t.Fatal(err)
	}
	putCommit(t, store, 2, fmt.Sprintf("{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"typeWidening\",\"timestampNtz\"],\"writerFeatures\":[\"typeWidening\",\"timestampNtz\"]}}\n"+
		"{\"metaData\":{\"id\":\"x\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":%q,\"partitionColumns\":[],\"configuration\":{}}}", text))
	c := testConfig()
	c.Alloc = alloc
	got := lines(t, scan(t, delta.Open(store, "t", c), delta.ScanConfig{}))
	want := []string{
		`"1.00" [2.0,null] [[3,1.5]] {"d":"4.2500","t":[{"e":"2020-02-29T00:00:00.000000"}]}`,
		`null null [] {"d":null,"t":[{"e":null}]}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestTableWithoutColumns can be looked at, and not read.
func TestTableWithoutColumns(t *testing.T) {
	t.Parallel()
	for _, member := range []string{"", `"schemaString":"{\"type\":\"struct\",\"fields\":[]}",`} {
		store := memory.New()
		putCommit(t, store, 0, `{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},`+member+`"partitionColumns":[],"configuration":{}}}
{"add":{"path":"f","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}`)
		s, err := delta.Open(store, "t", testConfig()).Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"f"}, paths(s)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		var c *delta.CorruptError
		if _, err := s.Scan(delta.ScanConfig{}); !errors.As(err, &c) || !strings.Contains(c.Reason, "no columns") {
			t.Errorf("error %v, want that there are no columns", err)
		}
	}
}
