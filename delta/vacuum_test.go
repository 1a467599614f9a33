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
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/faultstore"
	"github.com/medallion-go/medallion/storage/memory"
)

// clock is a time that tests move on; stores and tables share it.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) time() time.Time { return c.now }

func (c *clock) config() delta.Config {
	config := testConfig()
	config.Clock = c.time
	return config
}

// putObjects makes objects under the table, each named by its content.
func putObjects(t testing.TB, store storage.Store, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := store.PutIfAbsent(t.Context(), "t/"+name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
}

func keys(t testing.TB, store storage.Store) []string {
	t.Helper()
	list := []string{}
	for o, err := range store.List(t.Context(), "t/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if name := strings.TrimPrefix(o.Key, "t/"); !strings.HasPrefix(name, "_delta_log/") {
			list = append(list, name)
		}
	}
	return list
}

func vacuumed(r *delta.VacuumResult) []string {
	list := []string{}
	for _, f := range r.Files {
		list = append(list, strings.TrimPrefix(f.Path, "t/"))
	}
	return list
}

const day = 24 * time.Hour

// TestVacuumSpares has files of every kind, all written at one time, and what the log says about some of them.
func TestVacuumSpares(t *testing.T) {
	t.Parallel()
	// ^-aqEH.-t@S}K{vb[*k^ in Z85, and vBn[lx{q8@P<9BNH/isA.
	const vector, other = "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin", "deletion_vector_61d16c75-6994-46b7-a15b-8b538852e50e.bin"
	now := newClock()
	store := memory.Config{Now: now.time}.New()
	used := []string{"live.parquet", "a b/sp%20ace.parquet", "young.parquet", other, "ab/" + vector, "whole/vector.bin", "s3a.parquet"}
	unused := []string{"old.parquet", "_p=1/orphan.parquet", "orphan", "_change_data/cdc.parquet", "deletion_vector_00000000-0000-0000-0000-000000000000.bin", "z/y/orphan.parquet"}
	spared := []string{"_tmp/x", ".hidden", "_SUCCESS", "z/.part.crc", "z/_q=1/x", "nested/_delta_log/00000000000000000000.json", "nested/x.parquet"}
	putObjects(t, store, slices.Concat(used, unused, spared)...)
	ago := func(d time.Duration) int64 { return now.now.Add(10*day - d).UnixMilli() }
	putCommit(t, store, 0, strings.Join([]string{
		`{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors","vacuumProtocolCheck"],"writerFeatures":["deletionVectors","vacuumProtocolCheck"]}}`,
		`{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"_p\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},{\"name\":\"v\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":["_p"],"configuration":{}}}`,
		`{"add":{"path":"live.parquet","partitionValues":{"_p":"1"},"size":1,"modificationTime":1,"dataChange":true,"deletionVector":{"storageType":"u","pathOrInlineDv":"vBn[lx{q8@P<9BNH/isA","offset":1,"sizeInBytes":36,"cardinality":2}}}`,
		`{"add":{"path":"a%20b/sp%2520ace.parquet","partitionValues":{"_p":"1"},"size":1,"modificationTime":1,"dataChange":true,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","sizeInBytes":36,"cardinality":2}}}`,
		`{"add":{"path":"s3a://bucket/t/s3a.parquet","partitionValues":{"_p":"1"},"size":1,"modificationTime":1,"dataChange":true,"deletionVector":{"storageType":"i","pathOrInlineDv":"wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L","sizeInBytes":40,"cardinality":6}}}`,
		fmt.Sprintf(`{"remove":{"path":"young.parquet","deletionTimestamp":%d,"dataChange":true,"deletionVector":{"storageType":"p","pathOrInlineDv":"s3://bucket/t/whole/vector.bin","sizeInBytes":36,"cardinality":2}}}`, ago(6*day)),
		fmt.Sprintf(`{"remove":{"path":"old.parquet","deletionTimestamp":%d,"dataChange":true}}`, ago(8*day)),
	}, "\n"))
	now.now = now.now.Add(10 * day)
	putObjects(t, store, "writing.parquet", "_change_data/new.parquet")
	before := keys(t, store)
	table := delta.Open(store, "t", now.config())
	for _, dry := range []bool{true, false} {
		res, err := table.Vacuum(t.Context(), delta.VacuumOptions{DryRun: dry})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(unused)
		if diff := cmp.Diff(unused, vacuumed(res)); diff != "" {
			t.Errorf("dry run %v: files removed (-want +got):\n%s", dry, diff)
		}
		if got, want := res.Files[slices.Index(unused, "old.parquet")].Reason, delta.RemovedFile; got != want {
			t.Errorf("dry run %v: reason %v, want %v", dry, got, want)
		}
		if got, want := res.Bytes, int64(len(strings.Join(unused, ""))); got != want {
			t.Errorf("dry run %v: %d bytes, want %d", dry, got, want)
		}
		want := before
		if !dry {
			want = slices.DeleteFunc(slices.Clone(before), func(name string) bool { return slices.Contains(unused, name) })
		}
		if diff := cmp.Diff(want, keys(t, store)); diff != "" {
			t.Errorf("dry run %v: what is left (-want +got):\n%s", dry, diff)
		}
	}
}

