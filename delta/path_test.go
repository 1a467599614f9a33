package delta_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage/local"
)

// TestAbsolutePaths reads a table whose log names a file of another table in the same store by its URL, as a shallow clone does, and refuses one outside.
func TestAbsolutePaths(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	root := t.TempDir()
	store, err := local.New(root)
	if err != nil {
		t.Fatal(err)
	}
	original := delta.Open(store, "original x", testConfig())
	if _, err := original.Create(t.Context(), delta.Definition{Schema: ddl(t, "id BIGINT, name STRING")}); err != nil {
		t.Fatal(err)
	}
	if _, err := original.Append(t.Context(), rows(t, alloc, "id BIGINT, name STRING", `[{"id": 1, "name": "a"}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	clone := create(t, store, testConfig(), nil)
	for f := range snapshot(t, original).Files() {
		for _, prefix := range []string{"file://" + root, "file:" + root, root} {
			c := *f
			c.Path = prefix + "/original%20x/" + f.Path
			if _, err := commitFiles(t.Context(), clone, []*delta.File{&c}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{`1 "a"`}, lines(t, scan(t, clone, delta.ScanConfig{}))); diff != "" {
				t.Errorf("rows behind %s (-want +got):\n%s", c.Path, diff)
			}
		}
	}
	if _, err := commitFiles(t.Context(), clone, []*delta.File{file("s3://elsewhere/x", "")}); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range scan(t, clone, delta.ScanConfig{}).Records(t.Context()) {
		last = err
	}
	if refused(last, true) != "absolute path" {
		t.Errorf("a file outside the store: %v, want it to be refused", last)
	}
}
