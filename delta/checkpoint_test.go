package delta_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

// grow makes a table of n commits after the first, each adding one file and every third removing one.
func grow(t testing.TB, store storage.Store, c delta.Config, properties map[string]string, n int) *delta.Table {
	t.Helper()
	table := create(t, store, c, properties)
	for i := range n {
		f := file(fmt.Sprintf("f%d", i), fmt.Sprintf(`{"numRecords":%d,"minValues":{"id":%d,"name":"a"},"maxValues":{"id":%d,"name":"b"},"nullCount":{"id":0,"name":1}}`, i, i, i))
		f.PartitionValues = []delta.PartitionValue{}
		var removes []*delta.File
		s := snapshot(t, table)
		if files := slices.Collect(s.Files()); i%3 == 2 {
			removes = files[:1]
		}
		tx := table.Begin(s, delta.Operation{Name: "WRITE"})
		tx.Add(f)
		tx.Remove(removes...)
		tx.SetTxn("app", int64(i))
		if _, err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

// describe is what a snapshot says, for comparing.
func describe(t testing.TB, s *delta.Snapshot) map[string]any {
	t.Helper()
	files := []string{}
	for f := range s.Files() {
		files = append(files, fmt.Sprint(f.Path, f.PartitionValues, f.Size, f.ModificationTime, f.DataChange, f.Stats))
	}
	return map[string]any{
		"version": s.Version(), "files": files, "txns": s.Txns(), "protocol": s.Protocol(), "id": s.ID(), "properties": s.Properties(),
		"schema": s.Schema().String(), "created": s.CreatedAt(),
	}
}

func TestCheckpointHoldsWhatTheLogHolds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		properties map[string]string
	}{
		{"statistics as JSON", nil},
		{"statistics as struct and JSON", map[string]string{"delta.checkpoint.writeStatsAsStruct": "true"}},
		{"statistics as struct only", map[string]string{"delta.checkpoint.writeStatsAsStruct": "true", "delta.checkpoint.writeStatsAsJson": "false"}},
		{"v2", map[string]string{"delta.checkpointPolicy": "v2"}},
		{"v2, statistics as struct only", map[string]string{
			"delta.checkpointPolicy": "v2", "delta.checkpoint.writeStatsAsStruct": "true", "delta.checkpoint.writeStatsAsJson": "false",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			alloc := checked(t)
			store := memory.New()
			c := testConfig()
			c.Alloc = alloc
			c.CheckpointInterval = -1
			table := grow(t, store, c, tt.properties, 25)
			want := describe(t, snapshot(t, delta.Open(store, "t", c)))
			if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
				t.Fatal(err)
			}
			for v := range 25 {
				if err := store.Delete(t.Context(), fmt.Sprintf("t/_delta_log/%020d.json", v)); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(want, describe(t, snapshot(t, delta.Open(store, "t", c)))); diff != "" {
				t.Errorf("snapshot from the checkpoint (-from commits +from checkpoint):\n%s", diff)
			}
		})
	}
}

func TestCheckpointIsWrittenByCommits(t *testing.T) {
	t.Parallel()
	store := memory.New()
	grow(t, store, testConfig(), nil, 21)
	var names []string
	for info, err := range store.List(t.Context(), "t/_delta_log/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(info.Key, "checkpoint") {
			names = append(names, strings.TrimPrefix(info.Key, "t/_delta_log/"))
		}
	}
	want := []string{"00000000000000000010.checkpoint.parquet", "00000000000000000020.checkpoint.parquet", "_last_checkpoint"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	hint, err := storage.ReadAll(t.Context(), store, "t/_delta_log/_last_checkpoint")
	if err != nil || !strings.HasPrefix(string(hint), `{"version":20,`) {
		t.Errorf("_last_checkpoint = %s, %v", hint, err)
	}
}

