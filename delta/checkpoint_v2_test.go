package delta_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

const manifestName = "t/_delta_log/00000000000000000010.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json"

// manifestText is a v2 checkpoint of two files, without sidecars.
const manifestText = `{"checkpointMetadata":{"version":10,"tags":{"numOfAddFiles":"2"}}}
{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["v2Checkpoint"],"writerFeatures":["v2Checkpoint"]}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":[],"configuration":{}}}
{"txn":{"appId":"a","version":7}}
{"domainMetadata":{"domain":"d","configuration":"{}","removed":false}}
{"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}
{"add":{"path":"b","partitionValues":{},"size":2,"modificationTime":1,"dataChange":true}}
`

// TestManifests reads a JSON checkpoint, and refuses one that does not add up to what it says although every line of it is sound.
func TestManifests(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, fault string }{
		{"sound", manifestText, ""},
		{"with Windows line ends and none at the end", strings.TrimSpace(strings.ReplaceAll(manifestText, "\n", "\r\n")), ""},
		{"cut off after a line", manifestText[:strings.Index(manifestText, `{"add":{"path":"b"`)], "has 1 add actions and says that it has 2"},
		{"cut off in a line", manifestText[:len(manifestText)-20], "malformed JSON"},
		{"empty", "", "no protocol or no metaData"},
		{"of another version", strings.Replace(manifestText, `"version":10`, `"version":9`, 1), "says that it is of version 9"},
		{"without checkpointMetadata", manifestText[strings.Index(manifestText, "\n")+1:], "no checkpointMetadata"},
		{"names a sidecar that is not there", manifestText + `{"sidecar":{"path":"s.parquet","sizeInBytes":10,"modificationTime":1}}`, "sidecar"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			if _, err := storage.Put(t.Context(), store, manifestName, []byte(tt.text)); err != nil {
				t.Fatal(err)
			}
			var warnings bytes.Buffer
			c := testConfig()
			c.Logger = slog.New(slog.NewTextHandler(&warnings, nil))
			s, err := delta.Open(store, "t", c).Snapshot(t.Context())
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) || !strings.Contains(warnings.String(), "checkpoint 10 cannot be read") {
					t.Errorf("Snapshot = %v, with warnings %q; want an error that says %q", err, warnings.String(), tt.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			app, _ := s.Txn("a")
			if diff := cmp.Diff([]string{"a", "b"}, paths(s)); diff != "" || s.Version() != 10 || app != 7 {
				t.Errorf("version %d, application at %d, files (-want +got):\n%s", s.Version(), app, diff)
			}
		})
	}
}

