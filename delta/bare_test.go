package delta_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/delta/check"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	store "github.com/medallion-go/medallion/storage/memory"
)

// openedCheckpoints are the checkpoints that were read.
func openedCheckpoints(s *faultstore.Store) (names []string) {
	for _, c := range s.Calls() {
		if c.Kind == faultstore.Open && strings.Contains(c.Key, ".checkpoint.") {
			names = append(names, c.Key)
		}
	}
	return names
}

// TestFirstAppendSparesCheckpoint appends to tables that were opened a moment ago.
func TestFirstAppendSparesCheckpoint(t *testing.T) {
	t.Parallel()
	const commits = 12
	last := fmt.Sprintf("t/_delta_log/%020d.crc", commits)
	edit := func(from, to string) func(*testing.T, storage.Store) {
		return func(t *testing.T, s storage.Store) {
			data, err := storage.ReadAll(t.Context(), s, last)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(data), from, to, 1)
			if text == string(data) {
				t.Fatalf("%s is not in %s", from, data)
			}
			if _, err := storage.Put(t.Context(), s, last, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	leave := func(*testing.T, storage.Store) {}
	tests := []struct {
		name       string
		properties map[string]string
		before     func(*testing.T, storage.Store)
		spares     bool
	}{
		{"plain", nil, leave, true},
		{"row tracking", map[string]string{"delta.enableRowTracking": "true", "delta.enableInCommitTimestamps": "true"}, leave, true},
		{"vectors and mapping", map[string]string{"delta.enableDeletionVectors": "true", "delta.columnMapping.mode": "name"}, leave, true},
		{"v2 checkpoint", map[string]string{"delta.checkpointPolicy": "v2"}, leave, true},
		{"none", nil, func(t *testing.T, s storage.Store) {
			if err := s.Delete(t.Context(), last); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"damaged", nil, edit(`"metadata":{`, `"metadata":[`), false},
		{"without transactions", nil, edit(`"setTransactions"`, `"others"`), false},
		{"without metadata", nil, edit(`"metadata"`, `"others"`), false},
		{"without time", map[string]string{"delta.enableInCommitTimestamps": "true"}, edit(`"inCommitTimestampOpt"`, `"others"`), false},
		{"older than its commit", nil, func(t *testing.T, s storage.Store) {
			name := strings.Replace(last, ".crc", ".json", 1)
			data, err := storage.ReadAll(t.Context(), s, name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := storage.Put(t.Context(), s, name, data); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"symlink manifest", map[string]string{"delta.compatibility.symlinkFormatManifest.enabled": "true"}, leave, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inner, c := store.New(), testConfig()
			written := create(t, inner, c, tt.properties)
			add := func(table *delta.Table, id int, o delta.WriteOptions) {
				t.Helper()
				source := rows(t, memory.DefaultAllocator, "id BIGINT, name STRING", fmt.Sprintf(`[{"id":%d,"name":"a"}]`, id))
				if _, err := table.Append(t.Context(), source, o); err != nil {
					t.Fatal(err)
				}
			}
			for i := range commits {
				add(written, i, delta.WriteOptions{AppID: "app", AppVersion: int64(i)})
			}
			tt.before(t, inner)
			counted := faultstore.New(inner, faultstore.Fault{})
			opened := delta.Open(counted, "t", c)
			add(opened, 100, delta.WriteOptions{AppID: "app", AppVersion: commits - 1}) // which is there
			add(opened, 101, delta.WriteOptions{})
			add(delta.Open(inner, "t", c), 102, delta.WriteOptions{})
			add(opened, 103, delta.WriteOptions{})
			if read := openedCheckpoints(counted); (len(read) == 0) != tt.spares {
				t.Errorf("checkpoints that were read: %v, want none: %v", read, tt.spares)
			}
			for i := range 8 { // up to the next checkpoint and beyond it
				add(opened, 200+i, delta.WriteOptions{})
			}
			s := snapshot(t, opened)
			if rows, exact := s.NumRows(); rows != commits+3+8 || !exact || s.Version() != commits+3+8 {
				t.Errorf("version %d has %d rows, exactly: %v", s.Version(), rows, exact)
			}
			if ok, err := s.Verify(t.Context()); !ok || err != nil {
				t.Errorf("the last checksum file: %v, %v", ok, err)
			}
			want := lines(t, scan(t, delta.Open(inner, "t", testConfig()), delta.ScanConfig{}))
			if diff := cmp.Diff(want, lines(t, scan(t, opened, delta.ScanConfig{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if found, err := check.Table(t.Context(), inner, "t", check.Options{}); tt.spares && (err != nil || len(found) > 0) {
				t.Errorf("the linter finds %v, %v", found, err)
			}
		})
	}
}
