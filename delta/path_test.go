package delta_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medallion-go/medallion/delta"
	"github.com/medallion-go/medallion/storage"
	"github.com/medallion-go/medallion/storage/local"
	"github.com/medallion-go/medallion/storage/memory"
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

// TestResolve reads a file that lies in another store than the table's.
func TestResolve(t *testing.T) {
	t.Parallel()
	alloc := checked(t)
	other, here := memory.New(), memory.New()
	original := create(t, other, testConfig(), nil)
	if _, err := original.Append(t.Context(), rows(t, alloc, "id BIGINT, name STRING", `[{"id": 1, "name": "a"}]`), delta.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	var asked []string
	c := testConfig()
	c.Resolve = func(url string) (storage.Store, string, error) {
		asked = append(asked, url)
		key, ok := strings.CutPrefix(url, "s3://bucket x/")
		if !ok {
			return nil, "", errors.New("no such bucket")
		}
		return other, key, nil
	}
	clone := create(t, here, c, nil)
	for f := range snapshot(t, original).Files() {
		far := *f
		far.Path = "s3a://bucket%20x/t/" + f.Path
		if _, err := commitFiles(t.Context(), clone, []*delta.File{&far}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{`1 "a"`}, lines(t, scan(t, clone, delta.ScanConfig{}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if len(asked) != 1 || !strings.HasPrefix(asked[0], "s3://bucket x/t/part-") {
		t.Errorf("asked for %q", asked)
	}
	if _, err := commitFiles(t.Context(), clone, []*delta.File{file("gs://b/x", "")}); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range scan(t, clone, delta.ScanConfig{}).Records(t.Context()) {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "no such bucket") {
		t.Errorf("error %v, want that of Resolve", last)
	}
}