// TestCheckpointsOfOneVersion has several of one version: the v2 one is read, and when it is damaged the next.
func TestCheckpointsOfOneVersion(t *testing.T) {
	t.Parallel()
	store := memory.New()
	names := []string{"00000000-7026-4e79-81be-64bd76c43a11", "80a083e8-7026-4e79-81be-64bd76c43a11", "ffffffff-7026-4e79-81be-64bd76c43a11"}
	for i, name := range names {
		text := strings.ReplaceAll(manifestText, `"path":"a"`, fmt.Sprintf(`"path":"a%d"`, i))
		if _, err := storage.Put(t.Context(), store, "t/_delta_log/00000000000000000010.checkpoint."+name+".json", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for i := len(names) - 1; i >= 0; i-- {
		s := snapshot(t, delta.Open(store, "t", testConfig()))
		if diff := cmp.Diff([]string{fmt.Sprint("a", i), "b"}, paths(s)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		if _, err := storage.Put(t.Context(), store, "t/_delta_log/00000000000000000010.checkpoint."+names[i]+".json", []byte("{")); err != nil {
			t.Fatal(err)
		}
	}
}

// TestChecksumFiles has each commit tell the state that it leaves.
func TestChecksumFiles(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), map[string]string{"delta.enableInCommitTimestamps": "true"})
	tx := table.Begin(snapshot(t, table), delta.Operation{Name: "WRITE"})
	tx.Add(file("a", ""), file("b", ""))
	tx.SetTxn("app", 3)
	if err := tx.SetDomainMetadata("mine", "{}"); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	const name = "t/_delta_log/00000000000000000001.crc"
	data, err := storage.ReadAll(t.Context(), store, name)
	if err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, delta.Open(store, "t", testConfig()))
	history, err := table.History(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"tableSizeBytes":200,"numFiles":2,"numDeletedRecordsOpt":0,"numDeletionVectorsOpt":0,"numMetadata":1,"numProtocol":1,"inCommitTimestampOpt":%d,`+
		`"setTransactions":[{"appId":"app","version":3,"lastUpdated":%d}],"domainMetadata":[{"domain":"mine","configuration":"{}","removed":false}],"metadata":{"id":"%s",`,
		history[0].Timestamp.UnixMilli(), s.Txns()[0].LastUpdated, s.ID())
	if !strings.HasPrefix(string(data), want) {
		t.Errorf("checksum file:\n%s\nwant it to begin with\n%s", data, want)
	}
	for _, damage := range []struct{ old, new string }{
		{"", ""},
		{`"numFiles":2`, `"numFiles":3`},
		{`"tableSizeBytes":200`, `"tableSizeBytes":201`},
		{`"numDeletedRecordsOpt":0`, `"numDeletedRecordsOpt":1`},
		{`"fileCounts":[2,0`, `"fileCounts":[1,1`},
		{`"totalBytes":[200,`, `"totalBytes":[`},
		{`"version":3`, `"version":4`},
		{`"domain":"mine"`, `"domain":"yours"`},
		{`"inCommitTimestampOpt":1`, `"inCommitTimestampOpt":2`},
		{`"metadata":{"id":"0`, `"metadata":{"id":"1`},
		{`"minWriterVersion":7`, `"minWriterVersion":6`},
		{`{"tableSizeBytes"`, `["tableSizeBytes"`},
		{`"numFiles":2`, `"files":2`},
	} {
		text := strings.Replace(string(data), damage.old, damage.new, 1)
		if damage.old != "" && text == string(data) {
			t.Fatalf("%s is not there", damage.old)
		}
		if _, err := storage.Put(t.Context(), store, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		ok, err := s.Verify(t.Context())
		var corrupt *delta.CorruptError
		if damage.old == "" && (!ok || err != nil) || damage.old != "" && !errors.As(err, &corrupt) {
			t.Errorf("with %s for %s: Verify = %v, %v", damage.new, damage.old, ok, err)
		}
	}
}

// TestChecksumFilesAfterOthers has a writer take the totals over from the checksum files of others, without going through the log.
func TestChecksumFilesAfterOthers(t *testing.T) {
	t.Parallel()
	store := memory.New()
	create(t, store, testConfig(), nil)
	for i := range 6 {
		writer := delta.Open(store, "t", testConfig())
		if _, err := commitFiles(t.Context(), writer, []*delta.File{file(fmt.Sprint("f", i), "")}); err != nil {
			t.Fatal(err)
		}
	}
	s := snapshot(t, delta.Open(store, "t", testConfig()))
	if ok, err := s.Verify(t.Context()); !ok || err != nil || s.NumFiles() != 6 {
		t.Errorf("%d files, Verify = %v, %v; want a checksum file that agrees", s.NumFiles(), ok, err)
	}
}

// TestTightBoundsSurviveStructStatistics: bounds that deletion vectors have made wide must not come back as tight.
func TestTightBoundsSurviveStructStatistics(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), map[string]string{
		"delta.checkpoint.writeStatsAsStruct": "true", "delta.checkpoint.writeStatsAsJson": "false", "delta.enableDeletionVectors": "true",
	})
	const stats = `{"numRecords":3,"minValues":{"id":1},"maxValues":{"id":9},"nullCount":{"id":0},"tightBounds":false}`
	if _, err := commitFiles(t.Context(), table, []*delta.File{file("a", stats)}); err != nil {
		t.Fatal(err)
	}
	if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
		t.Fatal(err)
	}
	for f := range snapshot(t, delta.Open(store, "t", testConfig())).Files() {
		if !strings.Contains(f.Stats, `"tightBounds":false`) || !strings.Contains(f.Stats, `"maxValues":{"id":9`) {
			t.Errorf("statistics by the checkpoint: %s", f.Stats)
		}
	}
}

// TestOddCommits reads commits of forms that other writers leave.
func TestOddCommits(t *testing.T) {
	t.Parallel()
	const add, remove = `{"add":{"path":"%s","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true}}`, `{"remove":{"path":"%s","dataChange":true}}`
	const vector = `{"add":{"path":"%s","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6}}}`
	tests := []struct {
		name    string
		commits []string
		want    []string
	}{
		{"empty", []string{"", fmt.Sprintf(add, "a")}, []string{"a"}},
		{"only blanks", []string{"\n \r\n\t\n"}, []string{}},
		{"only commitInfo", []string{`{"commitInfo":{"timestamp":1,"operation":"X"}}`}, []string{}},
		{"Windows line ends", []string{fmt.Sprintf(add, "a") + "\r\n" + fmt.Sprintf(add, "b") + "\r\n"}, []string{"a", "b"}},
		{"no line end", []string{fmt.Sprintf(add, "a") + "\n" + fmt.Sprintf(add, "b")}, []string{"a", "b"}},
		{"NULL members", []string{`{"add":null,"remove":null,"commitInfo":{"timestamp":1}}` + "\n" + `{"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,` +
			`"stats":null,"tags":null,"deletionVector":null,"baseRowId":null},"metaData":null,"protocol":null}`}, []string{"a"}},
		{"added, removed and added again", []string{fmt.Sprintf(add, "a"), fmt.Sprintf(remove, "a"), fmt.Sprintf(add, "a")}, []string{"a"}},
		{"removed twice", []string{fmt.Sprintf(add, "a"), fmt.Sprintf(remove, "a"), fmt.Sprintf(remove, "a")}, []string{}},
		{"added twice in one commit", []string{fmt.Sprintf(add, "a") + "\n" + fmt.Sprintf(add, "a")}, []string{"a"}},
		{"removed before the new vector is added", []string{fmt.Sprintf(add, "a"), fmt.Sprintf(remove, "a") + "\n" + fmt.Sprintf(vector, "a")}, []string{"a"}},
		{"removed after the new vector is added", []string{fmt.Sprintf(add, "a"), fmt.Sprintf(vector, "a") + "\n" + fmt.Sprintf(remove, "a")}, []string{"a"}},
		{"removed under another spelling", []string{fmt.Sprintf(add, "x%20y"), fmt.Sprintf(remove, "x y")}, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			create(t, store, testConfig(), map[string]string{"delta.enableDeletionVectors": "true"})
			for i, text := range tt.commits {
				putCommit(t, store, int64(i)+1, text)
			}
			s := snapshot(t, delta.Open(store, "t", testConfig()))
			if diff := cmp.Diff(tt.want, paths(s)); diff != "" || s.Version() != int64(len(tt.commits)) {
				t.Errorf("version %d, files (-want +got):\n%s", s.Version(), diff)
			}
		})
	}
}