// TestCheckpointFallBack damages what a reader would like to use: the rows stay the same, and a warning says why.
func TestCheckpointFallBack(t *testing.T) {
	t.Parallel()
	const last = "t/_delta_log/_last_checkpoint"
	checkpoint := func(v int) string { return fmt.Sprintf("t/_delta_log/%020d.checkpoint.parquet", v) }
	tests := []struct {
		name   string
		damage func(ctx context.Context, s storage.Store) error
		warns  bool
	}{
		{"hint is missing", func(ctx context.Context, s storage.Store) error { return s.Delete(ctx, last) }, false},
		{"hint is damaged", put(last, "{\"version\":"), true},
		{"hint has another checksum", put(last, `{"version":20,"size":25,"checksum":"00000000000000000000000000000000"}`), true},
		{"hint names a member twice", put(last, `{"version":20,"size":25,"size":25,"checksum":"00000000000000000000000000000000"}`), true},
		{"hint is stale", put(last, `{"version":10,"size":1}`), false},
		{"hint points beyond", put(last, `{"version":99,"size":1}`), false},
		{"checkpoint is gone", func(ctx context.Context, s storage.Store) error { return s.Delete(ctx, checkpoint(20)) }, false},
		{"checkpoint is damaged", put(checkpoint(20), "PAR1 and no more"), true},
		{"checkpoint is empty", put(checkpoint(20), ""), true},
		{"both are damaged", func(ctx context.Context, s storage.Store) error {
			return errors.Join(put(checkpoint(20), "x")(ctx, s), put(checkpoint(10), "y")(ctx, s))
		}, true},
		{"one of three parts", func(ctx context.Context, s storage.Store) error {
			return put("t/_delta_log/00000000000000000022.checkpoint.0000000001.0000000003.parquet", "x")(ctx, s)
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			grow(t, store, testConfig(), nil, 23)
			want := describe(t, snapshot(t, delta.Open(store, "t", testConfig())))
			if err := tt.damage(t.Context(), store); err != nil {
				t.Fatal(err)
			}
			var warnings bytes.Buffer
			c := testConfig()
			c.Logger = slog.New(slog.NewTextHandler(&warnings, nil))
			if diff := cmp.Diff(want, describe(t, snapshot(t, delta.Open(store, "t", c)))); diff != "" {
				t.Errorf("snapshot (-want +got):\n%s", diff)
			}
			if got := warnings.Len() > 0; got != tt.warns {
				t.Errorf("warnings: %q, want some: %v", warnings.String(), tt.warns)
			}
		})
	}
}

func put(key, text string) func(context.Context, storage.Store) error {
	return func(ctx context.Context, s storage.Store) error {
		_, err := storage.Put(ctx, s, key, []byte(text))
		return err
	}
}

func TestLogGaps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		remove []int
		want   bool // readable
	}{
		{"in the middle, no checkpoint covers it", []int{21}, false},
		{"before the checkpoint", []int{0, 1, 5}, true},
		{"all that the checkpoint covers", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := memory.New()
			grow(t, store, testConfig(), nil, 23)
			for _, v := range tt.remove {
				if err := store.Delete(t.Context(), fmt.Sprintf("t/_delta_log/%020d.json", v)); err != nil {
					t.Fatal(err)
				}
			}
			s, err := delta.Open(store, "t", testConfig()).Snapshot(t.Context())
			var corrupt *delta.CorruptError
			switch {
			case tt.want && (err != nil || s.Version() != 23):
				t.Errorf("Snapshot = %v, want version 23", err)
			case !tt.want && !errors.As(err, &corrupt):
				t.Errorf("Snapshot = %v, want a *CorruptError", err)
			}
		})
	}
}

func TestV2CheckpointsAreWritten(t *testing.T) {
	t.Parallel()
	store := memory.New()
	grow(t, store, testConfig(), map[string]string{"delta.checkpointPolicy": "v2"}, 11)
	var names []string
	var manifest string
	for info, err := range store.List(t.Context(), "t/_delta_log/", "") {
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(info.Key, "t/_delta_log/")
		if strings.Contains(name, ".checkpoint.") {
			data, err := storage.ReadAll(t.Context(), store, info.Key)
			if err != nil {
				t.Fatal(err)
			}
			manifest = string(data)
		}
		if strings.Contains(name, "checkpoint") || strings.Contains(name, "sidecar") {
			names = append(names, name[:min(len(name), 31)])
		}
	}
	want := []string{"00000000000000000010.checkpoint", "_last_checkpoint", "_sidecars/00000000-0000-0000-00", "_sidecars/00000000-0000-0000-00"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	lines := strings.Split(strings.TrimSpace(manifest), "\n")
	for i, prefix := range []string{
		`{"checkpointMetadata":{"version":10,"tags":{"numOfAddFiles":"7","sidecarNumActions":"10","sidecarSizeInBytes":"`, `{"metaData":`, `{"protocol":`,
		`{"txn":{"appId":"app","version":9,`, `{"sidecar":{"path":"00000000-0000-0000-0000-`, `{"sidecar":{"path":"00000000-0000-0000-0000-`,
	} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], prefix) {
			t.Errorf("line %d of the manifest does not begin with %s:\n%s", i, prefix, manifest)
		}
	}
	if p := snapshot(t, delta.Open(store, "t", testConfig())).Protocol(); !slices.Contains(p.ReaderFeatures, "v2Checkpoint") {
		t.Errorf("protocol = %+v", p)
	}
}

