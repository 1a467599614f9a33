package delta_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

const oneColumn = `{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":%s}]}`

// foreign is a table that another writer made.
func foreign(t *testing.T, protocol, fieldMetadata, configuration string, more string) *delta.Table {
	t.Helper()
	store := memory.New()
	putCommit(t, store, 0, fmt.Sprintf("{\"protocol\":%s}\n{\"metaData\":{\"id\":\"x\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":%q,\"partitionColumns\":[],\"configuration\":%s}}\n%s",
		protocol, fmt.Sprintf(oneColumn, fieldMetadata), configuration, more))
	return delta.Open(store, "t", testConfig())
}

func TestFeaturesAreRefusedByName(t *testing.T) {
	t.Parallel()
	const none = "{}"
	tests := []struct {
		name, protocol, field, configuration string
		read, write                          string // the feature that is refused; empty: none
	}{
		{"plain", `{"minReaderVersion":1,"minWriterVersion":2}`, none, none, "", ""},
		{"unknown reader feature", `{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["wonder"],"writerFeatures":["wonder"]}`, none, none, "wonder", ""},
		{"unknown writer feature", `{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["wonder"]}`, none, none, "", "wonder"},
		{"timestampNtz by its first name", `{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampWithoutTimezone"],"writerFeatures":["timestampWithoutTimezone"]}`, none, none, "", "timestampWithoutTimezone"},
		{"clustering by its first name", `{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["liquid"]}`, none, none, "", "liquid"},
		{"icebergCompat", `{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["icebergCompatV1"]}`, none, none, "", "icebergCompatV1"},
		{"catalog-managed", `{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["catalogManaged"],"writerFeatures":["catalogManaged"]}`, none, none, "catalogManaged", ""},
		{"reader version from the future", `{"minReaderVersion":4,"minWriterVersion":7}`, none, none, "minReaderVersion", ""},
		{"writer version from the future", `{"minReaderVersion":1,"minWriterVersion":8}`, none, none, "", "minWriterVersion"},
		{"a mode of column mapping that is not known", `{"minReaderVersion":2,"minWriterVersion":5}`, none, `{"delta.columnMapping.mode":"foo"}`, "columnMapping", ""},
		{"column mapping not in use", `{"minReaderVersion":2,"minWriterVersion":5}`, none, `{"delta.columnMapping.mode":"none"}`, "", ""},
		{"a generated column that cannot be computed", `{"minReaderVersion":1,"minWriterVersion":4}`, `{"delta.generationExpression":"f(1)"}`, none, "", "generatedColumns"},
		{"a generated column", `{"minReaderVersion":1,"minWriterVersion":4}`, `{"delta.generationExpression":"1"}`, none, "", ""},
		{"generated columns not in use", `{"minReaderVersion":1,"minWriterVersion":4}`, none, none, "", ""},
		{"half an identity", `{"minReaderVersion":1,"minWriterVersion":6}`, `{"delta.identity.start":1}`, none, "", "identityColumns"},
		{"an expression that is no text's", `{"minReaderVersion":1,"minWriterVersion":2}`, `{"__CHAR_VARCHAR_TYPE_STRING":"array<varchar(3)>"}`, none, "", "char/varchar"},
		{"row tracking", `{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["domainMetadata","rowTracking"]}`, none, none, "", ""},
		{"in-commit timestamps", `{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["inCommitTimestamp"]}`, none, none, "", ""},
		{"a constraint that cannot be evaluated", `{"minReaderVersion":1,"minWriterVersion":3}`, none, `{"delta.constraints.c":"my_function(id) > 0"}`, "", "checkConstraints"},
		{"an invariant that cannot be evaluated", `{"minReaderVersion":1,"minWriterVersion":2}`, `{"delta.invariants":"{\"expression\":{\"expression\":\"f(id)\"}}"}`, none, "", "invariants"},
		{"an invariant", `{"minReaderVersion":1,"minWriterVersion":2}`, `{"delta.invariants":"{\"expression\":{\"expression\":\"id > 0\"}}"}`, none, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			table := foreign(t, tt.protocol, tt.field, tt.configuration, "")
			_, err := table.Snapshot(t.Context())
			if got := refused(err, true); got != tt.read || (tt.read == "" && err != nil) {
				t.Fatalf("reading refuses %q (%v), want %q", got, err, tt.read)
			}
			if tt.read != "" {
				return
			}
			alloc := checked(t)
			_, err = table.Append(t.Context(), rows(t, alloc, "id BIGINT", `[{"id": 1}]`), delta.WriteOptions{})
			if got := refused(err, false); got != tt.write || (tt.write == "" && err != nil) {
				t.Errorf("writing refuses %q (%v), want %q", got, err, tt.write)
			}
		})
	}
}

// refused is the feature that an *UnsupportedError names, for reading or for writing.
func refused(err error, reading bool) string {
	var u *delta.UnsupportedError
	if errors.As(err, &u) && u.Reading == reading {
		return u.Feature
	}
	return ""
}

func TestInvariantIsChecked(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	table := foreign(t, `{"minReaderVersion":1,"minWriterVersion":2}`, `{"delta.invariants":"{\"expression\":{\"expression\":\"id > 3\"}}"}`, "{}", "")
	_, err := table.Append(t.Context(), rows(t, alloc, "id BIGINT", `[{"id": 3}]`), delta.WriteOptions{})
	var violated *delta.ConstraintError
	if !errors.As(err, &violated) || violated.SQL != "id > 3" {
		t.Errorf("Append = %v, want the invariant id > 3 to be violated", err)
	}
}

