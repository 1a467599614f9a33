package statement_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/local"
	storagememory "github.com/medallion-go/medallion/storage/memory"
)

func TestOptimize(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, storagememory.New())
	d.people()
	d.must("INSERT INTO t VALUES (4, 'ann', 4)", "INSERT INTO t VALUES (5, 'ann', 5), (6, 'bob', 6)")
	before := d.content("t")
	s, err := delta.Open(d.store, "t", delta.Config{}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer := func(text string) string {
		t.Helper()
		rows, err := d.run(text)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%s: %v, %v, want a row", text, rows, err)
		}
		return rows[0]
	}
	const none = `{"min":null,"max":null,"avg":0.0,"totalFiles":0,"totalSize":0}`
	want := `{"path":"t","metrics":{"numFilesAdded":0,"numFilesRemoved":0,"filesAdded":` + none + `,"filesRemoved":` + none +
		`,"partitionsOptimized":0,"numBins":0,"totalConsideredFiles":1,"totalFilesSkipped":1}}`
	if diff := cmp.Diff(want, answer("OPTIMIZE t WHERE name IS NULL")); diff != "" {
		t.Errorf("nothing to do (-want +got):\n%s", diff)
	}
	answer("OPTIMIZE t WHERE name = 'ann'")
	after, err := delta.Open(d.store, "t", delta.Config{}).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := [2]int{s.NumFiles(), after.NumFiles()}, [2]int{6, 4}; got != want || d.content("t") != before {
		t.Errorf("%v files, rows %s; want %v, and %s", got, d.content("t"), want, before)
	}
	answer("OPTIMIZE t")
	if after, err = after.Table().Snapshot(t.Context()); err != nil || after.NumFiles() != 3 || d.content("t") != before {
		t.Errorf("%v, %d files, rows %s; want 3, and %s", err, after.NumFiles(), d.content("t"), before)
	}
}

func TestZOrderAndReorg(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, storagememory.New())
	d.people()
	before := d.content("t")
	table := delta.Open(d.store, "t", delta.Config{})
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"REORG TABLE t APPLY (PURGE)", "OPTIMIZE t ZORDER BY (id)"} {
		if rows, err := d.run(text); err != nil || len(rows) != 1 {
			t.Fatalf("%s: %v, %v, want a row", text, rows, err)
		}
		if now, err := table.Snapshot(t.Context()); err != nil || now.Version() != s.Version()+int64(i) {
			t.Errorf("%s: version %d, %v, want %d", text, now.Version(), err, s.Version()+int64(i))
		}
	}
	commits, err := table.History(t.Context(), 1)
	if err != nil || commits[0].Parameters["zOrderBy"] != `["id"]` || d.content("t") != before {
		t.Errorf("%v, history %+v, rows %s, want %s", err, commits, d.content("t"), before)
	}
}

func TestClusterBy(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, storagememory.New())
	d.must("CREATE TABLE t (id INT, s STRUCT<b: INT>) CLUSTER BY (id, s.b)", "INSERT INTO t VALUES (1, named_struct('b', 2))", "INSERT INTO t VALUES (3, named_struct('b', 4))")
	before := d.content("t")
	d.must("OPTIMIZE t FULL")
	s, err := delta.Open(d.store, "t", delta.Config{}).Snapshot(t.Context())
	if err != nil || s.NumFiles() != 1 || d.content("t") != before || !cmp.Equal(s.ClusteringColumns(), []string{"id", "s.b"}) {
		t.Errorf("%v, %d files, clustered by %v, rows %s; want one file, id and s.b, and %s", err, s.NumFiles(), s.ClusteringColumns(), d.content("t"), before)
	}
}

