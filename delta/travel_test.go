package delta_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

func TestSnapshotAt(t *testing.T) {
	t.Parallel()
	store := memory.New()
	grow(t, store, testConfig(), nil, 23)
	for _, v := range []int64{0, 5, 10, 11, 23} {
		s, err := delta.Open(store, "t", testConfig()).SnapshotAt(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		if app, _ := s.Txn("app"); s.Version() != v || (v > 0 && app != v-1) || int64(s.NumFiles()) != v-v/3 {
			t.Errorf("version %d: got version %d, %d files, application at %d", v, s.Version(), s.NumFiles(), app)
		}
	}
	for _, v := range []int64{-1, 24} {
		if _, err := delta.Open(store, "t", testConfig()).SnapshotAt(t.Context(), v); !errors.Is(err, delta.ErrVersionNotFound) {
			t.Errorf("version %d: %v, want ErrVersionNotFound", v, err)
		}
	}
	for v := range 11 {
		if err := store.Delete(t.Context(), fmt.Sprintf("t/_delta_log/%020d.json", v)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := delta.Open(store, "t", testConfig()).SnapshotAt(t.Context(), 5); !errors.Is(err, delta.ErrVersionNotFound) {
		t.Errorf("a version whose commits are gone: %v, want ErrVersionNotFound", err)
	}
	if s, err := delta.Open(store, "t", testConfig()).SnapshotAt(t.Context(), 10); err != nil || s.Version() != 10 {
		t.Errorf("the checkpoint's version: %v", err)
	}
}

func TestSnapshotAsOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store := memory.Config{Now: func() time.Time { return now }}.New()
	table := create(t, store, testConfig(), nil)
	for i := range 4 {
		if i != 2 { // two commits at one time: the later counts as 1 ms later
			now = now.Add(time.Hour)
		}
		if _, err := commitFiles(t.Context(), table, []*delta.File{file(fmt.Sprint(i), "")}); err != nil {
			t.Fatal(err)
		}
	}
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		at   time.Time
		want int64 // -1: not found
	}{
		{day.Add(-time.Second), -1},
		{day, 0},
		{day.Add(59 * time.Minute), 0},
		{day.Add(time.Hour), 1},
		{day.Add(2 * time.Hour), 2},
		{day.Add(2*time.Hour + time.Millisecond), 3},
		{day.Add(3 * time.Hour), 4},
		{day.Add(4 * time.Hour), -1},
	}
	for _, tt := range tests {
		s, err := table.SnapshotAsOf(t.Context(), tt.at)
		switch {
		case tt.want < 0 && !errors.Is(err, delta.ErrVersionNotFound):
			t.Errorf("%v: %v, want ErrVersionNotFound", tt.at, err)
		case tt.want >= 0 && (err != nil || s.Version() != tt.want):
			t.Errorf("%v: %v, %v, want version %d", tt.at, s, err, tt.want)
		}
	}
}

func TestInCommitTimestamps(t *testing.T) {
	t.Parallel()
	store := memory.Config{Now: func() time.Time { return time.UnixMilli(999_999_999_000) }}.New()
	table := create(t, store, testConfig(), nil)
	schemaString := strings.ReplaceAll(`{"type":"struct","fields":[]}`, `"`, `\"`)
	putCommit(t, store, 1, `{"commitInfo":{"inCommitTimestamp":1000000000000,"operation":"SET TBLPROPERTIES"}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"`+schemaString+`","partitionColumns":[],"configuration":{"delta.enableInCommitTimestamps":"true","delta.inCommitTimestampEnablementVersion":"1"}}}
{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["inCommitTimestamp"]}}`)
	putCommit(t, store, 2, `{"commitInfo":{"inCommitTimestamp":1000000005000,"operation":"WRITE"}}`)
	for at, want := range map[int64]int64{999_999_999_500: 0, 1_000_000_003_000: 1, 1_000_000_005_000: 2} {
		if s, err := table.SnapshotAsOf(t.Context(), time.UnixMilli(at)); err != nil || s.Version() != want {
			t.Errorf("at %d: %v, %v, want version %d by the times inside the commits", at, s, err, want)
		}
	}
	if _, err := commitFiles(t.Context(), table, []*delta.File{file("a", "")}); err != nil {
		t.Fatal(err)
	}
	history, err := table.History(t.Context(), 1)
	if err != nil || !history[0].Timestamp.After(time.UnixMilli(1_000_000_005_000)) || !strings.HasPrefix(history[0].Raw, `{"inCommitTimestamp":`) {
		t.Errorf("our commit = %+v, %v, want a time after the one before", history, err)
	}
}

// TestEnableInCommitTimestamps enables them on a table that is there, with a clock that stands still: each commit is a millisecond after the one before, also
// when others came first, and the properties say since when.
func TestEnableInCommitTimestamps(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store := memory.Config{Now: func() time.Time { return now.Add(time.Hour) }}.New()
	c := testConfig()
	c.Clock = func() time.Time { return now }
	table := create(t, store, c, nil)
	first := snapshot(t, table)
	tx := table.Begin(first, delta.Operation{Name: "SET TBLPROPERTIES"})
	m := first.Metadata()
	m.Configuration = map[string]string{"delta.enableInCommitTimestamps": "true"}
	if err := tx.SetMetadata(first.Schema(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	enabled := snapshot(t, table)
	want := map[string]string{
		"delta.enableInCommitTimestamps": "true", "delta.inCommitTimestampEnablementVersion": "1",
		"delta.inCommitTimestampEnablementTimestamp": fmt.Sprint(now.Add(time.Hour).UnixMilli() + 1),
	}
	if diff := cmp.Diff(want, enabled.Properties()); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	late := table.Begin(enabled, delta.Operation{Name: "WRITE"})
	late.Add(file("late", ""))
	for i := range 3 {
		other := delta.Open(store, "t", c)
		if _, err := commitFiles(t.Context(), other, []*delta.File{file(fmt.Sprint("f", i), "")}); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := late.Commit(t.Context()); err != nil || v != 5 {
		t.Fatalf("the late commit: version %d, %v", v, err)
	}
	history, err := table.History(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range history {
		if got, want := h.Timestamp.UnixMilli(), now.Add(time.Hour).UnixMilli()+h.Version; got != want {
			t.Errorf("version %d at %d, want %d", h.Version, got, want)
		}
		s, err := table.SnapshotAsOf(t.Context(), h.Timestamp)
		if err != nil || s.Version() != h.Version {
			t.Errorf("as of version %d's time: %v, %v", h.Version, s, err)
		}
	}
	if _, err := table.SnapshotAsOf(t.Context(), now.Add(2*time.Hour)); !errors.Is(err, delta.ErrVersionNotFound) {
		t.Errorf("after the newest: %v, want ErrVersionNotFound", err)
	}
	if s, err := table.SnapshotAsOf(t.Context(), now.Add(time.Hour)); err != nil || s.Version() != 0 {
		t.Errorf("before they were enabled: %v, %v, want version 0 by its file", s, err)
	}
	if p := enabled.Protocol(); !slices.Contains(p.WriterFeatures, "inCommitTimestamp") {
		t.Errorf("protocol = %+v", p)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	store := memory.New()
	table := create(t, store, testConfig(), nil)
	putCommit(t, store, 1, `{"commitInfo":{"timestamp":"1600000000000","operation":"STREAMING UPDATE","operationParameters":{"epochId":3,"mode":"Append","x":{"y":[1]}},"isBlindAppend":null}}`)
	putCommit(t, store, 2, "")
	history, err := table.History(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(history) != 2 || history[0].Version != 2 || history[0].Raw != "" || history[0].Timestamp.IsZero() {
		t.Fatalf("history = %+v", history)
	}
	got := history[1]
	want := delta.Commit{
		Version: 1, Timestamp: time.UnixMilli(1600000000000).UTC(), Operation: "STREAMING UPDATE",
		Parameters: map[string]string{"epochId": "3", "mode": "Append", "x": `{"y":[1]}`}, Raw: got.Raw,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commit (-want +got):\n%s", diff)
	}
	all, err := table.History(t.Context(), 0)
	if err != nil || len(all) != 3 || all[2].Operation != "CREATE TABLE" {
		t.Errorf("all = %v, %v", all, err)
	}
}
