package delta_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// rewritten is a table of one file, whose log another writer goes on with: it gives the columns, the partition columns and the file's values anew.
func rewritten(t *testing.T, columns, data, protocol, configuration string, now *arrow.Schema, partitionBy, values string) *delta.Table {
	t.Helper()
	alloc := checked(t)
	store := memory.New()
	table := delta.Open(store, "t", testConfig())
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, columns)}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, alloc, columns, data), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	text, err := schema.MarshalDelta(now)
	if err != nil {
		t.Fatal(err)
	}
	for f := range snapshot(t, table).Files() {
		putCommit(t, store, 2, fmt.Sprintf(`{"protocol":%s}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":%q,"partitionColumns":%s,"configuration":%s}}
{"add":{"path":%q,"partitionValues":%s,"size":%d,"modificationTime":1,"dataChange":true}}`, protocol, text, partitionBy, configuration, f.Path, values, f.Size))
	}
	c := testConfig()
	c.Alloc = alloc
	return delta.Open(store, "t", c)
}

const oldProtocol = `{"minReaderVersion":1,"minWriterVersion":2}`

// TestPartitionValuesOfOthers reads the texts in which other writers put one value, and all that means NULL.
func TestPartitionValuesOfOthers(t *testing.T) {
	t.Parallel()
	tests := []struct{ typ, values, want string }{
		{"STRING", `{"p":"a/b%20c"}`, `"a/b%20c"`},
		{"STRING", `{"p":"__HIVE_DEFAULT_PARTITION__"}`, `"__HIVE_DEFAULT_PARTITION__"`}, // it stands for NULL in directories alone
		{"STRING", `{"p":""}`, "null"},
		{"STRING", `{"p":null}`, "null"},
		{"STRING", `{}`, "null"},
		{"STRING", `{"P":"another case"}`, `"another case"`},
		{"INT", `{"p":""}`, "null"},
		{"INT", `{"p":"-7"}`, "-7"},
		{"BOOLEAN", `{"p":"true"}`, "true"},
		{"DOUBLE", `{"p":"1.5E20"}`, "1.5e+20"},
		{"DOUBLE", `{"p":"150000000000000000000"}`, "1.5e+20"},
		{"DOUBLE", `{"p":"NaN"}`, `"NaN"`},
		{"FLOAT", `{"p":"0.1"}`, "0.1"},
		{"DECIMAL(10,3)", `{"p":"1.500"}`, `"1.500"`},
		{"DECIMAL(10,3)", `{"p":"1.5"}`, `"1.500"`},
		{"DATE", `{"p":"2020-02-29"}`, `"2020-02-29"`},
		{"DATE", `{"p":""}`, "null"},
		{"TIMESTAMP", `{"p":"2020-01-01T00:00:00.123456Z"}`, `"2020-01-01T00:00:00.123456Z"`},
		{"TIMESTAMP", `{"p":"1970-01-12 13:46:40.123456"}`, `"1970-01-12T13:46:40.123456Z"`},
		{"TIMESTAMP", `{"p":"1970-01-12 13:46:40"}`, `"1970-01-12T13:46:40.000000Z"`},
		{"TIMESTAMP", `{"p":"9999-12-31T23:59:59.999999Z"}`, `"9999-12-31T23:59:59.999999Z"`},
		{"TIMESTAMP_NTZ", `{"p":"2020-01-01 00:00:00"}`, `"2020-01-01T00:00:00.000000"`},
		{"BINARY", `{"p":"\u0001a"}`, `"0161"`},
	}
	for _, tt := range tests {
		t.Run(tt.typ+" "+tt.values, func(t *testing.T) {
			t.Parallel()
			table := rewritten(t, "id BIGINT", `[{"id": 1}]`, oldProtocol, "{}", ddl(t, "id BIGINT, p "+tt.typ), `["p"]`, tt.values)
			if diff := cmp.Diff([]string{"1 " + tt.want}, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPartitionValuesThatAreNone(t *testing.T) {
	t.Parallel()
	for typ, value := range map[string]string{"INT": "seven", "TINYINT": "300", "DATE": "2020-02-30", "TIMESTAMP": "noon", "DECIMAL(4,2)": "1.005", "BOOLEAN": "maybe", "DOUBLE": "x"} {
		table := rewritten(t, "id BIGINT", `[{"id": 1}]`, oldProtocol, "{}", ddl(t, "id BIGINT, p "+typ), `["p"]`, `{"p":"`+value+`"}`)
		var last error
		for _, err := range scan(t, table, delta.ScanConfig{}).Records(t.Context()) {
			last = err
		}
		var corrupt *delta.CorruptError
		if !errors.As(last, &corrupt) || corrupt.File == "" {
			t.Errorf("%s %q: %v, want *CorruptError with the file", typ, value, last)
		}
	}
}

// TestPhysicalNamesOfOtherColumns reads columns whose names in the file are those of each other, and a struct whose field has its own name.
func TestPhysicalNamesOfOtherColumns(t *testing.T) {
	t.Parallel()
	named := func(f arrow.Field, physical string, id int) arrow.Field {
		f.Metadata = arrow.NewMetadata([]string{"delta.columnMapping.physicalName", "delta.columnMapping.id"}, []string{physical, fmt.Sprint(id)})
		return f
	}
	inner := named(arrow.Field{Name: "s", Type: schema.BigInt, Nullable: true}, "a", 4)
	now := arrow.NewSchema([]arrow.Field{
		named(arrow.Field{Name: "a", Type: schema.BigInt, Nullable: true}, "b", 1),
		named(arrow.Field{Name: "b", Type: schema.BigInt, Nullable: true}, "a", 2),
		named(arrow.Field{Name: "s", Type: arrow.StructOf(inner), Nullable: true}, "s", 3),
	}, nil)
	table := rewritten(t, "a BIGINT, b BIGINT, s STRUCT<a: BIGINT, s: BIGINT>", `[{"a": 1, "b": 2, "s": {"a": 3, "s": 4}}]`,
		`{"minReaderVersion":2,"minWriterVersion":5}`, `{"delta.columnMapping.mode":"name","delta.columnMapping.maxColumnId":"4"}`, now, `[]`, `{}`)
	if diff := cmp.Diff([]string{`2 1 {"s":3}`}, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	filtered := lines(t, scan(t, table, delta.ScanConfig{Filter: call("=", column(0, schema.BigInt), literal(int64(2), schema.BigInt))}))
	if diff := cmp.Diff([]string{`2 1 {"s":3}`}, filtered); diff != "" {
		t.Errorf("rows where a = 2 (-want +got):\n%s", diff)
	}
}

// TestFilesWithoutRows reads files of no rows and without statistics.
func TestFilesWithoutRows(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	out, err := store.Create(t.Context(), "t/empty.parquet")
	if err != nil {
		t.Fatal(err)
	}
	w, err := parquet.NewWriter(out, ddl(t, "id BIGINT, name STRING"), parquet.WriterConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := out.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, stats := range []string{"", `{"numRecords":0}`, "{}"} {
		f := &delta.File{Path: "empty.parquet", Size: info.Size, ModificationTime: 1, DataChange: true, Stats: stats}
		if _, err := commitFiles(t.Context(), table, []*delta.File{f}); err != nil {
			t.Fatal(err)
		}
		if got := lines(t, scan(t, table, delta.ScanConfig{Alloc: alloc})); len(got) != 0 {
			t.Errorf("rows %v", got)
		}
		if n, exact := snapshot(t, table).NumRows(); n != 0 || exact != (i == 1) {
			t.Errorf("statistics %q: %d rows, exactly %v", stats, n, exact)
		}
		filter := call("isnull", column(0, schema.BigInt))
		if got := lines(t, scan(t, table, delta.ScanConfig{Alloc: alloc, Filter: filter})); len(got) != 0 {
			t.Errorf("rows %v", got)
		}
	}
}

// TestAppendThatDoesNotSayItIsBlind: what a commit does not say counts as no.
func TestAppendThatDoesNotSayItIsBlind(t *testing.T) {
	t.Parallel()
	for info, want := range map[string]bool{
		`{"commitInfo":{"isBlindAppend":true}}` + "\n":   false,
		`{"commitInfo":{"isBlindAppend":null}}` + "\n":   true,
		`{"commitInfo":{"isBlindAppend":"true"}}` + "\n": true,
		`{"commitInfo":{}}` + "\n":                       true,
		"":                                               true,
	} {
		store := memory.New()
		table := create(t, store, testConfig(), map[string]string{"delta.isolationLevel": "WriteSerializable"})
		s := snapshot(t, table)
		tx := table.Begin(s, delta.Operation{Name: "WRITE"})
		tx.ReadWholeTable()
		tx.Add(file("l", ""))
		putCommit(t, store, 1, info+`{"add":{"path":"w","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}`)
		_, err := tx.Commit(t.Context())
		var conflict *delta.ConflictError
		if got := errors.As(err, &conflict) && conflict.Kind == delta.ConcurrentAppend; got != want || !want && err != nil {
			t.Errorf("%q: %v, want a conflict: %v", info, err, want)
		}
	}
}

// TestLargeIntegers keeps integers that a double cannot hold, through commits and checkpoints.
func TestLargeIntegers(t *testing.T) {
	t.Parallel()
	const large = 1<<53 + 1
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	putCommit(t, store, 1, fmt.Sprintf(`{"txn":{"appId":"app","version":%d,"lastUpdated":%d}}`, large, int64(large)))
	if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"0", "1"} {
		if err := store.Delete(t.Context(), "t/_delta_log/0000000000000000000"+key+".json"); err != nil {
			t.Fatal(err)
		}
	}
	got := snapshot(t, delta.Open(store, "t", testConfig())).Txns()
	if diff := cmp.Diff([]delta.Txn{{AppID: "app", Version: large, LastUpdated: large}}, got); diff != "" {
		t.Errorf("applications (-want +got):\n%s", diff)
	}
}
