//go:build integration

package integration

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/local"
)

// maintained is a folder with tables that Spark and we look after in turn.
type maintained struct {
	t   *testing.T
	dir string
}

func (m maintained) path(name string) string { return filepath.Join(m.dir, name) }

// sql names the tables by their paths: {t} is that of t.
func (m maintained) sql(text string) string {
	for _, name := range []string{"t", "u", "v"} {
		text = strings.ReplaceAll(text, "{"+name+"}", "delta.`"+m.path(name)+"`")
	}
	return text
}

func (m maintained) spark(text string) []string {
	m.t.Helper()
	return shared.spark.ask(m.t, map[string]any{"op": "sql", "query": m.sql(text)}).Rows
}

func (m maintained) ours(text string) string {
	m.t.Helper()
	cmd := exec.Command(shared.tool, "sql", "--format", "json")
	cmd.Stdin = strings.NewReader(m.sql(text))
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", text, err, out)
	}
	return string(out)
}

func (m maintained) snapshot(name string) *delta.Snapshot {
	m.t.Helper()
	store, err := local.New("/")
	if err != nil {
		m.t.Fatal(err)
	}
	s, err := delta.Open(store, m.path(name), delta.Config{}).Snapshot(m.t.Context())
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}

// same holds that Spark, delta-rs where it can, and we read the same rows, those of want where it is not nil.
func (m maintained) same(name string, want []string, engines ...string) []string {
	m.t.Helper()
	rows := normal(m.t, cat(m.t, m.path(name)))
	if want != nil {
		if diff := cmp.Diff(want, rows); diff != "" {
			m.t.Errorf("our rows of %s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(rows, normal(m.t, shared.spark.ask(m.t, map[string]any{"op": "read", "path": m.path(name)}).Rows)); diff != "" {
		m.t.Errorf("Spark's rows of %s (-ours +Spark's):\n%s", name, diff)
	}
	for _, engine := range engines {
		if diff := cmp.Diff(rows, normal(m.t, shared.readers.ask(m.t, map[string]any{"op": "read", "engine": engine, "path": m.path(name)}).Rows)); diff != "" {
			m.t.Errorf("%s's rows of %s (-ours +theirs):\n%s", engine, name, diff)
		}
	}
	return rows
}

// TestClusteringBesideSpark clusters a table of ours and one of Spark's in turn: either leaves alone what the other has clustered.
func TestClusteringBesideSpark(t *testing.T) {
	t.Parallel()
	m := maintained{t, t.TempDir()}
	create := "CREATE TABLE {%s} (id BIGINT, name STRING, s STRUCT<x: INT>) USING DELTA CLUSTER BY (id, s.x)"
	m.ours(fmt.Sprintf(create, "t"))
	m.spark(fmt.Sprintf(create, "u"))
	rows := "INSERT INTO {%s} SELECT (id * 7919) %% 1000 AS id, concat('n', id) AS name, named_struct('x', CAST((id * 104729) %% 1000 AS INT)) AS s FROM range(%d, %d, 1, 1)"
	for _, name := range []string{"t", "u"} {
		if got := m.snapshot(name).ClusteringColumns(); !cmp.Equal(got, []string{"id", "s.x"}) {
			t.Errorf("%s is clustered by %v", name, got)
		}
		for i, insert := range []func(string){func(text string) { m.ours(text) }, func(text string) { m.spark(text) }} {
			insert(fmt.Sprintf(rows, name, i*500, i*500+500))
		}
		before := m.same(name, nil)
		m.ours("OPTIMIZE {" + name + "}")
		version := m.snapshot(name).Version()
		m.spark("OPTIMIZE {" + name + "}")
		if got := m.snapshot(name).Version(); got != version {
			t.Errorf("%s: Spark clustered anew what we had clustered: version %d, want %d", name, got, version)
		}
		m.spark(fmt.Sprintf(rows, name, 1000, 1100))
		m.spark("OPTIMIZE {" + name + "}")
		version = m.snapshot(name).Version()
		m.ours("OPTIMIZE {" + name + "}")
		if got := m.snapshot(name).Version(); got != version {
			t.Errorf("%s: we clustered anew what Spark had clustered: version %d, want %d", name, got, version)
		}
		if got := len(m.same(name, nil)); got != len(before)+100 {
			t.Errorf("%s has %d rows, want %d", name, got, len(before)+100)
		}
	}
}

// TestRearrangingBesideSpark orders, purges, restores and clones tables of Spark's: Spark reads the same rows after each step, and goes on.
func TestRearrangingBesideSpark(t *testing.T) {
	t.Parallel()
	m := maintained{t, t.TempDir()}
	m.spark("CREATE TABLE {t} (id BIGINT, p STRING, v STRING) USING DELTA PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
	for i := range 3 {
		m.spark(fmt.Sprintf("INSERT INTO {t} SELECT id, concat('p %%', id %% 2) AS p, concat('v', (id * 7919) %% 1000) AS v FROM range(%d, %d, 1, 1)", i*100, i*100+100))
	}
	m.spark("DELETE FROM {t} WHERE id % 10 = 3")
	deleted := m.same("t", nil)
	m.ours("OPTIMIZE {t} ZORDER BY (id, v)")
	m.same("t", deleted, "datafusion")
	m.spark("DELETE FROM {t} WHERE id = 7")
	before := m.same("t", nil)
	m.ours("CREATE TABLE {u} SHALLOW CLONE {t}")
	m.same("u", before)
	m.spark("CREATE TABLE {v} SHALLOW CLONE {t} VERSION AS OF 4")
	m.same("v", deleted)
	m.ours("REORG TABLE {t} APPLY (PURGE)")
	m.same("t", before, "datafusion")
	if purged := m.snapshot("t").Version(); len(m.spark("REORG TABLE {t} APPLY (PURGE)")) != 1 || m.snapshot("t").Version() != purged {
		t.Errorf("Spark purged again: version %d, want %d", m.snapshot("t").Version(), purged)
	}
	m.ours("RESTORE TABLE {t} TO VERSION AS OF 4")
	m.same("t", deleted)
	m.spark("RESTORE TABLE {t} TO VERSION AS OF 2")
	if got := len(m.same("t", nil)); got != 200 {
		t.Errorf("%d rows, want 200", got)
	}
	m.spark("INSERT INTO {u} VALUES (1000, 'p', 'x')")
	m.ours("DELETE FROM {u} WHERE id < 20")
	m.ours("OPTIMIZE {u}")
	m.same("u", nil)
}

// TestVacuumBesideSpark lists, with Spark and with us, what could be removed of a table that has files of every kind.
func TestVacuumBesideSpark(t *testing.T) {
	t.Parallel()
	m := maintained{t, t.TempDir()}
	m.spark("CREATE TABLE {t} (id BIGINT, _p STRING) USING DELTA PARTITIONED BY (_p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true')")
	for i := range 2 {
		m.spark(fmt.Sprintf("INSERT INTO {t} SELECT id, concat('p %%', id %% 2) AS _p FROM range(%d, %d, 1, 1)", i*100, i*100+100))
	}
	m.spark("DELETE FROM {t} WHERE id % 10 = 3")
	m.spark("UPDATE {t} SET id = id + 1000 WHERE id % 10 = 4")
	m.ours("DELETE FROM {t} WHERE id % 10 = 5")
	m.ours("OPTIMIZE {t} WHERE _p = 'p %1'")
	m.spark("DELETE FROM {t} WHERE id % 10 = 7")
	long := time.Now().Add(-30 * 24 * time.Hour)
	for _, name := range []string{"orphan.parquet", "_p=x/orphan.parquet", "a b/or%20phan", "deletion_vector_00000000-0000-0000-0000-000000000000.bin", "_hidden/x", ".hidden", "_p=y/.x.crc", "nested/_q=1/x"} {
		path := filepath.Join(m.path("t"), name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	m.spark("SET spark.databricks.delta.retentionDurationCheck.enabled = false")
	theirs := localFiles(t, m.spark("VACUUM {t} RETAIN 0 HOURS DRY RUN"))
	res, err := m.snapshot("t").Table().Vacuum(t.Context(), delta.VacuumOptions{Retention: -1, Force: true, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for _, f := range res.Files {
		u, err := url.Parse(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		ours = append(ours, u.Path)
	}
	slices.Sort(ours)
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) < 8 {
		t.Errorf("files to remove (-Spark's +ours):\n%s", diff)
	}
	before := m.same("t", nil)
	if _, err := m.snapshot("t").Table().Vacuum(t.Context(), delta.VacuumOptions{Retention: -1, Force: true}); err != nil {
		t.Fatal(err)
	}
	m.same("t", before)
	if left := localFiles(t, m.spark("VACUUM {t} RETAIN 0 HOURS DRY RUN")); len(left) > 0 {
		t.Errorf("Spark would remove more: %v", left)
	}
	for _, row := range m.spark("DESCRIBE HISTORY {t} LIMIT 2") {
		if !strings.Contains(row, "VACUUM") || !strings.Contains(row, fmt.Sprintf(`"%d"`, len(ours))) {
			t.Errorf("history %s, want VACUUM of %d files", row, len(ours))
		}
	}
}

// TestConvertBesideSpark makes tables of folders that Spark wrote, and manifests of Spark's tables.
func TestConvertBesideSpark(t *testing.T) {
	t.Parallel()
	m := maintained{t, t.TempDir()}
	m.spark("CREATE TABLE {u} (id BIGINT, d DECIMAL(20,3), at TIMESTAMP, s STRUCT<x: DOUBLE>, p STRING, q DATE) USING DELTA PARTITIONED BY (p, q)")
	m.spark("INSERT INTO {u} SELECT id, id / 7, timestamp_seconds(id * 1e6), named_struct('x', id / 3D), nullif(concat('a b/', id % 3), 'a b/2'), DATE'2026-01-01' + CAST(id % 2 AS INT) FROM range(0, 50, 1, 1)")
	want := m.same("u", nil)
	if err := os.CopyFS(m.path("t"), os.DirFS(m.path("u"))); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(m.path("t"), "_delta_log")); err != nil {
		t.Fatal(err)
	}
	m.ours("CONVERT TO DELTA {t} PARTITIONED BY (p STRING, q DATE)")
	m.same("t", want, "deltalake")
	m.spark("INSERT INTO {t} SELECT * FROM {u} WHERE id < 5")
	m.same("t", nil, "deltalake")
	if got := m.spark("SELECT count(*) AS n FROM {t} WHERE d > 6 AND s.x > 15"); len(got) != 1 || !strings.Contains(got[0], fmt.Sprint(len(m.spark("SELECT id FROM {u} WHERE d > 6 AND s.x > 15")))) {
		t.Errorf("Spark finds %v by our statistics", got)
	}
	manifests := func() map[string]string {
		found := map[string]string{}
		root := filepath.Join(m.path("u"), "_symlink_format_manifest")
		err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || e.Name() != "manifest" {
				return err
			}
			data, err := os.ReadFile(path)
			found[strings.TrimPrefix(path, root)] = strings.TrimSpace(strings.ReplaceAll(string(data), "file:///", "file:/"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	m.spark("GENERATE symlink_format_manifest FOR TABLE {u}")
	theirs := manifests()
	if err := os.RemoveAll(filepath.Join(m.path("u"), "_symlink_format_manifest")); err != nil {
		t.Fatal(err)
	}
	m.ours("GENERATE symlink_format_manifest FOR TABLE {u}")
	if diff := cmp.Diff(theirs, manifests()); diff != "" || len(theirs) < 4 {
		t.Errorf("manifests (-Spark's +ours):\n%s", diff)
	}
}

// localFiles are the files, without folders, among paths that Spark names.
func localFiles(t *testing.T, rows []string) (files []string) {
	t.Helper()
	for _, row := range rows {
		var named struct{ Path string }
		if err := json.Unmarshal([]byte(row), &named); err != nil {
			t.Fatal(err)
		}
		path := "/" + strings.TrimLeft(strings.TrimPrefix(named.Path, "file:"), "/")
		if info, err := os.Stat(path); err != nil {
			t.Fatal(err)
		} else if !info.IsDir() {
			files = append(files, path)
		}
	}
	slices.Sort(files)
	return files
}