func TestRestoreCloneAndDetail(t *testing.T) {
	t.Parallel()
	store, err := local.Config{NoSync: true}.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := newDatabase(t, store)
	d.people()
	before := d.content("t")
	table := delta.Open(d.store, "t", delta.Config{})
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.must("DELETE FROM t", "CREATE TABLE c SHALLOW CLONE t VERSION AS OF 1 TBLPROPERTIES ('x' = 'y')", "CREATE TABLE IF NOT EXISTS c SHALLOW CLONE t")
	if got := d.content("c"); got != before {
		t.Errorf("the clone has %s, want %s", got, before)
	}
	rows, err := d.run("RESTORE TABLE t TO VERSION AS OF 1")
	want := fmt.Sprintf(`{"table_size_after_restore":%d,"num_of_files_after_restore":%d,"num_removed_files":0,"num_restored_files":%[2]d,"removed_files_size":0,"restored_files_size":%[1]d}`,
		s.Size(), s.NumFiles())
	if diff := cmp.Diff([]string{want}, rows); err != nil || diff != "" || d.content("t") != before {
		t.Errorf("%v, rows %s, answer (-want +got):\n%s", err, d.content("t"), diff)
	}
	rows, err = d.run("DESCRIBE DETAIL c")
	if err != nil || len(rows) != 1 || !strings.Contains(rows[0], `"numFiles":`+fmt.Sprint(s.NumFiles())+`,`) || !strings.Contains(rows[0], `"properties":[["x","y"]]`) {
		t.Errorf("%v, detail %s", err, rows)
	}
	if _, err := d.run("CREATE TABLE c SHALLOW CLONE t"); !errors.Is(err, delta.ErrTableExists) {
		t.Errorf("%v, want ErrTableExists", err)
	}
}

func TestConvertGenerateAndRepair(t *testing.T) {
	t.Parallel()
	store := storagememory.New()
	d := newDatabase(t, store)
	d.people()
	for o, err := range store.List(t.Context(), "t/_delta_log/", "") {
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Delete(t.Context(), o.Key); err != nil {
			t.Fatal(err)
		}
	}
	d.must("CONVERT TO DELTA t PARTITIONED BY (name STRING)", "GENERATE symlink_format_manifest FOR TABLE t")
	const want = `{"id":1,"v":"1.50","name":"ann"} {"id":2,"v":"2.00","name":"bob"} {"id":3,"v":null,"name":null}`
	if got := d.content("t"); got != want {
		t.Errorf("converted rows %s, want %s", got, want)
	}
	table := delta.Open(store, "t", delta.Config{})
	s, err := table.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	manifests := 0
	for _, err := range store.List(t.Context(), "t/_symlink_format_manifest/", "") {
		if err != nil {
			t.Fatal(err)
		}
		manifests++
	}
	if manifests != 3 {
		t.Errorf("%d manifests, want 3", manifests)
	}
	for f := range s.Files() {
		if err := store.Delete(t.Context(), "t/"+f.Path); err != nil {
			t.Fatal(err)
		}
		want := []string{fmt.Sprintf(`{"dataFilePath":%q,"dataFileMissing":true}`, f.Path)}
		for _, text := range []string{"FSCK REPAIR TABLE t DRY RUN", "FSCK REPAIR TABLE t"} {
			rows, err := d.run(text)
			if diff := cmp.Diff(want, rows); err != nil || diff != "" {
				t.Errorf("%s: %v, (-want +got):\n%s", text, err, diff)
			}
		}
		break
	}
}

func TestVacuum(t *testing.T) {
	t.Parallel()
	now := time.Now().Add(-10 * 24 * time.Hour)
	d := newDatabase(t, storagememory.Config{Now: func() time.Time { return now }}.New())
	d.people()
	if err := d.store.PutIfAbsent(t.Context(), "t/orphan.parquet", []byte("x")); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"VACUUM t RETAIN 300 HOURS DRY RUN", nil},
		{"VACUUM t DRY RUN", []string{`{"path":"t/orphan.parquet"}`}},
		{"VACUUM t LITE DRY RUN", nil},
		{"VACUUM t", []string{`{"path":"t"}`}},
		{"VACUUM t FULL RETAIN 168 HOURS DRY RUN", nil},
	} {
		rows, err := d.run(tt.text)
		if diff := cmp.Diff(tt.want, rows); err != nil || diff != "" {
			t.Errorf("%s: %v, (-want +got):\n%s", tt.text, err, diff)
		}
	}
	for _, text := range []string{"VACUUM t RETAIN 0 HOURS", "VACUUM t RETAIN 167.5 HOURS DRY RUN"} {
		var short *delta.RetentionError
		if _, err := d.run(text); !errors.As(err, &short) {
			t.Errorf("%s: %v, want a RetentionError", text, err)
		}
	}
}