func TestInconsistentProtocols(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{
		`{"minReaderVersion":3,"minWriterVersion":7,"writerFeatures":[]}`,
		`{"minReaderVersion":3,"minWriterVersion":2,"readerFeatures":[]}`,
		`{"minReaderVersion":2,"minWriterVersion":7,"readerFeatures":["timestampNtz"],"writerFeatures":["timestampNtz"]}`,
		`{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampNtz"],"writerFeatures":[]}`,
	} {
		_, err := foreign(t, protocol, "{}", "{}", "").Snapshot(t.Context())
		var corrupt *delta.CorruptError
		if !errors.As(err, &corrupt) {
			t.Errorf("%s: %v, want a *CorruptError", protocol, err)
		}
	}
}

func TestProtocolIsTheLowestThatServes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		columns    string
		properties map[string]string
		want       delta.Protocol
	}{
		{"id INT", nil, delta.Protocol{MinReaderVersion: 1, MinWriterVersion: 2}},
		{"id INT", map[string]string{"delta.enableChangeDataFeed": "true"}, delta.Protocol{MinReaderVersion: 1, MinWriterVersion: 4}},
		{"s STRUCT<t: TIMESTAMP_NTZ>", nil, delta.Protocol{
			MinReaderVersion: 3, MinWriterVersion: 7, ReaderFeatures: []string{"timestampNtz"},
			WriterFeatures: []string{"appendOnly", "invariants", "timestampNtz"},
		}},
	}
	for _, tt := range tests {
		table := delta.Open(memory.New(), "t", testConfig())
		if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, tt.columns), Properties: tt.properties}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, snapshot(t, table).Protocol()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.columns, diff)
		}
	}
}

func TestFilesWithDeletionVectors(t *testing.T) {
	t.Parallel()
	const vector = `{"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,"stats":"{\"numRecords\":5,\"maxValues\":{\"id\":9}}",` +
		`"deletionVector":{"storageType":"i","pathOrInlineDv":"wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L","sizeInBytes":40,"cardinality":2}}}`
	table := foreign(t, `{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}`, "{}", "{}", vector)
	s := snapshot(t, table)
	if n, exact := s.NumRows(); n != 3 || !exact {
		t.Errorf("NumRows = %d, %v, want 3 of 5", n, exact)
	}
	if got := scan(t, table, delta.ScanConfig{}).Rows; got != 3 {
		t.Errorf("Scan.Rows = %d, want 3 of 5", got)
	}
}

// TestActionsOfOthers replays what is legal and unusual.
func TestActionsOfOthers(t *testing.T) {
	t.Parallel()
	add := func(path string) string {
		return fmt.Sprintf(`{"add":{"path":%q,"partitionValues":null,"size":1,"modificationTime":1,"dataChange":true,"tags":null,"deletionVector":null,"stats":null,"future":{"x":[1,"}"]}}}`, path)
	}
	remove := func(path string) string { return fmt.Sprintf(`{"remove":{"path":%q,"dataChange":true}}`, path) }
	tests := []struct {
		name    string
		commits []string
		want    []string
	}{
		{"added twice", []string{add("a"), add("a")}, []string{"a"}},
		{"removed and added again", []string{add("a"), remove("a"), add("a")}, []string{"a"}},
		{"the remove stands before the add", []string{add("a"), remove("a") + "\n" + add("a")}, []string{"a"}},
		{"spelt in two ways", []string{add("file:/x/a b"), remove("/x/a%20b")}, []string{}},
		{"CRLF, no last newline, blank lines, an empty commit", []string{add("a") + "\r\n\r\n" + add("b"), "", "\n"}, []string{"a", "b"}},
		{"line breaks within an action", []string{"{\n\"add\": {\"path\":\n\"a\",\"size\":1,\"modificationTime\":1,\"dataChange\":true}\n}"}, []string{"a"}},
		{"commitInfo alone, with anything in it", []string{`{"commitInfo":{"timestamp":"x","operationParameters":[1],"operation":7}}`}, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			table := create(t, store, testConfig(), nil)
			for i, c := range tt.commits {
				putCommit(t, store, int64(i+1), c)
			}
			if diff := cmp.Diff(tt.want, paths(snapshot(t, table))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
	for _, bad := range []string{`{"add":{"size":1}}`, `{"add":`, `[]`, `{"add":{"path":"a","size":"many"}}`, `{"remove":{}}`} {
		store := memory.New()
		create(t, store, testConfig(), nil)
		putCommit(t, store, 1, bad)
		_, err := delta.Open(store, "t", testConfig()).Snapshot(t.Context())
		var corrupt *delta.CorruptError
		if !errors.As(err, &corrupt) || corrupt.Version != 1 {
			t.Errorf("%s: %v, want a *CorruptError of version 1", bad, err)
		}
	}
}

// TestTxnVersionMayGoDown takes the newest entry, not the greatest.
func TestTxnVersionMayGoDown(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	putCommit(t, store, 1, `{"txn":{"appId":"a","version":9007199254740993}}`)
	putCommit(t, store, 2, `{"txn":{"appId":"a","version":4,"lastUpdated":null}}`)
	at1, err := table.SnapshotAt(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := at1.Txn("a"); v != 9007199254740993 || !ok {
		t.Errorf("Txn at version 1 = %d, %v", v, ok)
	}
	if v, _ := snapshot(t, table).Txn("a"); v != 4 {
		t.Errorf("Txn = %d, want 4", v)
	}
}
