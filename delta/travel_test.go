package delta_test

import (
	"errors"
	"fmt"
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
	_, err := commitFiles(t.Context(), table, []*delta.File{file("a", "")})
	var unsupported *delta.UnsupportedError
	if !errors.As(err, &unsupported) || unsupported.Feature != "inCommitTimestamp" || unsupported.Reading {
		t.Errorf("writing = %v, want inCommitTimestamp to be refused", err)
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
