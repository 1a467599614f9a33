package delta_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/memory"
)

const withVectors = "delta.enableDeletionVectors"

// vectorTable has the rows 0 to 9 in one file, of which 3 is deleted.
func vectorTable(t *testing.T, properties ...string) (*delta.Table, storage.Store) {
	t.Helper()
	store := memory.New()
	return fillVectorTable(t, store, properties...), store
}

func fillVectorTable(t *testing.T, store storage.Store, properties ...string) *delta.Table {
	t.Helper()
	c := testConfig()
	c.Alloc = checked(t)
	table := delta.Open(store, "t", c)
	set := map[string]string{withVectors: "true"}
	for _, p := range properties {
		set[p] = "true"
	}
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT, v STRING"), Properties: set}); err != nil {
		t.Fatal(err)
	}
	var text []string
	for i := range 10 {
		text = append(text, fmt.Sprintf(`{"id": %d, "v": "v%d"}`, i, i))
	}
	if _, err := table.Append(t.Context(), rows(t, c.Alloc, "id BIGINT, v STRING", "["+strings.Join(text, ",")+"]"), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Delete(t.Context(), "id = 3", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return table
}

// commitText is a commit as the log has it.
func commitText(t *testing.T, store storage.Store, version int64) string {
	t.Helper()
	return string(object(t, store, fmt.Sprintf("t/_delta_log/%020d.json", version)))
}

func object(t *testing.T, store storage.Store, key string) []byte {
	t.Helper()
	o, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	data := make([]byte, o.Info().Size)
	if _, err := o.ReadAt(data, 0); err != nil && o.Info().Size > 0 && err.Error() != "EOF" {
		t.Fatal(err)
	}
	return data
}

// vectorFiles are the files of deletion vectors in the table's folder.
func vectorFiles(t *testing.T, store storage.Store) []string {
	t.Helper()
	list := []string{}
	for _, k := range keys(t, store) {
		if strings.HasSuffix(k, ".bin") {
			list = append(list, "t/"+k)
		}
	}
	return list
}

// TestDeleteMarksRows deletes twice from one file: the file stays, its vector grows, and at last the file goes.
func TestDeleteMarksRows(t *testing.T) {
	t.Parallel()
	table, store := vectorTable(t)
	file := paths(snapshot(t, table))[0]
	text := commitText(t, store, 2)
	for _, part := range []string{
		`"deletionVector":{"storageType":"u"`, `"offset":1,"sizeInBytes":34,"cardinality":1}`, `\"numRecords\":10`, `\"tightBounds\":false`, `\"maxValues\":{\"id\":9`,
		`"numDeletionVectorsAdded":"1"`, `"numDeletedRows":"1"`, `"numRemovedFiles":"0"`,
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the first delete's commit has no %s:\n%s", part, text)
		}
	}
	res, err := table.Delete(t.Context(), "id >= 8", delta.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if res.Metrics["numDeletionVectorsUpdated"] != 1 || res.Metrics["numDeletionVectorsRemoved"] != 1 || res.Metrics["numDeletedRows"] != 2 {
		t.Errorf("metrics of the second delete: %v, want a vector updated", res.Metrics)
	}
	if diff := cmp.Diff([]string{file}, paths(snapshot(t, table))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if n := len(vectorFiles(t, store)); n != 2 {
		t.Errorf("%d files of vectors, want one of each delete", n)
	}
	if res, err = table.Delete(t.Context(), "id < 100", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if res.Metrics["numRemovedFiles"] != 1 || res.Metrics["numDeletionVectorsRemoved"] != 1 || res.Metrics["numDeletedRows"] != 7 {
		t.Errorf("metrics of the last delete: %v, want the file removed", res.Metrics)
	}
	if got := paths(snapshot(t, table)); len(got) != 0 {
		t.Errorf("files are left: %v", got)
	}
}

// TestUpdateMarksRows writes the new rows alone.
func TestUpdateMarksRows(t *testing.T) {
	t.Parallel()
	table, _ := vectorTable(t)
	res, err := table.Update(t.Context(), map[string]string{"v": "'new'"}, "id IN (2, 3, 4)", delta.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if res.Metrics["numUpdatedRows"] != 2 || res.Metrics["numCopiedRows"] != 0 || res.Metrics["numDeletionVectorsUpdated"] != 1 {
		t.Errorf("metrics: %v, want two rows updated and none copied", res.Metrics)
	}
	s := snapshot(t, table)
	var counts []int64
	for f := range s.Files() {
		n, _ := f.NumRows()
		counts = append(counts, n)
	}
	slices.Sort(counts)
	if diff := cmp.Diff([]int64{2, 7}, counts); diff != "" {
		t.Errorf("rows of the files (-want +got):\n%s", diff)
	}
	if c := s.ColumnStatistics(0); c.Exact || c.Nulls != -1 {
		t.Errorf("statistics of a column are taken for exact: %+v", c)
	}
}

// TestVectorsWithoutTheProperty writes files anew that have vectors, once the table no longer asks for vectors.
func TestVectorsWithoutTheProperty(t *testing.T) {
	t.Parallel()
	table, store := vectorTable(t)
	s := snapshot(t, table)
	tx := table.Begin(s, delta.Operation{Name: "SET TBLPROPERTIES"})
	if err := tx.SetMetadata(s.Schema(), delta.Metadata{Configuration: map[string]string{withVectors: "false"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	res, err := table.Delete(t.Context(), "id = 5", delta.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if res.Metrics["numCopiedRows"] != 8 || res.Metrics["numRemovedFiles"] != 1 {
		t.Errorf("metrics: %v, want the file written anew", res.Metrics)
	}
	if got := len(lines(t, scan(t, table, delta.ScanConfig{}))); got != 8 {
		t.Errorf("%d rows, want 8", got)
	}
	if text := commitText(t, store, res.Version); !strings.Contains(text, `"remove":`) || strings.Count(text, "deletionVector\"") != 1 {
		t.Errorf("the commit should remove the file with its vector, and add one without:\n%s", text)
	}
}

// TestAbortRemovesVectors leaves nothing of a delete that fails.
func TestAbortRemovesVectors(t *testing.T) {
	t.Parallel()
	table, store := vectorTable(t)
	before := keys(t, store)
	tx := table.Begin(snapshot(t, table), delta.Operation{Name: "DELETE"})
	if err := tx.DeleteWhere(t.Context(), "id = 7", nil); err != nil {
		t.Fatal(err)
	}
	if n := len(vectorFiles(t, store)); n != 2 {
		t.Fatalf("%d files of vectors before Abort, want 2", n)
	}
	if err := tx.Abort(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, keys(t, store)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func replaceObject(t *testing.T, store storage.Store, key, text string) {
	t.Helper()
	if err := store.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if err := store.PutIfAbsent(t.Context(), key, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func readAll(t *testing.T, table *delta.Table) error {
	t.Helper()
	for _, err := range scan(t, table, delta.ScanConfig{}).Records(t.Context()) {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestOneRowIsLeft reads a column of the only row that is not deleted.
func TestOneRowIsLeft(t *testing.T) {
	t.Parallel()
	table, _ := vectorTable(t)
	if _, err := table.Delete(t.Context(), "id <> 6", delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	s := scan(t, table, delta.ScanConfig{Columns: []int{1}})
	if diff := cmp.Diff([]string{`"v6"`}, lines(t, s)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// TestDeleteOfPartitionsReadsNoFile takes files out whose partition values alone tell that all of their rows go.
func TestDeleteOfPartitionsReadsNoFile(t *testing.T) {
	t.Parallel()
	c := testConfig()
	c.Alloc = checked(t)
	store := memory.New()
	table := delta.Open(store, "t", c)
	if _, err := table.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT, p STRING"), PartitionBy: []string{"p"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Append(t.Context(), rows(t, c.Alloc, "id BIGINT, p STRING", `[{"id": 1, "p": "a"}, {"id": 2, "p": "b"}, {"id": 3, "p": null}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, k := range keys(t, store) {
		if strings.HasSuffix(k, ".parquet") {
			replaceObject(t, store, "t/"+k, "nothing that can be read")
		}
	}
	for where, left := range map[string]int{"p = 'a'": 2, "true": 0} {
		tx := table.Begin(snapshot(t, table), delta.Operation{Name: "DELETE"})
		if err := tx.DeleteWhere(t.Context(), where, nil); err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		after, err := tx.Preview()
		if err != nil {
			t.Fatal(err)
		}
		if got := paths(after); len(got) != left || tx.Metric("numDeletedRows") != int64(3-left) {
			t.Errorf("%s: files %v are left, %d rows are deleted, want %d left", where, got, tx.Metric("numDeletedRows"), left)
		}
		if err := tx.Abort(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tx := table.Begin(snapshot(t, table), delta.Operation{Name: "DELETE"})
	if err := tx.DeleteWhere(t.Context(), "p = 'a' AND id > 0", nil); err == nil {
		t.Error("a condition on another column was decided without its values")
	}
}
