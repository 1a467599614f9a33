package delta_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/memory"
)

func TestVacuumReasons(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := memory.Config{Now: now.time}.New()
	want := map[string]delta.VacuumReason{
		"old.parquet": delta.RemovedFile, "never.parquet": delta.Unreferenced, "_change_data/c.parquet": delta.OldChangeData,
		"deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin": delta.RemovedVector,
		"deletion_vector_00000000-0000-0000-0000-000000000000.bin": delta.UnusedVector,
	}
	putObjects(t, store, slices.Collect(maps.Keys(want))...)
	putCommit(t, store, 0, `{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"v\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":{}}}
{"remove":{"path":"old.parquet","deletionTimestamp":1,"dataChange":true,"deletionVector":{"storageType":"u","pathOrInlineDv":"vBn[lx{q8@P<9BNH/isA","offset":1,"sizeInBytes":36,"cardinality":2}}}`)
	now.now = now.now.Add(10 * day)
	res, err := delta.Open(store, "t", now.config()).Vacuum(t.Context(), delta.VacuumOptions{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]delta.VacuumReason{}
	for i, name := range vacuumed(res) {
		got[name] = res.Files[i].Reason
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestVacuumTellsItsHistory(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := memory.Config{Now: now.time}.New()
	table := delta.Open(store, "t", now.config())
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns)}); err != nil {
		t.Fatal(err)
	}
	putObjects(t, store, "a/orphan", "b/c/orphan", "orphan")
	now.now = now.now.Add(10 * day)
	if _, err := table.Vacuum(t.Context(), delta.VacuumOptions{Retention: 8 * day}); err != nil {
		t.Fatal(err)
	}
	history, err := table.History(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	type told struct {
		Operation           string
		Parameters, Metrics map[string]string
	}
	want := []told{
		{"VACUUM END", map[string]string{"status": "COMPLETED"}, map[string]string{"numDeletedFiles": "3", "numVacuumedDirectories": "3"}},
		{
			"VACUUM START",
			map[string]string{"retentionCheckEnabled": "true", "defaultRetentionMillis": "604800000", "specifiedRetentionMillis": "691200000"},
			map[string]string{"numFilesToDelete": "3", "sizeOfDataToDelete": "24"},
		},
	}
	var got []told
	for _, c := range history {
		got = append(got, told{c.Operation, c.Parameters, c.Metrics})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	version := snapshot(t, table).Version()
	if _, err := table.Vacuum(t.Context(), delta.VacuumOptions{NoLog: true}); err != nil || snapshot(t, table).Version() != version {
		t.Errorf("%v, version %d, want %d", err, snapshot(t, table).Version(), version)
	}
}

// TestVacuumLite removes what commits removed, each file once, and leaves what no commit tells of.
func TestVacuumLite(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := memory.Config{Now: now.time}.New()
	table := delta.Open(store, "t", now.config())
	alloc := checked(t)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns)}); err != nil {
		t.Fatal(err)
	}
	putObjects(t, store, "orphan")
	for round, want := range []int{0, 1, 1, 0} {
		if round < 3 {
			if _, err := table.Overwrite(t.Context(), rows(t, alloc, opColumns, opRows1), delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		now.now = now.now.Add(8 * day)
		for _, dry := range []bool{true, false} {
			res, err := table.Vacuum(t.Context(), delta.VacuumOptions{Lite: true, DryRun: dry})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Files) != want || want > 0 && (res.Files[0].Reason != delta.RemovedFile || res.Bytes == 0) {
				t.Errorf("round %d: %+v, want %d files", round, res.Files, want)
			}
		}
	}
	if got := keys(t, store); len(got) != 2 || got[0] != "orphan" {
		t.Errorf("left %v, want the orphan and one file", got)
	}
	if got := lines(t, scan(t, table, delta.ScanConfig{})); len(got) != 3 {
		t.Errorf("rows %v, want 3", got)
	}
}

