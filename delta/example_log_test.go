package delta_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/schema"
	"github.com/medallion-go/medallion/storage/memory"
)

// eventsAt is a table of one column with some empty commits, made by a clock that starts at a time and goes on by a day with each.
func eventsAt(now *time.Time, properties map[string]string, commits int) *delta.Table {
	ctx := context.Background()
	store := memory.Config{Now: func() time.Time { return *now }}.New()
	table := delta.Open(store, "events", delta.Config{Clock: func() time.Time { return *now }})
	columns, err := schema.ParseDDL("id BIGINT")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := table.Create(ctx, delta.Definition{Schema: columns, Properties: properties}); err != nil {
		log.Fatal(err)
	}
	for range commits {
		*now = now.Add(24 * time.Hour)
		s, err := table.Snapshot(ctx)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := table.Begin(s, delta.Operation{Name: "WRITE"}).Commit(ctx); err != nil {
			log.Fatal(err)
		}
	}
	return table
}

// CompactLog makes one file of the commits of a range, which readers read in their place.
func ExampleTable_CompactLog() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	table := eventsAt(&now, nil, 6)
	fmt.Println(table.CompactLog(context.Background(), 1, 5))
	// Output: <nil>
}

// CleanLog removes what no version of the last week needs: here the commits and checksum files before version 10, whose checkpoint stays.
func ExampleTable_CleanLog() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	table := eventsAt(&now, map[string]string{"delta.logRetentionDuration": "interval 7 days", "delta.enableExpiredLogCleanup": "false"}, 25)
	removed, err := table.CleanLog(context.Background())
	fmt.Println(removed, err)
	_, err = table.SnapshotAt(context.Background(), 3)
	fmt.Println(err)
	// Output:
	// 20 <nil>
	// delta: version not found: events version 3: log clean-up (delta.logRetentionDuration) has removed what it takes to read it; versions that can be read: 10 to 25
}

// SnapshotAsOf reads the version that was the newest at a time, by the times that the commits tell where the table has them.
func ExampleTable_SnapshotAsOf() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	table := eventsAt(&now, map[string]string{"delta.enableInCommitTimestamps": "true"}, 6)
	s, err := table.SnapshotAsOf(context.Background(), time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.Version())
	// Output: 2
}

// Checkpoint writes a v2 checkpoint where the table's policy says so, and Verify holds a version against its checksum file.
func ExampleTable_Checkpoint() {
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	table := eventsAt(&now, map[string]string{"delta.checkpointPolicy": "v2"}, 3)
	s, err := table.Snapshot(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(table.Checkpoint(ctx, s))
	fmt.Println(s.Verify(ctx))
	// Output:
	// <nil>
	// true <nil>
}