func TestVacuumRetention(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		property string
		options  delta.VacuumOptions
		after    time.Duration // since the OPTIMIZE
		removed  int
		refused  bool
	}{
		{"younger than the default", "", delta.VacuumOptions{}, 6 * day, 0, false},
		{"older than the default", "", delta.VacuumOptions{}, 8 * day, 2, false},
		{"the table's own", "interval 2 days", delta.VacuumOptions{}, 3 * day, 2, false},
		{"longer than asked for", "", delta.VacuumOptions{Retention: 9 * day}, 8 * day, 0, false},
		{"shorter than the table's", "", delta.VacuumOptions{Retention: 6 * day}, 8 * day, 0, true},
		{"none", "", delta.VacuumOptions{Retention: -1}, day, 0, true},
		{"none, in a dry run", "", delta.VacuumOptions{Retention: -1, DryRun: true}, day, 0, true},
		{"none, forced", "", delta.VacuumOptions{Retention: -1, Force: true}, day, 2, false},
		{"forced, and too young", "", delta.VacuumOptions{Retention: 2 * day, Force: true}, day, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := newClock()
			store := memory.Config{Now: now.time}.New()
			table := delta.Open(store, "t", now.config())
			properties := map[string]string{}
			if tt.property != "" {
				properties["delta.deletedFileRetentionDuration"] = tt.property
			}
			if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns), PartitionBy: []string{"p"}, Properties: properties}); err != nil {
				t.Fatal(err)
			}
			alloc := checked(t)
			for _, text := range []string{opRows1, opRows2} {
				if _, err := table.Append(t.Context(), rows(t, alloc, opColumns, text), delta.WriteOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			now.now = now.now.Add(30 * day)
			if _, err := table.Optimize(t.Context(), "", delta.OptimizeOptions{}); err != nil {
				t.Fatal(err)
			}
			before := lines(t, scan(t, table, delta.ScanConfig{}))
			now.now = now.now.Add(tt.after)
			res, err := table.Vacuum(t.Context(), tt.options)
			var short *delta.RetentionError
			if errors.As(err, &short) != tt.refused || !tt.refused && (err != nil || len(res.Files) != tt.removed) {
				t.Fatalf("%+v, %v, want %d files removed, refused %v", res, err, tt.removed, tt.refused)
			}
			if diff := cmp.Diff(before, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVacuumFaults fails each call: no row is lost, the result never tells of a file that is there still, and a second run removes the rest.
func TestVacuumFaults(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	for _, effect := range []faultstore.Effect{faultstore.Before, faultstore.After, faultstore.Partly} {
		for n := 1; ; n++ {
			now := newClock()
			inner := memory.Config{Now: now.time}.New()
			table := delta.Open(inner, "t", now.config())
			if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, opColumns)}); err != nil {
				t.Fatal(err)
			}
			if _, err := table.Append(t.Context(), rows(t, alloc, opColumns, opRows1), delta.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			const orphans = 2500
			for i := range orphans {
				putObjects(t, inner, fmt.Sprintf("orphan-%d", i))
			}
			before := lines(t, scan(t, table, delta.ScanConfig{}))
			now.now = now.now.Add(8 * day)
			faulty := faultstore.New(inner, faultstore.Fault{At: n, Effect: effect})
			res, err := delta.Open(faulty, "t", now.config()).Vacuum(t.Context(), delta.VacuumOptions{})
			left := keys(t, inner)
			if err == nil && len(left) != 1 {
				t.Errorf("effect %d, call %d: success, but %d files are left, want 1", effect, n, len(left))
			}
			if res != nil && slices.ContainsFunc(vacuumed(res), func(name string) bool { return slices.Contains(left, name) }) {
				t.Errorf("effect %d, call %d: a file that is told of is there still", effect, n)
			}
			if _, err := table.Vacuum(t.Context(), delta.VacuumOptions{}); err != nil || len(keys(t, inner)) != 1 {
				t.Errorf("effect %d, call %d: a second run: %v, left %d files, want 1", effect, n, err, len(keys(t, inner)))
			}
			if diff := cmp.Diff(before, lines(t, scan(t, table, delta.ScanConfig{}))); diff != "" {
				t.Errorf("effect %d, call %d: rows (-want +got):\n%s", effect, n, diff)
			}
			if !faulty.Fired() {
				break
			}
		}
	}
}

func TestVacuumRefusesUnknownFeatures(t *testing.T) {
	t.Parallel()
	store := memory.New()
	putCommit(t, store, 0, `{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["vacuumProtocolCheck2"]}}
{"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"v\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":{}}}`)
	_, err := delta.Open(store, "t", testConfig()).Vacuum(t.Context(), delta.VacuumOptions{})
	var unsupported *delta.UnsupportedError
	if !errors.As(err, &unsupported) || unsupported.Feature != "vacuumProtocolCheck2" {
		t.Errorf("%v, want the feature to be refused", err)
	}
}