// TestVacuumLiteNeedsTheLog begins with a log whose first commits are gone.
func TestVacuumLiteNeedsTheLog(t *testing.T) {
	t.Parallel()
	now := newClock()
	store := memory.Config{Now: now.time}.New()
	table := create(t, store, now.config(), nil)
	for _, path := range []string{"a", "b", "c"} {
		if _, err := commitFiles(t.Context(), table, []*delta.File{file(path, "")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Checkpoint(t.Context(), snapshot(t, table)); err != nil {
		t.Fatal(err)
	}
	now.now = now.now.Add(10 * day)
	if err := store.Delete(t.Context(), "t/_delta_log/00000000000000000000.json"); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Vacuum(t.Context(), delta.VacuumOptions{Lite: true}); !errors.Is(err, delta.ErrVersionNotFound) {
		t.Errorf("%v, want ErrVersionNotFound", err)
	}
}

// TestVacuumKeepsVersions runs random operations and vacuums: every version that was the newest within the retention reads as it did.
func TestVacuumKeepsVersions(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			h := newVacuumHistory(t, rand.New(rand.NewPCG(seed, 1)), map[string]string{
				"delta.enableDeletionVectors": fmt.Sprint(seed%2 == 0), "delta.enableExpiredLogCleanup": "false", // lite runs need the log
			})
			for range 40 {
				h.step(t)
			}
		})
	}
}

// vacuumHistory is a table and what each of its versions held.
type vacuumHistory struct {
	random *rand.Rand
	now    *clock
	table  *delta.Table
	rows   [][]string
	at     []time.Time // when each version came
	kept   int         // versions before may be gone
	next   int
}

func newVacuumHistory(t *testing.T, random *rand.Rand, properties map[string]string) *vacuumHistory {
	now := newClock()
	h := &vacuumHistory{random: random, now: now, table: delta.Open(memory.Config{Now: now.time}.New(), "t", now.config())}
	if _, err := h.table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}, Properties: properties}); err != nil {
		t.Fatal(err)
	}
	h.remember(t)
	return h
}

// remember notes what the versions hold that came since the last call.
func (h *vacuumHistory) remember(t *testing.T) {
	t.Helper()
	for v := int64(len(h.rows)); v <= snapshot(t, h.table).Version(); v++ {
		h.rows, h.at = append(h.rows, h.read(t, v)), append(h.at, h.now.now)
	}
}

func (h *vacuumHistory) read(t *testing.T, version int64) []string {
	t.Helper()
	s, err := h.table.SnapshotAt(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Scan(delta.ScanConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return lines(t, rows)
}

func (h *vacuumHistory) step(t *testing.T) {
	t.Helper()
	h.now.now = h.now.now.Add(time.Duration(h.random.IntN(60)) * time.Hour)
	ctx, some := t.Context(), fmt.Sprintf("id %% 7 = %d", h.random.IntN(7))
	var err error
	switch h.random.IntN(9) {
	case 0, 1:
		text := "["
		for i := range 5 {
			text += fmt.Sprintf(`{"id": %d, "p": "%c", "v": 1},`, h.next+i, 'a'+rune(h.random.IntN(3)))
		}
		h.next += 5
		_, err = h.table.Append(ctx, rows(t, checked(t), opColumns, text[:len(text)-1]+"]"), delta.WriteOptions{})
	case 2:
		_, err = h.table.Delete(ctx, some, delta.WriteOptions{})
	case 3:
		_, err = h.table.Update(ctx, map[string]string{"v": "v + 1"}, some, delta.WriteOptions{})
	case 4:
		_, err = h.table.Optimize(ctx, "", delta.OptimizeOptions{})
	case 5:
		_, err = h.table.Optimize(ctx, "", delta.OptimizeOptions{ZOrderBy: []string{"v", "id"}})
	case 6:
		_, err = h.table.Reorg(ctx, "", delta.OptimizeOptions{})
	case 7:
		if last := len(h.rows) - 1; h.kept < last {
			_, err = h.table.Restore(ctx, at(t, h.table, int64(h.kept+h.random.IntN(last-h.kept))), delta.RestoreOptions{})
		}
	case 8:
		h.vacuum(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.remember(t)
}

func (h *vacuumHistory) vacuum(t *testing.T) {
	t.Helper()
	keep := time.Duration(1+h.random.IntN(8)) * day
	if _, err := h.table.Vacuum(t.Context(), delta.VacuumOptions{Retention: keep, Force: true, Lite: h.random.IntN(2) == 0}); err != nil {
		t.Fatal(err)
	}
	before := h.now.now.Add(-keep)
	h.remember(t)
	for v := len(h.rows) - 1; v >= h.kept; v-- {
		if v+1 < len(h.at) && h.at[v+1].Before(before) {
			h.kept = v + 1
			break
		}
		if diff := cmp.Diff(h.rows[v], h.read(t, int64(v))); diff != "" {
			t.Errorf("version %d of %d after a vacuum that keeps %v (-want +got):\n%s", v, len(h.rows)-1, keep, diff)
		}
	}
}