// TestUnknownActionsSurviveV2Checkpoints has what this package does not know in every place: a checkpoint of a checkpoint still has it.
func TestUnknownActionsSurviveV2Checkpoints(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), map[string]string{"delta.checkpointPolicy": "v2"})
	const wonder, add, remove = `{"wonder":{"x":[1,{"y":null}]}}`,
		`{"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":2,"dataChange":true,"colour":"red"}}`,
		`{"remove":{"path":"b","deletionTimestamp":99999999999999,"dataChange":true,"depth":3}}`
	putCommit(t, store, 1, wonder+"\n"+add+"\n"+remove+"\n")
	for v := int64(1); v <= 2; v++ {
		if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
			t.Fatal(err)
		}
		for commit := range v + 1 {
			if err := store.Delete(t.Context(), fmt.Sprintf("t/_delta_log/%020d.json", commit)); err != nil {
				t.Fatal(err)
			}
		}
		table = delta.Open(store, "t", testConfig())
		putCommit(t, store, v+1, `{"txn":{"appId":"a","version":1}}`)
	}
	var manifests string
	for info, err := range store.List(t.Context(), "t/_delta_log/00000000000000000002.checkpoint", "") {
		if err != nil {
			t.Fatal(err)
		}
		data, err := storage.ReadAll(t.Context(), store, info.Key)
		if err != nil {
			t.Fatal(err)
		}
		manifests += string(data)
	}
	for _, line := range []string{wonder, add, remove} {
		if strings.Count(manifests, line+"\n") != 1 {
			t.Errorf("%s is not once in the second checkpoint:\n%s", line, manifests)
		}
	}
}

// TestCheckpointIntervalGrows: a table of many files gets fewer checkpoints, unless it says how many.
func TestCheckpointIntervalGrows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		files    int
		interval string
		want     string
	}{
		{999, "", "10 20 30 40 50 60 70 80 90 100"},
		{1000, "", "20 40 60 80 100"},
		{2000, "", "50 100"},
		{5000, "", "100"},
		{5000, "30", "30 60 90"},
	} {
		var properties map[string]string
		if tt.interval != "" {
			properties = map[string]string{"delta.checkpointInterval": tt.interval}
		}
		store := memory.New()
		table := create(t, store, testConfig(), properties)
		files := make([]*delta.File, tt.files)
		for i := range files {
			files[i] = file(fmt.Sprint("f", i), "")
		}
		for range 100 {
			if _, err := commitFiles(t.Context(), table, files); err != nil {
				t.Fatal(err)
			}
			files = nil
		}
		if got := versions(t, store, ".checkpoint.parquet"); got != tt.want {
			t.Errorf("%d files, interval %q: checkpoints %s, want %s", tt.files, tt.interval, got, tt.want)
		}
	}
}

func TestUnknownActionsStopCheckpoints(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	putCommit(t, store, 1, "{\"wonder\":{\"x\":1}}\n")
	if err := table.Checkpoint(t.Context(), snapshot(t, table)); err == nil {
		t.Error("a checkpoint was written that loses an action")
	}
}

func TestCheckpointForgetsOldTombstones(t *testing.T) {
	t.Parallel()
	store := memory.New()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := testConfig()
	c.Clock = func() time.Time { return now }
	table := create(t, store, c, map[string]string{"delta.deletedFileRetentionDuration": "interval 2 days"})
	for i := range 2 {
		if _, err := commitFiles(t.Context(), table, []*delta.File{file(fmt.Sprint("f", i), "")}); err != nil {
			t.Fatal(err)
		}
		if _, err := commitFiles(t.Context(), table, nil, slices.Collect(snapshot(t, table).Files())...); err != nil {
			t.Fatal(err)
		}
		now = now.Add(36 * time.Hour)
	}
	if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
		t.Fatal(err)
	}
	data, err := storage.ReadAll(t.Context(), store, "t/_delta_log/00000000000000000004.checkpoint.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("f0")) || !bytes.Contains(data, []byte("f1")) {
		t.Errorf("the checkpoint holds tombstones f0: %v, f1: %v; want only the one of the last two days",
			bytes.Contains(data, []byte("f0")), bytes.Contains(data, []byte("f1")))
	}
}
